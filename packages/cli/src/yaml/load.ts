/** Loads models from YAML without generating code. */
import { type EvaluatedModels, evaluateModels } from './evaluate.js'
import type { ModelSet } from './model-set.js'
import { findCustomFields, loadSurroundings } from './modules.js'
import { readModels } from './read/read-models.js'

/** Models of YAML: as data, and as models of the library. */
export interface YamlModels extends EvaluatedModels {
  readonly set: ModelSet
  /** Modules of custom fields, by the name of their type. */
  readonly customFields: ReadonlyMap<string, string>
}

/**
 * Reads, evaluates and checks a YAML file, or a folder of them.
 * @param fields folder of custom fields.
 * @throws BadInput if a file or module cannot be loaded. BadModels listing every mistake with its code frame.
 */
export async function loadYamlModels(path: string, fields?: string): Promise<YamlModels> {
  const customFields = findCustomFields(fields)
  const set = readModels(path, { customTypes: new Set(customFields.keys()) })
  const evaluated = await evaluateModels(set, await loadSurroundings(set, customFields))
  return { set, customFields, ...evaluated }
}
