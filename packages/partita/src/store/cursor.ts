/**
 * Pagination tokens. A token holds the position at the end of a page, or both ends, and a seal over them and the query, so that
 * a token that was truncated, modified or taken from another query is rejected and never returns other items.
 *
 * With a secret the seal is an HMAC-SHA-256. Without one it is a synchronous checksum: it detects mistakes, not attacks,
 * and no page waits for the thread pool of WebCrypto.
 * The position is not encrypted: it holds the last item's sort key and little else. A query that may end at an item which
 * its reader must not see encrypts it instead, with AES-GCM, which seals it too.
 */
import { InvalidCursorError, invalid, ValidationError } from '../errors/errors.js'
import { decimal, numberText } from '../value/number.js'
import { isNumber, isPlainObject, type Key, type KeyValue } from '../value/value.js'

/** The query that tokens belong to. */
export interface CursorScope {
  /** Everything that must be the same when the token is used: table, index, partition, range, order, filter. */
  readonly query: readonly unknown[]
  /** Names of the attributes of a position. */
  readonly names: readonly string[]
  /** Attributes whose values the query supplies, so that the token omits them. */
  readonly known: Key
  /** Whether a page of the query could end at this position. Without a secret a token may hold any position. */
  isPosition(position: Key): boolean
  readonly secret: string | undefined
  /** Returns the secret that encrypts positions. Default: they are not encrypted. */
  readonly encryption?: (() => Promise<string>) | undefined
}

const SEAL_BYTES = 16
/** The initialisation vector of AES-GCM. A random one is enough for billions of tokens. */
const IV_BYTES = 12
/** Four key attributes of 2,048 and 1,024 bytes, as JSON and base64, stay below. */
const MAX_TOKEN_CHARACTERS = 65_536

/** A key attribute as JSON: text unchanged, numbers and binary tagged. */
type Written = string | { readonly n: string } | { readonly b: string }

/** The two ends of a page, of which an empty page may have one. */
export interface PageEnds {
  /** Earlier rows lie in front of it; `end` if all rows do. Undefined in a token that holds only the end of its page. */
  readonly first: Key | 'end' | undefined
  /** Later rows lie behind it; `start` if all rows do. */
  readonly last: Key | 'start'
}

/** In a token of a page, a part of the first position that equals the part of the last one. */
const SAME = 0

/** Encodes the position at the end of a page as a token for {@link CursorScope.query}. */
export async function sealCursor(position: Key, scope: CursorScope): Promise<string> {
  return seal(writePosition(position, scope), scope)
}

/** Encodes both ends of a page as a token, from which the pages behind it and before it can be read. */
export async function sealPage({ first, last }: PageEnds, scope: CursorScope): Promise<string> {
  const end = typeof last === 'string' ? null : writePosition(last, scope)
  const start = typeof first === 'object' ? writePosition(first, scope) : null
  const isSame = (part: Written, i: number) => JSON.stringify(part) === JSON.stringify(end?.[i])
  return seal([end, start?.map((part, i) => (isSame(part, i) ? SAME : part))], scope)
}

async function seal(written: readonly unknown[], scope: CursorScope): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(written))
  if (scope.encryption) return toBase64Url(await encrypted(payload, scope, scope.encryption))
  return toBase64Url(joined(await sealOf(payload, scope), payload))
}

/** @throws InvalidCursorError if the token does not come from this query. */
export async function openCursor(token: string, scope: CursorScope): Promise<Key> {
  return positionIn(await open(token, scope), scope)
}

/**
 * Opens a token of {@link sealPage} or {@link sealCursor}.
 *
 * @throws InvalidCursorError if the token does not come from this query.
 */
export async function openPage(token: string, scope: CursorScope): Promise<PageEnds> {
  const written = await open(token, scope)
  const isPage = Array.isArray(written) && written.length === 2 && written.every(it => it === null || Array.isArray(it))
  if (!isPage) return { first: undefined, last: positionIn(written, scope) }
  const [end, start] = written as (unknown[] | null)[]
  return {
    first: start
      ? positionIn(
          start.map((part, i) => (part === SAME ? end?.[i] : part)),
          scope,
        )
      : 'end',
    last: end ? positionIn(end, scope) : 'start',
  }
}

