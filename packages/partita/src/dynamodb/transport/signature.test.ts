import { createHash, createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runtimeHashes, webHashes } from './hashes.js'
import { amzDate, Signer } from './signature.js'

const EXAMPLE = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const TIME = '20150830T123600Z'
const REQUESTS = Number(process.env.PARTITA_SIGNED_REQUESTS ?? 2000)
const base = { host: 'example.amazonaws.com', 'x-amz-date': TIME }
const sorted = (headers: Record<string, string>) => Object.fromEntries(Object.entries(headers).sort())

/** Signatures that AWS publishes with its test suite of Signature Version 4. */
const PUBLISHED: [name: string, headers: Record<string, string>, body: string, signature: string][] = [
  ['post-vanilla', base, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-header-key-sort',
    { ...base, 'my-header1': 'value1' },
    '',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
  [
    'post-x-www-form-urlencoded',
    { ...base, 'content-type': 'application/x-www-form-urlencoded' },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
]

describe('a signature', () => {
  it.each(PUBLISHED)(
    '%s of AWS has the published signature, with hashes of Node and of Web Crypto',
    async (...example) => {
      const [, headers, body, signature] = example
      for (const hashes of [runtimeHashes(), webHashes]) {
        const signer = new Signer(hashes, 'us-east-1', 'service')
        const authorization = await signer.sign({ headers: sorted(headers), body, path: '/' }, EXAMPLE, TIME)
        expect(authorization).toBe(
          `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${Object.keys(headers).sort().join(';')}, Signature=${signature}`,
        )
      }
    },
  )

  it(`${REQUESTS} random requests have the signatures of the signer of the SDK`, async () => {
    const { SignatureV4 } = sdkSigner()
    const text = fc.string({ minLength: 1, maxLength: 40 })
    const token = fc.stringMatching(/^[A-Za-z0-9+/=]{1,60}$/)
    const days = fc.integer({ min: 0, max: 4 }).map(day => Date.UTC(2026, 1, 26 + day))
    const requests = fc.record({
      time: fc.tuple(days, fc.nat(86_399_000)).map(([day, within]) => day + within),
      body: fc.string({ unit: 'binary', maxLength: 60 }).map(it => JSON.stringify({ it })),
      target: fc.constantFrom('GetItem', 'PutItem', 'Query'),
      region: fc.constantFrom('eu-west-1', 'us-gov-west-1', 'local'),
      keys: fc.constantFrom('one', 'two').chain(id => fc.record({ id: fc.constant(id), token: fc.option(token) })),
      path: fc.constantFrom('/', '/proxy', '/a%20b/c', "/a(b)/c*!'"),
      extra: text.map(it => it.replace(/[^\x21-\x7e ]/g, '').trim() || 'x'),
    })
    const signers = new Map<string, Signer>()
    for (const { time, body, target, region, keys, path, extra } of fc.sample(requests, REQUESTS)) {
      const date = amzDate(time)
      const headers = {
        host: `dynamodb.${region}.amazonaws.com`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': date,
        'x-amz-target': `DynamoDB_20120810.${target}`,
        'x-amz-extra': extra,
        ...(keys.token !== null && { 'x-amz-security-token': keys.token }),
      }
      const credentials = {
        accessKeyId: keys.id,
        secretAccessKey: `secret of ${keys.id}`,
        ...(keys.token !== null && { sessionToken: keys.token }),
      }
      // One signer for many days and keys, so that the key it has kept is replaced.
      const signer = signers.get(region) ?? new Signer(runtimeHashes(), region, 'dynamodb')
      signers.set(region, signer)
      const ours = await signer.sign({ headers: sorted(headers), body, path }, credentials, date)
      const theirs = new SignatureV4({ credentials, region, service: 'dynamodb', sha256: Sha256, applyChecksum: false })
      const request = { method: 'POST', protocol: 'https:', hostname: headers.host, path, query: {}, headers, body }
      const signed = await theirs.sign(request, { signingDate: new Date(time) })
      expect(ours).toBe(signed.headers.authorization)
    }
  })
})

/** The signer that the SDK itself uses, without another dependency. */
function sdkSigner(): {
  SignatureV4: new (
    options: object,
  ) => { sign(request: object, options: object): Promise<{ headers: Record<string, string> }> }
} {
  const ours = createRequire(import.meta.url)
  const ofSdk = createRequire(ours.resolve('@aws-sdk/client-dynamodb'))
  const ofCore = createRequire(ofSdk.resolve('@aws-sdk/core'))
  return ofCore('@smithy/signature-v4')
}

/** SHA-256 in the shape that the SDK's signer takes. */
class Sha256 {
  readonly #hash

  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest())
  }
}
