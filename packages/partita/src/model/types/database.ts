/** A database: models on one table of one store, or on several. */
import type { AssetStore } from '../../store/asset-store.js'
import type { Capacity } from '../../store/capacity.js'
import type { Store } from '../../store/store.js'
import type { AnyCollection, CollectionDefinition, CollectionReader } from '../define/collection.js'
import type { KeyOf, ModelsOf, PutInput } from '../define/definition.js'
import type { Assets } from './assets.js'
import type { QueryOutcome } from './crql.js'
import type { CheckedQuery } from './crql-text.js'
import type { DatabaseConfig, Environment } from './databases.js'
import type { OperationListener, WarningListener } from './events.js'
import type { TransactionExplanation } from './explanation.js'
import type { Repository } from './repository.js'

/** Collections by name. */
export type Collections = Readonly<Record<string, AnyCollection>>

/** Names of the table's own attributes. Change them to adopt an existing table. */
export interface TableLayout {
  /** Default `pk`. */
  readonly pk?: string
  /** Default `sk`. A layout that names `pk` and no `sk` is of a table that has a partition key only. */
  readonly sk?: string
  /** Holds the type name of the row's model. Default `_type`. */
  readonly type?: string
  /** Holds the revision: an opaque token, new on every write. Default `_rev`. */
  readonly revision?: string
  /** Holds the number of steps of the model's `upgrade` that the row has passed; 0 without it. Default `_upgrades`. */
  readonly upgrades?: string
  /** Holds the time of expiry in epoch seconds. Default `ttl`. */
  readonly ttl?: string
  /** Key attributes of the physical indexes, by index name. Default: `gsi1pk` and `gsi1sk` for `gsi1`, up to `gsi20`. */
  readonly indexes?: Readonly<Record<string, { readonly pk: string; readonly sk: string }>>
  /** The index that `iterate()` reads. Default: `iteration` on `_iter_pk` and `_iter_sk`. */
  readonly iteration?: { readonly index: string; readonly pk: string; readonly sk: string }
}

/** Options of `connect`. */
export interface ConnectOptions<All extends ModelsOf<All>, Sets extends Collections> {
  /**
   * The models, each under its own name. Editors print the type of an object literal in full; name it by an interface
   * for short types in hovers and error messages:
   *
   *     interface App { User: typeof User; Post: typeof Post }
   *     const db = await connect<App>({ models: { User, Post } }) // Database<App>, db.User: Repository<App, 'User'>
   */
  readonly models: All
  /** The collections, each under its own name. */
  readonly collections?: Sets
  /**
   * A store, or its URL. Default: the URL in the environment variable `PARTITA_STORE`, else `embedded:./.partita`. `close()`
   * does not close a store that you pass as an object.
   */
  readonly store?: Store | string
  /** Name of the table. Default `partita`. */
  readonly table?: string
  /**
   * Several databases, instead of `store` and `table`: each is a table of its own. A model says its database by `database`;
   * the others are in the first one. Databases that share a store by `reuseId` share transactions; a transaction across
   * stores is refused before any write.
   */
  readonly databases?: readonly DatabaseConfig[]
  /** The variables that placeholders in `databases` stand for. Default: `process.env`. */
  readonly environment?: Environment
  /** Attribute and index names of an existing table; with `databases`, of those without a layout of their own. */
  readonly layout?: TableLayout
  /** `required`: a read or write outside a tenant's scope throws `TenantRequired`. Default `optional`. */
  readonly tenancy?: 'optional' | 'required'
  /**
   * Secret that signs cursors, and encrypts them where permissions hide rows. Without it, a cursor is only checked to be intact
   * and to belong to the same query; where permissions hide rows, it is encrypted with a secret that the table holds.
   */
  readonly cursorSecret?: string
  /** Creates the table or adds missing indexes. Embedded stores and MongoDB always do so; on DynamoDB the default is false. */
  readonly createTable?: boolean
  /**
   * Throws `Incomplete` if older rows may lack the entries of an index, a unique constraint or iteration that a model
   * has. Default false: the event `warning` reports them.
   */
  readonly strict?: boolean
  /** Returns the current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number
  /**
   * Holds the bytes of asset fields, such as `folderAssets({ path })` of `partita/assets` or `s3Assets` of
   * `partita/assets-s3`. It serves this table alone: `sweep` deletes what the table does not refer to.
   */
  readonly assets?: AssetStore
}

