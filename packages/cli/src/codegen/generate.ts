/** Generates the code of all models: the modules by their path in the folder of generated code. */
import { dirname, join, resolve } from 'node:path'
import { packageOf } from '../file/folders.js'
import type { ModelDescription, ModelSet } from '../yaml/model-set.js'
import { rulesModuleOf } from '../yaml/modules.js'
import { activeRecordCode } from './active-record/index.js'
import { formatCode, styleFor } from './format.js'
import { header, importPath } from './generated-folder.js'
import { collectionsCode, dbCode } from './print/db.js'
import { modelCode } from './print/model.js'
import type { CodeStyle } from './print/scope.js'

/** How code is generated. */
export interface GenerateOptions {
  readonly language: 'ts' | 'js'
  readonly moduleSystem: 'esm' | 'commonjs'
  /** Writes classes over the models too; the models are then in the folder `definitions`. */
  readonly activeRecord: boolean
  /** Folder of the generated code. */
  readonly out: string
  /** The YAML, for the header of each file. */
  readonly source: string
  /** Modules of custom fields, by the name of their type. */
  readonly customFields: ReadonlyMap<string, string>
}

/** The folder of the models, when the classes over them have their names. */
const DEFINITIONS = 'definitions'

/** @returns formatted code by path, relative to the folder, with `/`. */
export async function generateCode(set: ModelSet, options: GenerateOptions): Promise<Map<string, string>> {
  const { language, moduleSystem, activeRecord, out, source } = options
  const extension = extensionFor(options)
  const style: CodeStyle = { language, moduleSystem, importExtension: language === 'ts' ? '.js' : extension }
  const inner = activeRecord ? `${DEFINITIONS}/` : ''
  const codes = new Map<string, string>()
  for (const model of set.models) {
    codes.set(
      `${inner}${model.fileName}${extension}`,
      modelCode(model, surroundings(model, set, options, style, join(out, inner))),
    )
  }
  const folder = activeRecord ? `./${DEFINITIONS}` : '.'
  if (set.collections.length > 0) codes.set(`collections${extension}`, collectionsCode(set, style, folder))
  codes.set(`db${extension}`, dbCode(set, style, folder))
  if (activeRecord) {
    for (const [name, code] of activeRecordCode(set, style, './db')) codes.set(`${name}${extension}`, code)
  }
  const format = await styleFor(join(out, `model${extension}`))
  const files = new Map<string, string>()
  for (const [name, code] of codes) {
    const from = importPath(dirname(join(out, name)), source)
    files.set(name, header(from) + (await formatCode(code, language, format)))
  }
  return files
}

function surroundings(
  model: ModelDescription,
  set: ModelSet,
  { customFields }: GenerateOptions,
  style: CodeStyle,
  folder: string,
) {
  const from = model.rules?.from
  const rules = from === undefined || !model.rules ? undefined : rulesModuleOf(set, { from, at: model.rules.at })
  return {
    style,
    names: new Set(set.models.map(({ name }) => name)),
    customFields: new Map([...customFields].map(([type, path]) => [type, moduleImport(folder, path, style)])),
    rulesModule: rules === undefined ? undefined : moduleImport(folder, rules, style),
  }
}

/** A module of the program as generated code imports it: in TypeScript by the name of its compiled file. */
function moduleImport(folder: string, path: string, { language }: CodeStyle): string {
  const found = importPath(resolve(folder), resolve(path))
  if (language === 'js') return found
  return found.replace(/\.(m?)ts$/, '.$1js')
}

/** Node takes `.js` by the `type` of the package around it. */
function extensionFor({ language, moduleSystem, out }: GenerateOptions): string {
  if (language === 'ts') return '.ts'
  const type = packageOf(out)?.type
  if (moduleSystem === 'commonjs') return type === 'module' ? '.cjs' : '.js'
  return type === 'commonjs' ? '.mjs' : '.js'
}
