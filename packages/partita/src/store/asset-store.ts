/**
 * The contract of asset stores: immutable bytes under ids of their own, beside a table whose rows refer to them. Each upload
 * has a new id that holds its time, so an asset is never replaced and its age never changes. That makes deletion safe without
 * conditional deletes, which S3 does not have for objects of equal content: see `model/assets/sweep.ts`.
 */
import { invalid, PartitaError, valueText } from '../errors/errors.js'

/** The bytes of one upload. */
export interface StoredAsset {
  /** The id that the asset store gave to the upload. */
  readonly id: string
  /** Bytes. */
  readonly size: number
  /** SHA-256 of the bytes: 64 hexadecimal digits in lower case. */
  readonly sha256: string
}

/** What an asset store knows of an asset without reading its bytes. */
export interface AssetEntry {
  readonly id: string
  /** Bytes. */
  readonly size: number
}

/** Stores the bytes of assets. Every method validates ids, since they can come from stored rows. */
export interface AssetStore {
  /**
   * Stores the bytes of a source. When it resolves, they are durable and complete; if the source throws, nothing is stored
   * and the error is passed on.
   *
   * @param uploaded time of the upload in milliseconds since 1970, for {@link newAssetId}.
   */
  put(source: AsyncIterable<Uint8Array>, uploaded: number): Promise<StoredAsset>
  /**
   * Returns the bytes as they are read.
   *
   * @throws PartitaError `AssetUnreadable` if the asset is missing; at the end, if the bytes are not those of `sha256`.
   */
  get(asset: StoredAsset): AsyncIterable<Uint8Array>
  /** Returns the entry of a complete asset, or undefined if there is none. Sees every `put` that has resolved. */
  find(id: string): Promise<AssetEntry | undefined>
  /** Deletes an asset; succeeds if it does not exist. */
  delete(id: string): Promise<void>
  /** Lists all complete assets in no particular order. May miss those that are put or deleted in the meantime. */
  list(): AsyncIterable<AssetEntry>
  /** Deletes the remains of uploads that began before this time and did not end. Returns how many it deleted. */
  discardUnfinished(before: number): Promise<number>
}

const TIME_DIGITS = 9
const ID = /^(?:[0-9a-f]{64}-)?([0-9a-z]{9})-[0-9a-f]{32}$/

/** Makes the id of an upload: its time, then 128 random bits, so that nobody can guess it. */
export function newAssetId(uploaded: number): string {
  const random = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(16)), byte =>
    byte.toString(16).padStart(2, '0'),
  )
  return `${Math.floor(uploaded).toString(36).padStart(TIME_DIGITS, '0')}-${random.join('')}`
}

/** The time of an upload, or undefined if the text is not an id. An id may begin with the SHA-256 of the bytes. */
export function uploadTime(id: unknown): number | undefined {
  const time = typeof id === 'string' ? ID.exec(id)?.[1] : undefined
  return time === undefined ? undefined : Number.parseInt(time, 36)
}

/** @throws ValidationError for a text that is not an id, which could be a path to another file. */
export function checkAssetId(id: unknown): void {
  if (uploadTime(id) === undefined) throw invalid(['id'], `is ${valueText(id)}, not the id of an asset`)
}

/** The error of an asset that is missing, or whose bytes are not those that were stored. */
export function assetUnreadable(id: string, reason: 'missing' | 'damaged', cause?: unknown): PartitaError {
  const what =
    reason === 'missing' ? 'is not in the asset store' : 'is damaged: its bytes are not those that were uploaded'
  return new PartitaError('AssetUnreadable', `The asset ${id} ${what}`, { id, reason }, cause)
}
