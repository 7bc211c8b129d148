/** Detects models whose keys or type names would collide in the table that they share. */
import type { Issue, IssuePath } from '../../errors/errors.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { meet, type Pattern, patternOf } from '../define/key-overlap.js'
import type { Template, TemplatePart } from '../define/template.js'
import type { ModelRules } from '../rules/model-rules.js'

/** Reports models that could write the same key or that share a type name. */
export function meetingIssues(models: readonly CompiledModel[]): Issue[] {
  const issues: Issue[] = []
  const keys = models.map(model => ({ model, pk: pattern(model, model.key.pk), sk: pattern(model, model.key.sk) }))
  keys.forEach(({ model: a, pk, sk }, i) => {
    for (const { model: b, pk: otherPk, sk: otherSk } of keys.slice(i + 1)) {
      if (a.table !== b.table) continue
      if (a.typeName === b.typeName)
        issues.push({ path: [b.name, 'type'], message: `is ${b.typeName}, which is also the type name of ${a.name}` })
      if (meet(pk, otherPk) && meet(sk, otherSk)) {
        const message = `could equal a key of ${a.name}; use a different literal in pk or sk of one of them`
        issues.push({ path: [b.name, 'key'], message })
      }
    }
  })
  return issues
}

/** Reports rules that need a transaction with a model whose rows are in another store. */
export function storeIssues(
  rules: ReadonlyMap<CompiledModel, ModelRules>,
  isSameStore: (a: CompiledModel, b: CompiledModel) => boolean,
): Issue[] {
  const issues: Issue[] = []
  for (const [model, { permissions, refs }] of rules) {
    const report = (path: IssuePath, { name, table }: CompiledModel): void => {
      const message = `refers to ${name}, which is in the database ${table.database} of another store, and no transaction spans stores`
      issues.push({ path: [model.name, ...path], message })
    }
    const parent = permissions.kind === 'inherited' ? permissions.parent.model : undefined
    if (parent && !isSameStore(model, parent)) report(['rules', 'permissions', 'inherit'], parent)
    for (const { field, target } of refs) {
      if (!isSameStore(model, target)) report(['fields', field.name], target)
    }
  }
  return issues
}

function pattern(model: CompiledModel, template: Template): Pattern {
  const parts = template.parts.map((part): TemplatePart => (typeof part === 'string' ? part : { field: part.name }))
  return patternOf(parts, name => model.byName.get(name)?.spec, template.raw)
}
