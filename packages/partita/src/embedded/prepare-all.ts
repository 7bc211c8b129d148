/** Prepares the writes of a batch or a transaction. */
import type { WriteRequest } from '../store/store.js'
import { snapshot } from '../value/snapshot.js'
import { Pace } from './turn.js'
import type { PreparedWrite } from './write.js'

/**
 * Yields where it takes long. A caller may change what it passed as soon as the call has returned: what is not encoded by
 * then is copied, which takes a fraction of the time.
 */
export async function prepareAll<Write extends WriteRequest>(
  writes: readonly Write[],
  prepare: (write: Write) => PreparedWrite,
): Promise<PreparedWrite[]> {
  const prepared: PreparedWrite[] = []
  const pace = new Pace()
  let copied: Write[] | undefined
  const count = writes.length
  for (let i = 0; i < count; i++) {
    const one = prepare((copied ?? writes)[i] as Write)
    prepared.push(one)
    if (!pace.isOver(one.size)) continue
    copied ??= writes.map((write, place) => (place > i ? snapshot(write) : write))
    await pace.turn()
  }
  return prepared
}
