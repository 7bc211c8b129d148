/** The configuration of several databases: see the option `databases` of `connect`. */
import type { Store } from '../../store/store.js'
import type { ModelsOf } from '../define/definition.js'
import type { CompileError } from './compile-error.js'
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

/** The database on MongoDB of a program's database. */
interface InMongoDatabase extends InTable {
  /** The name of the database on the server. Default: that of the URL, else the `id`. */
  readonly database?: string
}

/** A replica set of MongoDB, by its URL with all options that the driver understands. */
export interface MongoUrlConnection extends InMongoDatabase {
  /** `mongodb://…` or `mongodb+srv://…`. */
  readonly url: string
}

/** A replica set of MongoDB, by one of its hosts. */
export interface MongoHostConnection extends InMongoDatabase {
  readonly host: string
  /** Default 27017. */
  readonly port?: number | string
  /** The name of the replica set. */
  readonly replicaSet?: string
  readonly username?: string
  readonly password?: string
  /** The database that knows the user. Default `admin`. */
  readonly authSource?: string
  readonly tls?: boolean | 'true' | 'false'
}

/** Another database of the servers that the reused database is on. One transaction can span both. */
export interface ReusedMongoConnection extends ReusedConnection, InMongoDatabase {}

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
  | (Named & {
      readonly type: 'mongo-db'
      readonly connectionDetails: MongoUrlConnection | MongoHostConnection | ReusedMongoConnection
    })
  | (Named & { readonly type: 'store'; readonly connectionDetails: StoreConnection | ReusedConnection })

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The ids in a list of databases: literals, if it is written in the call of `connect` or `as const`. */
export interface DatabaseIds<Ids extends string> {
  /** See the option of `connect`. */
  readonly databases?: readonly (DatabaseConfig & { readonly id: Ids })[]
}

type WrongDatabases<All extends ModelsOf<All>, Ids extends string> = {
  [Name in keyof All & string]: All[Name]['definition'] extends { readonly database: infer Id extends string }
    ? string extends Id
      ? never
      : `${Name}.database: ${Exclude<Id, Ids>} is not the id of a database`
    : never
}[keyof All & string]

/** The check of the databases that models name: `unknown` if all are in the list, or if the ids are not known, else messages. */
export type CheckedDatabases<All extends ModelsOf<All>, Ids extends string> = string extends Ids
  ? unknown
  : [WrongDatabases<All, Ids>] extends [never]
    ? unknown
    : { readonly models: CompileError<WrongDatabases<All, Ids>> }
