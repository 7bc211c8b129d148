/** Detects models whose keys or type names would collide in a shared table. */
import type { Issue } from '../../errors/errors.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { meet, type Pattern, patternOf } from '../define/key-overlap.js'
import type { Template, TemplatePart } from '../define/template.js'

/** Reports models that could write the same key or that share a type name. */
export function meetingIssues(models: readonly CompiledModel[]): Issue[] {
  const issues: Issue[] = []
  models.forEach((a, i) => {
    for (const b of models.slice(i + 1)) {
      if (a.typeName === b.typeName)
        issues.push({ path: [b.name, 'type'], message: `is ${b.typeName}, which is also the type name of ${a.name}` })
      if (meet(pattern(a, a.key.pk), pattern(b, b.key.pk)) && meet(pattern(a, a.key.sk), pattern(b, b.key.sk))) {
        const message = `could equal the key of a ${a.name}; use a different literal in pk or sk of one of them`
        issues.push({ path: [b.name, 'key'], message })
      }
    }
  })
  return issues
}

function pattern(model: CompiledModel, template: Template): Pattern {
  const parts = template.parts.map((part): TemplatePart => (typeof part === 'string' ? part : { field: part.name }))
  return patternOf(parts, name => model.byName.get(name)?.spec, template.raw)
}
