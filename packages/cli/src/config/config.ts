/** What a configuration file exports, and how it is checked. */
import type { TableLayout } from 'partita'
import { nearest } from 'partita/store'
import { BadInput } from '../failure.js'

/**
 * The settings of a project, as `partita.config.{ts,mts,js,mjs,json}` exports them: by default, or as `module.exports`.
 * Paths are relative to the file.
 */
export interface PartitaConfig {
  /** URL of the store. Default `embedded:./.partita`. */
  readonly store?: string
  /** Name of the table. Default `partita`. */
  readonly table?: string
  /** Attribute and index names of an existing table. A module of models that exports a `layout` comes first. */
  readonly layout?: TableLayout
  /** The AWS region, for a store URL that names none. */
  readonly region?: string
  /** The profile of the AWS configuration. */
  readonly profile?: string
  /** The tenant whose rows are read and written. */
  readonly tenant?: string
  /** A module that exports the models, a YAML file, or a folder of YAML files. Default `models.yaml`, if it exists. */
  readonly models?: string
  /** Folder of the generated code. Default `models`. */
  readonly out?: string
  /** How models are generated as code. */
  readonly codegen?: CodegenConfig
  /** A module that exports `seed(db)`, or a JSON Lines file. */
  readonly seed?: string
}

/** How `partita codegen` writes code. */
export interface CodegenConfig {
  /** Default `ts`. */
  readonly language?: 'ts' | 'js'
  /** Default `esm`. */
  readonly moduleSystem?: 'esm' | 'commonjs'
  /** Writes classes over the models too. Default false. */
  readonly activeRecord?: boolean
  /** Folder of custom fields. */
  readonly fields?: string
}

type Check = (value: unknown) => string | undefined
type Checks = Readonly<Record<string, Check>>

const text: Check = value =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a text that is not empty'
const flag: Check = value => (typeof value === 'boolean' ? undefined : 'must be true or false')
const oneOf =
  (...names: readonly string[]): Check =>
  value =>
    names.includes(value as string) ? undefined : `must be ${names.map(name => JSON.stringify(name)).join(' or ')}`
const within =
  (checks: Checks): Check =>
  value =>
    problemIn(value, checks)

const indexNames = { pk: text, sk: text }
const indexes: Check = value => {
  if (!isPlain(value)) return 'must be an object'
  for (const [name, index] of Object.entries(value)) {
    const problem = problemIn(index, indexNames)
    if (problem !== undefined) return `${name}: ${problem}`
  }
  return undefined
}

const LAYOUT: Checks = {
  pk: text,
  sk: text,
  type: text,
  revision: text,
  ttl: text,
  indexes,
  iteration: within({ index: text, ...indexNames }),
}
const CODEGEN: Checks = {
  language: oneOf('ts', 'js'),
  moduleSystem: oneOf('esm', 'commonjs'),
  activeRecord: flag,
  fields: text,
}
const CONFIG: Checks = {
  store: text,
  table: text,
  layout: within(LAYOUT),
  region: text,
  profile: text,
  tenant: text,
  models: text,
  out: text,
  codegen: within(CODEGEN),
  seed: text,
}

/**
 * Checks what a configuration file exports.
 * @throws BadInput that names the file and the first wrong setting.
 */
export function checkConfig(exported: unknown, file: string): PartitaConfig {
  const problem = problemIn(exported, CONFIG)
  if (problem !== undefined) throw new BadInput(`${file}: ${problem}`, { file })
  return exported as PartitaConfig
}

function problemIn(value: unknown, checks: Checks): string | undefined {
  if (!isPlain(value)) return 'must be an object of settings'
  for (const [name, member] of Object.entries(value)) {
    if (!Object.hasOwn(checks, name)) {
      const known = Object.keys(checks)
      const near = nearest(name, known)
      return `${name} is not a setting; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`
    }
    const problem = member === undefined ? undefined : (checks[name] as Check)(member)
    if (problem !== undefined) return `${name} ${problem}`
  }
  return undefined
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
