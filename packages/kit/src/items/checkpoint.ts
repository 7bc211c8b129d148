/**
 * How far a long command got, in a small file beside the one it works on. The file is replaced as a whole, so that a
 * killed process leaves either the old state or the new one; it is removed when the work is done.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { BadInput } from '../failure.js'
import { unreadable, unwritable } from './file-fault.js'

const SAVE_MILLISECONDS = 500

export class Checkpoint<State> {
  readonly path: string
  readonly #isState: (value: unknown) => value is State
  readonly #now: () => number
  #saved = Number.NEGATIVE_INFINITY

  constructor(path: string, isState: (value: unknown) => value is State, now: () => number = () => performance.now()) {
    this.path = path
    this.#isState = isState
    this.#now = now
  }

  /** @throws BadInput when the file cannot be read or is not a state. */
  async load(): Promise<State | undefined> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw unreadable(this.path, error)
    })
    if (text === undefined) return undefined
    const state = parse(text)
    if (this.#isState(state)) return state
    throw new BadInput(`${this.path} is damaged; remove it and start without --resume`, { path: this.path })
  }

  /** Saves unless it did half a second ago; a little work done twice is cheaper than a file written at every step. */
  async saveNowAndThen(state: State): Promise<void> {
    if (this.#now() - this.#saved >= SAVE_MILLISECONDS) await this.save(state)
  }

  async save(state: State): Promise<void> {
    const temporary = `${this.path}.new`
    try {
      await writeFile(temporary, `${JSON.stringify(state)}\n`)
      await rename(temporary, this.path)
    } catch (error) {
      throw unwritable(this.path, error)
    }
    this.#saved = this.#now()
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
