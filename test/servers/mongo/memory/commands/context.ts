/** What the commands share: the state of the server, and the call. */
import type { Document } from 'mongodb'
import { failed, writeConflict } from '../errors.js'
import type { Collection } from '../storage/collection.js'
import type { Databases } from '../storage/databases.js'
import type { Session, Sessions } from '../storage/sessions.js'
import { Busy, type View } from '../storage/transaction.js'
import type { Cursors } from './cursors.js'

/** The state of a server. */
export interface State {
  readonly databases: Databases
  readonly sessions: Sessions
  readonly cursors: Cursors
  readonly isReplicaSet: boolean
  /** `host:port`. */
  address(): string
}

/** One call of a command. */
export interface Call {
  readonly state: State
  readonly command: Document
  readonly database: string
  readonly session: Session | undefined
  /** What the call reads: the snapshot of its transaction, or the latest. */
  readonly view: View
  /** Milliseconds of the clock at which the call gives up. */
  readonly end: number
}

export type Handler = (call: Call) => Document | Promise<Document>

/** The name of the collection that a command is about. */
export function collectionName({ command }: Call): string {
  const name = Object.values(command)[0]
  if (typeof name !== 'string') throw failed(73, 'collection name has invalid type')
  return name
}

export function namespace(call: Call): string {
  return `${call.database}.${collectionName(call)}`
}

export function existing(call: Call): Collection | undefined {
  return call.state.databases.find(call.database, collectionName(call))
}

/** A boolean or number option of a command. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && String(value) !== '0'
}

export function numberOf(value: unknown, otherwise: number): number {
  return value === undefined || value === null ? otherwise : Number(String(value))
}

/** Runs a write, again whenever a transaction that stood in its way has ended. Inside a transaction it conflicts at once. */
export async function withoutConflicts<T>({ view, end }: Call, write: () => T): Promise<T> {
  for (;;) {
    try {
      return write()
    } catch (error) {
      if (!(error instanceof Busy)) throw error
      if (view.transaction) throw writeConflict()
      await untilEnded(error.transaction.ended, end)
    }
  }
}

/** Waits for a transaction, at most until the call gives up. */
export async function untilEnded(ended: Promise<void>, end: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    if (end === Number.POSITIVE_INFINITY) return
    timer = setTimeout(() => reject(failed(50, 'operation exceeded time limit')), Math.max(0, end - Date.now()))
  })
  try {
    await Promise.race([ended, late])
  } finally {
    clearTimeout(timer)
  }
}
