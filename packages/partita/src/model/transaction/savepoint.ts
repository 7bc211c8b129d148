/**
 * Undoes what a failing write has left in the view of its transaction. A write with rules takes several steps, such as its
 * history and the rows that its delete cascades to, and a program may catch its error and commit the rest.
 */
import type { HookRuns } from '../rules/hook-runs.js'
import type { Entry } from './commitment.js'
import type { RowGuards } from './row-guards.js'

/** What the writes of a transaction change. */
export interface Undoable {
  readonly entries: Map<string, Entry>
  readonly guards: RowGuards
  readonly hooks: HookRuns
  readonly finalChecks: (() => void)[]
}

/**
 * Runs a write, and undoes it if it fails. What it has read stays guarded.
 * @throws the error of the write.
 */
export async function wholly<T>({ entries, guards, hooks, finalChecks }: Undoable, work: () => Promise<T>): Promise<T> {
  const before = new Map([...entries].map(([id, { current }]) => [id, current]))
  const restoreGuards = guards.save()
  const [runs, checks] = [hooks.count, finalChecks.length]
  try {
    return await work()
  } catch (error) {
    for (const [id, entry] of entries) {
      if (before.has(id)) entry.current = before.get(id)
      else if (entry.unread) entries.delete(id)
      else entry.current = entry.read
    }
    restoreGuards()
    hooks.forgetFrom(runs)
    finalChecks.length = checks
    throw error
  }
}
