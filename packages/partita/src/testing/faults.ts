/** A store whose requests fail now and then, as those of DynamoDB do under load. */
import { ITEM_OPERATIONS } from '../store/limited.js'
import { type RequestFaults, SeededFaults } from '../store/seeded-faults.js'
import type { Store, TransactGetRequest, TransactWriteRequest } from '../store/store.js'

/**
 * The same store with injected failures. A failed request has no effect. Operations on tables do not fail. Closing it
 * closes the store.
 *
 * The embedded engine can inject more: see `faults` of `memory()`.
 * @throws ValidationError if a chance is not a number from 0 to 1.
 *
 * @example
 * import { memory } from 'partita/embedded'
 * import { withFaults } from 'partita/testing'
 *
 * const store = withFaults(memory(), { seed: 7, throttle: 0.1, conflict: 0.2 })
 * await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
 * await store.close()
 */
export function withFaults(store: Store, faults: RequestFaults): Store {
  const injected = new SeededFaults(faults)
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (!ITEM_OPERATIONS.includes(name)) return member.bind(target)
      return async (request: unknown): Promise<unknown> => {
        injected.beforeRequest()
        if (name === 'transactWrite') injected.beforeTransaction((request as TransactWriteRequest).writes.length)
        if (name === 'transactGet') injected.beforeTransaction((request as TransactGetRequest).gets.length)
        return member.call(target, request)
      }
    },
  })
}
