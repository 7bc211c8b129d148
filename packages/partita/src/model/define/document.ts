/** Documents without a declared shape: JSON and the output of validators. */
import { type Issue, type IssuePath, invalid } from '../../errors/errors.js'
import { uploadTime } from '../../store/asset-store.js'
import { MAX_DEPTH } from '../../value/size.js'
import { type Item, isPlainObject, isSet, type KeyValue, setAttribute, type Value } from '../../value/value.js'
import { refuse, wanted } from './input-issues.js'

/** Rejected as a name everywhere: assigning to it would replace an object's prototype. */
export const PROTO = '__proto__'
/** The message for a rejected name. */
export const NO_NAME = 'cannot be a name here'

/** Whether a document has a member of that name, at any depth. */
export function holdsProto(stored: Value): boolean {
  if (Array.isArray(stored)) return stored.some(holdsProto)
  if (!isPlainObject(stored)) return false
  return Object.hasOwn(stored, PROTO) || Object.values(stored as Item).some(holdsProto)
}

/**
 * Adds issues for assets in a document. A write checks the assets of asset fields against the sweep of the asset store, which
 * it cannot do for values without a declared shape: their bytes might be gone. The id of an asset, as text, is not refused.
 * @returns the document; undefined if it holds an asset.
 */
export function refuseAssets(stored: Value | undefined, at: IssuePath, issues: Issue[]): Value | undefined {
  if (stored === undefined) return undefined
  const paths = [...assetsIn(stored, at)]
  const message = 'is an asset; store it in a field of kind asset, and only its id here, so that its bytes are kept'
  for (const path of paths) refuse(issues, path, message)
  return paths.length > 0 ? undefined : stored
}

function* assetsIn(stored: Value, at: IssuePath): Generator<IssuePath> {
  if (Array.isArray(stored)) for (const [i, part] of stored.entries()) yield* assetsIn(part, [...at, i])
  else if (isPlainObject(stored)) {
    const { id, sha256, size, type } = stored
    const isAsset = typeof sha256 === 'string' && type !== undefined && size !== undefined
    if (isAsset && uploadTime(id) !== undefined) yield at
    else for (const [name, part] of Object.entries(stored as Item)) yield* assetsIn(part, [...at, name])
  }
}

/** Copies JSON and adds issues for values that are not JSON. */
export function copyJson(input: unknown, at: IssuePath, issues: Issue[], depth: number): Value | undefined {
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input
  if (typeof input === 'number' && Number.isFinite(input)) return input
  if (depth > MAX_DEPTH) return refuse(issues, at.slice(0, 3), `is nested over ${MAX_DEPTH} levels deep`)
  if (Array.isArray(input)) return Array.from(input, (it, i) => copyJson(it, [...at, i], issues, depth + 1) as Value)
  if (!isPlainObject(input)) return wanted(issues, at, 'JSON', input)
  const copy: { [name: string]: Value } = {}
  for (const name of Object.keys(input)) {
    if (name === PROTO) refuse(issues, [...at, name], NO_NAME)
    const value = copyJson(input[name], [...at, name], issues, depth + 1)
    if (value !== undefined) setAttribute(copy, name, value)
  }
  return copy
}

/**
 * Copies a document on reads and writes, so that callers and records never share mutable values.
 * @throws ValidationError for a document nested more than 32 levels deep, which cannot be stored.
 */
export function copyStored(stored: Value): Value {
  return copyAt(stored, 0)
}

function copyAt(stored: Value, depth: number): Value {
  if (typeof stored !== 'object' || stored === null) return stored
  if (depth > MAX_DEPTH) throw invalid([], `is nested over ${MAX_DEPTH} levels deep`)
  if (Array.isArray(stored)) return stored.map(it => copyAt(it, depth + 1))
  if (stored instanceof Uint8Array) return new Uint8Array(stored)
  if (isSet(stored)) return new Set(stored as ReadonlySet<KeyValue>) as ReadonlySet<string>
  if (!isPlainObject(stored)) return stored
  const copy: { [name: string]: Value } = {}
  for (const name of Object.keys(stored)) {
    const value = stored[name] as Value | undefined
    if (value !== undefined) setAttribute(copy, name, copyAt(value, depth + 1))
  }
  return copy
}
