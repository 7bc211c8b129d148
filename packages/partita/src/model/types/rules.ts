/** Types of rules: what a model forbids, demands and triggers, declared once for all writes and reads. */
import type { RowFields } from '../../errors/errors.js'
import type { FieldShape, ReadShape } from '../define/field.js'

/** What a write does. `put` creates or overwrites; `restore` and `purge` are of soft-deleted rows. */
export type RuleOperation = 'create' | 'put' | 'update' | 'delete' | 'restore' | 'purge'

/** What rules know of the call that they run in. */
export interface RuleContext {
  /** Name of the model. */
  readonly model: string
  /** Who acts: the actor of the scope. */
  readonly actor: unknown
  /** The tenant of the scope. */
  readonly tenant: string | undefined
}

/** What hooks know of a write. */
export interface HookContext<Row = RowFields> extends RuleContext {
  /** What the write does. */
  readonly operation: RuleOperation
  /** A copy of the row before the write; undefined if there was none. */
  readonly original: Row | undefined
  /** Names of the fields that differ from `original`, in the order of the model; all fields of a new row. */
  readonly changed: readonly string[]
}

/** A problem that `validate` reports. */
export interface Problem {
  /** The path of the value: `['address', 'city']`, or the name of a field. */
  readonly path: string | readonly (string | number)[]
  /** What is wrong, for example `is in the past`. */
  readonly message: string
}

/** The hooks of a model. Each may be asynchronous. An error thrown by any but the `post` hooks prevents the write. */
export interface Hooks<Row = RowFields> {
  /** Runs on the complete row before it is validated, and may change its fields. It runs again when a conflict is retried. */
  preProcess?(row: Row, context: HookContext<Row>): void | Promise<void>
  /** Returns the problems of the row; they are reported together with those of all other rules. */
  validate?(
    row: Readonly<Row>,
    context: HookContext<Row>,
  ): undefined | readonly Problem[] | Promise<undefined | readonly Problem[]>
  /**
   * Runs once for each write, when all rules have passed and the row is about to be stored: for external actions, such as
   * an email. Receives a copy; changes to it are ignored. In a transaction it runs after the transaction's function.
   */
  preSave?(row: Readonly<Row>, context: HookContext<Row>): void | Promise<void>
  /** Runs once after the row has been stored. In a transaction it runs after the commit. Receives a copy. */
  postSave?(row: Readonly<Row>, context: HookContext<Row>): void | Promise<void>
  /** As `preSave`, before a delete and before the purge of a soft-deleted row; `operation` tells which. */
  preDelete?(row: Readonly<Row>, context: HookContext<Row>): void | Promise<void>
  /** As `postSave`, after a delete or a purge. */
  postDelete?(row: Readonly<Row>, context: HookContext<Row>): void | Promise<void>
}

/** How the writes of rows are recorded. */
export interface AuditOptions {
  /** Seconds after which an entry expires, by the table's time to live. Default: entries stay. */
  readonly expireAfter?: number
  /** Returns what is recorded of the actor, as JSON: its id, for example. Default: the whole actor. */
  readonly actor?: (actor: unknown) => unknown
}

/** Who may read and write the rows of a model. Without an actor nobody may, unless the scope is a system scope. */
export interface Permissions<Row = RowFields> {
  /**
   * Returns a filter that is added to every read and to every write of an existing row: rows that do not match it are as
   * if absent. True permits all rows, false none; undefined is an error. Without this function all rows can be read.
   */
  conditions?(context: RuleContext): unknown
  /**
   * Decides on a write. It is called with the stored row, if there is one, and with the row to be stored, and must return
   * exactly `true` for both. For a write of a model that inherits these permissions it is called with the row of this model,
   * and `model` is the name of the other: whoever may create a workspace need not be allowed to create its documents.
   */
  enforce(row: Readonly<Row>, context: RuleContext & { readonly operation: RuleOperation }): boolean | Promise<boolean>
}

/** The permissions of another row decide. Made by `inherit`. */
export interface InheritedPermissions {
  /** The ref field that holds the key of the other row. */
  readonly inherit: string
}

/**
 * The rules of a model.
 *
 * @typeParam Row its rows.
 */
interface RulesOf<Row, Names extends string> {
  /**
   * Who may read and write the rows: conditions, the permissions of another row, or `'http'` if the program checks
   * permissions before it calls the database.
   */
  readonly permissions: Permissions<Row> | InheritedPermissions | 'http'
  /** Functions that run with every write. */
  readonly hooks?: Hooks<Row>
  /**
   * Fields, or paths such as `address.country`, that never change once they have a value. In a list of maps, elements are
   * matched by their `_id`, or by position without one.
   */
  readonly locks?: readonly string[]
  /**
   * For lists of maps: parts that differ between all elements of the list. `['userId']` and `['userId', 'role']` are one
   * key; `[['userId'], ['email']]` are two. Elements with a `deletedAt`, and elements that lack a part, are not compared.
   */
  readonly uniqueWithin?: { readonly [Name in Names]?: readonly string[] | readonly (readonly string[])[] }
  /**
   * References: each value of the field must be among the values that the query finds in rows that exist. A query is
   * `Model.path`, or a chain `Model(path).path->...->path`. A part of a field is named by its path: `'roles.userId'`; a
   * relative path of its query begins at that part.
   */
  readonly references?: QueriesByPath<Names>
  /**
   * Records each write in the row's own transaction: when, which operation, by which actor or for which system reason, and
   * each field from what to what. `history` reads it. The entries stay when the row is deleted or purged; a purge therefore
   * does not remove the values from them. Each write is one item more. Default: no history.
   */
  readonly audit?: boolean | AuditOptions
  /** Limits: no value of the field may be among the values that the query finds. */
  readonly limits?: QueriesByPath<Names>
}

/** Queries by the field or part of a field that they constrain. Several queries of one must all hold. */
type QueriesByPath<Names extends string> = {
  readonly [Path in Names | `${Names}.${string}`]?: string | readonly string[]
}

/** The rules of any model. */
export type AnyRules = RulesOf<RowFields, string>

/** The rules of a model with these fields. */
export type RulesFor<Fields extends FieldShape> = RulesOf<ReadShape<Fields>, keyof Fields & string>
