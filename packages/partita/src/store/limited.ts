/** A store with a deadline or signal for every call, for layers whose methods have no such options. */
import type { CallOptions, Store } from './store.js'

/** The operations of the contract on items. */
export const ITEM_OPERATIONS: readonly PropertyKey[] = [
  'get',
  'batchGet',
  'write',
  'batchWrite',
  'transactWrite',
  'transactGet',
  'query',
  'scan',
] satisfies readonly (keyof Store)[]

/**
 * The same store, each of whose reads and writes has a deadline, ends with a signal, or both. Closing it closes the store.
 *
 * @example
 * import { memory } from 'partita/embedded'
 * import { limited } from 'partita/store'
 * import { SingleTable } from 'partita/table'
 *
 * const store = limited(memory(), { signal: AbortSignal.timeout(1000) })
 * const table = new SingleTable({ store, table: 'app', partitionKey: 'pk', rangeKey: 'sk' })
 */
export function limited(store: Store, limits: CallOptions): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (!ITEM_OPERATIONS.includes(name)) return member.bind(target)
      return (request: object): unknown => member.call(target, { ...limits, ...request })
    },
  })
}
