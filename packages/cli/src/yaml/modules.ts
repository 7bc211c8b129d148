/** Modules of the program that files of models refer to: custom fields, and rules with functions. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { BadInput } from '../failure.js'
import { importModule, loadingProblem } from '../file/import-module.js'
import type { Surroundings } from './evaluate.js'
import type { CustomField } from './make-field.js'
import type { ModelSet } from './model-set.js'
import { BadModels, type ModelProblem } from './problem.js'

const FIELD_FILE = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)-field\.(?:ts|mts|js|mjs|cjs)$/

/**
 * The modules of custom fields in a folder, by the name of their type: `slug-field.ts` exports the function `SlugField`.
 * @throws BadInput if there is no such folder.
 */
export function findCustomFields(folder: string | undefined): Map<string, string> {
  if (folder === undefined) return new Map()
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BadInput(`there is no folder ${folder}, which is to hold custom fields`, { folder })
  }
  const found = readdirSync(folder)
    .sort()
    .flatMap(name => {
      const words = FIELD_FILE.exec(name)?.[1]?.split('-')
      const type = words?.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
      return type === undefined ? [] : [[`${type}Field`, join(folder, name)] as const]
    })
  return new Map(found)
}

/** The module of a model's rules: its path is relative to the file that names it. */
export function rulesModuleOf(
  { files }: ModelSet,
  { from, at }: { readonly from: string; readonly at: { readonly file: number } },
): string {
  return resolve(dirname(files[at.file]?.path ?? '.'), from)
}

/**
 * Loads the modules that a set refers to.
 * @param customFields paths by the name of the type; only those that the set uses are loaded.
 * @throws BadInput if a module of a custom field cannot be loaded. BadModels for a module of rules that does not exist.
 */
export async function loadSurroundings(
  set: ModelSet,
  customFields: ReadonlyMap<string, string>,
): Promise<Surroundings> {
  const used = new Set(set.models.flatMap(model => model.fields.flatMap(field => typesIn(field.calls))))
  const makers = new Map<string, CustomField>()
  for (const [type, path] of customFields) {
    if (!used.has(type)) continue
    const exported = await load(path)
    const make = exported[type] ?? exported.default
    if (typeof make !== 'function') throw new BadInput(`${path} exports no function ${type}`, { path })
    makers.set(type, make as CustomField)
  }
  const problems: ModelProblem[] = []
  const rules = new Map<string, { readonly [name: string]: unknown }>()
  for (const { name, rules: given } of set.models) {
    if (given?.from === undefined) continue
    const path = rulesModuleOf(set, { from: given.from, at: given.at })
    if (!existsSync(path)) problems.push({ at: given.at, message: `rules.from: there is no ${given.from}` })
    else rules.set(name, withoutDefault(await load(path)))
  }
  if (problems.length > 0) throw new BadModels(problems, set.files)
  return { customFields: makers, rules }
}

/** The names of the first calls in a chain, those of elements and members included. */
function typesIn(calls: ModelSet['models'][number]['fields'][number]['calls']): string[] {
  return calls.flatMap(({ call, args }) => [
    call,
    ...args.flatMap(arg => {
      if (typeof arg !== 'object' || arg === null) return []
      if (arg.kind === 'field') return typesIn(arg.calls)
      return arg.kind === 'fields' ? arg.fields.flatMap(field => typesIn(field.calls)) : []
    }),
  ])
}

async function load(path: string): Promise<{ readonly [name: string]: unknown }> {
  try {
    // A command that watches loads a module of TypeScript again after a change.
    return await importModule(resolve(path), { isFresh: true })
  } catch (error) {
    throw new BadInput(`${path} cannot be loaded: ${loadingProblem(error)}`, { path }, error)
  }
}

/** A CommonJS module is its own default export. */
function withoutDefault(exported: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  return Object.fromEntries(Object.entries(exported).filter(([name]) => name !== 'default' && name !== '__esModule'))
}
