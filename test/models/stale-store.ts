/** A store whose eventually consistent reads are stale, as those of DynamoDB may be. */
import type { Store } from 'partita'
import type { Item, Key } from '../../packages/partita/src/value/value.js'

type Write = Parameters<Store['write']>[0]

export interface StaleStore {
  readonly store: Store
  /** The items whose reads are stale. By default all are. */
  isStale: (key: Key) => boolean
}

/**
 * Passes consistent reads, reads of transactions and writes to the store. Other `get` and `batchGet` requests return
 * each item as it was before the last write through this store.
 */
export function staleStore(store: Store): StaleStore {
  const before = new Map<string, Item | undefined>()
  const idOf = (table: string, key: Key) => JSON.stringify([table, key.pk, key.sk])
  const recordBefore = async (writes: readonly Write[]): Promise<void> => {
    for (const write of writes) {
      const item = write.kind === 'put' ? write.item : write.key
      const key = { pk: item.pk as string, sk: item.sk as string }
      const { table } = write
      if (write.kind !== 'check') before.set(idOf(table, key), (await store.get({ table, key, consistent: true })).item)
    }
  }
  const stale: StaleStore = { store: undefined as never, isStale: () => true }
  const staleOr = (request: { table: string; key: Key; consistent?: boolean }, item: Item | undefined) => {
    const id = idOf(request.table, request.key)
    return stale.isStale(request.key) && !request.consistent && before.has(id) ? before.get(id) : item
  }
  const own: Partial<Store> = {
    async get(request) {
      const result = await store.get(request)
      return { ...result, item: staleOr(request, result.item) }
    },
    async batchGet(request) {
      const result = await store.batchGet(request)
      return { ...result, items: result.items.map((item, i) => staleOr(request.gets[i] as never, item)) }
    },
    async write(request) {
      await recordBefore([request])
      return store.write(request)
    },
    async batchWrite(request) {
      await recordBefore(request.writes as readonly Write[])
      return store.batchWrite(request)
    },
    async transactWrite(request) {
      await recordBefore(request.writes)
      return store.transactWrite(request)
    },
  }
  const proxy = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(own, name) ?? Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return Object.assign(stale, { store: proxy })
}
