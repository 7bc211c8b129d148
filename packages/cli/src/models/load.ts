/** Loads models from a program's module in TypeScript or JavaScript, or from YAML. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AnyModel, TableLayout } from 'partita'
import { BadInput } from '../failure.js'
import { importModule, loadingProblem } from '../file/import-module.js'
import { isYamlPath } from '../yaml/read/files.js'

/** What a module of models exports, or YAML describes. */
export interface LoadedModels {
  readonly models: Readonly<Record<string, AnyModel>>
  /** Names of the table's own attributes, if the module exports them as `layout`. */
  readonly layout: TableLayout | undefined
}

/**
 * The models of a YAML file or of a folder of YAML files, or those that a module exports, one by one or as the members of an
 * object.
 * @param fields folder of custom fields that YAML refers to.
 * @throws BadInput if the file cannot be loaded, or has no model. BadModels for mistakes in YAML.
 */
export async function loadModels(path: string, fields?: string): Promise<LoadedModels> {
  if (isYamlPath(path)) {
    const { loadYamlModels } = await import('../yaml/load.js')
    return { models: (await loadYamlModels(path, fields)).models, layout: undefined }
  }
  return loadModule(path)
}

async function loadModule(path: string): Promise<LoadedModels> {
  let exported: { readonly [name: string]: unknown }
  try {
    exported = await importModule(resolve(path))
  } catch (error) {
    throw new BadInput(`${path} cannot be loaded: ${reasonOf(error, path)}`, { path }, error)
  }
  const models: Record<string, AnyModel> = {}
  for (const value of Object.values(exported)) {
    for (const member of isModel(value) ? [value] : membersOf(value)) if (isModel(member)) models[member.name] = member
  }
  if (Object.keys(models).length === 0) {
    throw new BadInput(`${path} exports no models; export the result of model(), or an object of models`, { path })
  }
  return { models, layout: exported.layout as TableLayout | undefined }
}

function reasonOf(error: unknown, path: string): string {
  const file = statSync(path, { throwIfNoEntry: false })
  if (!file) return 'there is no such file'
  if (file.isDirectory()) return 'it is a folder; name the file that exports the models'
  return loadingProblem(error)
}

/** Checks the shape and not the class, so that models of another copy of the library are recognised too. */
function isModel(value: unknown): value is AnyModel {
  if (typeof value !== 'object' || value === null) return false
  const { name, definition } = value as Partial<AnyModel>
  return typeof name === 'string' && typeof definition?.fields === 'object' && '~standard' in value
}

function membersOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}
