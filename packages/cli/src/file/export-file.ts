/**
 * The file of an export. It is written as `<file>.partial` and renamed when it is complete, so that a file with the
 * final name is always a complete export. Meanwhile `<file>.partita-export` records where to resume. Only the owner can
 * read the three files, since they hold the store's data.
 */
import { type FileHandle, rm } from 'node:fs/promises'
import { BadInput, Usage } from '../failure.js'
import { Checkpoint } from './checkpoint.js'
import { unwritable } from './file-error.js'
import { continueFile, createPrivateFile, giveName, isNamed, isTaken, replaced, writeAt } from './private-file.js'

/** What was exported so far: the first `bytes` of the file. `nextToken` continues after them. */
export interface ExportState {
  readonly what: string
  readonly nextToken: string
  readonly bytes: number
  readonly items: number
}

/** Options of {@link ExportFile.open}. */
export interface ExportFileOptions {
  /** Identifies the store, table, category and prefix, so that an export is not resumed with different ones. */
  readonly what: string
  readonly resume: boolean
  /** Whether to replace an existing file. */
  readonly overwrite: boolean
}

/** The file of an export. Every error of a write names the file. */
export class ExportFile {
  readonly #path: string
  readonly #overwrite: boolean
  readonly #what: string
  readonly #file: FileHandle
  readonly #checkpoint: Checkpoint<ExportState>
  #bytes: number
  /** Where the stopped export ended; undefined for a new export. */
  readonly resumed: ExportState | undefined

  private constructor(
    path: string,
    { what, overwrite }: ExportFileOptions,
    file: FileHandle,
    checkpoint: Checkpoint<ExportState>,
    resumed: ExportState | undefined,
  ) {
    this.#path = path
    this.#what = what
    this.#overwrite = overwrite
    this.#file = file
    this.#checkpoint = checkpoint
    this.#bytes = resumed?.bytes ?? 0
    this.resumed = resumed
  }

  /**
   * @throws Usage if the file exists and `overwrite` is false, or if the stopped export was a different one; BadInput
   *   if the file cannot be written, or the partial file was changed.
   */
  static async open(path: string, options: ExportFileOptions): Promise<ExportFile> {
    await ExportFile.requireFree(path, options.overwrite)
    try {
      return await ExportFile.#open(path, options)
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  /** @throws Usage if the file exists and `overwrite` is false; BadInput if it is not a regular file. */
  static async requireFree(path: string, overwrite: boolean): Promise<void> {
    try {
      if (!(await isTaken(path)) || overwrite) return
    } catch (error) {
      throw unwritable(path, error)
    }
    throw new Usage(`${path} already exists; name another file, or use --overwrite to replace it`)
  }

  static async #open(path: string, options: ExportFileOptions): Promise<ExportFile> {
    const { what, resume } = options
    const checkpoint = new Checkpoint(`${path}.partita-export`, isExportState)
    const saved = resume ? await checkpoint.load() : undefined
    if (saved && saved.what !== what) {
      throw new Usage(`the stopped export to ${path} was of ${saved.what}; start without --resume`)
    }
    const partial = `${path}.partial`
    // Without its data, the progress is of no use. A run may be killed between giving the file its name and removing it.
    const state = (await isTaken(partial)) ? saved : undefined
    // A page that was written after the last checkpoint is written again.
    const file = await (state ? continueFile(partial, state.bytes) : createPrivateFile(partial))
    if (!file) throw new BadInput(`${partial} is shorter than it was; start without --resume`, { path })
    // After the new file has the name, so that a run that still writes the old one cannot save its progress again.
    if (!state) await checkpoint.remove()
    return new ExportFile(path, options, file, checkpoint, state)
  }

  async append(content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    try {
      await writeAt(this.#file, bytes, this.#bytes)
    } catch (error) {
      throw unwritable(this.#path, error)
    }
    this.#bytes += bytes.length
  }

  /** @throws BadInput if another run has begun the same export: the progress is then its own. */
  async remember(nextToken: string, items: number, when: 'now' | 'now and then'): Promise<void> {
    if (!(await isNamed(this.#file, this.partial))) throw replaced(this.partial)
    const state = { what: this.#what, nextToken, bytes: this.#bytes, items }
    // On a full disk the last saved position stays, which --resume continues at.
    await this.#checkpoint.saveIfPossible(state, when)
  }

  /**
   * Completes the export: gives the file its final name. @throws BadInput if a file of that name was created meanwhile.
   */
  async finish(): Promise<void> {
    try {
      await this.#file.sync()
      await giveName(this.#file, this.partial, this.#path, this.#overwrite)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(this.#path, error)
      const message = `${this.#path} was created during the export and was not replaced; the complete export is in ${this.partial}`
      throw new BadInput(message, { path: this.#path }, error)
    }
    await this.#checkpoint.remove()
  }

  /** Removes the file and the record of its progress, when its content is of no use any more. */
  async discard(): Promise<void> {
    if (!(await isNamed(this.#file, this.partial))) throw replaced(this.partial)
    try {
      await rm(this.partial, { force: true })
    } catch (error) {
      throw unwritable(this.partial, error)
    }
    await this.#checkpoint.remove()
  }

  /** The path of the file until it is complete. */
  get partial(): string {
    return `${this.#path}.partial`
  }

  /** Closes the file, complete or not. */
  async close(): Promise<void> {
    await this.#file.close()
  }
}

function isExportState(value: unknown): value is ExportState {
  if (typeof value !== 'object' || value === null) return false
  const { what, nextToken, bytes, items } = value as Partial<Record<keyof ExportState, unknown>>
  const areCounts = [bytes, items].every(count => Number.isSafeInteger(count) && Number(count) >= 0)
  return typeof what === 'string' && typeof nextToken === 'string' && areCounts
}
