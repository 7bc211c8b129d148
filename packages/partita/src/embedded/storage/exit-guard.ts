/**
 * Ends a process that exits while a commit waits for it.
 *
 * lmdb begins a commit in a thread, which takes the writers' lock and then waits until JavaScript runs the work. Node's exit
 * waits for the thread, but runs no more JavaScript: the process would never end, and no other could write to the store. So
 * it is killed. Nothing of the commit was acknowledged, and the next process gets the lock.
 */
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import type { RootDatabase } from 'lmdb'

const MESSAGE =
  'partita: the process ended while a write waited for its commit, so it is killed; await all writes or close the store first\n'

/** The databases whose commit waits for its work. */
const waiting = new Set<RootDatabase>()
let isGuarded = false
/** The error that ends the process. Node prints it after the event `exit`. */
let uncaught: { readonly error: unknown } | undefined

/** Guards the commits of a database. @returns a function to call when the work of a commit begins. */
export function guardExit(db: RootDatabase): () => void {
  // The environment is missing in lmdb's types.
  const { env } = db as unknown as { env: { startWriting(...args: unknown[]): void } }
  const startWriting = env.startWriting.bind(env)
  const value = (...args: unknown[]) => {
    waiting.add(db)
    startWriting(...args)
  }
  Object.defineProperty(env, 'startWriting', { value })
  guardProcess()
  return () => waiting.delete(db)
}

function guardProcess(): void {
  // In a worker thread, these events are those of the thread.
  if (isGuarded || !isMainThread) return
  isGuarded = true
  process.on('uncaughtExceptionMonitor', error => {
    if (process.listenerCount('uncaughtException') === 0) uncaught = { error }
  })
  process.on('exit', killIfWaiting)
}

function killIfWaiting(): void {
  if (waiting.size === 0) return
  try {
    writeSync(process.stderr.fd, uncaught ? `${inspect(uncaught.error)}\n${MESSAGE}` : MESSAGE)
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}
