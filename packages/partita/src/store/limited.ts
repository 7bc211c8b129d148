/** A store whose calls end early, for the layers that have no options of their own for that. */
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
 * @example const table = new SingleTable({ ...config, store: limited(store, { signal: request.signal }) })
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
