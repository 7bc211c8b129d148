/** The configuration of several databases: see the option `databases` of `connect`. */
import type { Store } from '../../store/store.js'
import type { TableLayout } from './database.js'

/** What every database may say besides how it connects. */
interface Named {
  /** The name by which models choose the database: letters, digits, `_`, `.` and `-`, beginning with a letter. */
  readonly id: string
  /** Attribute and index names of its table. Default: the option `layout` of `connect`. */
  readonly layout?: TableLayout
}

/** The table of a database. */
interface InTable {
  /** Name of the table. Default: the `id` of the database. */
  readonly table?: string
}

/** Connects through the store of another database. Then one transaction can span both. */
export interface ReusedConnection extends InTable {
  /** The `id` of the other database. */
  readonly reuseId: string
}

/** A folder of an embedded store. */
export interface EmbeddedConnection extends InTable {
  /** The folder, which is created if it does not exist. */
  readonly path: string
  /** Opens an existing store and writes nothing. Default false. */
  readonly readOnly?: boolean | 'true' | 'false'
}

/** Amazon DynamoDB or a server that speaks its protocol. Credentials come from the SDK's own chain. */
export interface DynamoDBConnection extends InTable {
  /** Default: the region of the SDK's configuration. */
  readonly region?: string
  /** URL of another server, such as `http://localhost:8000`. Default: AWS. */
  readonly endpoint?: string
  /** Milliseconds for a connection. */
  readonly connectTimeout?: number | string
  /** Milliseconds for the response to one attempt. */
  readonly requestTimeout?: number | string
  /** Milliseconds for a call with all its attempts. */
  readonly deadline?: number | string
}

/** An opened store, which `close()` does not close, or a store URL. */
export interface StoreConnection extends InTable {
  /** The store or its URL, such as `memory:`. */
  readonly store: Store | string
}

/**
 * One database of a program. Its models are rows of one table. Databases that share a store by `reuseId` share transactions.
 *
 * Every text in `connectionDetails` may contain placeholders: `${NAME}`, `${environment.NAME}` and
 * `${gestalt.environment.NAME}` are replaced by the environment variable NAME. Nothing else is evaluated, and the values of
 * variables are not searched for placeholders.
 */
export type DatabaseConfig =
  | (Named & { readonly type: 'embedded'; readonly connectionDetails: EmbeddedConnection | ReusedConnection })
  | (Named & { readonly type: 'dynamodb'; readonly connectionDetails: DynamoDBConnection | ReusedConnection })
  | (Named & { readonly type: 'store'; readonly connectionDetails: StoreConnection | ReusedConnection })

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>
