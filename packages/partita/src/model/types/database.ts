/** A database: models on one table of one store. */
import type { Capacity } from '../../store/capacity.js'
import type { Store } from '../../store/store.js'
import type { AnyCollection, CollectionDefinition, CollectionReader } from '../define/collection.js'
import type { KeyOf, Models, PutInput } from '../define/definition.js'
import type { OperationListener, WarningListener } from './events.js'
import type { Repository } from './repository.js'

/** Collections by their names. */
export type Collections = Readonly<Record<string, AnyCollection>>

/** Names of the table's own attributes. Change them to adopt a table that is there. */
export interface TableLayout {
  /** Default `pk`. */
  readonly pk?: string
  /** Default `sk`. */
  readonly sk?: string
  /** Mark of the model. Default `_type`. */
  readonly type?: string
  /** Token of the last write. Default `_rev`. */
  readonly revision?: string
  /** Moment of expiry in epoch seconds. Default `ttl`. */
  readonly ttl?: string
  /** Key attributes of indexes by their names. Default: `gsi1pk` and `gsi1sk` for `gsi1`, up to `gsi20`. */
  readonly indexes?: Readonly<Record<string, { readonly pk: string; readonly sk: string }>>
  /** The index by which rows are iterated. Default `iteration` on `_iter_pk` and `_iter_sk`. */
  readonly iteration?: { readonly index: string; readonly pk: string; readonly sk: string }
}

export interface ConnectOptions<All extends Models, Sets extends Collections> {
  /** The models, each under its own name. */
  readonly models: All
  readonly collections?: Sets
  /** A store, or its URL. Default: what `PARTITA_STORE` says, else `embedded:./.partita`. A store given is not closed. */
  readonly store?: Store | string
  /** Default `partita`. */
  readonly table?: string
  readonly layout?: TableLayout
  /** `required`: nothing is read or written outside a tenant's scope. Default `optional`. */
  readonly tenancy?: 'optional' | 'required'
  /** Signs cursors. Without it they are only checked for being whole and of the same query. */
  readonly cursorSecret?: string
  /** Creates the table, or adds the indexes that it lacks, where the store does not do so by itself. Default false. */
  readonly createTable?: boolean
  /**
   * Refuses, with `Incomplete`, models with an index, a unique constraint or iteration that rows from before may lack.
   * Default false: such parts are named by the event `warning`.
   */
  readonly strict?: boolean
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number
}

export interface ScopeOptions {
  /** Whose rows are seen and written. It stands in every key. */
  readonly tenant?: string
  /** Who acts; carried to events and rules. */
  readonly actor?: unknown
  /** Reads by key are gathered into batches and remembered until the scope ends; writes are followed. Default false. */
  readonly loader?: boolean
  /**
   * Ends the calls of the scope: none is begun once it is aborted, and one that waits for a server ends at once. A write
   * that was sent then ends in `OutcomeUnknownError`.
   */
  readonly signal?: AbortSignal
  /** Milliseconds that each request to the store may take with all its tries. Default: the store's, 30,000. */
  readonly deadline?: number
}

/** Writes that are sent together, each alone: not all or nothing, and at the price of single ones. */
export type BatchWriter<All extends Models> = {
  readonly [Name in keyof All]: {
    /** Writes a row whole. Not for models with unique constraints or a version, which need a condition. */
    put(input: PutInput<All[Name]>): void
    delete(key: KeyOf<All[Name]>): void
  }
}

/** A row's key, read back. */
export interface DecodedKey {
  readonly model: string
  readonly tenant: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
}

export interface TransactionOptions {
  /** How many times the function may run. Default 10. */
  readonly attempts?: number
  /**
   * 1 to 255 characters. Of all transactions with the same token one is done, in whatever process, for a day: so one that
   * ended in `OutcomeUnknownError` can be repeated. It costs a consistent read and the writing of one more item, which counts
   * among the 100 of the transaction. A transaction that only reads leaves no trace of its token.
   */
  readonly token?: string
}

