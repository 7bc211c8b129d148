/**
 * AWS Signature Version 4 for requests with the method POST and no query, as all of DynamoDB's are.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { Hashes } from './hashes.js'

/** AWS credentials: those of the SDK's credential providers have this shape. */
export interface AwsCredentialIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Only temporary credentials have a token. */
  readonly sessionToken?: string
  /** When temporary credentials end. */
  readonly expiration?: Date
}

/** A request to sign. */
export interface Unsigned {
  /** The headers to sign, with names in lower case and in their order. Values have no white space at their ends. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The path of the URL. */
  readonly path: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** Signs the requests of one service in one region. The key of a day is computed once. */
export class Signer {
  readonly #hashes: Hashes
  readonly #region: string
  readonly #service: string
  #key: { readonly secret: string; readonly date: string; readonly bytes: Uint8Array } | undefined

  constructor(hashes: Hashes, region: string, service: string) {
    this.#hashes = hashes
    this.#region = region
    this.#service = service
  }

  /**
   * Returns the header `authorization`.
   * @param time as {@link amzDate} returns it; also the value of the header `x-amz-date`.
   */
  async sign({ headers, body, path }: Unsigned, credentials: AwsCredentialIdentity, time: string): Promise<string> {
    const { sha256 } = this.#hashes
    // AWS encodes the path, which is encoded already, once more.
    let canonical = path === '/' ? 'POST\n/\n\n' : `POST\n${path.split('/').map(encoded).join('/')}\n\n`
    let signed = ''
    for (const name in headers) {
      canonical += `${name}:${(headers[name] as string).replace(MANY_SPACES, ' ')}\n`
      signed += signed === '' ? name : `;${name}`
    }
    // Awaiting what is not a promise would cost more than hashing it.
    const payload = sha256(body)
    canonical += `\n${signed}\n${typeof payload === 'string' ? payload : await payload}`
    const date = time.slice(0, 8)
    const scope = `${date}/${this.#region}/${this.#service}/aws4_request`
    const hash = sha256(canonical)
    const toSign = `${ALGORITHM}\n${time}\n${scope}\n${typeof hash === 'string' ? hash : await hash}`
    const { secretAccessKey: secret, accessKeyId } = credentials
    const known = this.#key
    const key = known?.secret === secret && known.date === date ? known.bytes : await this.#keyOf(secret, date)
    const found = this.#hashes.hmacText(key, toSign)
    const signature = typeof found === 'string' ? found : await found
    return `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  }

  async #keyOf(secret: string, date: string): Promise<Uint8Array> {
    const { hmac } = this.#hashes
    let bytes: Uint8Array = new TextEncoder().encode(`AWS4${secret}`)
    for (const part of [date, this.#region, this.#service, 'aws4_request']) bytes = await hmac(bytes, part)
    this.#key = { secret, date, bytes }
    return bytes
  }
}

const MANY_SPACES = /\s+/g

/** Encodes all characters but letters, digits and `-_.~`. */
function encoded(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, it => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Returns a time as the header `x-amz-date` has it: `20260131T235959Z`. */
export function amzDate(milliseconds: number): string {
  const time = new Date(milliseconds).toISOString()
  const day = time.slice(0, 4) + time.slice(5, 7) + time.slice(8, 10)
  return `${day}T${time.slice(11, 13)}${time.slice(14, 16)}${time.slice(17, 19)}Z`
}