/** Options of `db.run` and `db.scope`. A scope inherits the options that it does not set from the scope around it. */
export interface ScopeOptions {
  /** The tenant whose rows are read and written. It is part of every partition key. */
  readonly tenant?: string
  /**
   * Who acts: what the permissions of models are decided by. Events carry it. Undefined, null and an empty text are no actor,
   * for whom nothing is visible.
   */
  readonly actor?: unknown
  /**
   * Why the program acts for itself and not for an actor, such as `'nightly export'`. The permissions of models do not apply
   * in the scope; all other rules do. Events carry the reason.
   */
  readonly system?: string
  /** Reads also return rows that are soft-deleted. Default false. */
  readonly withDeleted?: boolean
  /** Batches reads by key and caches their rows until the scope ends; writes update the cache. Default false. */
  readonly loader?: boolean
  /**
   * Cancels the calls of the scope. After an abort no call is sent, and a call in flight ends at once; a write in flight
   * throws `OutcomeUnknownError`.
   */
  readonly signal?: AbortSignal
  /** Time limit of each request to the store, retries included, in milliseconds. Default: the store's, 30,000. */
  readonly deadline?: number
}

/** Collects the writes of `db.batch`. A batch is not atomic: each write succeeds or fails by itself, at its usual price. */
export type BatchWriter<All extends ModelsOf<All>> = {
  readonly [Name in keyof All]: {
    /**
     * Writes a whole row.
     *
     * @throws ValidationError for a model with unique constraints or a version field, whose writes need a condition.
     */
    put(input: PutInput<All[Name]>): void
    /** Deletes a row. The same models are refused as for `put`. */
    delete(key: KeyOf<All[Name]>): void
  }
}

