/** Signatures of the AWS SDK, unchanged and tampered with. */
import { gzipSync } from 'node:zlib'
import { DynamoDBClient, GetItemCommand, type GetItemCommandInput } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { GET_NOTE, openSocket, type Reply, send, startServer, UNSIGNED } from './server.js'
import { presign, type Signing, sign } from './signer.js'

const REGION = 'eu-west-1'
const KEYS = { AKIDONE: 'the secret of the first', AKIDTWO: 'another/secret+with=signs' }
let skew = 0
const { endpoint, store } = await startServer({ keys: KEYS, region: REGION, clock: () => Date.now() + skew })
await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'hello' } })

const INPUT: GetItemCommandInput = { TableName: 'notes', Key: { id: { S: 'n1' } } }

interface SignedRequest {
  headers: Record<string, string>
  body: string
  path: string
  query: Record<string, string>
  method: string
}

interface Signer {
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly sessionToken?: string
  readonly region?: string
}

/** Gets the note with the SDK. `tamper` changes the request after it was signed. */
async function ask(signer: Signer = {}, tamper: (request: SignedRequest) => void = () => undefined) {
  const { region = REGION, ...given } = signer
  const credentials = { accessKeyId: 'AKIDONE', secretAccessKey: KEYS.AKIDONE, ...given }
  const client = new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 })
  client.middlewareStack.add(
    next => args => {
      tamper(args.request as SignedRequest)
      return next(args)
    },
    { step: 'deserialize', name: 'tamper', priority: 'low' },
  )
  try {
    return await client.send(new GetItemCommand(INPUT))
  } finally {
    client.destroy()
  }
}

const refused = (name: string, message: RegExp) => ({
  name,
  message: expect.stringMatching(message),
  $metadata: expect.objectContaining({ httpStatusCode: 400 }),
})

const MISMATCH = refused('InvalidSignatureException', /^The request signature we calculated does not match/)

