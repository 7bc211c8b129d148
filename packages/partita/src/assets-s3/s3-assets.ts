/**
 * Assets as objects of one bucket. S3 shows an object only when its upload is complete, and its reads are strongly
 * consistent. An upload of unknown length is sent in parts; a crash leaves parts without an object, which the sweep aborts.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Digest, verified } from '../assets/hashing.js'
import { invalid, PartitaError } from '../errors/errors.js'
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

/** Options of {@link s3Assets}. */
export interface S3AssetsOptions {
  /** A client. The program closes it. */
  readonly client: S3Client
  /** Name of the bucket. */
  readonly bucket: string
  /** Prefix of all keys, such as `assets/`. Default none. */
  readonly prefix?: string
}

/** Bytes held in memory for each upload. S3 takes up to 10,000 parts, so an asset has up to 78 GiB. Parts have 5 MiB or more. */
const PART_SIZE = 8 * 1024 * 1024

/**
 * Returns an asset store on a bucket. The credentials need `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject`,
 * `s3:AbortMultipartUpload`, `s3:ListBucket` and `s3:ListBucketMultipartUploads`.
 *
 * @throws ValidationError for wrong options. Methods throw PartitaError `Unavailable` with the SDK's error as its cause.
 */
export function s3Assets(options: S3AssetsOptions): AssetStore {
  checkOptions(options, ['client', 'bucket', 'prefix'])
  const { client, bucket, prefix = '' } = options
  if (typeof client?.send !== 'function') throw invalid(['client'], 'is not an S3Client')
  if (typeof bucket !== 'string' || bucket === '') throw invalid(['bucket'], 'is missing')
  if (typeof prefix !== 'string') throw invalid(['prefix'], 'is not text')
  return new S3Assets(client, bucket, prefix)
}

class S3Assets implements AssetStore {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #prefix: string

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.#client = client
    this.#bucket = bucket
    this.#prefix = prefix
  }

  async put(source: AsyncIterable<Uint8Array>, uploaded: number): Promise<StoredAsset> {
    const id = newAssetId(uploaded)
    const digest = new Digest()
    const object = { Bucket: this.#bucket, Key: this.#prefix + id }
    const parts: { PartNumber: number; ETag: string | undefined }[] = []
    let upload: string | undefined
    try {
      for await (const { body, isLast } of inParts(source, digest)) {
        if (isLast && !upload) {
          await answered(() => this.#client.send(new PutObjectCommand({ ...object, Body: body })))
          break
        }
        upload ??= (await answered(() => this.#client.send(new CreateMultipartUploadCommand(object)))).UploadId
        const part = { ...object, UploadId: upload, PartNumber: parts.length + 1, Body: body }
        const { ETag } = await answered(() => this.#client.send(new UploadPartCommand(part)))
        parts.push({ PartNumber: part.PartNumber, ETag })
      }
      if (upload) {
        const whole = { ...object, UploadId: upload, MultipartUpload: { Parts: parts } }
        await answered(() => this.#client.send(new CompleteMultipartUploadCommand(whole)))
      }
    } catch (error) {
      // If it fails too, the sweep aborts the upload.
      if (upload)
        await this.#client.send(new AbortMultipartUploadCommand({ ...object, UploadId: upload })).catch(() => undefined)
      throw error
    }
    return { id, size: digest.size, sha256: digest.end() }
  }

  async *get(asset: StoredAsset): AsyncGenerator<Uint8Array, void, undefined> {
    checkAssetId(asset.id)
    const found = await unlessMissing(() => this.#client.send(new GetObjectCommand(this.#objectOf(asset.id))))
    if (!found?.Body) throw assetUnreadable(asset.id, 'missing')
    const stream = found.Body.transformToWebStream() as unknown as AsyncIterable<Uint8Array>
    try {
      yield* verified(stream, asset)
    } catch (error) {
      throw inOurTerms(error)
    }
  }

  async find(id: string): Promise<AssetEntry | undefined> {
    checkAssetId(id)
    const found = await unlessMissing(() => this.#client.send(new HeadObjectCommand(this.#objectOf(id))))
    return found && { id, size: found.ContentLength ?? 0 }
  }

  async delete(id: string): Promise<void> {
    checkAssetId(id)
    await answered(() => this.#client.send(new DeleteObjectCommand(this.#objectOf(id))))
  }

  async *list(): AsyncGenerator<AssetEntry, void, undefined> {
    let token: string | undefined
    do {
      const request = { Bucket: this.#bucket, Prefix: this.#prefix, ContinuationToken: token }
      const page = await answered(() => this.#client.send(new ListObjectsV2Command(request)))
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        const id = Key.slice(this.#prefix.length)
        if (uploadTime(id) !== undefined) yield { id, size: Size }
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (token)
  }

  async discardUnfinished(before: number): Promise<number> {
    let count = 0
    let after: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | undefined
    do {
      const request = { Bucket: this.#bucket, Prefix: this.#prefix, ...after }
      const page = await answered(() => this.#client.send(new ListMultipartUploadsCommand(request)))
      for (const { Key = '', UploadId } of page.Uploads ?? []) {
        const time = uploadTime(Key.slice(this.#prefix.length))
        if (time === undefined || time >= before) continue
        const upload = { Bucket: this.#bucket, Key, UploadId }
        await unlessMissing(() => this.#client.send(new AbortMultipartUploadCommand(upload)))
        count++
      }
      after = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined
    } while (after)
    return count
  }

  #objectOf(id: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + id }
  }
}

/** The bytes in parts of one size; only the last is shorter. A source without bytes is one empty part. */
async function* inParts(
  source: AsyncIterable<Uint8Array>,
  digest: Digest,
): AsyncGenerator<{ body: Uint8Array; isLast: boolean }, void, undefined> {
  let part = new Uint8Array(PART_SIZE)
  let used = 0
  for await (const chunk of source) {
    digest.add(chunk)
    for (let at = 0; at < chunk.byteLength; ) {
      // A full part is sent only when more bytes follow, so that the last one is known.
      if (used === PART_SIZE) {
        yield { body: part, isLast: false }
        part = new Uint8Array(PART_SIZE)
        used = 0
      }
      const piece = chunk.subarray(at, at + PART_SIZE - used)
      part.set(piece, used)
      used += piece.byteLength
      at += piece.byteLength
    }
  }
  yield { body: part.subarray(0, used), isLast: true }
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const { name, $metadata } = error as { readonly name?: string; readonly $metadata?: { httpStatusCode?: number } }
    // NoSuchBucket is 404 too, but it is not a missing asset.
    if (name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404) return undefined
    throw inOurTerms(error)
  }
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw inOurTerms(error)
  }
}

function inOurTerms(error: unknown): unknown {
  if (error instanceof PartitaError) return error
  const { name, message } = error as Error
  return new PartitaError('Unavailable', `The bucket of the assets failed: ${name}: ${message}`, {}, error)
}
