/**
 * Inspects the models in a child process, which loads the program's modules anew each time: a process that stays would keep
 * the old ones.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TableLayout } from 'partita'
import { BadInput } from '../failure.js'

/** What the child process is to inspect. */
export interface InspectionTask {
  /** A module or YAML. */
  readonly models: string
  /** The folder of custom fields. */
  readonly fields: string | undefined
  /** URL of the store to connect to; undefined to load the models only. */
  readonly store: string | undefined
  readonly table: string
  readonly layout: TableLayout | undefined
}

/** What the child process found. */
export interface Inspection {
  /** Names of the models. */
  readonly models: readonly string[]
  /** Parts of models that older rows lack, as sentences. */
  readonly warnings: readonly string[]
  /** Whether the table has no items. */
  readonly isEmpty: boolean
}

/** The message of the child process. */
export type InspectionMessage =
  | { readonly ok: true; readonly found: Inspection }
  | { readonly ok: false; readonly message: string }

const PROCESS = fileURLToPath(new URL('./inspection-process.js', import.meta.url))

/** @throws BadInput with what is wrong with the models or the store. */
export async function inspect(task: InspectionTask, signal: AbortSignal): Promise<Inspection> {
  // Whatever the program's modules print goes to stderr: stdout is data.
  const child = fork(PROCESS, [JSON.stringify(task)], { stdio: ['ignore', process.stderr, process.stderr, 'ipc'] })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const ended = once(child, 'exit').then(() => undefined)
    const [message] = ((await Promise.race([once(child, 'message'), ended])) ?? []) as [InspectionMessage?]
    await ended
    if (message?.ok) return message.found
    throw new BadInput(message?.message ?? 'the process that loads the models ended before it was done')
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
