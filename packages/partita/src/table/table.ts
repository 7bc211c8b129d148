/** One table that holds items of many types. */
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
  type TransactionItem,
  type TransactionOptions,
  toTransactionParams,
  transact,
} from './transaction.js'
import { type AnyUpdateParams, type Updated, type UpdateParams, update } from './update.js'

type Name<Entity> = keyof Entity & string

/**
 * One table of a store, its keys and indexes given once.
 *
 * The methods do not check what items are like: `get<User>` says what the caller expects there. With
 * `propertiesToRetrieve` name the properties too: `get<User, 'name'>({ ..., propertiesToRetrieve: ['name'] })`.
 *
 * Every method may throw `ValidationError`, `LimitExceededError`, `TableNotFoundError`, `IndexNotFoundError`, `ThrottledError` and
 * `UnavailableError`, and a write `OutcomeUnknownError`: its answer was lost, and neither the item nor a token tells what became of
 * it; what else a method throws is said beside it. On stores that provision automatically the table is made when
 * it is first used.
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

  /** @throws ValidationError listing what is wrong with the configuration. */
  constructor(config: Config) {
    this.#config = config
    this.#context = makeContext(config)
    this.#ready = config.store.provisioning === 'explicit'
  }

  /** What the table was made of. Not a property of its own, so that a logged table shows no secret. */
  get config(): Config {
    return this.#config
  }

  /** The item with this key; undefined if it does not exist. */
  async get<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: GetParams<Wanted>,
  ): Promise<Retrieved<Entity, Wanted> | undefined> {
    return (await get(await this.#prepared(), params)) as Retrieved<Entity, Wanted> | undefined
  }

  /** Those of the items that are there, in the order of the keys. Any number of keys. */
  async batchGet<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: BatchGetParams<Wanted>,
  ): Promise<Retrieved<Entity, Wanted>[]> {
    const items = await batchGet(await this.#prepared(), params)
    return items.filter(item => item !== undefined) as Retrieved<Entity, Wanted>[]
  }

  /** One entry for each key, in their order: the item, or undefined if it does not exist. Any number of keys. */
  async batchGetAligned<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: BatchGetParams<Wanted>,
  ): Promise<(Retrieved<Entity, Wanted> | undefined)[]> {
    return (await batchGet(await this.#prepared(), params)) as (Retrieved<Entity, Wanted> | undefined)[]
  }

  /** Up to 100 items as of one moment, one entry for each key. Throws `ConflictError`. */
  async transactGet<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: TransactGetParams<Wanted>,
  ): Promise<(Retrieved<Entity, Wanted> | undefined)[]> {
    return (await transactGet(await this.#prepared(), params)) as (Retrieved<Entity, Wanted> | undefined)[]
  }

  /**
   * Puts an item in whole and returns it as a read would. It replaces the one that is there, unless `createOnly` or
   * `conditions` say otherwise. Throws `AlreadyExistsError`, `ConditionFailedError`.
   */
  async create<Entity extends object>(params: CreateParams<Entity, Config>): Promise<Entity> {
    return (await create(await this.#prepared(), params as unknown as AnyCreateParams)) as Entity
  }

  /**
   * Changes parts of an item. Throws `NotFoundError` where there is no such item and `mustExist` is not false, and
   * `ConditionFailedError`.
   */
  async update<
    Entity extends object = Item,
    const Operations extends readonly AtomicOperation<Entity>[] = readonly AtomicOperation<Entity>[],
  >(params: UpdateParams<NoInfer<Entity>, Config, Operations>): Promise<Updated<Entity, Operations> | undefined> {
    const updated = await update(await this.#prepared(), params as unknown as AnyUpdateParams)
    return updated as Updated<Entity, Operations> | undefined
  }

  /** Deletes an item; without conditions, one that is not there is no error. Throws `ConditionFailedError`. */
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

  /** The first of those items; undefined if there are none. Throws `LimitExceededError` after `maxRequests` without one. */
  async queryOne<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: IterateParams<NoInfer<Entity>, Wanted, Config>,
  ): Promise<Retrieved<Entity, Wanted> | undefined> {
    const one = { ...params, limit: 1 } as AnyQueryParams
    const [first] = await queryAll(await this.#prepared(), 'queryOne', one)
    return first as Retrieved<Entity, Wanted> | undefined
  }

  /** All items of a partition, or the first `limit`, in memory; see `iterate` for a walk that is not. */
  async queryAll<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: QueryAllParams<NoInfer<Entity>, Wanted, Config>,
  ): Promise<Retrieved<Entity, Wanted>[]> {
    const items = await queryAll(await this.#prepared(), 'queryAll', params as AnyQueryParams)
    return items as Retrieved<Entity, Wanted>[]
  }

  /** The items of a partition one after the other, a page in memory at a time. */
  async *iterate<Entity extends object = Item, Wanted extends Name<Entity> = never>(
    params: Omit<IterateParams<NoInfer<Entity>, Wanted, Config>, 'maxRequests'>,
  ): AsyncGenerator<Retrieved<Entity, Wanted>, void, undefined> {
    const items = iterate(await this.#prepared(), 'iterate', params as AnyQueryParams)
    yield* items as AsyncGenerator<Retrieved<Entity, Wanted>, void, undefined>
  }

  /** Items of one type, by the type index: one page, or `limit` items. Throws `InvalidCursorError`. */
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

  /** The items of a type among those that this table returned; copies of them are known by their type property only. */
  filterTableItems<Entity extends object = Item>(items: readonly object[], type: string): Entity[] {
    return items.filter(item => this.#context.reader.isOfType(item, type)) as Entity[]
  }

  /** `filterTableItems` under the name that programs written for the single-table toolkit use. */
  filterTableItens<Entity extends object = Item>(items: readonly object[], type: string): Entity[] {
    return this.filterTableItems(items, type)
  }

  /** Any number of puts and deletes, each alone and without conditions; of several for one item the last holds. */
  async batchWrite(items: readonly (BatchWriteItem<Config> | null)[]): Promise<{ readonly capacity: Capacity }> {
    return { capacity: await batchWrite(await this.#prepared(), items as Parameters<typeof batchWrite>[1]) }
  }

  /**
   * Up to 100 operations, all or nothing, at most one for each item; null entries are left out. One that met another
   * transaction is tried again. Throws `TransactionFailedError` with a reason for each entry, `ConflictError`, `TokenReused`.
   */
  async transaction<Word extends string>(
    items: readonly (TransactionItem<Config, Word> | null)[],
    options: TransactionOptions = {},
  ): Promise<void> {
    await transact(await this.#prepared(), items as Parameters<typeof transact>[1], options)
  }

  /** The operations as the store takes them, to be sent in one `store.transactWrite` with those of other tables. */
  ejectTransactParams<Word extends string>(items: readonly (TransactionItem<Config, Word> | null)[]): WriteRequest[] {
    return ejectTransactParams(this.#context, items as Parameters<typeof transact>[1])
  }

  /** The operations that a function gives for each of some things, in one list for `transaction`. */
  toTransactionParams<Thing, const Operation extends TransactionItem<Config>>(
    things: readonly Thing[],
    generator: (thing: Thing) => Operation | readonly (Operation | null)[] | null,
  ): Operation[] {
    return toTransactionParams(things, generator)
  }

  /** A set to be stored; a set attribute has at least one member. */
  createSet<Member extends string | number | bigint>(members: readonly Member[]): Set<Member> {
    return new Set(members)
  }

  /**
   * Creates the table with its indexes and time to live, or adds what one that is there lacks. It may be called any
   * number of times. Throws `AlreadyExistsError` where there is a table of that name with other keys.
   */
  async createTable(): Promise<TableDescription> {
    return provision(this.#config.store, this.#context.layout.definition)
  }

  /** Where tables cost nothing the first call makes this one; calls that come meanwhile wait for it. */
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
