import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readUsualRequest } from './usual-request.js'

const BODY = '{"TableName":"notes"}'
const HEADERS = ['Host: localhost', 'x-amz-target: DynamoDB_20120810.Scan', 'Connection: keep-alive']
const textOf = (headers: readonly string[], body = BODY, line = 'POST / HTTP/1.1') =>
  `${[line, ...headers, '', ''].join('\r\n')}${body}`
const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`
const USUAL = textOf([...HEADERS, length(BODY)])
const read = (text: string) => readUsualRequest(Buffer.from(text), {} as Socket)

/** What Node's HTTP parser reads: its requests, and an `error` for the rest. */
function readByNode(bytes: Buffer): Promise<unknown[]> {
  const requests: unknown[] = []
  return new Promise(resolve => {
    const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() })
    const server = createServer((request, response) => {
      const { method, url, httpVersion, headers, rawHeaders } = request
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        requests.push({ method, url, httpVersion, headers, rawHeaders, body: Buffer.concat(chunks).toString('latin1') })
        response.end()
      })
    })
    server.on('clientError', () => requests.push('error'))
    server.emit('connection', socket)
    socket.push(bytes)
    // Later than all that the bytes cause, which is synchronous or in ticks.
    setImmediate(() => setImmediate(() => resolve(requests)))
  })
}

describe('a usual request', () => {
  it('a request of an SDK is read with its headers and body', () => {
    expect(read(USUAL)).toMatchObject({
      method: 'POST',
      url: '/',
      httpVersion: '1.1',
      complete: true,
      headers: { host: 'localhost', 'x-amz-target': 'DynamoDB_20120810.Scan', 'content-length': '21' },
      rawHeaders: [
        'Host',
        'localhost',
        'x-amz-target',
        'DynamoDB_20120810.Scan',
        'Connection',
        'keep-alive',
        'Content-Length',
        '21',
      ],
    })
    expect(read(USUAL)?.body.toString()).toBe(BODY)
  })

  it.each([
    ['of another method', textOf([...HEADERS, 'Content-Length: 0'], '', 'PUT / HTTP/1.1')],
    ['for another path', textOf([...HEADERS, length(BODY)], BODY, 'POST /?a HTTP/1.1')],
    ['of another version', textOf([...HEADERS, length(BODY)], BODY, 'POST / HTTP/1.0')],
    ['without a length', textOf(HEADERS, '')],
    ['with a shorter body than its length', USUAL.slice(0, -1)],
    ['with another request behind it', USUAL + USUAL],
    ['with a length that is no number', textOf([...HEADERS, 'Content-Length: +21'])],
    ['with two lengths', textOf([...HEADERS, length(BODY), length(BODY)])],
    ['with a repeated header', textOf([...HEADERS, 'HOST: other', length(BODY)])],
    ['in chunks', textOf(['Transfer-Encoding: chunked', length(BODY)])],
    ['that expects something', textOf(['Expect: 100-continue', length(BODY)])],
    ['for another protocol', textOf(['Upgrade: h2c', length(BODY)])],
    ['that closes its connection', textOf(['Connection: close', length(BODY)])],
    ['with a folded header', textOf(['Host: a', ' b: c', length(BODY)])],
    ['with a space before the colon', textOf(['Host : a', length(BODY)])],
    ['with a tab', textOf(['Host:\ta', length(BODY)])],
    ['with a space after a value', textOf(['Host: a ', length(BODY)])],
    ['with a line that ends in a line feed alone', textOf(['Host: a\nX: b', length(BODY)])],
    ['with a letter outside ASCII', textOf(['X: \u00e9', length(BODY)])],
    ['with the name of a property of every object', textOf(['constructor: a', length(BODY)])],
    ['with more headers than usual', textOf([`X: ${'a'.repeat(10_000)}`, length(BODY)])],
    ['that is not complete', USUAL.slice(0, 30)],
  ])('a request %s is left to Node', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  it('every request that is read is one request for Node, with the same headers and body', async () => {
    const header = fc.constantFrom(
      ...HEADERS,
      'Accept: */*',
      'TE: trailers',
      'X-Two:  spaces',
      'X-Empty: ',
      length(BODY),
    )
    const edit = fc.record({
      at: fc.nat(),
      removed: fc.nat({ max: 2 }),
      added: fc.constantFrom(
        '',
        ' ',
        '\r',
        '\n',
        '\r\n',
        ':',
        ',',
        ';',
        '0',
        'a',
        '\t',
        '\u0000',
        '\u00e9',
        '\r\nA: b',
      ),
    })
    const requests = fc.record({ headers: fc.array(header, { maxLength: 6 }), edits: fc.array(edit, { maxLength: 2 }) })
    let usual = 0
    await fc.assert(
      fc.asyncProperty(requests, async ({ headers, edits }) => {
        let text = textOf([...headers, length(BODY)])
        for (const { at, removed, added } of edits) {
          const start = at % text.length
          text = text.slice(0, start) + added + text.slice(start + removed)
        }
        const bytes = Buffer.from(text, 'latin1')
        const request = readUsualRequest(bytes, {} as Socket)
        if (!request) return
        usual++
        const { method, url, httpVersion, headers: read, rawHeaders, body } = request
        const same = { method, url, httpVersion, headers: read, rawHeaders, body: body.toString('latin1') }
        // Node refuses a request without a host only here: the server answers it in its own words.
        const found = await readByNode(bytes)
        if (read.host !== undefined) expect(found).toEqual([same])
      }),
      { numRuns: 1000 },
    )
    expect(usual).toBeGreaterThan(100)
  })
})
