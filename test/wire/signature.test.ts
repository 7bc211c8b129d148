/** Signatures as the AWS SDK makes them, whole and tampered with. */
import { createHash, createHmac } from 'node:crypto'
import { DynamoDBClient, GetItemCommand, type GetItemCommandInput } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { GET_NOTE, type Reply, send, startServer } from './server.js'

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

/** Asks for the note with the SDK; `tamper` changes the request after it was signed. */
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
  it.each(Object.entries(KEYS))('is good with the key %s', async (accessKeyId, secretAccessKey) => {
    expect((await ask({ accessKeyId, secretAccessKey })).Item).toMatchObject({ text: { S: 'hello' } })
  })

  it.each<[string, (request: SignedRequest) => void]>([
    [
      'another body',
      it => void (it.body = new TextDecoder().decode(it.body as unknown as Uint8Array).replace('n1', 'n2')),
    ],
    ['another operation', it => void (it.headers['x-amz-target'] = 'DynamoDB_20120810.DeleteItem')],
    ['another host', it => void (it.headers.host = 'dynamodb.eu-west-1.amazonaws.com')],
    ['a parameter', it => void (it.query.a = '1')],
    ['another signature', it => void (it.headers.authorization = it.headers.authorization?.replace(/.$/, 'g') ?? '')],
    ['half a signature', it => void (it.headers.authorization = it.headers.authorization?.slice(0, -32) ?? '')],
    ['one more signature', it => void (it.headers.authorization += '00')],
  ])('is refused with %s', async (_, tamper) => {
    await expect(ask({}, tamper)).rejects.toMatchObject(MISMATCH)
  })

  it('is refused with another secret, and the client is told what it should have signed', async () => {
    await expect(ask({ secretAccessKey: KEYS.AKIDTWO })).rejects.toMatchObject(
      refused(
        'InvalidSignatureException',
        /\n\nThe Canonical String for this request should have been\n'POST\n\/\n\n.*\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n/s,
      ),
    )
  })

  it.each(['AKIDTHREE', '__proto__', 'constructor'])('is refused with the unknown key %s', async accessKeyId => {
    await expect(ask({ accessKeyId })).rejects.toMatchObject(
      refused('UnrecognizedClientException', /^The security token included in the request is invalid\.$/),
    )
  })

  it('is refused for a session, as keys here have none', async () => {
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
  ])('is refused for another %s', async (_, message, signer, [from, to]) => {
    const tamper = (it: SignedRequest) => {
      if (from !== undefined) it.headers.authorization = it.headers.authorization?.replace(from, to) ?? ''
    }
    await expect(ask(signer, tamper)).rejects.toMatchObject({ name: 'InvalidSignatureException', message })
  })

  it('is refused for another day than that of the request', async () => {
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

  it('is refused with a credential that is not whole', async () => {
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
  ])('is refused where the clock differs by %d ms', async (difference, message) => {
    skew = difference
    await expect(ask()).rejects.toMatchObject(refused('InvalidSignatureException', message))
    skew = 0
  })

  it.each([-14 * 60_000, 14 * 60_000])('is good where the clock differs by %d ms', async difference => {
    skew = difference
    expect((await ask()).Item).toBeDefined()
    skew = 0
  })

  it.each([
    [{ 'x-amz-date': 'yesterday' }, /^Date must be in ISO-8601 'basic format'\. Got 'yesterday'\./],
    [{ 'x-amz-date': '20261399T000000Z' }, /^Date must be in ISO-8601 'basic format'\./],
  ])('is refused with the date %j', async (headers, message) => {
    await expect(ask({}, it => void Object.assign(it.headers, headers))).rejects.toMatchObject(
      refused('IncompleteSignatureException', message),
    )
  })

  it('is refused where it does not cover the host', async () => {
    const tamper = (it: SignedRequest) => {
      it.headers.authorization =
        it.headers.authorization?.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=x-amz-date') ?? ''
    }
    await expect(ask({}, tamper)).rejects.toMatchObject(refused('InvalidSignatureException', /'Host'/))
  })

  it('is refused with another algorithm', async () => {
    const tamper = (it: SignedRequest) => {
      it.headers.authorization = it.headers.authorization?.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1') ?? ''
    }
    await expect(ask({}, tamper)).rejects.toMatchObject(refused('IncompleteSignatureException', /AWS4-HMAC-SHA1/))
  })
})

describe('a signature in the query string', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

  /** Signed by hand, as SDKs sign such requests for other services only. */
  function presigned(extra = ''): string {
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const scope = `${date.slice(0, 8)}/${REGION}/dynamodb/aws4_request`
    const query = [
      ...(extra ? [extra] : []),
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      `X-Amz-Credential=AKIDONE%2F${scope.replaceAll('/', '%2F')}`,
      `X-Amz-Date=${date}`,
      'X-Amz-Expires=60',
      'X-Amz-SignedHeaders=host',
    ].join('&')
    const canonical = `POST\n/\n${query}\nhost:${new URL(endpoint).host}\n\nhost\n${sha256(GET_NOTE)}`
    const key = [date.slice(0, 8), REGION, 'dynamodb', 'aws4_request'].reduce<string | Buffer>(
      hmac,
      `AWS4${KEYS.AKIDONE}`,
    )
    const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex')
    return `/?${query}&X-Amz-Signature=${signature}`
  }

  const post = (path: string): Promise<Reply> =>
    send(endpoint, { path, headers: { authorization: undefined, 'x-amz-date': undefined } })

  it('is good', async () => {
    expect(await post(presigned())).toMatchObject({ status: 200, text: expect.stringContaining('hello') })
  })

  it('is good beside other parameters, however they are encoded', async () => {
    const path = presigned('A=%C3%BC%20%21')
    expect(await post(path.replace('%21', '!').replace('%C3%BC', '%c3%bc'))).toMatchObject({ status: 200 })
  })

  it('is refused with another parameter', async () => {
    const { status, text } = await post(`${presigned()}&B=1`)
    expect({ status, type: JSON.parse(text).__type }).toEqual({
      status: 400,
      type: 'com.amazon.coral.service#InvalidSignatureException',
    })
  })
})

it('any page in a browser may ask where a key is needed', async () => {
  const { status, headers } = await send(endpoint, { headers: { origin: 'https://example.com' } })
  expect(status).toBe(400)
  expect(headers['access-control-allow-origin']).toBe('*')
})

it('nothing is done for a request that is refused', async () => {
  const body = JSON.stringify({ TableName: 'notes', Item: { id: { S: 'forged' } } })
  const { status } = await send(endpoint, { body, headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' } })
  expect(status).toBe(400)
  expect((await store.get({ table: 'notes', key: { id: 'forged' } })).item).toBeUndefined()
})
