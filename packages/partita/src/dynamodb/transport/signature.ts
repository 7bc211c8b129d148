/**
 * AWS Signature Version 4 for requests with the method POST and no query, as all of DynamoDB's are.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { type Hashes, hex } from './hashes.js'

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
  /** The headers to sign, with names in lower case. Values have no white space at their ends. */
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
    const { sha256, hmac } = this.#hashes
    const names = Object.keys(headers).sort()
    const signed = names.join(';')
    // AWS encodes the path, which is encoded already, once more.
    let canonical = path === '/' ? 'POST\n/\n\n' : `POST\n${path.split('/').map(encoded).join('/')}\n\n`
    for (const name of names) canonical += `${name}:${(headers[name] as string).replace(MANY_SPACES, ' ')}\n`
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
    const signature = hmac(key, toSign)
    const text = hex(signature instanceof Promise ? await signature : signature)
    return `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${text}`
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
  return `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
