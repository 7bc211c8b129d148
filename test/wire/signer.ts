/** Requests signed by hand, in ways that no SDK signs them: in the query string, or with other headers. */
import { createHash, createHmac } from 'node:crypto'
import { UNSIGNED } from './server.js'

export interface Signing {
  readonly id: string
  readonly secret: string
  readonly region: string
  /** That of the request's `host` header. */
  readonly host: string
  readonly body: string | Uint8Array
  /** Epoch milliseconds. Default: now. */
  readonly time?: number
  /** Default: host and x-amz-target, and x-amz-date for a signature in the header. */
  readonly signedHeaders?: readonly string[]
  /** Headers of the request by lowercase name, in addition to `host` and `x-amz-date`. Default: only x-amz-target. */
  readonly headers?: { readonly [name: string]: string }
}

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

function signatureOf(signing: Signing, date: string, query: string, names: readonly string[]): string {
  const { secret, region, host, body, headers = { 'x-amz-target': UNSIGNED['x-amz-target'] } } = signing
  const values: { readonly [name: string]: string } = { host, 'x-amz-date': date, ...headers }
  const lines = names.map(name => `${name}:${values[name] ?? ''}\n`).join('')
  const canonical = `POST\n/\n${query}\n${lines}\n${names.join(';')}\n${sha256(body)}`
  const day = date.slice(0, 8)
  const key = [day, region, 'dynamodb', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  const scope = `${day}/${region}/dynamodb/aws4_request`
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex')
}

function basic(time = Date.now()): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

/** The path of a presigned request. `parameters` come before those of the signature and are already encoded. */
export function presign(signing: Signing, parameters: readonly string[] = []): string {
  const { id, region, time, signedHeaders = ['host', 'x-amz-target'] } = signing
  const date = basic(time)
  const scope = `${date.slice(0, 8)}/${region}/dynamodb/aws4_request`
  const query = [
    ...parameters,
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${id}/${scope}`)}`,
    `X-Amz-Date=${date}`,
    `X-Amz-SignedHeaders=${encodeURIComponent(signedHeaders.join(';'))}`,
  ]
  const sorted = [...query].sort((a, b) => (a < b ? -1 : 1)).join('&')
  return `/?${query.join('&')}&X-Amz-Signature=${signatureOf(signing, date, sorted, signedHeaders)}`
}

/** The headers of a signed request. */
export function sign(signing: Signing): { readonly 'x-amz-date': string; readonly authorization: string } {
  const { id, region, time, signedHeaders = ['host', 'x-amz-date', 'x-amz-target'] } = signing
  const date = basic(time)
  const credential = `${id}/${date.slice(0, 8)}/${region}/dynamodb/aws4_request`
  const signature = signatureOf(signing, date, '', signedHeaders)
  return {
    'x-amz-date': date,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  }
}
