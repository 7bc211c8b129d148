/**
 * Saves the progress of a long command in a small file next to the one it works on. The file is replaced atomically, so
 * that a killed process leaves either the old state or the new one. It is removed when the work is done.
 */
import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { BadInput } from '../failure.js'
import { isDiskFull, isReadOnly, unreadable, unwritable } from './file-error.js'
import { createPrivateFile, openOwnFile } from './private-file.js'

const SAVE_MILLISECONDS = 500

/** The progress of one command, saved in the file at `path` so that a later run can resume. */
export class Checkpoint<State extends object> {
  readonly path: string
  readonly #isState: (value: unknown) => value is State
  /** Identifies this run in the file. */
  readonly #run = randomBytes(8).toString('hex')
  readonly #isExclusive: boolean
  #isReadOnly = false
  #saved = Number.NEGATIVE_INFINITY

  /**
   * @param isExclusive whether two runs must not work at the same time, as they would write the same output. The first
   *   `save` of a run then ends the right of earlier ones: their next `save` throws. No run waits for one that was killed.
   */
  constructor(
    path: string,
    isState: (value: unknown) => value is State,
    { isExclusive = false }: { readonly isExclusive?: boolean } = {},
  ) {
    this.path = path
    this.#isState = isState
    this.#isExclusive = isExclusive
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
    if (performance.now() - this.#saved >= SAVE_MILLISECONDS) await this.save(state)
  }

  /**
   * Saves for work that can go on without.
   * @returns false if it cannot be saved, because the folder is read-only or the disk is full.
   */
  async saveIfPossible(state: State, when: 'now' | 'now and then'): Promise<boolean> {
    if (this.#isReadOnly) return false
    try {
      await (when === 'now' ? this.save(state) : this.saveNowAndThen(state))
      return true
    } catch (error) {
      this.#isReadOnly = isReadOnly(error)
      if (this.#isReadOnly || isDiskFull(error)) return false
      throw error
    }
  }

  /** @throws BadInput if it cannot be saved, or if it is exclusive and another run has begun. */
  async save(state: State): Promise<void> {
    await this.requireOwn()
    // Another run may save at the same time.
    const temporary = `${this.path}.${this.#run}.new`
    try {
      const file = await createPrivateFile(temporary)
      try {
        await file.writeFile(`${JSON.stringify({ ...state, run: this.#run })}\n`)
      } finally {
        await file.close()
      }
      await rename(temporary, this.path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw unwritable(this.path, error)
    }
    this.#saved = performance.now()
  }

  /** @throws BadInput if it is exclusive, and another run has saved or removed it since this one saved. */
  async requireOwn(): Promise<void> {
    if (!this.#isExclusive || !Number.isFinite(this.#saved)) return
    const saved = parse((await this.#read()) ?? '') as { readonly run?: unknown } | null | undefined
    if (saved?.run === this.#run) return
    const message = `another run of this command has begun, or ${this.path} was removed; this run has stopped`
    throw new BadInput(message, { path: this.path })
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
