/** A store that can be returned to its initial state. */
import type { EmbeddedStore } from 'partita/embedded'

/** A store that can be returned to its initial state while it is in use. */
export interface Resettable {
  readonly store: EmbeddedStore
  /**
   * Replaces the store with a new one. Requests use the old store until the new one is complete. Requests in flight are
   * answered by the old store, or fail. Calls run one after another. If the new store cannot be created, the old one
   * stays.
   */
  reset(): Promise<void>
}

/** Creates a resettable store. @param make creates the store in its initial state. */
export async function resettable(make: () => Promise<EmbeddedStore>): Promise<Resettable> {
  let current = await make()
  let last: Promise<void> = Promise.resolve()
  const replace = async () => {
    const old = current
    current = await make()
    await old.close()
  }
  return {
    // Every member is forwarded to the current store.
    store: new Proxy({} as EmbeddedStore, {
      get(_, name) {
        const member: unknown = Reflect.get(current, name)
        return typeof member === 'function' ? member.bind(current) : member
      },
    }),
    reset() {
      last = last.catch(() => undefined).then(replace)
      return last
    },
  }
}
