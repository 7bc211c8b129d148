/** An asset store in memory, for tests. */
import {
  type AssetEntry,
  type AssetStore,
  assetUnreadable,
  checkAssetId,
  newAssetId,
  type StoredAsset,
} from '../store/asset-store.js'
import { Digest, verified } from './hashing.js'

/**
 * Returns an asset store that keeps its assets in memory until the process ends.
 *
 * @example
 * import { memoryAssets } from 'partita/assets'
 *
 * const assets = memoryAssets()
 */
export function memoryAssets(): AssetStore {
  return new MemoryAssets()
}

class MemoryAssets implements AssetStore {
  readonly #assets = new Map<string, readonly Uint8Array[]>()

  async put(source: AsyncIterable<Uint8Array>, uploaded: number): Promise<StoredAsset> {
    const digest = new Digest()
    const chunks: Uint8Array[] = []
    for await (const chunk of source) {
      digest.add(chunk)
      // A copy: the source may reuse its buffer.
      chunks.push(new Uint8Array(chunk))
    }
    const sha256 = digest.end()
    const id = `${sha256}-${newAssetId(uploaded)}`
    this.#assets.set(id, chunks)
    return { id, size: digest.size, sha256 }
  }

  async *get(asset: StoredAsset): AsyncGenerator<Uint8Array, void, undefined> {
    checkAssetId(asset.id)
    const chunks = this.#assets.get(asset.id)
    if (!chunks) throw assetUnreadable(asset.id, 'missing')
    const copies = async function* () {
      for (const chunk of chunks) yield new Uint8Array(chunk)
    }
    yield* verified(copies(), asset)
  }

  async find(id: string): Promise<AssetEntry | undefined> {
    checkAssetId(id)
    const chunks = this.#assets.get(id)
    return chunks && { id, size: chunks.reduce((sum, { byteLength }) => sum + byteLength, 0) }
  }

  async delete(id: string): Promise<void> {
    checkAssetId(id)
    this.#assets.delete(id)
  }

  async *list(): AsyncGenerator<AssetEntry, void, undefined> {
    for (const id of [...this.#assets.keys()]) {
      const entry = await this.find(id)
      if (entry) yield entry
    }
  }

  /** An upload that failed has left nothing. */
  async discardUnfinished(): Promise<number> {
    return 0
  }
}
