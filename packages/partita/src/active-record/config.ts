/** The configuration of active records: that of `connect`, in its own words and in those of DynamoBao's `config.js`. */
import { invalid, valueText } from '../errors/errors.js'
import type { TableLayout } from '../model/types/database.js'
import type { Store } from '../store/store.js'
import type { AnyActiveRecordClass } from './class-types.js'

/** AWS credentials. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What `initModels` takes. Settings that it does not know, such as those of the code generator, are ignored. */
export interface ActiveRecordConfig {
  /** A store or its URL, as for `connect`. Default: the environment variable `PARTITA_STORE`, else DynamoDB if `aws` is set. */
  readonly store?: Store | string
  /** Name of the table. Default: `db.tableName`, else `partita`. */
  readonly table?: string
  /** Names of the table's own attributes and indexes, as for `connect`. */
  readonly layout?: TableLayout
  /** Creates the table or adds missing indexes, as for `connect`. */
  readonly createTable?: boolean
  /** Secret that signs cursors, as for `connect`. */
  readonly cursorSecret?: string
  /** Returns the current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number
  /** DynamoDB: its region, and, if they differ from the SDK's defaults, its endpoint and credentials. */
  readonly aws?: {
    readonly region?: string
    readonly endpoint?: string
    readonly credentials?: AwsCredentials
  }
  /** The table, in DynamoBao's words. */
  readonly db?: { readonly tableName?: string }
  /** With `enabled`, every call needs a tenant: one without throws `TenantRequired`. */
  readonly tenancy?: { readonly enabled?: boolean }
  /** The tenant of calls for which `TenantContext` has none. */
  readonly tenantId?: string
  /** The same as `tenantId`, to keep the rows of a test apart. */
  readonly testId?: string
  /** With `requireBatchContext`, every call outside a batch context is rejected. */
  readonly batchContext?: { readonly requireBatchContext?: boolean }
  /** The classes. Default: those that were loaded. Text, as in `partita.config`, is for the command. */
  readonly models?: Readonly<Record<string, AnyActiveRecordClass>> | string
}

/** A checked configuration. */
export interface Settings {
  readonly store: Store | string | undefined
  /** Options of the DynamoDB store; undefined if `store` says which store to open. */
  readonly aws: NonNullable<ActiveRecordConfig['aws']> | undefined
  readonly table: string
  readonly layout: TableLayout | undefined
  readonly createTable: boolean
  readonly cursorSecret: string | undefined
  readonly clock: (() => number) | undefined
  readonly isTenantRequired: boolean
  readonly tenant: string | undefined
  readonly isBatchRequired: boolean
}

const DEFAULT_TABLE = 'partita'

/**
 * Checks a configuration.
 * @param environment the environment variables.
 * @throws ValidationError for a setting of the wrong type.
 */
export function settingsOf(
  config: ActiveRecordConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  if (typeof config !== 'object' || config === null) throw invalid([], `The configuration is ${valueText(config)}`)
  const { aws, db, tenancy, batchContext } = config
  for (const name of ['aws', 'db', 'tenancy', 'batchContext'] as const) {
    const part = config[name]
    if (part !== undefined && (typeof part !== 'object' || part === null)) {
      throw invalid([name], `is ${valueText(part)}; it is an object of settings`)
    }
  }
  const store = config.store ?? (environment.PARTITA_STORE || undefined)
  const tenant = config.tenantId ?? config.testId
  if (tenant !== undefined) text('tenantId', tenant)
  return {
    store,
    aws: store === undefined ? aws : undefined,
    table: text('table', config.table ?? db?.tableName ?? DEFAULT_TABLE),
    layout: config.layout,
    createTable: flag('createTable', config.createTable),
    cursorSecret: config.cursorSecret,
    clock: config.clock,
    isTenantRequired: flag('tenancy.enabled', tenancy?.enabled),
    tenant,
    isBatchRequired: flag('batchContext.requireBatchContext', batchContext?.requireBatchContext),
  }
}

/** Whether two programs with these settings could share a connection. */
export function areSame(a: Settings, b: Settings): boolean {
  return a.store === b.store && a.clock === b.clock && fingerprint(a) === fingerprint(b)
}

function fingerprint({ store, ...rest }: Settings): string {
  return JSON.stringify({ ...rest, store: typeof store === 'string' ? store : undefined })
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid([name], `is ${valueText(value)}; it is a non-empty text`)
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw invalid([name], `is ${valueText(value)}; it must be true or false`)
}
