/** A store that can be put back to its beginning. */
import type { EmbeddedStore } from 'partita/embedded'

/** A store that can be returned to its initial state while it is in use. */
export interface Resettable {
  readonly store: EmbeddedStore
  /**
   * Makes the store anew. Requests see the old one until the new one is whole, and then the new one; those under way are
   * answered by the old one, or by none. Calls take place one after another. Where the new one cannot be made, the old
   * one stays.
   */
  reset(): Promise<void>
}

/** @param make makes the store as it is to be at its beginning. */
export async function resettable(make: () => Promise<EmbeddedStore>): Promise<Resettable> {
  let current = await make()
  let last: Promise<void> = Promise.resolve()
  const replace = async () => {
    const old = current
    current = await make()
    await old.close()
  }
  return {
    // Whatever a store offers, the present one does it.
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