describe('a signature of the SDK', () => {
  it.each(Object.entries(KEYS))('a signature with the key %s is accepted', async (accessKeyId, secretAccessKey) => {
    expect((await ask({ accessKeyId, secretAccessKey })).Item).toMatchObject({ text: { S: 'hello' } })
  })

  it.each<[string, (request: SignedRequest) => void]>([
    [
      'another body',
      it => void (it.body = new TextDecoder().decode(it.body as unknown as Uint8Array).replace('n1', 'n2')),
    ],
    ['another operation', it => void (it.headers['x-amz-target'] = 'DynamoDB_20120810.DeleteItem')],
    ['another host', it => void (it.headers.host = 'dynamodb.eu-west-1.amazonaws.com')],
    ['an added parameter', it => void (it.query.a = '1')],
    ['another signature', it => void (it.headers.authorization = it.headers.authorization?.replace(/.$/, 'g') ?? '')],
    ['half a signature', it => void (it.headers.authorization = it.headers.authorization?.slice(0, -32) ?? '')],
    ['one more signature', it => void (it.headers.authorization += '00')],
  ])('a signed request with %s is refused', async (_, tamper) => {
    await expect(ask({}, tamper)).rejects.toMatchObject(MISMATCH)
  })

  it('a signature with the wrong secret is refused with what the client should have signed', async () => {
    await expect(ask({ secretAccessKey: KEYS.AKIDTWO })).rejects.toMatchObject(
      refused(
        'InvalidSignatureException',
        /\n\nThe Canonical String for this request should have been\n'POST\n\/\n\n.*\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n/s,
      ),
    )
  })

  it.each(['AKIDTHREE', '__proto__', 'constructor'])('the unknown key %s is refused', async accessKeyId => {
    await expect(ask({ accessKeyId })).rejects.toMatchObject(
      refused('UnrecognizedClientException', /^The security token included in the request is invalid\.$/),
    )
  })

  it('a session token is refused because keys have no sessions', async () => {
    await expect(ask({ sessionToken: 'token' })).rejects.toMatchObject(
      refused('UnrecognizedClientException', /^The security token included in the request is invalid$/),
    )
  })

  it.each([
    [
      'region',
      "Credential should be scoped to a valid region, not 'us-east-1'. ",
      { region: 'us-east-1' },
      [] as const,
    ],
    ['service', "Credential should be scoped to correct service: 'dynamodb'. ", {}, ['/dynamodb/', '/s3/'] as const],
    [
      'terminator',
      "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3'. ",
      {},
      ['/aws4_request', '/aws3'] as const,
    ],
  ])('a signature for another %s is refused', async (_, message, signer, [from, to]) => {
    const tamper = (it: SignedRequest) => {
      if (from !== undefined) it.headers.authorization = it.headers.authorization?.replace(from, to) ?? ''
    }
    await expect(ask(signer, tamper)).rejects.toMatchObject({ name: 'InvalidSignatureException', message })
  })

  it('a signature for another day than that of the request is refused', async () => {
    const tamper = (it: SignedRequest) => {
      it.headers.authorization = it.headers.authorization?.replace(/\/\d{8}\//, '/20200101/') ?? ''
    }
    await expect(ask({}, tamper)).rejects.toMatchObject(
      refused(
        'InvalidSignatureException',
        /^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20200101' != '\d{8}', from '\d{8}T\d{6}Z'\.$/,
      ),
    )
  })

  it('an incomplete credential is refused', async () => {
    const tamper = (it: SignedRequest) => {
      it.headers.authorization = it.headers.authorization?.replace('/dynamodb/', '/') ?? ''
    }
    await expect(ask({}, tamper)).rejects.toMatchObject(
      refused(
        'IncompleteSignatureException',
        /^Credential must have exactly 5 slash-delimited elements, e\.g\. keyid\/date\/region\/service\/term, got 'AKIDONE\//,
      ),
    )
  })

  it.each([
    [16 * 60_000, /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/],
    [
      -16 * 60_000,
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$/,
    ],
  ])('a clock that differs by %d ms is refused', async (difference, message) => {
    skew = difference
    await expect(ask()).rejects.toMatchObject(refused('InvalidSignatureException', message))
    skew = 0
  })

  it.each([-14 * 60_000, 14 * 60_000])('a clock that differs by %d ms is accepted', async difference => {
    skew = difference
    expect((await ask()).Item).toBeDefined()
    skew = 0
  })

  it.each([
    [{ 'x-amz-date': 'yesterday' }, /^Date must be in ISO-8601 'basic format'\. Got 'yesterday'\./],
    [{ 'x-amz-date': '20261399T000000Z' }, /^Date must be in ISO-8601 'basic format'\./],
  ])('the date %j is refused', async (headers, message) => {
    await expect(ask({}, it => void Object.assign(it.headers, headers))).rejects.toMatchObject(
      refused('IncompleteSignatureException', message),
    )
  })

  it('a signature that does not cover the host is refused', async () => {
    const tamper = (it: SignedRequest) => {
      it.headers.authorization =
        it.headers.authorization?.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=x-amz-date') ?? ''
    }
    await expect(ask({}, tamper)).rejects.toMatchObject(refused('InvalidSignatureException', /'Host'/))
  })

  it('another algorithm is refused', async () => {
    const tamper = (it: SignedRequest) => {
      it.headers.authorization = it.headers.authorization?.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1') ?? ''
    }
    await expect(ask({}, tamper)).rejects.toMatchObject(refused('IncompleteSignatureException', /AWS4-HMAC-SHA1/))
  })
})

const SIGNING: Signing = {
  id: 'AKIDONE',
  secret: KEYS.AKIDONE,
  region: REGION,
  host: new URL(endpoint).host,
  body: GET_NOTE,
}
const typeOf = ({ status, text }: Reply) => ({
  status,
  type: JSON.parse(text).__type,
  message: JSON.parse(text).message,
})
const incomplete = (message: unknown) => ({
  status: 400,
  type: 'com.amazon.coral.service#IncompleteSignatureException',
  message,
})
const invalid = (message: unknown) => ({
  status: 400,
  type: 'com.amazon.coral.service#InvalidSignatureException',
  message,
})

describe('a signature in the query string', () => {
  const post = (path: string, headers: { readonly [name: string]: string } = {}) =>
    send(endpoint, { path, headers: { authorization: undefined, 'x-amz-date': undefined, ...headers } })

  it.each([[[]], [['X-Amz-Expires=60']], [['X-Amz-Expires=604800']]])(
    'a presigned request with the parameters %j is accepted',
    async parameters => {
      const path = presign(SIGNING, parameters)
      expect(await post(path)).toMatchObject({ status: 200, text: expect.stringContaining('hello') })
    },
  )

  it('a presigned request may have other parameters, however they are encoded', async () => {
    const path = presign(SIGNING, ['A=%C3%BC%20%21'])
    expect(await post(path.replace('%21', '!').replace('%C3%BC', '%c3%bc'))).toMatchObject({ status: 200 })
  })

  it('a presigned request with an added parameter is refused', async () => {
    expect(typeOf(await post(`${presign(SIGNING)}&B=1`))).toEqual(
      invalid(expect.stringMatching(/^The request signature we calculated does not match/)),
    )
  })

  const MINUTES = 60_000
  it.each([
    [1, 600],
    [60, 61],
    [600, 601],
    [604_800, 604_801],
  ])('a presigned request that is valid for %d seconds is refused after %d', async (expires, later) => {
    const path = presign({ ...SIGNING, time: Date.now() - later * 1000 }, [`X-Amz-Expires=${expires}`])
    const validity = expires % 60 === 0 ? `${expires / 60} min` : `${expires} sec`
    expect(typeOf(await post(path))).toEqual(
      invalid(expect.stringMatching(new RegExp(`^Signature expired: .* is now earlier than .* - ${validity}\\.\\)$`))),
    )
  })

  it.each([
    [3600, 3500],
    [604_800, 604_000],
    [30, -10 * 60],
  ])('a presigned request that is valid for %d seconds is accepted after %d', async (expires, later) => {
    const path = presign({ ...SIGNING, time: Date.now() - later * 1000 }, [`X-Amz-Expires=${expires}`])
    expect(await post(path)).toMatchObject({ status: 200 })
  })

  it('a presigned request without an expiry is refused after 15 minutes, and any is refused more than 15 minutes early', async () => {
    const old = await post(presign({ ...SIGNING, time: Date.now() - 16 * MINUTES }))
    expect(typeOf(old)).toEqual(invalid(expect.stringMatching(/^Signature expired: .* - 15 min\.\)$/)))
    const early = await post(presign({ ...SIGNING, time: Date.now() + 16 * MINUTES }, ['X-Amz-Expires=3600']))
    expect(typeOf(early)).toEqual(invalid(expect.stringMatching(/^Signature not yet current: /)))
  })

  it.each(['0', '604801', '-1', '1.5', '1e3', '', 'x', '99999999999'])(
    'an expiry of %j seconds is refused',
    async expires => {
      expect(typeOf(await post(presign(SIGNING, [`X-Amz-Expires=${expires}`])))).toEqual(
        incomplete(`X-Amz-Expires must be a whole number of seconds from 1 to 604800, not '${expires}'.`),
      )
    },
  )

  it('a presigned request whose signature changes case is refused', async () => {
    const path = presign(SIGNING)
    const upper = path.replace(/(?<=X-Amz-Signature=)\w+/, it => it.toUpperCase())
    expect(typeOf(await post(upper))).toEqual(
      invalid(expect.stringMatching(/^The request signature we calculated does not match/)),
    )
  })

  it('a presigned request with a repeated part is refused', async () => {
    const path = presign(SIGNING, ['X-Amz-Expires=60', 'X-Amz-Expires=600'])
    expect(typeOf(await post(path))).toEqual(incomplete("'X-Amz-Expires' occurs more than once in query-string."))
  })

  it('a presigned request must cover the operation and all other x-amz- headers', async () => {
    const path = presign({ ...SIGNING, signedHeaders: ['host'] }, ['X-Amz-Expires=60'])
    expect(typeOf(await post(path))).toEqual(
      invalid("'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."),
    )
    expect(typeOf(await post(presign(SIGNING), { 'X-Amz-Other': 'a' }))).toEqual(
      invalid("'x-amz-other' must be a 'SignedHeader' in the AWS Authorization."),
    )
  })
})

