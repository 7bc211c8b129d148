/** What models can do to each other in one table. */
import type { Issue } from '../../errors/errors.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { meet, type Pattern, patternOf } from '../define/key-overlap.js'
import type { Template, TemplatePart } from '../define/template.js'

/** Models that could write one key, or that share a mark. */
export function meetingIssues(models: readonly CompiledModel[]): Issue[] {
  const issues: Issue[] = []
  models.forEach((a, i) => {
    for (const b of models.slice(i + 1)) {
      if (a.mark === b.mark)
        issues.push({ path: [b.name, 'type'], message: `is ${b.mark}, and so is that of ${a.name}` })
      if (meet(pattern(a, a.key.pk), pattern(b, b.key.pk)) && meet(pattern(a, a.key.sk), pattern(b, b.key.sk))) {
        const message = `could be the key of a ${a.name} as well; give one of them another text in pk or sk`
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
