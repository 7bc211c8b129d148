/** Prepares writes: one that is alone, and those of a batch or a transaction. */
import type { WriteRequest } from '../../store/store.js'
import { snapshot } from '../../value/snapshot.js'
import type { Catalog } from '../catalog.js'
import type { RequestExtras } from '../engine-store.js'
import { Pace } from '../event-loop.js'
import { type PreparedWrite, prepareWrite } from './write.js'

/**
 * A write that is alone, for its table as it was seen last: its transaction looks whether that is still so. Only where
 * such a table refuses it is that worth a look before, since the table of now may take it.
 */
export function prepareAlone(catalog: Catalog, request: WriteRequest, extras?: RequestExtras): PreparedWrite {
  const seen = catalog.lastSeen(request.table)
  if (!seen) return prepareWrite(catalog.table(request.table), request, extras)
  try {
    return prepareWrite(seen, request, extras)
  } catch (error) {
    const table = catalog.table(request.table)
    if (table === seen) throw error
    return prepareWrite(table, request, extras)
  }
}

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
    if (!pace.isDue(one.size)) continue
    copied ??= writes.map((write, place) => (place > i ? snapshot(write) : write))
    await pace.yield()
  }
  return prepared
}
