/** One table with items of many types. */
import type { Capacity } from '../store/capacity.js'
import type { TableDescription } from '../store/definition.js'
import { provision } from '../store/provision.js'
import type { WriteRequest } from '../store/store.js'
import type { Item } from '../value/value.js'
import type { AtomicOperation } from './atomic.js'
import { type BatchWriteItem, batchWrite } from './batch.js'
import type { SingleTableConfig } from './config.js'
import { makeContext, type TableContext } from './context.js'
import { type AnyCreateParams, type CreateParams, create } from './create.js'
import type { Retrieved } from './parameters.js'
import {
  type AnyQueryParams,
  type IterateParams,
  iterate,
  type ListTypeParams,
  type QueryAllParams,
  type QueryParams,
  type QueryResult,
  query,
  queryAll,
} from './query.js'
import { type BatchGetParams, batchGet, type GetParams, get, type TransactGetParams, transactGet } from './read.js'
import { type AnyDeleteParams, type DeleteParams, remove } from './remove.js'
import {
  ejectTransactParams,
  type TableTransactionOptions,
  type TransactionItem,
  toTransactionParams,
  transact,
} from './transaction.js'
import { type AnyUpdateParams, type Updated, type UpdateParams, update } from './update.js'

type Name<Entity> = keyof Entity & string

/**
 * A table of a store, with its keys and indexes configured once.
 *
 * The methods do not check the type of items: `get<User>` asserts it. With `propertiesToRetrieve`, name the properties
 * too: `get<User, 'name'>({ ..., propertiesToRetrieve: ['name'] })`.
 *
 * Every method can throw `ValidationError`, `LimitExceededError`, `TableNotFoundError`, `IndexNotFoundError`,
 * `ThrottledError` and `UnavailableError`. A write can throw `OutcomeUnknownError`: its response was lost, and neither
 * the item nor a token shows the outcome. Each method lists its other errors. On stores that provision automatically,
 * the first call creates the table.
 *
 * @example
 * import { memory } from 'partita/embedded'
 * import { SingleTable } from 'partita/table'
 *
 * const table = new SingleTable({ store: memory(), table: 'app', partitionKey: 'pk', rangeKey: 'sk' })
 * await table.create({ key: { partitionKey: ['USER', 'ada'], rangeKey: '#METADATA' }, item: { name: 'Ada' } })
 * const ada = await table.get<{ name: string }>({ partitionKey: ['USER', 'ada'], rangeKey: '#METADATA' })
 */
export class SingleTable<const Config extends SingleTableConfig = SingleTableConfig> {
  readonly #config: Config
  readonly #context: TableContext
  #provisioned: Promise<unknown> | undefined
  #ready: boolean

  /** @throws ValidationError with all problems of the configuration. */
  constructor(config: Config) {
    this.#config = config
    this.#context = makeContext(config)
    this.#ready = config.store.provisioning === 'explicit'
  }

  /** The configuration of the table. It is a getter, so that logging the table does not print the secret. */
  get config(): Config {
    return this.#config
  }

