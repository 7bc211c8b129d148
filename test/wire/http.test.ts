/** HTTP as AWS speaks it: valid requests, and the responses to all others. */
import { once } from 'node:events'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { ValidationError } from '../../packages/partita/src/errors/errors.js'
import { createServer } from '../../packages/partita/src/wire/index.js'
import { GET_NOTE, openSocket, requestText, send, startServer, UNSIGNED } from './server.js'

const { endpoint, port, store } = await startServer()
await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'grüße' } })
const NOTE = JSON.stringify({ Item: { id: { S: 'n1' }, text: { S: 'grüße' } } })

describe('a valid request', () => {
  it('a response has its request id, checksum, length and content type', async () => {
    const { status, headers, text } = await send(endpoint)
    expect({ status, text }).toEqual({ status: 200, text: NOTE })
    expect(headers['content-type']).toBe('application/x-amz-json-1.0')
    expect(headers['x-amzn-requestid']).toMatch(/^[0-9A-Z]{52}$/)
    expect(headers['x-amz-crc32']).toBe(String(crc32(text)))
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)))
  })

  it('each request has an id of its own', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => send(endpoint)))
    expect(new Set(replies.map(({ headers }) => headers['x-amzn-requestid'])).size).toBe(50)
  })

  it.each([
    ['application/x-amz-json-1.1', 'application/x-amz-json-1.1'],
    ['application/json; charset=utf-8', 'application/json'],
    ['Application/X-Amz-JSON-1.0', 'application/x-amz-json-1.0'],
  ])('a request may have the content type %s', async (type, answered) => {
    const { status, headers } = await send(endpoint, { headers: { 'content-type': type } })
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: answered })
  })

  it('a request may arrive in pieces', async () => {
    const text = requestText(GET_NOTE).replace('\r\n', '\r\nconnection: close\r\n')
    const { socket, received } = openSocket(port)
    socket.setNoDelay(true)
    for (let i = 0; i < text.length; i += 40) {
      socket.write(text.slice(i, i + 40))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await received).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  })

  it('a request may be chunked', async () => {
    const { socket, received } = openSocket(port)
    const [head = ''] = requestText(GET_NOTE).split('\r\n\r\n')
    const half = GET_NOTE.length >> 1
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    socket.write(
      `${head.replace(/content-length: \d+/, 'transfer-encoding: chunked\r\nconnection: close')}\r\n\r\n${chunk(GET_NOTE.slice(0, half))}${chunk(GET_NOTE.slice(half))}0\r\n\r\n`,
    )
    expect(await received).toContain('"n1"')
  })

  it('requests that are sent together are answered in their order', async () => {
    const { socket, received } = openSocket(port)
    const other = GET_NOTE.replace('n1', 'none')
    socket.write(requestText(GET_NOTE) + requestText(other) + requestText(GET_NOTE))
    socket.write(requestText(GET_NOTE).replace('\r\n', '\r\nconnection: close\r\n'))
    const bodies = (await received).split(/HTTP\/1\.1 200 OK\r\n/).slice(1)
    expect(bodies.map(body => body.includes('"n1"'))).toEqual([true, false, true, true])
  })

  it('a connection is kept for the next request', async () => {
    expect((await send(endpoint, { headers: { connection: 'keep-alive' } })).headers.connection).toBe('keep-alive')
  })
})

