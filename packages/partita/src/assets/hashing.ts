/** SHA-256 of bytes while they pass. */
import { createHash } from 'node:crypto'
import { assetUnreadable, type StoredAsset } from '../store/asset-store.js'

/** Counts and hashes the bytes of an upload. */
export class Digest {
  size = 0
  readonly #hash = createHash('sha256')

  /** Adds the next bytes. */
  add(chunk: Uint8Array): void {
    this.size += chunk.byteLength
    this.#hash.update(chunk)
  }

  /** The hash of all bytes, as 64 hexadecimal digits. It can be read once. */
  end(): string {
    return this.#hash.digest('hex')
  }
}

/**
 * Passes the bytes of an asset on and compares them with its hash. They are passed on before the end is known, so a
 * program that must not act on damaged bytes waits for the end.
 * @throws PartitaError `AssetUnreadable` at the first byte too many, or at the end.
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  { id, size, sha256 }: StoredAsset,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = new Digest()
  for await (const chunk of chunks) {
    digest.add(chunk)
    if (digest.size > size) throw assetUnreadable(id, 'damaged')
    yield chunk
  }
  if (digest.size !== size || digest.end() !== sha256) throw assetUnreadable(id, 'damaged')
}
