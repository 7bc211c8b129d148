/** Types of assets: files whose bytes are in an asset store and whose descriptions are in rows. */
import type { AssetEntry } from '../../store/asset-store.js'

/** The value of an asset field. `db.assets.upload` returns it. */
export interface Asset {
  /** The id of the upload. Whoever has it can read the bytes through the program, so treat it as the row that holds it. */
  readonly id: string
  /** Content type, such as `image/png`, in lower case, with its parameters if it has some. It is what the uploader says. */
  readonly type: string
  /** Bytes. */
  readonly size: number
  /** SHA-256 of the bytes: 64 hexadecimal digits. */
  readonly sha256: string
  /** Name of the file, for people. */
  readonly name?: string
}

/** The sizes that are allowed, in bytes, both included. */
export interface AssetSizes {
  /** Least size. Default 1. */
  readonly min?: number
  /** Greatest size. Default 10 MiB. */
  readonly max?: number
}

/** Options of an asset field. */
export interface AssetOptions extends AssetSizes {
  /**
   * The types that are allowed: a list, or an object with sizes for each. Default: all. A type is `image/png`, `image/*`, a
   * group (`image`, `audio`, `video`, `text`, `font`, `document`, `archive`), or `*` for all others. The most exact one that
   * gives a `min` decides the least size, else the `min` of the field; likewise the greatest.
   */
  readonly types?: readonly string[] | Readonly<Record<string, AssetSizes>>
}

/** The bytes of an upload: all of them, or a stream. Blobs have a `stream()`. */
export type AssetSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | ByteStream

/** The used part of a web `ReadableStream`, declared here so that programs compile without the types of the web. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
    cancel(reason?: unknown): Promise<void>
  }
}

/** What a program says of an upload. */
export interface UploadOptions {
  /** Content type, such as `image/png`. */
  readonly type: string
  /** Name of the file: up to 1,024 characters, without control characters. */
  readonly name?: string
}

/** Options of `db.assets.sweep`. */
export interface SweepOptions {
  /** Age from which assets that no row refers to are deleted, in seconds. At least, and by default, 86,400: a day. */
  readonly grace?: number
  /** Only counts and lists what would be deleted. Default false. */
  readonly dryRun?: boolean
  /** Ends the sweep between two requests. What was deleted by then stays deleted. */
  readonly signal?: AbortSignal
}

/** The result of a sweep. */
export interface SweepResult {
  /** Assets in the store. */
  readonly assets: number
  /** Bytes of them. */
  readonly bytes: number
  /** Assets that were deleted, or with `dryRun` would be. */
  readonly deleted: number
  /** Bytes of them. */
  readonly deletedBytes: number
  /** The first 1,000 of them. */
  readonly listed: readonly AssetEntry[]
  /** Remains of interrupted uploads that were deleted. 0 with `dryRun`. */
  readonly unfinished: number
}

/** The assets of a database. @typeParam Names names of its models. */
export interface Assets<Names extends string> {
  /**
   * Stores the bytes of an asset for a field, such as `'User.avatar'` or `'Post.images'` for a list. It returns the value to
   * write into the field within 12 hours; an asset that no row refers to is deleted by a later `sweep`. Sizes are enforced on
   * the bytes themselves: an upload ends at the first byte too many.
   *
   * @throws ValidationError for a type or a size that the field does not take. Nothing is stored.
   */
  upload(field: `${Names}.${string}`, source: AssetSource, options: UploadOptions): Promise<Asset>
  /**
   * Returns the bytes of an asset as a stream. It does not check permissions: whoever may read the row may read the asset.
   *
   * @throws PartitaError `AssetUnreadable` if the asset is missing or, at the end, if its bytes do not have its SHA-256.
   */
  open(asset: Asset): AsyncIterable<Uint8Array>
  /**
   * Deletes assets that no item of the table refers to and whose upload is older than the grace period, and the remains of
   * interrupted uploads. It reads the whole table, so run it now and then, for example each night. The asset store must
   * serve this table alone.
   *
   * @throws ValidationError in a transaction, inside a tenant and, if a model has permissions, outside a system scope.
   */
  sweep(options?: SweepOptions): Promise<SweepResult>
}
