/** Faults on purpose, as MongoDB's own fail point `failCommand` injects them. */
import type { Document } from 'mongodb'
import { failed } from './errors.js'
import { isDocument } from './values/compare.js'

/** What happens to a command. Without an error and a closed connection, it only waits. */
export interface Fault {
  /** Names of commands, such as `commitTransaction`. */
  readonly commands: readonly string[]
  /** The collection of the commands; default any. */
  readonly collection?: string
  /** How often it happens; default 1. */
  readonly times?: number
  /** How many such commands run before it happens; default 0. */
  readonly skip?: number
  readonly errorCode?: number
  /** Replaces the labels that MongoDB adds to the error. */
  readonly errorLabels?: readonly string[]
  /** The command runs, and its answer has this error of the write concern. */
  readonly writeConcernError?: Document
  /** The connection ends without an answer. */
  readonly closeConnection?: boolean
  /** Milliseconds to wait before the command. */
  readonly delay?: number
  /** The command runs first, so that only its answer is lost. MongoDB's fail point does not have this. */
  readonly afterCommand?: boolean
}

/** The faults that are to come. */
export class Faults {
  readonly #pending: { readonly fault: Fault; skip: number; left: number }[] = []

  add(fault: Fault): void {
    this.#pending.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 })
  }

  clear(): void {
    this.#pending.length = 0
  }

  /** The fault of a command that is about to run. @param applies false for a fault that cannot happen to it. */
  take(command: string, applies: (fault: Fault) => boolean): Fault | undefined {
    const found = this.#pending.find(
      ({ fault, left }) => left > 0 && fault.commands.includes(command) && applies(fault),
    )
    if (!found) return undefined
    if (found.skip > 0) {
      found.skip--
      return undefined
    }
    found.left--
    return found.fault
  }

  /** The command `configureFailPoint` of a mongod with test commands. */
  configure({ configureFailPoint, mode, data = {} }: Document): void {
    if (configureFailPoint !== 'failCommand') throw failed(2, `No such fail point: ${String(configureFailPoint)}`)
    this.clear()
    if (mode === 'off') return
    const { times, skip } = isDocument(mode) ? mode : { times: Number.POSITIVE_INFINITY, skip: 0 }
    const number = (value: unknown) => (value === undefined ? undefined : Number(String(value)))
    this.add({
      commands: data.failCommands,
      times: number(times) ?? Number.POSITIVE_INFINITY,
      skip: number(skip) ?? 0,
      ...(data.errorCode !== undefined && { errorCode: number(data.errorCode) as number }),
      ...(data.errorLabels && { errorLabels: data.errorLabels }),
      ...(data.writeConcernError && { writeConcernError: data.writeConcernError }),
      closeConnection: data.closeConnection === true,
      ...(data.blockConnection === true && { delay: number(data.blockTimeMS) ?? 0 }),
    })
  }
}