  /** The item with this key; undefined if it does not exist. */
  async get<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: GetParams<Wanted>,
  ): Promise<Retrieved<Entity, Wanted> | undefined> {
    return (await get(await this.#prepared(), params)) as Retrieved<Entity, Wanted> | undefined
  }

  /** The items that exist, in the order of the keys. Any number of keys. */
  async batchGet<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: BatchGetParams<Wanted>,
  ): Promise<Retrieved<Entity, Wanted>[]> {
    const items = await batchGet(await this.#prepared(), params)
    return items.filter(item => item !== undefined) as Retrieved<Entity, Wanted>[]
  }

  /** One entry for each key, in the same order: the item, or undefined if it does not exist. Any number of keys. */
  async batchGetAligned<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: BatchGetParams<Wanted>,
  ): Promise<(Retrieved<Entity, Wanted> | undefined)[]> {
    return (await batchGet(await this.#prepared(), params)) as (Retrieved<Entity, Wanted> | undefined)[]
  }

  /** Up to 100 items in one snapshot, with one entry for each key. Throws `ConflictError`. */
  async transactGet<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: TransactGetParams<Wanted>,
  ): Promise<(Retrieved<Entity, Wanted> | undefined)[]> {
    return (await transactGet(await this.#prepared(), params)) as (Retrieved<Entity, Wanted> | undefined)[]
  }

  /**
   * Puts a whole item and returns it in the form that reads return. It overwrites an existing item, unless `createOnly`
   * or `conditions` prevent that. Throws `AlreadyExistsError`, `ConditionFailedError`.
   */
  async create<Entity extends object>(params: CreateParams<Entity, Config>): Promise<Entity> {
    return (await create(await this.#prepared(), params as unknown as AnyCreateParams)) as Entity
  }

  /**
   * Changes parts of an item. Throws `NotFoundError` if the item does not exist and `mustExist` is not false, and
   * `ConditionFailedError`.
   */
  async update<
    Entity extends object = Item,
    const Operations extends readonly AtomicOperation<Entity>[] = readonly AtomicOperation<Entity>[],
  >(params: UpdateParams<NoInfer<Entity>, Config, Operations>): Promise<Updated<Entity, Operations> | undefined> {
    const updated = await update(await this.#prepared(), params as unknown as AnyUpdateParams)
    return updated as Updated<Entity, Operations> | undefined
  }

  /** Deletes an item. Without conditions, a missing item is not an error. Throws `ConditionFailedError`. */
  async delete<Entity extends object = Item>(params: DeleteParams<NoInfer<Entity>>): Promise<void> {
    await remove(await this.#prepared(), params as AnyDeleteParams)
  }

  /** Items of one partition: one page, or `limit` items. Throws `InvalidCursorError`. */
  async query<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: QueryParams<NoInfer<Entity>, Wanted, Config>,
  ): Promise<QueryResult<Retrieved<Entity, Wanted>>> {
    const page = await query(await this.#prepared(), 'query', params as AnyQueryParams)
    return page as QueryResult<Retrieved<Entity, Wanted>>
  }

  /** The first item of a query; undefined if there is none. Throws `LimitExceededError` after `maxRequests`. */
  async queryOne<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: IterateParams<NoInfer<Entity>, Wanted, Config>,
  ): Promise<Retrieved<Entity, Wanted> | undefined> {
    const one = { ...params, limit: 1 } as AnyQueryParams
    const [first] = await queryAll(await this.#prepared(), 'queryOne', one)
    return first as Retrieved<Entity, Wanted> | undefined
  }

  /** All items of a partition, or the first `limit`. They are all held in memory; `iterate` holds one page. */
  async queryAll<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: QueryAllParams<NoInfer<Entity>, Wanted, Config>,
  ): Promise<Retrieved<Entity, Wanted>[]> {
    const items = await queryAll(await this.#prepared(), 'queryAll', params as AnyQueryParams)
    return items as Retrieved<Entity, Wanted>[]
  }

  /** Yields the items of a partition, with one page in memory at a time. */
  async *iterate<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: Omit<IterateParams<NoInfer<Entity>, Wanted, Config>, 'maxRequests'>,
  ): AsyncGenerator<Retrieved<Entity, Wanted>, void, undefined> {
    const items = iterate(await this.#prepared(), 'iterate', params as AnyQueryParams)
    yield* items as AsyncGenerator<Retrieved<Entity, Wanted>, void, undefined>
  }

  /** Items of one type, read from the type index: one page, or `limit` items. Throws `InvalidCursorError`. */
  async listType<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: ListTypeParams<NoInfer<Entity>, Wanted>,
  ): Promise<QueryResult<Retrieved<Entity, Wanted>>> {
    const page = await query(await this.#prepared(), 'listType', params as AnyQueryParams)
    return page as QueryResult<Retrieved<Entity, Wanted>>
  }

  /** All items of one type, in memory. */
  async listAllFromType<Entity extends object = Item>(type: string): Promise<Entity[]> {
    return (await queryAll(await this.#prepared(), 'listAllFromType', { type })) as Entity[]
  }

  /** The first item of a type among those that this table returned. */
  findTableItem<Entity extends object = Item>(items: readonly object[], type: string): Entity | undefined {
    return items.find(item => this.#context.reader.isOfType(item, type)) as Entity | undefined
  }

  /** The items of a type among those that this table returned. Copies are recognized only by their type property. */
  filterTableItems<Entity extends object = Item>(items: readonly object[], type: string): Entity[] {
    return items.filter(item => this.#context.reader.isOfType(item, type)) as Entity[]
  }

  /** Alias of `filterTableItems`, under the name that programs written for the single-table toolkit use. */
  filterTableItens<Entity extends object = Item>(items: readonly object[], type: string): Entity[] {
    return this.filterTableItems(items, type)
  }

  /** Any number of independent puts and deletes without conditions. Of several for one item, the last one wins. */
  async batchWrite(items: readonly (BatchWriteItem<Config> | null)[]): Promise<{ readonly capacity: Capacity }> {
    return { capacity: await batchWrite(await this.#prepared(), items as Parameters<typeof batchWrite>[1]) }
  }

  /**
   * Runs up to 100 operations, all or nothing, at most one for each item. Null entries are skipped. A transaction in
   * conflict with another one is retried. Throws `TransactionFailedError` with a reason for each entry,
   * `ConflictError`, `TokenReused`.
   */
  async transaction<Word extends string>(
    items: readonly (TransactionItem<Config, Word> | null)[],
    options: TableTransactionOptions = {},
  ): Promise<void> {
    await transact(await this.#prepared(), items as Parameters<typeof transact>[1], options)
  }

  /** The operations as requests of the store, to send in one `store.transactWrite` with those of other tables. */
  ejectTransactParams<Word extends string>(items: readonly (TransactionItem<Config, Word> | null)[]): WriteRequest[] {
    return ejectTransactParams(this.#context, items as Parameters<typeof transact>[1])
  }

  /** Calls a function for each element and joins the operations that it returns to one list for `transaction`. */
  toTransactionParams<Thing, const Operation extends TransactionItem<Config>>(
    things: readonly Thing[],
    generator: (thing: Thing) => Operation | readonly (Operation | null)[] | null,
  ): Operation[] {
    return toTransactionParams(things, generator)
  }

  /** A set for an attribute. A stored set has at least one member. */
  createSet<Member extends string | number | bigint>(members: readonly Member[]): Set<Member> {
    return new Set(members)
  }

  /**
   * Creates the table with its indexes and time to live, or adds missing ones to an existing table. It can be called
   * repeatedly. Throws `AlreadyExistsError` if a table of that name has other keys.
   */
  async createTable(): Promise<TableDescription> {
    return provision(this.#config.store, this.#context.layout.definition)
  }

  /** On stores that provision automatically, the first call creates the table. Calls in the meantime wait for it. */
  async #prepared(): Promise<TableContext> {
    if (this.#ready) return this.#context
    this.#provisioned ??= this.createTable()
    try {
      await this.#provisioned
      this.#ready = true
    } catch (error) {
      this.#provisioned = undefined
      throw error
    }
    return this.#context
  }
}
