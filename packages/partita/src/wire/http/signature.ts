/** Verifies Signature Version 4 as AWS does: form, time, scope, key and signature, in this order. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { AwsError } from '../protocol/aws-error.js'
import { type Authentication, incomplete, type Signed } from './authentication.js'

/** Secret keys by access key id. */
export type AccessKeys = { readonly [id: string]: string }

const ALGORITHM = 'AWS4-HMAC-SHA256'
const SERVICE = 'dynamodb'
const TERMINATOR = 'aws4_request'
const MINUTE = 60_000
const SKEW_MILLISECONDS = 15 * MINUTE
/** Maximum number of cached signing keys; deriving one takes some microseconds. */
const MOST_SIGNING_KEYS = 1000

/** Verifies signatures against a server's access keys and region. Caches derived signing keys. */
export class SignatureCheck {
  readonly #keys: AccessKeys
  readonly #region: string
  readonly #now: () => number
  /** Signing keys by day and access key id. */
  readonly #signingKeys = new Map<string, Buffer>()

  constructor(keys: AccessKeys, region: string, now: () => number) {
    this.#keys = keys
    this.#region = region
    this.#now = now
  }

  /** @param body as it was sent. @throws AwsError */
  check(request: Signed, authentication: Authentication, body: Uint8Array): void {
    const date = basicDate(authentication.date)
    checkTime(date, authentication.expires, this.#now())
    const headers = headerValues(request.rawHeaders)
    const signedHeaders = readSignedHeaders(authentication, headers)
    if (authentication.algorithm !== ALGORITHM) {
      throw incomplete(`Unsupported AWS 'algorithm': '${authentication.algorithm}' (only ${ALGORITHM} for now). `)
    }
    const key = this.#keyOf(authentication.credential, date)
    const secret = Object.hasOwn(this.#keys, key) ? this.#keys[key] : undefined
    if (secret === undefined) throw unrecognized('The security token included in the request is invalid.')
    const canonical = canonicalRequest(request, signedHeaders, headers, body)
    const scope = [date.slice(0, 8), this.#region, SERVICE, TERMINATOR].join('/')
    const toSign = [ALGORITHM, date, scope, sha256(canonical)].join('\n')
    const expected = createHmac('sha256', this.#signingKey(key, secret, date.slice(0, 8)))
      .update(toSign)
      .digest()
    if (!isSame(expected, authentication.signature)) throw mismatch(canonical, toSign)
    // Only sessions have tokens, and this server has no sessions.
    if (authentication.token !== undefined) {
      throw unrecognized('The security token included in the request is invalid')
    }
  }

  /** The access key id of a credential. @throws AwsError if its scope is not this server's. */
  #keyOf(credential: string, date: string): string {
    const parts = withoutLastSlashes(credential).split('/')
    if (parts.length !== 5) {
      throw incomplete(
        `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
      )
    }
    const [key, day, region, service, terminator] = parts as [string, string, string, string, string]
    const problems = [
      region !== this.#region && `Credential should be scoped to a valid region, not '${region}'. `,
      service !== SERVICE && `Credential should be scoped to correct service: '${SERVICE}'. `,
      terminator !== TERMINATOR &&
        `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'. `,
      day !== date.slice(0, 8) &&
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date.slice(0, 8)}', from '${date}'.`,
    ].filter(Boolean)
    if (problems.length > 0) throw invalid(problems.join(''))
    return key
  }

  #signingKey(key: string, secret: string, day: string): Buffer {
    const name = `${day}/${key}`
    let signingKey = this.#signingKeys.get(name)
    if (!signingKey) {
      signingKey = [day, this.#region, SERVICE, TERMINATOR].reduce(
        (parent, part) => createHmac('sha256', parent).update(part).digest(),
        Buffer.from(`AWS4${secret}`),
      )
      if (this.#signingKeys.size >= MOST_SIGNING_KEYS) this.#signingKeys.clear()
      this.#signingKeys.set(name, signingKey)
    }
    return signingKey
  }
}

const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** The date of a request as `YYYYMMDDTHHMMSSZ`. The request may also have it in HTTP's format. */
function basicDate(text: string): string {
  if (BASIC.test(text) && !Number.isNaN(milliseconds(text))) return text
  const time = text.includes(',') ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return basic(time)
  throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`)
}

function milliseconds(date: string): number {
  return Date.parse(date.replace(BASIC, '$1-$2-$3T$4:$5:$6Z'))
}

function basic(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

/**
 * @param expires seconds for which a presigned request is valid, from its date on. Other requests are valid for 15
 *   minutes. Neither may be dated more than 15 minutes ahead.
 */
function checkTime(date: string, expires: number | undefined, now: number): void {
  const time = milliseconds(date)
  const lifetime = expires === undefined ? SKEW_MILLISECONDS : expires * 1000
  if (time < now - lifetime) {
    const shown = lifetime % MINUTE === 0 ? `${lifetime / MINUTE} min.` : `${lifetime / 1000} sec.`
    throw invalid(`Signature expired: ${date} is now earlier than ${basic(now - lifetime)} (${basic(now)} - ${shown})`)
  }
  if (time > now + SKEW_MILLISECONDS) {
    const edge = basic(now + SKEW_MILLISECONDS)
    throw invalid(`Signature not yet current: ${date} is still later than ${edge} (${basic(now)} + 15 min.)`)
  }
}

/** Header values in canonical form, by lowercase name. Repeated headers are joined. */
function headerValues(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = (rawHeaders[i + 1] as string).trim().replace(/ +/g, ' ')
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return values
}

/**
 * The names of the signed headers, without duplicates. The host and all headers that AWS acts on, such as the target,
 * must be signed; a header that is not could be changed in transit.
 */
function readSignedHeaders({ signedHeaders }: Authentication, headers: ReadonlyMap<string, string>): readonly string[] {
  const names = signedHeaders.toLowerCase().split(';')
  const signed = new Set(names)
  if (!signed.has('host')) {
    throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
  }
  if (signed.size < names.length) throw invalid("A 'SignedHeader' is repeated in the AWS Authorization.")
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signed.has(name)) {
      throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`)
    }
  }
  return names
}