describe('a request for no operation', () => {
  it.each([
    ['GET', '/ping', 'healthy: dynamodb.us-east-1.amazonaws.com '],
    ['HEAD', '/ping', ''],
    ['HEAD', '/', ''],
  ])('%s %s reports that the server is running', async (method, path, expected) => {
    const { status, headers, text } = await send(endpoint, {
      method,
      path,
      body: '',
      headers: { authorization: undefined },
    })
    expect({ status, text }).toEqual({ status: 200, text: expected })
    expect(headers).toMatchObject({ 'x-amz-crc32': '3128867991', 'content-length': '42' })
  })

  it('GET / has the response that programs expect from DynamoDB Local when they wait for it', async () => {
    const { status, text } = await send(endpoint, { method: 'GET', body: '', headers: { authorization: undefined } })
    expect({ status, body: JSON.parse(text) }).toEqual({
      status: 400,
      body: {
        __type: 'com.amazon.coral.service#MissingAuthenticationTokenException',
        message: 'Request is missing Authentication Token',
      },
    })
  })

  it.each([
    ['PUT', '/', {}],
    ['DELETE', '/', {}],
    ['OPTIONS', '/', {}],
    ['GET', '/other', {}],
    ['POST', '/other', {}],
    ['POST', '/', { 'content-type': undefined }],
    ['POST', '/', { 'content-type': 'text/plain' }],
    ['POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('%s %s with %j is answered with an unknown operation', async (method, path, headers) => {
    const reply = await send(endpoint, { method, path, headers })
    expect({ status: reply.status, text: reply.text }).toEqual({ status: 404, text: '<UnknownOperationException/>\n' })
    expect(reply.headers['x-amz-crc32']).toBe('3552371480')
  })

  const UNKNOWN = { __type: 'com.amazon.coral.service#UnknownOperationException' }
  const SERIALIZATION = { __type: 'com.amazon.coral.service#SerializationException' }
  it.each([
    ['no target', { headers: { 'x-amz-target': undefined } }, UNKNOWN],
    ['an unknown target', { headers: { 'x-amz-target': 'DynamoDB_20120810.GetItems' } }, UNKNOWN],
    ['a target of another version', { headers: { 'x-amz-target': 'DynamoDB_20111205.GetItem' } }, UNKNOWN],
    ['the name of an object property as target', { headers: { 'x-amz-target': 'constructor' } }, UNKNOWN],
    ['an unknown target and no signature', { headers: { 'x-amz-target': 'x', authorization: undefined } }, UNKNOWN],
    ['JSON that ends early', { body: '{"TableName":' }, SERIALIZATION],
    ['JSON that ends early and no target', { body: '{', headers: { 'x-amz-target': undefined } }, SERIALIZATION],
    ['no body', { body: '' }, SERIALIZATION],
    ['bytes that are not UTF-8', { body: Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d) }, SERIALIZATION],
    ['endlessly nested lists', { body: `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }, SERIALIZATION],
    ['endlessly nested maps', { body: `${'{"M":'.repeat(100_000)}1${'}'.repeat(100_000)}` }, SERIALIZATION],
  ])('a request with %s is refused', async (_, sent, body) => {
    const { status, text } = await send(endpoint, sent)
    expect({ status, body: JSON.parse(text) }).toEqual({ status: 400, body })
  })

  it.each(['null', '[]', '1', '"x"', 'true'])('the JSON %s is refused', async body => {
    const { status, text } = await send(endpoint, { body })
    expect({ status, type: JSON.parse(text).__type }).toEqual({
      status: 400,
      type: 'com.amazon.coral.service#SerializationException',
    })
  })

  it('brackets in strings do not count as nesting', async () => {
    const body = JSON.stringify({ TableName: 'notes', Key: { id: { S: `${'[{"\\'.repeat(505)}` } } })
    expect(body.length).toBeGreaterThan(2000)
    expect(await send(endpoint, { body })).toMatchObject({ status: 200, text: '{}' })
  })
})

describe('a request that does not meet the requirements of HTTP/1.1', () => {
  const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
  const SERIALIZATION = 'com.amazon.coral.service#SerializationException'

  it('a request without a Host header is refused in the form of AWS, and its connection is closed', async () => {
    const { socket, received } = openSocket(port)
    socket.write(requestText(GET_NOTE).replace('host: localhost\r\n', ''))
    const answer = await received
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*x-amzn-RequestId: .*connection: close/is)
    expect(bodyOf(answer)).toEqual({ __type: SERIALIZATION, Message: 'The request has no Host header' })
  })

  it('a request of HTTP/1.0 is answered without a Host header', async () => {
    const { socket, received } = openSocket(port)
    socket.write(requestText(GET_NOTE).replace('host: localhost\r\n', '').replace('HTTP/1.1', 'HTTP/1.0'))
    expect(await received).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('a request with another Expect header than 100-continue is refused with 417 before its body, and the next one is answered', async () => {
    const { socket, received } = openSocket(port)
    const [head] = requestText(GET_NOTE).split('\r\n\r\n')
    socket.write(`${head}\r\nexpect: a-miracle\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1\.1 417 .*x-amzn-RequestId: /is)
    expect(bodyOf(answer)).toEqual({
      __type: SERIALIZATION,
      Message: 'The only Expect header that the server supports is 100-continue',
    })
    socket.write(GET_NOTE + requestText(GET_NOTE).replace('host:', 'connection: close\r\nhost:'))
    const answers = await received
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 417', 'HTTP/1.1 200'])
  })
})

describe('authentication', () => {
  const MISSING = 'Request is missing Authentication Token'
  const header = UNSIGNED.authorization
  it.each([
    ['MissingAuthenticationTokenException', undefined, MISSING],
    ['MissingAuthenticationTokenException', 'Basic dXNlcjpwYXNz', MISSING],
    [
      'IncompleteSignatureException',
      'AWS4-HMAC-SHA256 Credential=a',
      "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=a",
    ],
    [
      'IncompleteSignatureException',
      'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders',
      "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders'.",
    ],
  ])('the response is %s for the authorization %s', async (name, authorization, message) => {
    const { status, text } = await send(endpoint, { headers: { authorization } })
    expect({ status, body: JSON.parse(text) }).toEqual({
      status: 400,
      body: { __type: `com.amazon.coral.service#${name}`, message },
    })
  })

  it('a signature requires a date', async () => {
    const { text } = await send(endpoint, { headers: { 'x-amz-date': undefined } })
    const message = `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=${header}`
    expect(JSON.parse(text)).toEqual({ __type: 'com.amazon.coral.service#IncompleteSignatureException', message })
  })

  it('a signature may be in the query string if it has all of its parts', async () => {
    const headers = { authorization: undefined, 'x-amz-date': undefined }
    const part = '/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a'
    const partial = await send(endpoint, { headers, path: part })
    expect(JSON.parse(partial.text)).toEqual({
      __type: 'com.amazon.coral.service#IncompleteSignatureException',
      message:
        "AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    })
    const whole = `${part}&X-Amz-Signature=b&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z`
    expect((await send(endpoint, { headers, path: whole })).text).toBe(NOTE)
    expect(JSON.parse((await send(endpoint, { path: whole })).text)).toEqual({
      __type: 'com.amazon.coral.service#InvalidSignatureException',
      message: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    })
  })
})

describe('browsers', () => {
  const page = { origin: 'http://localhost:3000' }
  it('a preflight request gets the allowed methods and headers', async () => {
    const headers = {
      ...page,
      authorization: undefined,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-amz-target,authorization',
    }
    const reply = await send(endpoint, { method: 'OPTIONS', body: '', headers })
    expect(reply).toMatchObject({ status: 200, text: '' })
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'x-amz-target,authorization',
      'access-control-max-age': '172800',
      'content-length': '0',
    })
  })

  it('scripts may read responses, also those with errors', async () => {
    for (const body of [GET_NOTE, '{']) {
      const { headers } = await send(endpoint, { headers: page, body })
      expect(headers['access-control-allow-origin']).toBe('*')
    }
  })

  it.each(['http://app.localhost:3000', 'https://a.b.localhost', 'http://127.0.0.2', 'http://[::1]:8080'])(
    'a page from %s may send requests',
    async origin => {
      const reply = await send(endpoint, { method: 'OPTIONS', body: '', headers: { origin } })
      expect(reply).toMatchObject({ status: 200, text: '' })
      expect((await send(endpoint, { headers: { origin } })).text).toBe(NOTE)
    },
  )

  it.each([
    'https://example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://notlocalhost',
    'http://localhost@example.com',
    'null',
    'http://localhost, http://localhost',
  ])('a page from %s gets no data from a server without keys', async origin => {
    for (const method of ['POST', 'OPTIONS', 'GET']) {
      const { status, headers, text } = await send(endpoint, { method, headers: { origin } })
      expect({ status, type: JSON.parse(text).__type }).toEqual({
        status: 403,
        type: 'com.amazon.coral.service#AccessDeniedException',
      })
      expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('the host of a request', () => {
  it.each(['localhost', 'LOCALHOST:80', 'app.localhost:1', '127.0.0.1', '127.1.2.3:8000', '[::1]:8000', 'localhost.'])(
    'a request for the host %s is answered',
    async host => {
      expect(await send(endpoint, { headers: { host } })).toMatchObject({ status: 200, text: NOTE })
    },
  )

  it.each(['example.com', 'evil.example:8000', 'localhost.example.com', 'xlocalhost', '10.0.0.1', 'a@localhost'])(
    'a server without keys refuses the host %j',
    async host => {
      const { status, text } = await send(endpoint, { headers: { host } })
      expect({ status, body: JSON.parse(text) }).toEqual({
        status: 403,
        body: {
          __type: 'com.amazon.coral.service#AccessDeniedException',
          Message: `The host "${host}" is not this machine: without keys the server answers to localhost, names that end in .localhost, 127.0.0.1 and [::1]`,
        },
      })
    },
  )

  it('DescribeEndpoints returns the host of the request, because it led to the server', async () => {
    const { host } = new URL(endpoint)
    for (const name of [host, `db.localhost:${port}`]) {
      const { text } = await send(endpoint, {
        body: '{}',
        headers: { host: name, 'x-amz-target': 'DynamoDB_20120810.DescribeEndpoints' },
      })
      expect(JSON.parse(text)).toEqual({ Endpoints: [{ Address: name, CachePeriodInMinutes: 1440 }] })
    }
  })
})

describe('a read-only server', async () => {
  const { endpoint: readOnly } = await startServer({ readOnly: true, region: 'eu-west-1' })
  const operation = (name: string, body: object) =>
    send(readOnly, { headers: { 'x-amz-target': `DynamoDB_20120810.${name}` }, body: JSON.stringify(body) })

  it('a read-only server reads', async () => {
    expect(await send(readOnly)).toMatchObject({ status: 200, text: '{}' })
  })

  it('a read-only server refuses writes as AWS refuses users without permission', async () => {
    const { status, text } = await operation('PutItem', { TableName: 'notes', Item: { id: { S: 'n1' } } })
    expect({ status, body: JSON.parse(text) }).toEqual({
      status: 400,
      body: {
        __type: 'com.amazon.coral.service#AccessDeniedException',
        Message:
          'User: arn:aws:iam::000000000000:user/AKID is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:000000000000:table/notes because no identity-based policy allows the dynamodb:PutItem action',
      },
    })
  })
})

describe('a read-only server with PartiQL', async () => {
  const { endpoint: readOnly, store: notes } = await startServer({ readOnly: true })
  await notes.write({ kind: 'put', table: 'notes', item: { id: 'n1' } })
  const execute = async (name: string, body: object) => {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${name}` }
    const { text } = await send(readOnly, { headers, body: JSON.stringify(body) })
    return JSON.parse(text)
  }
  const SELECT = `-- all of it\nSELECT * FROM notes WHERE id = 'n1'`
  const INSERT = `/* SELECT */ INSERT INTO notes VALUE {'id': 'n2'}`

  it('a read-only server runs SELECT', async () => {
    expect(await execute('ExecuteStatement', { Statement: SELECT })).toMatchObject({ Items: [{ id: { S: 'n1' } }] })
    const all = { TransactStatements: [{ Statement: SELECT }] }
    expect(await execute('ExecuteTransaction', all)).toMatchObject({ Responses: [{ Item: { id: { S: 'n1' } } }] })
  })

  it.each([
    ['ExecuteStatement', { Statement: INSERT }],
    ['BatchExecuteStatement', { Statements: [{ Statement: SELECT }, { Statement: INSERT }] }],
    ['ExecuteTransaction', { TransactStatements: [{ Statement: INSERT }] }],
  ])('a read-only server refuses INSERT in %s', async (name, body) => {
    const { __type, Message } = await execute(name, body)
    expect(__type).toBe('com.amazon.coral.service#AccessDeniedException')
    expect(Message).toMatch(/perform: dynamodb:PartiQLInsert on resource: arn:aws:dynamodb:us-east-1:\d+:table\/notes /)
    expect((await notes.get({ table: 'notes', key: { id: 'n2' } })).item).toBeUndefined()
  })

  it.each([{ Statement: 'INSERT' }, { Statement: 1 }, {}, { Statements: 1 }])(
    'a read-only server refuses an invalid statement as its operation does: %j',
    async body => {
      const { __type } = await execute('ExecuteStatement', body)
      expect(__type).toMatch(/ValidationException|SerializationException/)
    },
  )
})

describe('a server that other machines can reach', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', ''])('a server on %j is refused without keys', host => {
    const store = memory()
    expect(() => createServer(store, { host })).toThrow(ValidationError)
    return store.close()
  })

  it.each<Record<string, string>>([{}, { '': 'secret' }, { a: '' }, { 'a/b': 'secret' }])(
    'a server for other machines is refused with the keys %j',
    keys => {
      const store = memory()
      expect(() => createServer(store, { host: '0.0.0.0', keys })).toThrow(ValidationError)
      return store.close()
    },
  )
})
