/** The file of the entries that an import refused, as they were, so that they can be corrected and imported. */
import { type FileHandle, rm } from 'node:fs/promises'
import { BadInput, Usage } from '../failure.js'
import { unwritable } from '../file/file-error.js'
import { continueFile, createNewFile, isNamed, isTaken, replaced, writeAt } from '../file/private-file.js'

/** An open reject file. Only its owner can read it. */
export class RejectFile {
  readonly path: string
  readonly #file: FileHandle
  #bytes: number

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path
    this.#file = file
    this.#bytes = bytes
  }

  /**
   * @param bytes how much of the file an earlier run has written, when that is resumed; what follows is written again.
   * @throws Usage if the file exists and is not resumed; BadInput if it cannot be written.
   */
  static async open(path: string, bytes: number | undefined): Promise<RejectFile> {
    try {
      // A run that ended before it refused a line has removed its file.
      if (bytes === undefined || (bytes === 0 && !(await isTaken(path)))) {
        return new RejectFile(path, await createNewFile(path), 0)
      }
      const file = await continueFile(path, bytes)
      if (!file) throw new BadInput(`${path} is shorter than it was; start without --resume`, { path })
      return new RejectFile(path, file, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        throw new Usage(`the reject file ${path} already exists; name another`)
      }
      throw unwritable(path, error)
    }
  }

  /** How much is written. */
  get bytes(): number {
    return this.#bytes
  }

  /** @param header written first if the file is empty. */
  async add(text: string, header: string | undefined): Promise<void> {
    const lines = this.#bytes === 0 && header !== undefined ? [header, text] : [text]
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    try {
      await writeAt(this.#file, bytes, this.#bytes)
    } catch (error) {
      throw unwritable(this.path, error)
    }
    this.#bytes += bytes.length
  }

  /** @throws BadInput if another run has begun the file again, so that the lines of this one are not in it. */
  async requireOwn(): Promise<void> {
    if (!(await isNamed(this.#file, this.path))) throw replaced(this.path)
  }

  /** Closes the file. One without lines is removed. */
  async close(): Promise<void> {
    const isEmpty = this.#bytes === 0 && (await isNamed(this.#file, this.path))
    await this.#file.close()
    if (isEmpty) await rm(this.path, { force: true })
  }
}
