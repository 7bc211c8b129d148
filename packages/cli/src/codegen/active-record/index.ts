/** Generates classes of active records: one module for each model, with the methods that its keys and refs call for. */
import type { ModelSet } from '../../yaml/model-set.js'
import { BadModels, type ModelProblem } from '../../yaml/problem.js'
import type { CodeStyle } from '../print/scope.js'
import { classCode } from './class.js'
import { recordMethods } from './methods.js'

/**
 * The modules of the classes, by file name without extension, not yet formatted.
 *
 * @param modelsModule module that exports `models`, as the modules import it, without extension.
 * @throws BadModels for a field that is named like a method of all records, or a method that has no free name.
 */
export function activeRecordCode(set: ModelSet, style: CodeStyle, modelsModule: string): Map<string, string> {
  const problems: ModelProblem[] = []
  const reserved = new Set(recordMethods())
  for (const { name: model, fields } of set.models) {
    for (const { name, at } of fields) {
      if (!reserved.has(name)) continue
      problems.push({
        at,
        message: `${model}.${name} is the name of a method of records; rename the field, and set attribute: ${name} to keep its data`,
      })
    }
  }
  const files = new Map(
    set.models.map(model => [
      model.fileName,
      classCode(model, {
        set,
        style,
        modelsModule,
        nameless: ({ names, at }) =>
          problems.push({ at, message: `its method of ${model.name} would have a taken name: ${names.join(', ')}` }),
      }),
    ]),
  )
  if (problems.length > 0) throw new BadModels(problems, set.files)
  return files
}
