/** Batch contexts: the calls of one request, whose reads by id are collected into batches and read each row once. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { invalid, valueText } from '../errors/errors.js'
import type { OperationEvent } from '../model/types/events.js'
import type { GroupConnection, ScopedDatabase } from './group-connection.js'
import type { Meter } from './meter.js'

/** The scopes of a batch context and what they consumed. */
class BatchContext {
  readonly capacity = { read: 0, write: 0 }
  readonly #scopes = new Map<GroupConnection, Map<string | undefined, ScopedDatabase>>()

  /** The scope of a tenant: tenants share neither batches nor rows. */
  scopeOf(connection: GroupConnection, database: ScopedDatabase, tenant: string | undefined): ScopedDatabase {
    let scopes = this.#scopes.get(connection)
    if (!scopes) this.#scopes.set(connection, (scopes = new Map()))
    let scope = scopes.get(tenant)
    if (!scope) {
      scope = database.scope({ loader: true, ...(tenant !== undefined && { tenant }) })
      scopes.set(tenant, scope)
    }
    return scope
  }
}

const contexts = new AsyncLocalStorage<BatchContext>()
const meters = new AsyncLocalStorage<Meter>()

/**
 * Runs a function in a batch context. Within it, reads by id that are issued together are one request, and a row is read
 * once; writes update what later reads see. A context inside another is separate from it.
 *
 * @example
 * import { runWithBatchContext } from 'partita/active-record'
 *
 * const answer = await runWithBatchContext(async () => 42)
 */
export function runWithBatchContext<T>(run: () => T): T {
  if (typeof run !== 'function') throw invalid([], `runWithBatchContext takes a function, not ${valueText(run)}`)
  return contexts.run(new BatchContext(), run)
}

/** Capacity units that the batch context consumed so far; zeros outside of one. */
export function getBatchContextCapacity(): { read: number; write: number } {
  return { ...(contexts.getStore()?.capacity ?? { read: 0, write: 0 }) }
}

/** Whether the code runs in a batch context. */
export function isInsideBatchContext(): boolean {
  return contexts.getStore() !== undefined
}

/** Finds the scope in which the present code runs: that of its batch context, for its tenant. */
export function currentScope(
  connection: GroupConnection,
  tenant: string | undefined,
): (database: ScopedDatabase) => ScopedDatabase {
  const context = contexts.getStore()
  return database => {
    if (context) return context.scopeOf(connection, database, tenant)
    return tenant === undefined ? database : database.scope({ tenant })
  }
}

/** Runs a function whose calls to the store a meter counts. */
export function metered<T>(meter: Meter, run: () => T): T {
  return meters.run(meter, run)
}

/** Counts a call to the store: for the meter and for the batch context of the code that made it. */
export function countCall(event: OperationEvent): void {
  if (event.error !== undefined) return
  meters.getStore()?.add(event)
  const capacity = contexts.getStore()?.capacity
  if (!capacity) return
  capacity.read += event.capacity.read
  capacity.write += event.capacity.write
}