function withoutLastSlashes(text: string): string {
  let end = text.length
  while (text[end - 1] === '/') end--
  return text.slice(0, end)
}

function canonicalRequest(
  { method, url }: Signed,
  names: readonly string[],
  values: ReadonlyMap<string, string>,
  body: Uint8Array,
): string {
  const [path, query = ''] = splitOnce(url as string, '?')
  const headers = names.map(name => `${name}:${values.get(name) ?? ''}\n`).join('')
  return [method, path, canonicalQuery(query), headers, names.join(';'), sha256(body)].join('\n')
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  return query
    .split('&')
    .map(parameter => splitOnce(parameter, '='))
    .map(([name, value = '']) => ({ name: encode(name), value: encode(value) }))
    .filter(({ name }) => name !== 'X-Amz-Signature')
    .sort((one, other) => compare(one.name, other.name) || compare(one.value, other.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Decodes and encodes again, so that each character has one encoding. */
function encode(part: string): string {
  const encoded = encodeURIComponent(decode(part))
  return encoded.replace(/[!'()*]/g, it => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Compares in constant time. Signatures are lowercase; AWS refuses uppercase. */
function isSame(expected: Buffer, signature: string): boolean {
  return /^[\da-f]{64}$/.test(signature) && timingSafeEqual(Buffer.from(signature, 'hex'), expected)
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidSignatureException', message)
}

function unrecognized(message: string): AwsError {
  return new AwsError('UnrecognizedClientException', message)
}

function mismatch(canonical: string, toSign: string): AwsError {
  return invalid(
    `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.

The Canonical String for this request should have been
'${canonical}'

The String-to-Sign should have been
'${toSign}'
`,
  )
}
