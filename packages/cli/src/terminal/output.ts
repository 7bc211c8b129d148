/**
 * The output of a command: data goes to stdout, messages to stderr.
 *
 * With `--json`, stdout is one envelope in one line: `{"ok":true,"data":...}`, or
 * `{"ok":false,"error":{"code","message","details"}}`. Values that JSON cannot express are tagged, see
 * `json/tagged-value.ts`.
 */
import type { Writable } from 'node:stream'
import type { Value } from 'partita'
import { CommandFailure, type FailureReport } from '../failure.js'
import { printJson } from '../json/exact-json.js'
import { oneLine } from './printable.js'

/** The reader of stdout has gone, as in `partita items export order | head`. The command ends without a message. */
export class OutputClosed extends Error {}

/** Writes the data and the messages of a command. */
export class Output {
  readonly #data: Writable
  readonly #talk: Writable

  constructor(data: Writable, talk: Writable) {
    this.#data = data
    this.#talk = talk
    // Each write handles its own error; without a listener the error event would end the process.
    data.on('error', () => undefined)
    talk.on('error', () => undefined)
  }

  /** Whether stdout is a terminal, where progress would mix with the data. */
  get isTerminal(): boolean {
    return (this.#data as Partial<NodeJS.WriteStream>).isTTY === true
  }

  /**
   * Writes data, and waits until the reader has accepted it.
   * @throws OutputClosed if the reader has gone; CommandFailure if it cannot be written, for example on a full disk.
   */
  data(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#data.write(text, error => (error ? reject(writeFailure(error)) : resolve()))
    })
  }

  /** Writes a message for a person, as one line on stderr. */
  talk(message: string): void {
    this.#talk.write(`${oneLine(message)}\n`)
  }

  /** Writes the envelope of a result. Undefined members are omitted. */
  success(data: unknown): Promise<void> {
    return this.data(`${printJson({ ok: true, data } as unknown as Value)}\n`)
  }

  /** Writes the envelope of an error. */
  failure(error: FailureReport): Promise<void> {
    return this.data(`${printJson({ ok: false, error } as unknown as Value)}\n`)
  }
}

function writeFailure(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed()
  return new CommandFailure('OutputFailed', `stdout cannot be written: ${error.message}`, 1, {}, error)
}
