/** Prepares single writes, and the writes of a batch or transaction. */
import type { WriteRequest } from '../../store/store.js'
import { snapshot } from '../../value/snapshot.js'
import type { Catalog } from '../catalog.js'
import type { RequestExtras } from '../engine-store.js'
import { YieldPace } from '../event-loop.js'
import { type PreparedWrite, prepareWrite } from './write.js'

/**
 * Prepares a single write for the cached definition of its table. The transaction checks whether it is still current. If
 * the cached definition rejects the write, it is prepared for the current one.
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
 * Prepares writes, and yields to the event loop during long work. The caller may change its objects after the first yield,
 * so writes that are not yet encoded are copied before it. Copying takes a fraction of the time of encoding.
 */
export async function prepareAll<Write extends WriteRequest>(
  writes: readonly Write[],
  prepare: (write: Write) => PreparedWrite,
): Promise<PreparedWrite[]> {
  const prepared: PreparedWrite[] = []
  const pace = new YieldPace()
  let copied: Write[] | undefined
  const count = writes.length
  for (let i = 0; i < count; i++) {
    const one = prepare((copied ?? writes)[i] as Write)
    prepared.push(one)
    if (!pace.isDue(one.size)) continue
    copied ??= writes.map((write, position) => (position > i ? snapshot(write) : write))
    await pace.yield()
  }
  return prepared
}
