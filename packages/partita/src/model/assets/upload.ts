/** Uploads: the bytes of a source, counted while they pass. */
import { invalid, ValidationError, valueText } from '../../errors/errors.js'
import { checkOptions } from '../../store/options.js'
import type { DatabaseContext } from '../connect/context.js'
import { isAssetName } from '../define/asset-kind.js'
import { type AssetRules, contentType, sizesFor } from '../define/asset-rules.js'
import type { Asset, AssetSizes, AssetSource, ByteStream, UploadOptions } from '../types/assets.js'
import { assetStoreOf } from './configured.js'
import { assetFieldAt } from './fields.js'

/** Stores the bytes of an asset. @throws ValidationError for a type or a size that the field does not take. */
export async function upload(
  db: DatabaseContext,
  field: string,
  source: AssetSource,
  options: UploadOptions,
): Promise<Asset> {
  const store = assetStoreOf(db)
  const rules = rulesOf(db, field)
  checkOptions(options, ['type', 'name'])
  const { name } = options
  const type = contentType(options.type)
  if (type === undefined) throw invalid([field, 'type'], `is ${valueText(options.type)}, not a content type`)
  if (name !== undefined && !isAssetName(name)) {
    throw invalid([field, 'name'], 'is not the name of a file: 1 to 1,024 characters, none of them a control character')
  }
  const sizes = sizesFor(rules, type)
  if (!sizes) {
    const allowed = [...(rules.types?.keys() ?? [])].join(', ')
    throw invalid([field, 'type'], `is ${type}; the field takes ${allowed}`)
  }
  const { id, size, sha256 } = await store.put(within(chunksOf(source, field), sizes, field), db.sources.now())
  return { id, type, size, sha256, ...(name !== undefined && { name }) }
}

function rulesOf({ models }: DatabaseContext, field: unknown): AssetRules {
  const [name = '', ...path] = typeof field === 'string' ? field.split('.') : []
  const model = models.get(name)
  const rules = model && assetFieldAt(model, path)?.asset
  if (rules) return rules
  throw invalid([], `${valueText(field)} is not an asset field of a connected model; name it as in 'User.avatar'`)
}

/**
 * Passes bytes on while they are within the sizes. Whatever the source says of its length, its bytes are counted.
 * @throws ValidationError at the first byte too many, or at the end if there are too few.
 */
async function* within(
  chunks: AsyncIterable<Uint8Array>,
  { min, max }: Required<AssetSizes>,
  field: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.byteLength
    if (size > max) throw sizeError(field, `is greater than the maximum of ${max} bytes`)
    if (chunk.byteLength > 0) yield chunk
  }
  if (size < min) throw sizeError(field, `is ${size} bytes; the minimum is ${min}`)
}

function sizeError(field: string, message: string): ValidationError {
  return new ValidationError([{ path: [field, 'size'], message }])
}

/** @throws ValidationError for a source that is not made of bytes. */
async function* chunksOf(source: AssetSource, field: string): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of iterableOf(source, field)) {
    if (!(chunk instanceof Uint8Array)) {
      throw invalid([field], `has a source that gave ${valueText(chunk)}; it must give Uint8Arrays`)
    }
    yield chunk
  }
}

function iterableOf(source: AssetSource, field: string): Iterable<unknown> | AsyncIterable<unknown> {
  if (source instanceof Uint8Array) return [source]
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return source
    if ('getReader' in source) return readerOf(source)
  }
  throw invalid([field], `has the source ${valueText(source)}; it is a Uint8Array or a stream of them`)
}

/** Not every runtime can iterate over a web stream. */
async function* readerOf(source: ByteStream): AsyncGenerator<unknown, void, undefined> {
  const reader = source.getReader()
  let isDone = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      isDone = done
      if (done) return
      yield value
    }
  } finally {
    if (!isDone) await reader.cancel().catch(() => undefined)
  }
}
