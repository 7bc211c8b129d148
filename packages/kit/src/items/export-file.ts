/**
 * The file of an export. It grows under another name, `<file>.partial`, and takes its own once it is complete, so that
 * a file with that name is always a whole export. Meanwhile `<file>.partita-export` says where to go on.
 */
import { type FileHandle, open, rename } from 'node:fs/promises'
import { BadInput, Usage } from '../failure.js'
import { Checkpoint } from './checkpoint.js'

/** What was exported so far: `bytes` of the file, up to where `nextToken` goes on. */
export interface ExportState {
  readonly what: string
  readonly nextToken: string
  readonly bytes: number
  readonly items: number
}

export class ExportFile {
  readonly #path: string
  readonly #what: string
  readonly #file: FileHandle
  readonly #checkpoint: Checkpoint<ExportState>
  #bytes: number
  /** Where an export that stopped left off; undefined for a new one. */
  readonly resumed: ExportState | undefined

  private constructor(
    path: string,
    what: string,
    file: FileHandle,
    checkpoint: Checkpoint<ExportState>,
    resumed: ExportState | undefined,
  ) {
    this.#path = path
    this.#what = what
    this.#file = file
    this.#checkpoint = checkpoint
    this.#bytes = resumed?.bytes ?? 0
    this.resumed = resumed
  }

  /**
   * @param what names the store, table, category and prefix, so that an export is not resumed with another.
   * @throws Usage when what stopped was another export; BadInput when its file is no longer what it was.
   */
  static async open(path: string, what: string, resume: boolean): Promise<ExportFile> {
    const checkpoint = new Checkpoint(`${path}.partita-export`, isExportState)
    const state = resume ? await checkpoint.load() : undefined
    if (state && state.what !== what) {
      throw new Usage(`the export to ${path} that stopped was of ${state.what}; start without --resume`)
    }
    if (!resume) await checkpoint.remove()
    const file = await open(`${path}.partial`, state ? 'r+' : 'w')
    try {
      if (state && (await file.stat()).size < state.bytes) {
        throw new BadInput(`${path}.partial is shorter than it was; start without --resume`, { path })
      }
      // A page that was written but not remembered is written again.
      if (state) await file.truncate(state.bytes)
      return new ExportFile(path, what, file, checkpoint, state)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#bytes + written)
      written += bytesWritten
    }
    this.#bytes += bytes.length
  }

  async remember(nextToken: string, items: number, when: 'now' | 'now and then'): Promise<void> {
    const state = { what: this.#what, nextToken, bytes: this.#bytes, items }
    await (when === 'now' ? this.#checkpoint.save(state) : this.#checkpoint.saveNowAndThen(state))
  }

  /** The export is complete: the file gets its name. */
  async finish(): Promise<void> {
    await this.#file.sync()
    await rename(`${this.#path}.partial`, this.#path)
    await this.#checkpoint.remove()
  }

  /** Lets go of the file, complete or not. */
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
