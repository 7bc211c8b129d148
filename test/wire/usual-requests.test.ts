/** Requests in the form that SDKs send are answered without Node's HTTP; the others on the same connection with it. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { GET_NOTE, openSocket, requestText, startServer, UNSIGNED } from './server.js'

const { store, port } = await startServer()
await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'a \u00e9 \u{1f600}' } })
await store.write({ kind: 'put', table: 'notes', item: { id: 'long', text: '\u00e9'.repeat(100_000) } })
const GET = requestText(GET_NOTE)
const GET_LONG = requestText(GET_NOTE.replace('n1', 'long'))
/** The same request, which Node's HTTP parses. */
const unusual = (text: string) => text.replace('\r\n', '\r\nte: trailers\r\n')

const PUT_TARGET = 'DynamoDB_20120810.PutItem'
const put = (id: string, i: number) =>
  requestText(JSON.stringify({ TableName: 'notes', Item: { id: { S: id }, i: { N: `${i}` } } }), PUT_TARGET)

/** Sends one text after the other, each once the answer to the one before is complete. @returns the answers. */
async function converse(texts: readonly string[]): Promise<string[]> {
  const { socket, received } = openSocket(port)
  const answers: string[] = []
  let bytes = ''
  socket.setEncoding('latin1')
  for (const text of texts) {
    socket.write(text)
    for (;;) {
      const [head = '', body = ''] = bytes.split('\r\n\r\n', 2)
      const length = /content-length: (\d+)/i.exec(head)?.[1]
      if (length !== undefined && body.length >= Number(length)) break
      const [chunk] = await once(socket, 'data')
      bytes += chunk
    }
    answers.push(bytes)
    bytes = ''
  }
  socket.end()
  await received
  return answers
}

const withoutItsOwn = (answer: string) => answer.replace(/^(x-amzn-requestid|date): .*$/gim, '$1')

describe('requests as SDKs send them', () => {
  it.each([
    ['an item', GET],
    ['a long item', GET_LONG],
    ['an error', requestText('{"TableName":"none","Key":{"id":{"S":"a"}}}')],
    ['invalid JSON', requestText('{')],
    ['an empty body', requestText('')],
    ['an unknown operation', requestText('{}', 'DynamoDB_20120810.None')],
    ['a page of this machine', GET.replace('host:', 'origin: http://localhost\r\nhost:')],
    ['a page of another machine', GET.replace('host:', 'origin: http://example.com\r\nhost:')],
    ['compression', GET_LONG.replace('host:', 'accept-encoding: gzip\r\nhost:')],
    ['another type', GET.replace(UNSIGNED['content-type'], 'text/plain')],
    ['no host', GET.replace('host: localhost\r\n', '')],
  ])("the answer to a request with %s has the bytes that Node's HTTP would send", async (_, text) => {
    const [[usual = ''], [byNode = '']] = await Promise.all([converse([text]), converse([unusual(text)])])
    expect(withoutItsOwn(usual)).toBe(withoutItsOwn(byNode))
    expect(usual).toMatch(/^date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/im)
  })

  it('a connection continues when its client sends requests of another form, and then usual ones again', async () => {
    const answers = await converse([GET, GET, unusual(GET), 'GET /ping HTTP/1.1\r\nhost: localhost\r\n\r\n', GET])
    const status = answers.map(answer => answer.split('\r\n', 1)[0])
    expect(status).toEqual(Array.from({ length: 5 }, () => 'HTTP/1.1 200 OK'))
    expect(withoutItsOwn(answers[4] as string)).toBe(withoutItsOwn(answers[0] as string))
  })

  it('a request that arrives in two pieces is answered, wherever it is cut', async () => {
    for (const at of [1, 17, 40, GET.indexOf('\r\n\r\n') + 2, GET.length - 10, GET.length - 1]) {
      const { socket, received } = openSocket(port)
      socket.setNoDelay(true)
      socket.write(GET.slice(0, at))
      await new Promise(resolve => setTimeout(resolve, 5))
      socket.end(GET.slice(at))
      expect(await received).toMatch(/^HTTP\/1\.1 200 OK/)
    }
  })

  it('requests that a client sends while it waits for an answer are answered in their order', async () => {
    const { socket, received } = openSocket(port)
    const count = 50
    for (let i = 0; i < count; i++) {
      socket.write(put('counted', i))
      // Sometimes the server has received it before the next one.
      if (i % 3 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    socket.end(requestText(GET_NOTE.replace('n1', 'counted')))
    const text = await received
    expect(text.split('HTTP/1.1 200 OK').length - 1).toBe(count + 1)
    expect(text).toMatch(/"i":\{"N":"49"\}\}\}$/)
  })

  /** A server whose gets end when `finish` is called. `begun` resolves at the first. */
  async function startSlowServer() {
    const slow = await startServer()
    const get = slow.store.get.bind(slow.store)
    let finish: () => void = () => undefined
    const finished = new Promise<void>(resolve => {
      finish = resolve
    })
    const begun = new Promise<void>(resolve => {
      slow.store.get = async request => {
        resolve()
        await finished
        return get(request)
      }
    })
    return { ...slow, begun, finish }
  }
  const untilReceived = () => new Promise(resolve => setTimeout(resolve, 20))

  it('a client that expects 100 Continue while it waits for an answer receives the answer first', async () => {
    const { port, begun, finish } = await startSlowServer()
    const { socket, received } = openSocket(port)
    socket.write(GET)
    await begun
    socket.write(put('expected', 1).replace('host:', 'expect: 100-continue\r\nhost:'))
    await untilReceived()
    finish()
    socket.end()
    const statuses = (await received).match(/(?<=HTTP\/1\.1 )\d+/g)
    expect(statuses).toEqual(['200', '100', '200'])
  })

  it('an empty line after a request does not limit the time until the next one', async () => {
    const { port } = await startServer({ limits: { headersTimeout: 50 } })
    const { socket, received } = openSocket(port)
    socket.write(GET)
    await once(socket, 'data')
    socket.write('\r\n')
    await new Promise(resolve => setTimeout(resolve, 200))
    socket.end(GET)
    expect((await received).match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['200', '200'])
  })

  it('a request that arrives before an answer that closes the connection is not executed', async () => {
    const { store, port, server, begun, finish } = await startSlowServer()
    const { socket, received } = openSocket(port)
    socket.write(GET)
    await begun
    socket.write(put('late', 1))
    await untilReceived()
    const closed = server.close()
    finish()
    await closed
    expect((await received).split('HTTP/1.1 200 OK').length - 1).toBe(1)
    expect(await store.get({ table: 'notes', key: { id: 'late' } })).toMatchObject({ item: undefined })
  })

  it('a client that ends its side of the connection receives the answer first', async () => {
    const { socket, received } = openSocket(port)
    socket.end(GET_LONG)
    expect((await received).length).toBeGreaterThan(100_000)
  })

  it('a stopping server gives up on an operation that does not end, and closes its connection', async () => {
    const stopping = await startServer({ limits: { closeTimeout: 50 } })
    const begun = new Promise<void>(resolve => {
      stopping.store.get = () => {
        resolve()
        return new Promise(() => undefined)
      }
    })
    const { socket, received } = openSocket(stopping.port)
    socket.write(GET)
    await begun
    await stopping.server.close()
    expect(await received).toBe('')
  })
})
