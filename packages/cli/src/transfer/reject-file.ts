/** The file of the entries that an import refused, as they were, so that they can be corrected and imported. */
import { type FileHandle, rm } from 'node:fs/promises'
import { BadInput, Usage } from '../failure.js'
import { unwritable } from '../file/file-error.js'
import { createPrivateFile, isTaken, openOwnFile } from '../file/private-file.js'

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
        if (await isTaken(path)) throw new Usage(`the reject file ${path} already exists; name another`)
        return new RejectFile(path, await createPrivateFile(path), 0)
      }
      const file = await openOwnFile(path)
      if ((await file.stat()).size < bytes) {
        await file.close()
        throw new BadInput(`${path} is shorter than it was; start without --resume`, { path })
      }
      await file.truncate(bytes)
      return new RejectFile(path, file, bytes)
    } catch (error) {
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
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#bytes + written)
        written += bytesWritten
      }
    } catch (error) {
      throw unwritable(this.path, error)
    }
    this.#bytes += bytes.length
  }

  /** Closes the file. One without lines is removed. */
  async close(): Promise<void> {
    await this.#file.close()
    if (this.#bytes === 0) await rm(this.path, { force: true })
  }
}
