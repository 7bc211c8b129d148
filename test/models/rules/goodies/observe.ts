/** What a call did: its error, its violations, and the calls of the store that it made. */
import { type OperationEvent, PartitaError } from 'partita'

/** The code of a call's error; `done` without one. Other errors are thrown. */
export function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
  )
}

/** The violations of a write as `rule path`, sorted; none if it succeeded. */
export async function violationsOf(write: Promise<unknown>): Promise<string[]> {
  const error = await write.then(
    () => undefined,
    thrown => thrown,
  )
  if (error === undefined) return []
  if (!PartitaError.is(error, 'RuleViolated')) throw error
  return error.details.violations.map(({ rule, path }) => `${rule} ${path.join('.')}`).sort()
}

/** A database whose events can be observed. */
interface Observed {
  on(event: 'operation', listener: (event: OperationEvent) => void): () => void
}

/** The reads that a call makes, by the names of the store's methods, in their order. */
export async function readsOf(db: Observed, work: () => Promise<unknown>): Promise<string[]> {
  const operations: string[] = []
  const off = db.on('operation', ({ operation }) => void operations.push(operation))
  await work().finally(off)
  return operations.filter(operation => !/write/i.test(operation))
}
