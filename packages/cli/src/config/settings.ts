/** The settings of one call: from its flags, else from `PARTITA_*` variables, else from the configuration file. */
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { TableLayout } from 'partita'
import { Usage } from '../failure.js'
import type { CodegenConfig } from './config.js'
import { findConfig } from './find-config.js'

/** Flags that a setting can come from. */
export interface SettingFlags {
  readonly store?: string
  readonly table?: string
  readonly region?: string
  readonly profile?: string
  readonly tenant?: string
  readonly models?: string
  readonly out?: string
  readonly seed?: string
  readonly config?: string
}

/** The settings that apply. Paths are relative to the current folder, or absolute. */
export interface Settings {
  readonly store: string
  /** Undefined if nothing names a table. */
  readonly table: string | undefined
  readonly layout: TableLayout | undefined
  readonly region: string | undefined
  readonly profile: string | undefined
  readonly tenant: string | undefined
  /** Undefined if nothing names models and there is no `models.yaml`. */
  readonly models: string | undefined
  readonly out: string
  readonly codegen: CodegenConfig
  readonly seed: string | undefined
  /** Path of the configuration file; undefined without one. */
  readonly configFile: string | undefined
  /** The flags that were given, as a message has to name the origin of a setting. */
  readonly flags: SettingFlags
}

const EMBEDDED = 'embedded:'
/** The store if nothing names one: that of `connect`, beside the configuration file. */
export const DEFAULT_STORE = 'embedded:./.partita'
/** The models if nothing names any, and this file exists. */
export const DEFAULT_MODELS = 'models.yaml'
const DEFAULT_OUT = 'models'

/** @throws Usage for an empty flag, or a `--config` that does not exist; BadInput for an unusable configuration file. */
export async function readSettings(flags: SettingFlags): Promise<Settings> {
  for (const name of ['table', 'region', 'profile', 'tenant', 'models', 'out', 'seed'] as const) {
    if (flags[name] === '') throw new Usage(`--${name} is empty; omit it, or give a value`)
  }
  const { config, folder, file } = await findConfig(flags.config ?? variable('config'))
  const path = (name: 'models' | 'out' | 'seed', fallback: string | undefined) => {
    const given = flags[name] ?? variable(name)
    if (given !== undefined) return given
    const configured = config[name] ?? fallback
    return configured === undefined ? undefined : fromHere(resolve(folder, configured))
  }
  const hasModels = existsSync(join(folder, DEFAULT_MODELS))
  return {
    store: flags.store ?? variable('store') ?? beside(folder, config.store ?? DEFAULT_STORE),
    table: flags.table ?? variable('table') ?? config.table,
    layout: config.layout,
    region: flags.region ?? variable('region') ?? config.region,
    profile: flags.profile ?? variable('profile') ?? config.profile,
    tenant: flags.tenant ?? variable('tenant') ?? config.tenant,
    models: path('models', hasModels ? DEFAULT_MODELS : undefined),
    out: path('out', DEFAULT_OUT) as string,
    codegen: config.codegen?.fields
      ? { ...config.codegen, fields: fromHere(resolve(folder, config.codegen.fields)) }
      : (config.codegen ?? {}),
    seed: path('seed', undefined),
    configFile: file,
    flags,
  }
}

/** The value of `PARTITA_STORE` for `store`; undefined if it is empty. */
function variable(name: string): string | undefined {
  return process.env[`PARTITA_${name.toUpperCase()}`] || undefined
}

/** The folder of an embedded store in a configuration is relative to the file, whichever folder the command is in. */
function beside(folder: string, store: string): string {
  const path = store.slice(EMBEDDED.length)
  if (!store.startsWith(EMBEDDED) || path.trim() === '' || folder === process.cwd()) return store
  return EMBEDDED + fromHere(resolve(folder, path))
}

/** A path as a user in the current folder writes it. */
function fromHere(path: string): string {
  return relative(process.cwd(), path) || '.'
}
