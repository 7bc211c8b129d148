/**
 * The file of an export. It grows under another name, `<file>.partial`, and takes its own once it is complete, so that
 * a file with that name is always a whole export. Meanwhile `<file>.partita-export` says where to go on. All three are
 * readable by their owner alone: they hold what the store holds.
 */
import type { FileHandle } from 'node:fs/promises'
import { BadInput, Usage } from '../failure.js'
import { unwritable } from '../file/file-fault.js'
import { createPrivateFile, giveName, isTaken, openOwnFile } from '../file/private-file.js'
import { Checkpoint } from './checkpoint.js'

/** What was exported so far: `bytes` of the file, up to where `nextToken` goes on. */
export interface ExportState {
  readonly what: string
  readonly nextToken: string
  readonly bytes: number
  readonly items: number
}

/** Options of {@link ExportFile.open}. */
export interface ExportFileOptions {
  /** Names the store, table, category and prefix, so that an export is not resumed with another. */
  readonly what: string
  readonly resume: boolean
  /** Whether to replace a file that is there. */
  readonly overwrite: boolean
}

/** Every failure to write it names the file. */
export class ExportFile {
  readonly #path: string
  readonly #overwrite: boolean
  readonly #what: string
  readonly #file: FileHandle
  readonly #checkpoint: Checkpoint<ExportState>
  #bytes: number
  /** Where an export that stopped left off; undefined for a new one. */
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
   * @throws Usage when there is a file already and it is not to be replaced, or when what stopped was another export;
   * BadInput when the file cannot be written, or what stopped is no longer what it was.
   */
  static async open(path: string, options: ExportFileOptions): Promise<ExportFile> {
    try {
      if ((await isTaken(path)) && !options.overwrite) throw taken(path)
      return await ExportFile.#open(path, options)
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  static async #open(path: string, options: ExportFileOptions): Promise<ExportFile> {
    const { what, resume } = options
    const checkpoint = new Checkpoint(`${path}.partita-export`, isExportState)
    const state = resume ? await checkpoint.load() : undefined
    if (state && state.what !== what) {
      throw new Usage(`the export to ${path} that stopped was of ${state.what}; start without --resume`)
    }
    if (!resume) await checkpoint.remove()
    const partial = `${path}.partial`
    const file = await (state ? openOwnFile(partial) : createPrivateFile(partial))
    try {
      if (state && (await file.stat()).size < state.bytes) {
        throw new BadInput(`${path}.partial is shorter than it was; start without --resume`, { path })
      }
      // A page that was written but not remembered is written again.
      if (state) await file.truncate(state.bytes)
      return new ExportFile(path, options, file, checkpoint, state)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    try {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#bytes + written)
        written += bytesWritten
      }
    } catch (error) {
      throw unwritable(this.#path, error)
    }
    this.#bytes += bytes.length
  }

  async remember(nextToken: string, items: number, when: 'now' | 'now and then'): Promise<void> {
    const state = { what: this.#what, nextToken, bytes: this.#bytes, items }
    await (when === 'now' ? this.#checkpoint.save(state) : this.#checkpoint.saveNowAndThen(state))
  }

  /** The export is complete: the file gets its name. @throws BadInput when another file got it meanwhile. */
  async finish(): Promise<void> {
    try {
      await this.#file.sync()
      await giveName(this.#file, `${this.#path}.partial`, this.#path, this.#overwrite)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(this.#path, error)
      const message = `${this.#path} was made meanwhile, and is left as it is; the whole export is in ${this.#path}.partial`
      throw new BadInput(message, { path: this.#path }, error)
    }
    await this.#checkpoint.remove()
  }

  /** Lets go of the file, complete or not. */
  async close(): Promise<void> {
    await this.#file.close()
  }
}

function taken(path: string): Usage {
  return new Usage(`${path} is there already; name another file, or give --overwrite to replace it`)
}

function isExportState(value: unknown): value is ExportState {
  if (typeof value !== 'object' || value === null) return false
  const { what, nextToken, bytes, items } = value as Partial<Record<keyof ExportState, unknown>>
  const areCounts = [bytes, items].every(count => Number.isSafeInteger(count) && Number(count) >= 0)
  return typeof what === 'string' && typeof nextToken === 'string' && areCounts
}