/** A physical key decoded to its model, tenant and key fields. */
export interface DecodedKey {
  /** Name of the model. */
  readonly model: string
  /** The tenant of the row; undefined for a row without one. */
  readonly tenant: string | undefined
  /** The key fields. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Options of `db.transaction`. */
export interface TransactionOptions {
  /** How many times the function may run, retries after conflicts included. Default 10. */
  readonly attempts?: number
  /**
   * Idempotency token of 1 to 255 characters. For a day, only one transaction with a given token commits, across all
   * processes, so a transaction that ended in `OutcomeUnknownError` can be repeated safely. It costs one consistent read and
   * one more item, which counts towards the limit of 100. A transaction that only reads does not store its token.
   */
  readonly token?: string
}

/** A transaction's view of the database. Writes are buffered until the function ends, and reads see them. */
export type Transaction<All extends ModelsOf<All>> = {
  readonly [Name in keyof All]: Omit<Repository<All, Name>, 'history' | 'iterate' | 'reindex'>
}

type Repositories<All extends ModelsOf<All>> = { readonly [Name in keyof All]: Repository<All, Name> }

type Readers<All extends ModelsOf<All>, Sets extends Collections> = {
  readonly [Name in keyof Sets]: Sets[Name] extends CollectionDefinition<infer D, infer Result>
    ? CollectionReader<All, D, Result>
    : never
}

interface Operations<All extends ModelsOf<All>, Sets extends Collections> {
  /**
   * Runs a function as one transaction: all of its writes commit together, or none does.
   *
   * Transactions are serializable for reads by key, absent rows included: at commit, everything that was read by key must
   * be unchanged. Rows that a query returned are guarded too; rows added to its range in the meantime (phantoms) are
   * not. If another writer was faster, the function runs again, so it must have no effects other than calls of `tx`.
   * If the function throws and data that it read has changed, it runs again too. Otherwise, or at the last attempt, its
   * error is rethrown.
   *
   * Await every call of `tx`. A write in flight when the function ends fails the transaction with `ValidationError`. So
   * does a call of the database, of a scope, or of a record from elsewhere; `outside` allows these. If the transaction
   * does not commit, records from `tx` return to their earlier state: saved changes are unsaved again, and `save()` of a
   * created record throws `NotFoundError`.
   *
   * @throws ConflictError after `attempts` conflicts, with the model and key of the last one if known.
   * @throws LimitExceededError for more than 100 items read or written, unique markers included, or more than 4 MB.
   */
  transaction<T>(
    run: (tx: Transaction<All>) => Promise<T>,
    options?: TransactionOptions & { readonly token?: undefined },
  ): Promise<T>
  /** With a token: returns undefined without running the function if a transaction with this token has committed. */
  transaction<T>(
    run: (tx: Transaction<All>) => Promise<T>,
    options: TransactionOptions & { readonly token: string },
  ): Promise<T | undefined>
  /**
   * Runs a function as a transaction, but sends no write: returns the requests that the transaction would make, with the
   * queries of its rules, its guards and the operations of its commit. `enforce`, `conditions`, `preProcess` and `validate` of
   * the models run; the hooks around the commit do not. A delete with `onDelete` is explained as one transaction.
   *
   * The result shows what the rules look up without permissions: it is for programs, not for their users.
   *
   * @throws what the transaction would throw before its commit, such as RuleViolationError.
   */
  explain(run: (tx: Transaction<All>) => Promise<unknown>): Promise<TransactionExplanation>
  /**
   * Runs a function that is not part of the transaction around it. Its reads are not guarded. Its writes take effect at
   * once: they are repeated when the transaction is retried, and remain when it fails.
   */
  outside<T>(run: () => T): T
  /**
   * Sends many writes in batches. Not atomic. Writes that the store leaves unprocessed are retried.
   *
   * @throws ThrottledError with the rows that are not written, if retries do not suffice.
   */
  batch(fill: (batch: BatchWriter<All>) => void): Promise<{ readonly capacity: Capacity }>
  /** Runs a function in a scope. Every call within it belongs to the scope, also those through the database itself. */
  run<T>(options: ScopeOptions, run: (scope: Scope<All, Sets>) => Promise<T>): Promise<T>
  /** Returns a handle of a scope, for code that is not one function. */
  scope(options: ScopeOptions): Scope<All, Sets>
  /** Calls the listener after each call to the store and ignores what it throws. Returns a function that removes it. */
  on(event: 'operation', listener: OperationListener): () => void
  /**
   * Calls the listener with each warning and ignores what it throws. Warnings that `connect` found are delivered at once,
   * before this method returns. Returns a function that removes the listener.
   */
  on(event: 'warning', listener: WarningListener): () => void
  /**
   * Runs a CRQL query, such as `'Project(projectId)._id->Workspace(workspaceId)._id->userRoles.userId'`, from plain objects or
   * records. All contexts share the reads, one batch for each hop, and each has its own result. Permissions do not apply;
   * soft-deleted rows are not found. For a direct query, such as `'User.email'`, the contexts are the values to look up.
   *
   * The compiler checks the syntax, models and paths of a query that is a literal text of up to 512 characters.
   *
   * @throws ValidationError with the line and column of a mistake in the query.
   */
  crql<const Text extends string>(
    text: Text & CheckedQuery<All, Text>,
    contexts: readonly unknown[],
  ): Promise<QueryOutcome>
  /**
   * Decodes a physical key to its model, tenant and fields.
   *
   * @param sk the sort key. Omit it for a table that has a partition key only.
   * @param database the `id` of the key's database. Default: the first one with a model that writes such keys.
   * @throws ValidationError for a key that no model writes, such as that of a unique marker.
   */
  decodeKey(pk: string, sk?: string, database?: string): DecodedKey
}

/** A database as seen in a scope: its models, its collections and its operations. */
export type Scope<All extends ModelsOf<All>, Sets extends Collections> = Repositories<All> &
  Readers<All, Sets> &
  Operations<All, Sets> & {
    /** The tenant of the scope; undefined outside tenants. */
    readonly tenant: string | undefined
    /** The actor of the scope. */
    readonly actor: unknown
    /** The files of asset fields. */
    readonly assets: Assets<keyof All & string>
    /** Capacity units consumed in this scope so far, nested scopes included. */
    readonly capacity: { readonly read: number; readonly write: number }
  }

/** A connected database. See `connect`. */
export type Database<All extends ModelsOf<All>, Sets extends Collections = Readonly<Record<never, never>>> = Scope<
  All,
  Sets
> & {
  /** Creates the tables with the indexes that the models use, or adds the missing indexes to existing tables. */
  createTable(): Promise<void>
  /** Closes every store that `connect` opened, once, also if it is called again. `await using` calls it too. */
  close(): Promise<void>
  /** Same as `close`. */
  [Symbol.asyncDispose](): Promise<void>
}
