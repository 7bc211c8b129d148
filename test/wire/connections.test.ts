/** Clients that send too much, too slowly or unfinished requests, and servers that stop meanwhile. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { embedded, memory } from '../../packages/partita/src/embedded/index.js'
import { createServer, type ServerOptions, type WireServer } from '../../packages/partita/src/wire/index.js'
import { GET_NOTE, openSocket, requestText, send, startServer } from './server.js'

const { endpoint, port } = await startServer()
const alive = async (url = endpoint) => expect((await send(url)).status).toBe(200)

const PUT = 'DynamoDB_20120810.PutItem'
const putBody = (id: string, text = '') =>
  JSON.stringify({ TableName: 'notes', Item: { id: { S: id }, text: { S: text } } })
const MB = 1024 * 1024

describe('a request body', () => {
  it('a body over 16 MB is refused after it is read to its end', async () => {
    const { status, text, headers } = await send(endpoint, { body: `{"x":"${'y'.repeat(17 * MB)}"}` })
    expect({ status, type: JSON.parse(text).__type }).toEqual({
      status: 413,
      type: 'com.amazon.coral.service#RequestEntityTooLargeException',
    })
    expect(headers.connection).toBe('close')
    await alive()
  })

  it('a body of almost 16 MB is accepted', async () => {
    const { status, text } = await send(endpoint, { body: `{"TableName":"${'y'.repeat(15 * MB)}"}` })
    expect({ status, type: JSON.parse(text).__type }).toEqual({
      status: 400,
      type: 'com.amazon.coral.validate#ValidationException',
    })
  })

  it('a body that inflates to over 16 MB is refused', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const body = gzipSync(Buffer.alloc(17 * MB, 'y'))
    expect(body.length).toBeLessThan(100_000)
    expect(await send(endpoint, { body, headers })).toMatchObject({ status: 413 })
    await alive()
  })

  it('an endless body is cut off', async () => {
    const { socket, received } = openSocket(port)
    const [head = ''] = requestText('').split('\r\n\r\n')
    socket.write(`${head.replace(/content-length: 0/, 'transfer-encoding: chunked')}\r\n\r\n`)
    const chunk = `100000\r\n${'y'.repeat(MB)}\r\n`
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
      socket.once('drain', pour)
    }
    pour()
    await received
    await alive()
  })

  it('a body is refused while other bodies take all memory for bodies, and accepted when they are gone', async () => {
    const tight = await startServer({ limits: { heldBytes: 2 * MB } })
    const { socket, received } = openSocket(tight.port)
    const [head = ''] = requestText('').split('\r\n\r\n')
    const half = `${head.replace(/content-length: 0/, `content-length: ${3 * MB}`)}\r\n\r\n${'y'.repeat(1.5 * MB)}`
    await new Promise(resolve => socket.write(half, resolve))
    // Connections take turns: after these requests the server has received everything that was sent.
    for (let i = 0; i < 50; i++) expect((await send(tight.endpoint, { body: GET_NOTE })).status).toBe(200)
    const body = putBody('n', 'y'.repeat(300_000)).padEnd(MB)
    const put = () => send(tight.endpoint, { body, headers: { 'x-amz-target': PUT } })
    let status: number
    do status = (await put()).status
    while (status === 200)
    expect(status).toBe(503)
    socket.destroy()
    await received
    do status = (await put()).status
    while (status === 503)
    expect(status).toBe(200)
  })
})

describe('a request that is not valid HTTP', () => {
  it.each([
    ['two content lengths', 'content-length: 5\r\ncontent-length: 6'],
    ['a content length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked'],
    ['an invalid content length', 'content-length: +5'],
    ['chunks under another name', 'transfer-encoding: xchunked'],
    ['a header with a space before its colon', 'content-length : 5'],
    ['a folded header', 'x-amz-target: DynamoDB_20120810.\r\n GetItem'],
    ['a control character in a header', 'x-a: b\u0000c'],
  ])('a request with %s is refused, and the bytes behind it are not read', async (_, header) => {
    const { socket, received } = openSocket(port)
    const smuggled = requestText(GET_NOTE)
    socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\n${header}\r\n\r\nhello${smuggled}`)
    const text = await received
    expect(text).not.toContain(' 200 ')
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /)
    await alive()
  })

  it.each([
    ['no host', 'POST / HTTP/1.1\r\n\r\n'],
    ['no version', 'POST /\r\n\r\n'],
    ['control characters only', '\u0000\u0001\u0002\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n'],
    ['headers over 16 KB', `POST / HTTP/1.1\r\nhost: a\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`],
  ])('a request with %s is refused', async (_, text) => {
    const { socket, received } = openSocket(port)
    socket.write(text)
    expect(await received).toMatch(/^HTTP\/1\.1 4\d\d /)
    await alive()
  })

  it('a request cannot add headers to its response', async () => {
    const headers = { origin: 'http://localhost', 'access-control-request-headers': 'a, b\tc' }
    const reply = await send(endpoint, { method: 'OPTIONS', body: '', headers })
    expect(reply.headers['access-control-allow-headers']).toBe('a, b\tc')
    expect(await send(endpoint, { headers: { 'content-type': 'application/json;\u00e9' } })).toMatchObject({
      status: 200,
    })
  })
})

describe('a slow client', async () => {
  const impatient = await startServer({ limits: { headersTimeout: 300, requestTimeout: 600 } })
  it.each([
    ['does not finish its headers', 'POST / HTTP/1.1\r\nhost: a\r\n', /^HTTP\/1\.1 408 /],
    ['does not finish its body', requestText(GET_NOTE).slice(0, -5), /^HTTP\/1\.1 408 /],
    ['sends nothing', '', /^(?:HTTP\/1\.1 408 .*)?$/s],
  ])('a client that %s is disconnected', async (_, text, answer) => {
    const { socket, received } = openSocket(impatient.port)
    socket.write(text)
    expect(await received).toMatch(answer)
  })

  it('an idle client is disconnected', async () => {
    const { port: brief } = await startServer({ limits: { idleTimeout: 1000 } })
    const { socket, received } = openSocket(brief)
    socket.write(requestText(GET_NOTE))
    expect(await received).toMatch(/^HTTP\/1\.1 200 .*\{\}$/s)
  })

  it('a client that does not read its responses is disconnected', async () => {
    const strict = await startServer({ limits: { answerTimeout: 300 } })
    await strict.store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'y'.repeat(390_000) } })
    const { socket, received } = openSocket(strict.port)
    socket.pause()
    socket.write(requestText(GET_NOTE).repeat(50))
    // While the socket is paused, it notices the end only when it writes.
    const poke = setInterval(() => socket.write('x'), 50)
    await received
    clearInterval(poke)
    await alive(strict.endpoint)
  })
})

it('connections over the limit are closed at once', async () => {
  const few = await startServer({ limits: { connections: 2 } })
  const kept = [openSocket(few.port), openSocket(few.port)]
  await Promise.all(kept.map(({ socket }) => once(socket, 'connect')))
  for (const { socket } of kept) {
    socket.write(requestText(GET_NOTE))
    await once(socket, 'data')
  }
  expect(await openSocket(few.port).received).toBe('')
  kept[0]?.socket.destroy()
  await kept[0]?.received
  let status = 0
  while (status === 0)
    status = await send(few.endpoint).then(
      reply => reply.status,
      () => 0,
    )
  expect(status).toBe(200)
})

describe('10,000 concurrent requests on 200 connections, some of which break', () => {
  it('every acknowledged write is stored', async () => {
    const { store, port: target } = await startServer()
    const acknowledged: string[] = []
    let left = 10_000
    let seed = 12345
    const next = (limit: number) => {
      seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
      return (seed >>> 8) % limit
    }
    /**
     * Sends bursts of writes on one connection after another. Some connections break before, during or after the
     * responses.
     */
    const client = async (name: number) => {
      for (let connection = 0; left > 0; connection++) {
        const ids = Array.from({ length: Math.min(left, 10) }, (_, i) => `${name}-${connection}-${i}`)
        left -= ids.length
        const { socket, received } = openSocket(target)
        await once(socket, 'connect').catch(() => undefined)
        const text = ids.map(id => requestText(putBody(id, 'y'.repeat(next(500))), PUT)).join('')
        const fate = next(4)
        if (fate === 0) {
          socket.write(text.slice(0, next(text.length)), () => socket.destroy())
        } else if (fate === 1) {
          socket.write(text)
          socket.once('data', () => socket.resetAndDestroy())
        } else {
          const last = text.lastIndexOf('POST / HTTP/1.1\r\n') + 'POST / HTTP/1.1\r\n'.length
          socket.write(`${text.slice(0, last)}connection: close\r\n${text.slice(last)}`)
        }
        const answers = (await received).match(/HTTP\/1\.1 200 /g) ?? []
        // Responses on one connection come in the order of the requests.
        acknowledged.push(...ids.slice(0, answers.length))
      }
    }
    await Promise.all(Array.from({ length: 200 }, (_, i) => client(i)))
    expect(acknowledged.length).toBeGreaterThan(4_000)
    const missing: string[] = []
    for (const id of acknowledged) {
      if (!(await store.get({ table: 'notes', key: { id } })).item) missing.push(id)
    }
    expect(missing).toEqual([])
    await alive(`http://127.0.0.1:${target}`)
  })
})