async function open(token: string, scope: CursorScope): Promise<unknown> {
  const bytes = fromBase64Url(token)
  if (!bytes || bytes.length <= SEAL_BYTES) throw new InvalidCursorError('it is not a token of a page')
  const payload = scope.encryption ? await decrypted(bytes, scope, scope.encryption) : await unsealed(bytes, scope)
  if (!payload) {
    throw new InvalidCursorError(
      'it was changed, or comes from another table, index, partition, range, order or filter',
    )
  }
  return parse(new TextDecoder().decode(payload))
}

function positionIn(written: unknown, scope: CursorScope): Key {
  const position = readPosition(written, namesOf(scope))
  if (!position || !scope.isPosition({ ...scope.known, ...position }))
    throw new InvalidCursorError('its position is outside this query')
  return { ...scope.known, ...position }
}

function writePosition(position: Key, scope: CursorScope): Written[] {
  return namesOf(scope).map(name => write(position[name]))
}

/** The attributes that a token holds. */
function namesOf({ names, known }: CursorScope): string[] {
  return names.filter(name => !Object.hasOwn(known, name))
}

function readPosition(written: unknown, names: readonly string[]): Key | undefined {
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

async function unsealed(bytes: Uint8Array, scope: CursorScope): Promise<Uint8Array | undefined> {
  const payload = bytes.subarray(SEAL_BYTES)
  return sameBytes(await sealOf(payload, scope), bytes.subarray(0, SEAL_BYTES)) ? payload : undefined
}

async function encrypted(
  payload: Uint8Array<ArrayBuffer>,
  scope: CursorScope,
  secret: () => Promise<string>,
): Promise<Uint8Array> {
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const key = await encryptionKey(await secret())
  const algorithm = { name: 'AES-GCM', iv, additionalData: queryBytes(scope) }
  return joined(iv, new Uint8Array(await globalThis.crypto.subtle.encrypt(algorithm, key, payload)))
}

async function decrypted(
  bytes: Uint8Array,
  scope: CursorScope,
  secret: () => Promise<string>,
): Promise<Uint8Array | undefined> {
  const [iv, sealed] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)]
  const key = await encryptionKey(await secret())
  const algorithm = { name: 'AES-GCM', iv, additionalData: queryBytes(scope) }
  // It rejects with an error without details if a byte differs.
  const open = globalThis.crypto.subtle.decrypt(algorithm, key, sealed)
  return open.then(
    payload => new Uint8Array(payload),
    () => undefined,
  )
}

/** A key for encryption alone: the secret may also sign. */
async function encryptionKey(secret: string) {
  const { subtle } = globalThis.crypto
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(`partita cursor encryption\0${secret}`))
  return subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** JSON holds no NUL, so the query and the position cannot be confused. */
function queryBytes({ query }: CursorScope): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(query, writeAny)}\0`)
}

async function sealOf(payload: Uint8Array, scope: CursorScope): Promise<Uint8Array> {
  const { secret } = scope
  const message = joined(queryBytes(scope), payload)
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
  // Variables instead of a loop over four words: every page of a query makes one.
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35]
  for (let i = 0; i < message.length; i++) {
    const byte = message[i] as number
    a = Math.imul(a ^ byte ^ (d >>> 13), 0x01000193)
    b = Math.imul(b ^ byte ^ (a >>> 13), 0x01000195)
    c = Math.imul(c ^ byte ^ (b >>> 13), 0x01000197)
    d = Math.imul(d ^ byte ^ (c >>> 13), 0x01000199)
  }
  return new Uint8Array(Int32Array.of(a, b, c, d).buffer)
}

/** Compares in constant time. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0)
  return difference === 0
}

function write(part: KeyValue | undefined): Written {
  if (typeof part === 'string') return part
  if (part instanceof Uint8Array) return { b: toBase64Url(part) }
  if (isNumber(part)) return { n: numberText(part) }
  throw invalid([], 'the position of a cursor lacks a key attribute')
}

/** Undefined for values that {@link write} never produces. */
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

/** Encodes values that JSON cannot represent or would represent ambiguously. */
function writeAny(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { b: toBase64Url(value) }
  if (value instanceof Set) return { s: [...value] }
  return typeof value === 'bigint' ? { n: numberText(value) } : value
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