/** A transaction's view of the database: reads see what was written in it, writes are kept until the function ends. */
export type Transaction<All extends Models> = {
  readonly [Name in keyof All]: Omit<Repository<All, Name>, 'iterate' | 'reindex'>
}

type Repositories<All extends Models> = { readonly [Name in keyof All]: Repository<All, Name> }

type Readers<All extends Models, Sets extends Collections> = {
  readonly [Name in keyof Sets]: Sets[Name] extends CollectionDefinition<infer D, infer Result>
    ? CollectionReader<All, D, Result>
    : never
}

interface Operations<All extends Models, Sets extends Collections> {
  /**
   * Runs a function whose reads and writes are as one: at its end all is written, or nothing.
   *
   * Serializable for reads by key, absence included: whatever was read by key is unchanged at the moment of the write.
   * Rows that a query gave are guarded as well; rows that were added to its range meanwhile are not. Where another
   * writer was faster the function runs again, so it should do nothing but use `tx`. That holds for what it throws, too:
   * an error, the library's or its own, is passed on if what the function read is unchanged, and else it runs
   * again. An error of its own is passed on at the last attempt in any case.
   *
   * Every call of `tx` must be awaited: a write still under way when the function ends fails the transaction with
   * `ValidationError`. So do calls of the database, of a scope, or of a record from elsewhere within the function;
   * `outside` allows them. Where nothing is written, records that `tx` gave are as they were before: what was saved is
   * unsaved again, and of rows that were created `save()` throws `NotFoundError`.
   *
   * Throws `ConflictError` when `attempts` did not suffice, with the model and key where the last one met another writer;
   * `LimitExceededError` for over 100 items read or written, markers of unique values among them, or 4 MB.
   */
  transaction<T>(
    run: (tx: Transaction<All>) => Promise<T>,
    options?: TransactionOptions & { readonly token?: undefined },
  ): Promise<T>
  /** With a token: undefined, and the function does not run, where one with the same token was done before. */
  transaction<T>(
    run: (tx: Transaction<All>) => Promise<T>,
    options: TransactionOptions & { readonly token: string },
  ): Promise<T | undefined>
  /**
   * Runs a function that is no part of the transaction around it. What it reads is not guarded; what it writes is written
   * at once: again whenever the transaction's function runs again, and also where the transaction fails.
   */
  outside<T>(run: () => T): T
  /** Sends writes together, each alone, and tries those again that the store left over. */
  batch(fill: (batch: BatchWriter<All>) => void): Promise<{ readonly capacity: Capacity }>
  /** Runs a function in a scope: every call in it, through this database or any handle of it, is of the scope. */
  run<T>(options: ScopeOptions, run: (scope: Scope<All, Sets>) => Promise<T>): Promise<T>
  /** A handle of a scope, for where there is no one function to run. */
  scope(options: ScopeOptions): Scope<All, Sets>
  /** Calls the listener after each call to the store, whatever it throws; returns what ends that. */
  on(event: 'operation', listener: OperationListener): () => void
  /**
   * Calls the listener with each warning, whatever it throws; those that `connect` found at once, within this call.
   * Returns what ends that.
   */
  on(event: 'warning', listener: WarningListener): () => void
  /** The model and fields of a row's key. Throws `ValidationError` for a key that no model writes. */
  decodeKey(pk: string, sk: string): DecodedKey
}

/** A database, or one of its scopes. */
export type Scope<All extends Models, Sets extends Collections> = Repositories<All> &
  Readers<All, Sets> &
  Operations<All, Sets> & {
    readonly tenant: string | undefined
    readonly actor: unknown
    /** Units used in this scope so far, those of scopes within it included. */
    readonly capacity: { readonly read: number; readonly write: number }
  }

export type Database<All extends Models, Sets extends Collections = Readonly<Record<never, never>>> = Scope<
  All,
  Sets
> & {
  /** Creates the table with the indexes that the models use, or adds what one that is there lacks. */
  createTable(): Promise<void>
  /** Ends what is under way; closes the store where `connect` opened it. `await using` does so too. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
