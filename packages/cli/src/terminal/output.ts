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
import { oneLine } from './printable.js'
import type { RowOptions, RowSink } from './rows.js'

/** Columns of a terminal that does not say its width. */
const DEFAULT_WIDTH = 80

/** The reader of stdout has gone, as in `partita items export order | head`. The command ends without a message. */
export class OutputClosed extends Error {}

/** Writes the data and the messages of a command. */
export class Output {
  readonly #data: Writable
  readonly #talk: Writable
  /** Whether an envelope of rows has been begun and not ended. */
  #isOpen = false

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

  /** Writes an error for a person, with the texts that show it. A single one begins with the message. */
  error(message: string, frames: readonly string[]): void {
    if (frames.length === 1) {
      this.#talk.write(`error: ${frames[0]}\n`)
      return
    }
    for (const frame of frames) this.#talk.write(`${frame}\n\n`)
    this.talk(`error: ${message}`)
  }

  /** Writes the envelope of a result. Undefined members are omitted. */
  async success(data: unknown): Promise<void> {
    await this.data(`${await envelope({ ok: true, data })}\n`)
  }

  /** Writes the envelope of an error. It ends an envelope whose rows were cut off by the error. */
  async failure(error: FailureReport): Promise<void> {
    const text = await envelope({ ok: false, error })
    await this.data(this.#isOpen ? `],${text.slice(1)}\n` : `${text}\n`)
    this.#isOpen = false
  }

  /**
   * Writes rows as they come: as aligned columns on a terminal, otherwise as JSON Lines, or with `json` as one envelope. Its
   * `ok` is behind the rows, since an error may follow them. A few rows are in memory at a time.
   * @returns how many rows were written.
   */
  async rows(rows: AsyncIterable<Readonly<Record<string, unknown>>>, options: RowOptions = {}): Promise<number> {
    const sink: RowSink = {
      isTerminal: this.isTerminal,
      width: (this.#data as Partial<NodeJS.WriteStream>).columns ?? DEFAULT_WIDTH,
      write: text => this.data(text),
      begin: async () => {
        this.#isOpen = true
        await this.data('{"data":[')
      },
      end: async () => {
        this.#isOpen = false
        await this.data('],"ok":true}\n')
      },
    }
    const { writeRows } = await import('./rows.js')
    return writeRows(rows, options, sink)
  }
}

/** The library behind exact numbers is loaded only for data, so that the help starts fast. */
async function envelope(content: object): Promise<string> {
  const { printJson } = await import('../json/exact-json.js')
  return printJson(content as unknown as Value)
}

function writeFailure(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed()
  return new CommandFailure('OutputFailed', `stdout cannot be written: ${error.message}`, 1, {}, error)
}
