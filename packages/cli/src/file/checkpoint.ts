/**
 * Saves the progress of a long command in a small file next to the one it works on. The file is replaced atomically, so
 * that a killed process leaves either the old state or the new one. It is removed when the work is done.
 */
import { rename, rm } from 'node:fs/promises'
import { BadInput } from '../failure.js'
import { unreadable, unwritable } from './file-error.js'
import { createPrivateFile, openOwnFile } from './private-file.js'

const SAVE_MILLISECONDS = 500

/** The progress of one command, saved in the file at `path` so that a later run can resume. */
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

  /** @throws BadInput if the file cannot be read, is a link, or does not contain a state. */
  async load(): Promise<State | undefined> {
    const text = await this.#read()
    if (text === undefined) return undefined
    const state = parse(text)
    if (this.#isState(state)) return state
    throw new BadInput(`${this.path} is damaged; remove it and start without --resume`, { path: this.path })
  }

  /**
   * Removes the state of an earlier run, before a run that starts at the beginning.
   * @throws BadInput if the file is not such a state: a user can name any file, and it may be one of theirs.
   */
  async begin(): Promise<void> {
    const text = await this.#read()
    if (text && !this.#isState(parse(text))) {
      const message = `${this.path} exists and does not record the progress of such a command; remove it, or name another file`
      throw new BadInput(message, { path: this.path })
    }
    await this.remove()
  }

  /** Saves at most every half second. Repeating a little work is cheaper than writing the file at every step. */
  async saveNowAndThen(state: State): Promise<void> {
    if (this.#now() - this.#saved >= SAVE_MILLISECONDS) await this.save(state)
  }

  async save(state: State): Promise<void> {
    const temporary = `${this.path}.new`
    try {
      const file = await createPrivateFile(temporary)
      try {
        await file.writeFile(`${JSON.stringify(state)}\n`)
      } finally {
        await file.close()
      }
      await rename(temporary, this.path)
    } catch (error) {
      throw unwritable(this.path, error)
    }
    this.#saved = this.#now()
  }

  /** @throws BadInput */
  async remove(): Promise<void> {
    try {
      await rm(this.path, { force: true })
    } catch (error) {
      throw unwritable(this.path, error)
    }
  }

  async #read(): Promise<string | undefined> {
    try {
      const file = await openOwnFile(this.path)
      try {
        return await file.readFile('utf8')
      } finally {
        await file.close()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw unreadable(this.path, error)
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