describe('a signature by hand', () => {
  const post = (headers: { readonly [name: string]: string | undefined }, body: string | Uint8Array = GET_NOTE) =>
    send(endpoint, { headers, body })

  it('a signature that covers the host and every x-amz- header is accepted', async () => {
    expect(await post(sign(SIGNING))).toMatchObject({ status: 200, text: expect.stringContaining('hello') })
  })

  it.each(['x-amz-target', 'x-amz-date'])('a signature that does not cover %s is refused', async name => {
    const signedHeaders = ['host', 'x-amz-date', 'x-amz-target'].filter(it => it !== name)
    expect(typeOf(await post(sign({ ...SIGNING, signedHeaders })))).toEqual(
      invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`),
    )
  })

  it('a signature that names a header twice is refused', async () => {
    const signedHeaders = ['host', 'host', 'x-amz-date', 'x-amz-target']
    expect(typeOf(await post(sign({ ...SIGNING, signedHeaders })))).toEqual(
      invalid("A 'SignedHeader' is repeated in the AWS Authorization."),
    )
  })

  it.each(['Credential', 'SignedHeaders', 'Signature'])('a signature with a second %s is refused', async name => {
    const { authorization, ...headers } = sign(SIGNING)
    const twice = `${authorization}, ${name}=a`
    expect(typeOf(await post({ ...headers, authorization: twice }))).toEqual(
      incomplete(`'${name}' occurs more than once in Authorization header: '${twice}'.`),
    )
  })

  it('a signature covers the bytes of a compressed body as they are sent', async () => {
    const body = gzipSync(GET_NOTE)
    const headers = { 'content-encoding': 'gzip' }
    const good = await post({ ...headers, ...sign({ ...SIGNING, body }) }, body)
    expect(good).toMatchObject({ status: 200, text: expect.stringContaining('hello') })
    expect(typeOf(await post({ ...headers, ...sign(SIGNING) }, body))).toEqual(
      invalid(expect.stringMatching(/^The request signature we calculated does not match/)),
    )
  })

  it('a signature is checked before the body is inflated or parsed', async () => {
    for (const [headers, body] of [
      [{ 'content-encoding': 'gzip' }, 'not compressed'],
      [{ 'content-encoding': 'br' }, GET_NOTE],
      [{}, '{"TableName":'],
      [{ 'x-amz-target': 'DynamoDB_20120810.None' }, '{'],
    ] as const) {
      const stolen = sign({ ...SIGNING, secret: 'guessed', body })
      expect(typeOf(await post({ ...headers, ...stolen }, body))).toEqual(
        invalid(expect.stringMatching(/^The request signature we calculated does not match/)),
      )
    }
  })
})

it.each(['host: localhost', 'x-amz-target: DynamoDB_20120810.Scan', 'authorization: AWS4-HMAC-SHA256 Credential=a'])(
  'a request with a second %j is refused before its signature is checked',
  async header => {
    const { host } = SIGNING
    const lines = Object.entries({ host, ...UNSIGNED, ...sign(SIGNING), 'content-length': GET_NOTE.length })
    const { socket, received } = openSocket(Number(new URL(endpoint).port))
    socket.write(
      `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}${header}\r\n\r\n${GET_NOTE}`,
    )
    const [name] = header.split(':')
    expect(await received).toMatch(
      new RegExp(`^HTTP/1.1 400 Bad Request\\r\\n.*"message":"The header '${name}' occurs more than once"}$`, 's'),
    )
  },
)

it('a page from any origin may send requests to a server with keys', async () => {
  const { status, headers } = await send(endpoint, { headers: { origin: 'https://example.com' } })
  expect(status).toBe(400)
  expect(headers['access-control-allow-origin']).toBe('*')
})

it('a refused request is not executed', async () => {
  const body = JSON.stringify({ TableName: 'notes', Item: { id: { S: 'forged' } } })
  const { status } = await send(endpoint, { body, headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' } })
  expect(status).toBe(400)
  expect((await store.get({ table: 'notes', key: { id: 'forged' } })).item).toBeUndefined()
})
