/** Parses Signature Version 4 from a header or the query string. Its errors have AWS's messages. */
import { AwsError } from '../protocol/aws-error.js'

/** The parts of a Signature Version 4 authentication, as the request sent them. */
export interface Authentication {
  readonly algorithm: string
  /** Key id, date, region, service and terminator, separated by slashes. */
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
  readonly date: string
  /** Seconds for which a presigned request is valid; undefined if it does not specify them. */
  readonly expires: number | undefined
  /** The token of a session; the keys of this server have no sessions. */
  readonly token: string | undefined
}

/** The parts of Node's request that authentication reads, without Node's types, which programs may lack. */
export interface Signed {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: SignedHeaders
  readonly rawHeaders: readonly string[]
}

interface SignedHeaders {
  readonly authorization?: string | undefined
  readonly date?: string | undefined
  readonly [name: string]: string | readonly string[] | undefined
}

/** The form that SDKs write. */
const USUAL = /^AWS4-[^ ,]+ Credential=[^ ,]+, ?SignedHeaders=[^ ,]+, ?Signature=[^ ,]+$/

/** Whether a request has authentication in the usual form, for servers that do not verify it. */
export function isAuthenticated({ url, headers }: Signed): boolean {
  return url === '/' && headers['x-amz-date'] !== undefined && USUAL.test(headers.authorization ?? '')
}

/** @throws AwsError if the authentication is missing, given twice or incomplete. */
export function readAuthentication(request: Signed): Authentication {
  const header = request.headers.authorization
  const url = request.url as string
  const query = url.includes('X-Amz-Algorithm') ? new URLSearchParams(url.slice(url.indexOf('?') + 1)) : undefined
  if (query?.has('X-Amz-Algorithm')) {
    if (header === undefined) return fromQuery(query)
    throw new AwsError(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )
  }
  if (header?.startsWith('AWS4-')) return fromHeader(request, header)
  throw new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token')
}

function fromHeader({ headers }: Signed, header: string): Authentication {
  const [algorithm, given] = readHeader(header)
  const date = headers['x-amz-date'] ?? headers.date
  if (given.Credential && given.SignedHeaders && given.Signature && date) {
    return {
      algorithm,
      credential: given.Credential,
      signedHeaders: given.SignedHeaders,
      signature: given.Signature,
      date: String(date),
      expires: undefined,
      token: headers['x-amz-security-token'] as string | undefined,
    }
  }
  const missing = (['Credential', 'Signature', 'SignedHeaders'] as const)
    .filter(name => !given[name])
    .map(name => `Authorization header requires '${name}' parameter. `)
  if (!date) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
  }
  throw incomplete(`${missing.join('')}Authorization=${header}`)
}

interface Given {
  Credential?: string
  SignedHeaders?: string
  Signature?: string
}

/** The algorithm and the `name=value` pairs after it, which are separated by spaces and commas. */
function readHeader(header: string): [algorithm: string, given: Given] {
  const given: Given = {}
  let start = endOfPart(header, 0)
  const algorithm = header.slice(0, start)
  for (; start < header.length; start++) {
    const end = endOfPart(header, start)
    if (end === start) continue
    const equals = header.indexOf('=', start)
    if (equals < 0 || equals > end) {
      const part = header.slice(start, end)
      throw incomplete(
        `'${part}' not a valid key=value pair (missing equal-sign) in Authorization header: '${header}'.`,
      )
    }
    const name = header.slice(start, equals)
    if (name === 'Credential' || name === 'SignedHeaders' || name === 'Signature') {
      if (given[name] !== undefined) {
        throw incomplete(`'${name}' occurs more than once in Authorization header: '${header}'.`)
      }
      given[name] = header.slice(equals + 1, end)
    }
    start = end
  }
  return [algorithm, given]
}

function endOfPart(header: string, start: number): number {
  let end = start
  while (end < header.length && header[end] !== ' ' && header[end] !== ',') end++
  return end
}

const PARAMETERS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date']
const EXPIRES = 'X-Amz-Expires'
const TOKEN = 'X-Amz-Security-Token'
/** A week, in seconds. */
const LONGEST = 604_800

function fromQuery(query: URLSearchParams): Authentication {
  const given = new Map<string, string>()
  for (const [name, value] of query) {
    if (given.has(name) && name.startsWith('X-Amz-'))
      throw incomplete(`'${name}' occurs more than once in query-string.`)
    given.set(name, value)
  }
  const missing = PARAMETERS.filter(name => !given.get(name))
  if (missing.length > 0) {
    const shown = missing.map(name => `AWS query-string parameters must include '${name}'. `).join('')
    throw incomplete(`${shown}Re-examine the query-string parameters.`)
  }
  const [algorithm, credential, signature, signedHeaders, date] = PARAMETERS.map(name => given.get(name) as string) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const expires = readExpires(given.get(EXPIRES))
  return { algorithm, credential, signedHeaders, signature, date, expires, token: given.get(TOKEN) }
}

function readExpires(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= LONGEST) return seconds
  throw incomplete(`${EXPIRES} must be a whole number of seconds from 1 to ${LONGEST}, not '${text}'.`)
}

/** The error for a request whose authentication is incomplete or malformed. */
export function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', message)
}
