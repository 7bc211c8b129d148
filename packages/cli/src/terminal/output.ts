/**
 * Where a command's words go: stdout is data, stderr is talk.
 *
 * With `--json`, stdout holds one envelope in one line: `{"ok":true,"data":...}`, or
 * `{"ok":false,"error":{"code","message","details"}}`. Values that JSON has no form for are tagged, see
 * `json/tagged-value.ts`.
 */
import type { Writable } from 'node:stream'
import type { Value } from 'partita'
import { CommandFailure, type FailureReport } from '../failure.js'
import { printJson } from '../json/exact-json.js'
import { oneLine } from './printable.js'

/** Nobody reads stdout any more, as in `partita items export order | head`: time to end, without a word. */
export class OutputClosed extends Error {}

/** Writes the data and the messages of a command. */
export class Output {
  readonly #data: Writable
  readonly #talk: Writable

  constructor(data: Writable, talk: Writable) {
    this.#data = data
    this.#talk = talk
    // The outcome of each write is seen where it is made; an error that nobody listens to would end the process.
    data.on('error', () => undefined)
    talk.on('error', () => undefined)
  }

  /** Whether data goes to a screen, where other lines would get in its way. */
  get isTerminal(): boolean {
    return (this.#data as Partial<NodeJS.WriteStream>).isTTY === true
  }

  /**
   * Writes data, and waits while whoever reads it is slower.
   * @throws OutputClosed when nobody reads it any more; CommandFailure when it cannot be written, as on a full disk.
   */
  data(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#data.write(text, error => (error ? reject(writeFailure(error)) : resolve()))
    })
  }

  /** One line for a person. */
  talk(message: string): void {
    this.#talk.write(`${oneLine(message)}\n`)
  }

  /** The envelope of what was done. Plain objects without a value, as optional ones, are left out. */
  success(data: unknown): Promise<void> {
    return this.data(`${printJson({ ok: true, data } as unknown as Value)}\n`)
  }

  /** The envelope of what failed. */
  failure(error: FailureReport): Promise<void> {
    return this.data(`${printJson({ ok: false, error } as unknown as Value)}\n`)
  }
}

function writeFailure(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed()
  return new CommandFailure('OutputFailed', `stdout cannot be written: ${error.message}`, 1, {}, error)
}
