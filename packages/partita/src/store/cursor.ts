/**
 * Pagination tokens. A token is the place where a page ended, and a seal over that place and over the query it belongs
 * to, so that a token that was cut, edited or taken from another query is refused and never answered with other items.
 *
 * The seal is an HMAC-SHA-256 where there is a secret. Else it is a checksum, worked out at once: then it catches
 * mistakes, not attackers, and no page waits for the pool of threads that digests come from.
 * The place itself can be read by whoever holds the token; it names the last item's sort key and little else.
 */
import { InvalidCursorError, invalid, ValidationError } from '../errors/errors.js'
import { decimal, numberText } from '../value/number.js'
import { isNumber, isPlainObject, type Key, type KeyValue } from '../value/value.js'

/** The query that tokens belong to. */
export interface CursorScope {
  /** All that must be the same when the token is used: table, index, partition, range, order, filter. */
  readonly query: readonly unknown[]
  /** Names of the attributes that make up a place. */
  readonly names: readonly string[]
  /** Those whose value the query itself gives, and the token need not repeat. */
  readonly known: Key
  /** Whether the query could have ended there. Without a secret a token may hold anything. */
  isPlace(place: Key): boolean
  readonly secret: string | undefined
}

const SEAL_BYTES = 16
/** Four key attributes of 2,048 and 1,024 bytes, as JSON and base64, stay below. */
const MAX_TOKEN_CHARACTERS = 65_536

/** A value of a place as JSON: text as it is, a number or binary marked. */
type Written = string | { readonly n: string } | { readonly b: string }

/** Encodes the position at the end of a page as a token for {@link CursorScope.query}. */
export async function sealCursor(place: Key, scope: CursorScope): Promise<string> {
  const written = scope.names.filter(name => !Object.hasOwn(scope.known, name)).map(name => write(place[name]))
  const payload = new TextEncoder().encode(JSON.stringify(written))
  const seal = await sealOf(payload, scope)
  return toBase64Url(joined(seal, payload))
}

/** @throws InvalidCursorError when the token is not one that this query gave. */
export async function openCursor(token: string, scope: CursorScope): Promise<Key> {
  const bytes = fromBase64Url(token)
  if (!bytes || bytes.length <= SEAL_BYTES) throw new InvalidCursorError('it is no token of a page')
  const payload = bytes.subarray(SEAL_BYTES)
  const seal = await sealOf(payload, scope)
  if (!sameBytes(seal, bytes.subarray(0, SEAL_BYTES))) {
    throw new InvalidCursorError(
      'it was changed, or comes from another table, index, partition, range, order or filter',
    )
  }
  const names = scope.names.filter(name => !Object.hasOwn(scope.known, name))
  const place = readPlace(payload, names)
  if (!place || !scope.isPlace({ ...scope.known, ...place }))
    throw new InvalidCursorError('it names no position of this query')
  return { ...scope.known, ...place }
}

function readPlace(payload: Uint8Array, names: readonly string[]): Key | undefined {
  const written = parse(new TextDecoder().decode(payload))
  if (!Array.isArray(written) || written.length !== names.length) return undefined
  const values = written.map(read)
  if (values.includes(undefined)) return undefined
  return Object.fromEntries(names.map((name, i) => [name, values[i] as KeyValue]))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function sealOf(payload: Uint8Array, { query, secret }: CursorScope): Promise<Uint8Array> {
  // JSON holds no NUL, so query and place cannot run into each other.
  const scope = new TextEncoder().encode(`${JSON.stringify(query, writeAny)}\0`)
  const message = joined(scope, payload)
  if (secret === undefined) return checksum(message)
  const { subtle } = globalThis.crypto
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['sign'])
  return new Uint8Array(await subtle.sign('HMAC', key, message)).subarray(0, SEAL_BYTES)
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

/** 128 bits that depend on every byte: four rounds of FNV-1a from different beginnings, mixed into each other. */
function checksum(message: Uint8Array): Uint8Array {
  const words = new Uint32Array([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35])
  for (const byte of message) {
    for (let i = 0; i < words.length; i++) {
      words[i] = Math.imul((words[i] as number) ^ byte ^ ((words[(i + 3) & 3] as number) >>> 13), 0x01000193 + 2 * i)
    }
  }
  return new Uint8Array(words.buffer)
}

/** Takes no longer for a seal that is nearly right. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0)
  return difference === 0
}

function write(part: KeyValue | undefined): Written {
  if (typeof part === 'string') return part
  if (part instanceof Uint8Array) return { b: toBase64Url(part) }
  if (isNumber(part)) return { n: numberText(part) }
  throw invalid([], 'the place of a cursor lacks a key attribute')
}

/** Undefined for what {@link write} never gives. */
function read(written: unknown): KeyValue | undefined {
  if (typeof written === 'string') return written
  if (!isPlainObject(written)) return undefined
  const { n, b } = written
  if (typeof b === 'string') return fromBase64Url(b)
  try {
    return typeof n === 'string' ? decimal(n) : undefined
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}

/** Values that JSON has no form for, or the same form for different ones. */
function writeAny(_: string, it: unknown): unknown {
  if (it instanceof Uint8Array) return { b: toBase64Url(it) }
  if (it instanceof Set) return { s: [...it] }
  return typeof it === 'bigint' ? { n: numberText(it) } : it
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > MAX_TOKEN_CHARACTERS || !/^[\w-]*$/.test(text)) return undefined
  if (text.length % 4 === 1) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, character => character.charCodeAt(0))
}
