/**
 * An asset store in a folder. An asset is one file, named by the SHA-256 of its bytes and the id of its upload, in one of
 * 256 folders. Several processes can share the folder.
 *
 * An upload writes a file below `unfinished`, flushes it, renames it, and flushes the folder that holds its name. So the name
 * of an asset always has all of its bytes behind it, and after `put` has resolved both are on disk. A crash before the rename
 * leaves a file below `unfinished`; one after it leaves an asset that no row refers to. The sweep deletes either.
 */
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { invalid, PartitaError, valueText } from '../errors/errors.js'
import {
  type AssetEntry,
  type AssetStore,
  assetUnreadable,
  checkAssetId,
  newAssetId,
  type StoredAsset,
  uploadTime,
} from '../store/asset-store.js'
import { checkOptions } from '../store/options.js'
import { Digest, verified } from './hashing.js'

/** Options of {@link folderAssets}. */
export interface FolderAssetsOptions {
  /** The folder. It is created with the first upload. */
  readonly path: string
}

/** The folder of uploads that have not ended. */
const UNFINISHED = 'unfinished'
const SHARD = /^[0-9a-f]{2}$/

/**
 * Returns an asset store in a folder of a local disk.
 *
 * @example
 * import { folderAssets } from 'partita/assets'
 *
 * const assets = folderAssets({ path: './.partita-assets' })
 * @throws ValidationError for wrong options. Methods throw PartitaError `Unavailable` if the disk fails; `details.reason` is
 *   `diskFull` if it is full.
 */
export function folderAssets(options: FolderAssetsOptions): AssetStore {
  checkOptions(options, ['path'])
  if (typeof options.path !== 'string' || options.path === '') {
    throw invalid(['path'], `is ${valueText(options.path)}; it is the path of a folder`)
  }
  return new FolderAssets(resolve(options.path))
}

class FolderAssets implements AssetStore {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async put(source: AsyncIterable<Uint8Array>, uploaded: number): Promise<StoredAsset> {
    const upload = newAssetId(uploaded)
    const unfinished = join(this.#path, UNFINISHED, upload)
    await guarded(() => makeFolder(join(this.#path, UNFINISHED)))
    const file = await guarded(() => open(unfinished, 'wx'))
    try {
      const { size, sha256 } = await write(file, source)
      const id = `${sha256}-${upload}`
      await guarded(async () => {
        const folder = join(this.#path, id.slice(0, 2))
        await makeFolder(folder)
        await rename(unfinished, join(folder, id))
        // Those above too: another process may have created them and crashed before it flushed their names.
        for (const holder of [folder, this.#path, dirname(this.#path)]) await syncFolder(holder)
      })
      return { id, size, sha256 }
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined)
      throw error
    }
  }

  async *get(asset: StoredAsset): AsyncGenerator<Uint8Array, void, undefined> {
    const path = this.#pathOf(asset.id)
    try {
      yield* verified(createReadStream(path), asset)
    } catch (error) {
      if (isMissing(error)) throw assetUnreadable(asset.id, 'missing', error)
      throw inOurTerms(error)
    }
  }

  async find(id: string): Promise<AssetEntry | undefined> {
    const path = this.#pathOf(id)
    const found = await unlessMissing(() => stat(path))
    return found?.isFile() ? { id, size: found.size } : undefined
  }

  async delete(id: string): Promise<void> {
    const path = this.#pathOf(id)
    await guarded(() => rm(path, { force: true }))
  }

  async *list(): AsyncGenerator<AssetEntry, void, undefined> {
    for (const shard of (await unlessMissing(() => readdir(this.#path))) ?? []) {
      if (!SHARD.test(shard)) continue
      for (const id of await guarded(() => readdir(join(this.#path, shard)))) {
        const entry = uploadTime(id) === undefined || !id.startsWith(shard) ? undefined : await this.find(id)
        if (entry) yield entry
      }
    }
  }

  async discardUnfinished(before: number): Promise<number> {
    let count = 0
    for (const upload of (await unlessMissing(() => readdir(join(this.#path, UNFINISHED)))) ?? []) {
      const begun = uploadTime(upload)
      if (begun === undefined || begun >= before) continue
      await guarded(() => rm(join(this.#path, UNFINISHED, upload), { force: true }))
      count++
    }
    return count
  }

  #pathOf(id: string): string {
    checkAssetId(id)
    return join(this.#path, id.slice(0, 2), id)
  }
}

/** Writes the bytes of a source to disk and closes the file. Errors of the source pass unchanged. */
async function write(file: FileHandle, source: AsyncIterable<Uint8Array>): Promise<{ size: number; sha256: string }> {
  const digest = new Digest()
  try {
    for await (const chunk of source) {
      digest.add(chunk)
      // `write` may write less than it was given; `writeFile` repeats it, from where the file's position is.
      await guarded(() => file.writeFile(chunk))
    }
    await guarded(() => file.sync())
  } finally {
    await file.close()
  }
  return { size: digest.size, sha256: digest.end() }
}

/** Creates a folder and flushes its name, and those of the folders above it that it creates. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let at = folder; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))
}

/** Flushes the names in a folder. Windows cannot open folders, and flushes names itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const opened = await open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw inOurTerms(error)
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw inOurTerms(error)
  }
}

function inOurTerms(error: unknown): unknown {
  if (error instanceof PartitaError || typeof (error as NodeJS.ErrnoException)?.code !== 'string') return error
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === 'ENOSPC' || code === 'EDQUOT' ? ({ reason: 'diskFull' } as const) : {}
  return new PartitaError('Unavailable', `The folder of the assets failed: ${message}`, reason, error)
}