/** The headers of a write whose client sends the body only after the server has the headers. */
function expecting(body: string): string {
  const [head] = requestText(body, PUT).split('\r\n\r\n')
  return `${head}\r\nexpect: 100-continue\r\n\r\n`
}

describe('a server that stops', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  async function startOnDisk(options: ServerOptions = {}): Promise<{ server: WireServer; port: number; path: string }> {
    const path = mkdtempSync(join(tmpdir(), 'partita-wire-'))
    const store = embedded({ path })
    await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
    const server = createServer(store, { port: 0, ...options })
    const url = await server.listen()
    ends.push(async () => {
      await server.close()
      await store.close()
      rmSync(path, { recursive: true })
    })
    return { server, port: Number(new URL(url).port), path }
  }

  it('a stopping server answers requests in flight and closes each connection with its response', async () => {
    const { server, port: target } = await startOnDisk()
    const clients = Array.from({ length: 20 }, () => openSocket(target))
    const body = putBody('n', 'hello')
    for (const { socket } of clients) socket.write(expecting(body))
    await Promise.all(clients.map(({ socket }) => once(socket, 'data')))
    const closed = server.close()
    for (const { socket } of clients) socket.write(body)
    const texts = await Promise.all(clients.map(({ received }) => received))
    await closed
    for (const text of texts)
      expect(text).toMatch(/ 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n.*connection: close\r\n/is)
  })

  it('a stopping server does not wait for connections without a complete request', async () => {
    const { server, port: target } = await startOnDisk({ limits: { closeTimeout: 600_000 } })
    const [unused, idle, partial] = [openSocket(target), openSocket(target), openSocket(target)]
    await once(unused.socket, 'connect')
    idle.socket.write(requestText(GET_NOTE))
    await once(idle.socket, 'data')
    partial.socket.write('POST / HTTP/1.1\r\n')
    await wait(50)
    await server.close()
    await Promise.all([unused, idle, partial].map(({ received }) => received))
    await expect(send(`http://127.0.0.1:${target}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('a stopping server sends its responses completely to slow readers', async () => {
    const { server, port: target } = await startOnDisk()
    const put = requestText(putBody('n1', 'y'.repeat(390_000)), PUT)
    const { socket, received } = openSocket(target)
    socket.write(put)
    await once(socket, 'data')
    socket.write(requestText(GET_NOTE).repeat(40))
    await once(socket, 'data')
    socket.pause()
    const closed = server.close()
    await wait(100)
    socket.resume()
    const text = await received
    await closed
    const whole = text.match(/HTTP\/1\.1 200 OK\r\n/g)?.length ?? 0
    expect(whole).toBeGreaterThan(1)
    expect(text.endsWith('"}}}')).toBe(true)
  })

  it('a stopping server gives up on a client that does not finish its request', async () => {
    const { server, port: target } = await startOnDisk({ limits: { closeTimeout: 200 } })
    const { socket, received } = openSocket(target)
    socket.write(expecting(putBody('n')))
    await once(socket, 'data')
    await server.close()
    expect(await received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  })

  it('a server may be closed twice, and before it listens', async () => {
    const store = memory()
    const server = createServer(store, { port: 0 })
    await Promise.all([server.close(), server.close()])
    await store.close()
    const { server: other } = await startOnDisk()
    await Promise.all([other.close(), other.close()])
  })
})

it('a port in use is reported with the error of the operating system', async () => {
  const store = memory()
  const second = createServer(store, { port })
  await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await second.close()
  await store.close()
})

it('a client that disconnects during its request leaves the server working', async () => {
  for (let i = 0; i < 50; i++) {
    const { socket, received } = openSocket(port)
    socket.write(requestText(GET_NOTE).slice(0, -1 - i), () => socket.destroy())
    await received
  }
  await alive()
})
