/** A store that records its calls, and runs a function of the test before each call. */
import type { Store } from 'partita'

const OPERATIONS = ['get', 'batchGet', 'write', 'batchWrite', 'transactWrite', 'transactGet', 'query', 'scan'] as const

type Operation = (typeof OPERATIONS)[number]

export type Call = { [O in Operation]: { readonly operation: O; readonly request: Parameters<Store[O]>[0] } }[Operation]

export interface WatchedStore {
  readonly store: Store
  /** The calls so far. A test may clear the list. */
  calls: Call[]
  /** Awaited before every call. If it throws, the call fails with that error. */
  before: ((call: Call) => unknown) | undefined
}

export function watch(store: Store): WatchedStore {
  const watched: WatchedStore = {
    store: new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        const operation = OPERATIONS.find(it => it === name)
        if (!operation) return member.bind(target)
        return async (request: never) => {
          const call: Call = { operation, request }
          watched.calls.push(call)
          await watched.before?.(call)
          return await member.call(target, request)
        }
      },
    }),
    calls: [],
    before: undefined,
  }
  return watched
}

/** Names of the calls, such as `['query', 'batchGet']`. */
export function operations({ calls }: WatchedStore): Operation[] {
  return calls.map(({ operation }) => operation)
}

export const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))
