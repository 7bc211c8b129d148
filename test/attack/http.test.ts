/** Hostile HTTP clients, and the most that each may cost. The bounds are ten times the measured values. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { GET_NOTE, openSocket, requestText, send, startServer, UNSIGNED } from '../wire/server.js'
import { sign } from '../wire/signer.js'

const KEYS = { AKID: 'secret' }
const locked = await startServer({ keys: KEYS })
const open = await startServer()
const MB = 1024 * 1024

/** @returns the CPU time that the process uses during the work, in milliseconds. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const dateNow = () => new Date().toISOString().replace(/[-:]|\.\d+/g, '')

describe('a header that is slow to parse', () => {
  it('a credential full of slashes costs time in proportion to its length', async () => {
    const ask = (credential: string) =>
      send(locked.endpoint, {
        headers: {
          'x-amz-date': dateNow(),
          authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
        },
      })
    await ask('x')
    for (const credential of [`${'/'.repeat(15_000)}x`, '/'.repeat(15_000), 'x/'.repeat(7_500)]) {
      const cpu = await cpuOf(async () => {
        for (let i = 0; i < 5; i++) expect((await ask(credential)).status).toBe(400)
      })
      expect(cpu).toBeLessThan(500)
    }
  })

  it('thousands of headers and of signed header names cost time in proportion to their number', async () => {
    const names = Array.from({ length: 1500 }, (_, i) => i.toString(36))
    const headers = Object.fromEntries(names.map(name => [name, '']))
    const date = dateNow()
    const credential = `AKID/${date.slice(0, 8)}/us-east-1/dynamodb/aws4_request`
    const signed = ['host', 'x-amz-date', 'x-amz-target', ...names].join(';')
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${'0'.repeat(64)}`
    const cpu = await cpuOf(async () => {
      for (let i = 0; i < 5; i++) {
        const { status, text } = await send(locked.endpoint, {
          headers: { ...headers, 'x-amz-date': date, authorization },
        })
        expect({ status, message: JSON.parse(text).message }).toEqual({
          status: 400,
          message: expect.stringMatching(/^The request signature we calculated does not match/),
        })
      }
    })
    expect(cpu).toBeLessThan(1000)
  })

  it('long Accept-Encoding, Content-Encoding, Host and Origin headers cost time in proportion to their length', async () => {
    const long = { headers: {} as Record<string, string> }
    const cpu = await cpuOf(async () => {
      for (const [name, value] of [
        ['accept-encoding', 'gzip;q=0,'.repeat(1500)],
        ['accept-encoding', ';q=0'.repeat(3500)],
        ['content-encoding', 'identity,'.repeat(1500)],
        ['host', 'a.'.repeat(7000)],
        ['host', `${'a'.repeat(14_000)}.localhos`],
        ['origin', `http://${'a.'.repeat(7000)}localhost`],
      ] as const) {
        long.headers = { [name]: value }
        for (let i = 0; i < 5; i++) expect((await send(open.endpoint, long)).status).toBeLessThan(500)
      }
    })
    expect(cpu).toBeLessThan(1000)
  })
})

describe('a web page that sends requests to this machine', () => {
  const ask = (lines: readonly string[]) => {
    const { socket, received } = openSocket(open.port)
    const all = Object.entries({ ...UNSIGNED, 'content-length': GET_NOTE.length, connection: 'close' })
    socket.write(
      `POST / HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}${lines.map(line => `${line}\r\n`).join('')}\r\n${GET_NOTE}`,
    )
    return received
  }

  it.each([0, 500, 1000, 1400, 2500])('the page receives 403 if it adds %d headers', async count => {
    const own = Array.from({ length: count }, (_, i) => `${i.toString(36)}:`)
    expect(await ask(['host: evil.example', ...own, 'origin: http://evil.example'])).toMatch(/^HTTP\/1\.1 403 /)
    expect(await ask([...own, 'host: evil.example'])).toMatch(/^HTTP\/1\.1 403 /)
    expect(await ask(['host: localhost', ...own, 'origin: http://evil.example'])).toMatch(/^HTTP\/1\.1 403 /)
    expect(await ask([...own, 'host: localhost'])).toMatch(/^HTTP\/1\.1 200 /)
  })

  it.each([
    ['host: localhost', 'host: evil.example'],
    ['host: evil.example', 'host: localhost'],
    ['host: localhost', 'host: localhost'],
    ['host: localhost', 'origin: http://localhost', 'origin: http://evil.example'],
  ])('the page receives 400 if a header is repeated: %s, %s', async (...lines) => {
    expect(await ask(lines)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('headers or a URL over the limit', () => {
  it.each([
    ['a header', `POST / HTTP/1.1\r\nhost: localhost\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`],
    ['headers', `POST / HTTP/1.1\r\nhost: localhost\r\n${'x-a: b\r\n'.repeat(5000)}\r\n`],
    ['a URL', `POST /?${'a'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
    ['an endless URL', `GET /${'a'.repeat(300_000)}`],
  ])('the request is refused with the reason: %s', async (_, text) => {
    const { socket, received } = openSocket(open.port)
    socket.write(text)
    const answer = await received
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n.*"Message":"The URL and the headers of a request have at most/s,
    )
  })
})

it('bytes that are not a request do not replace the responses of earlier requests', async () => {
  const { store, port } = open
  const put = (id: string) =>
    requestText(JSON.stringify({ TableName: 'notes', Item: { id: { S: id } } }), 'DynamoDB_20120810.PutItem')
  for (const rest of ['nonsense\r\n\r\n', `POST / HTTP/1.1\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`, '\u0000']) {
    const { socket, received } = openSocket(port)
    socket.write(put('first') + put('second') + rest)
    const statuses = [...(await received).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)
    expect(statuses).toEqual(['200', '200', '400'])
    for (const id of ['first', 'second']) expect((await store.get({ table: 'notes', key: { id } })).item).toBeDefined()
  }
})

describe('a compressed body that inflates a thousandfold', () => {
  const bomb = gzipSync(Buffer.alloc(15 * MB, ' '), { level: 9 })

  it('the body is not inflated for a client without a valid key', async () => {
    const forged = sign({
      id: 'AKID',
      secret: 'guess',
      region: 'us-east-1',
      host: new URL(locked.endpoint).host,
      body: bomb,
    })
    const ask = () => send(locked.endpoint, { body: bomb, headers: { 'content-encoding': 'gzip', ...forged } })
    const cpu = await cpuOf(async () => {
      const replies = await Promise.all(Array.from({ length: 100 }, ask))
      for (const { status, text } of replies) {
        expect({ status, type: JSON.parse(text).__type.split('#')[1] }).toEqual({
          status: 400,
          type: 'InvalidSignatureException',
        })
      }
    })
    // Inflating them takes about 3 seconds.
    expect(cpu).toBeLessThan(1500)
  })

  it('such bodies share the limit of all bodies, and requests over it are refused with 503', async () => {
    const { endpoint } = await startServer({ limits: { heldBytes: 64 * MB } })
    const before = process.memoryUsage().rss
    const ask = () => send(endpoint, { body: bomb, headers: { 'content-encoding': 'gzip' } })
    const replies = await Promise.all(Array.from({ length: 10 }, ask))
    const statuses = new Set(replies.map(({ status }) => status))
    expect([...statuses].sort()).toEqual([400, 503])
    expect(process.memoryUsage().rss - before).toBeLessThan(500 * MB)
    expect((await send(endpoint)).status).toBe(200)
  })
})

describe('a client without a key that sends many large bodies and never ends them', () => {
  const limits = { requestBytes: MB, heldBytes: 8 * MB, unverifiedBytes: 2 * MB }
  const body = JSON.stringify({
    TableName: 'notes',
    Key: { id: { S: 'x'.repeat(1000) } },
    Padding: 'x'.repeat(900_000),
  })

  /** A signed request as text, which keeps its connection open. */
  function signed(host: string, id: string): string {
    const lines = Object.entries({
      ...UNSIGNED,
      ...sign({ id, secret: 'secret', region: 'us-east-1', host, body }),
      host,
      'content-length': Buffer.byteLength(body),
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    return `POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`
  }

  /** Sends a signed request over a connection. @returns the status of the answer. */
  async function ask(socket: Socket, host: string): Promise<number> {
    socket.write(signed(host, 'AKID'))
    const [answer] = await once(socket, 'data')
    return Number(/^HTTP\/1\.1 (\d+)/.exec(String(answer))?.[1])
  }

  /** Sends a signed request over a connection of its own. @returns the status of the answer. */
  async function askAnew(port: number, host: string): Promise<number> {
    const { socket } = openSocket(port)
    const status = await ask(socket, host)
    socket.destroy()
    return status
  }

  it('unfinished bodies share the limit of their address, and other addresses and verified connections are answered', async () => {
    const { endpoint, port } = await startServer({ keys: KEYS, limits })
    const { host } = new URL(endpoint)
    const known = openSocket(port).socket
    expect(await ask(known, host)).toBe(200)
    const attackers: Socket[] = []
    const attack = () => {
      const { socket } = openSocket(port)
      socket.write(signed(host, 'NOBODY').slice(0, -1))
      attackers.push(socket)
    }
    for (let n = 0; n < 20; n++) attack()
    // Two of them are held. The others are refused once their bodies end, and hold nothing.
    await expect.poll(() => attackers.every(({ writableLength }) => writableLength === 0)).toBe(true)
    // A request that arrives before their bodies is answered in the room of one of them, which another then takes.
    const answered = async () => {
      const status = await askAnew(port, host)
      if (status === 200) attack()
      return status
    }
    await expect.poll(answered).toBe(503)
    expect(await ask(known, host)).toBe(200)
    // Only Linux has all loopback addresses by default.
    if (process.platform === 'linux') {
      const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
      expect(await ask(other, host)).toBe(200)
      other.destroy()
    }
    for (const socket of attackers) socket.destroy()
    await expect.poll(() => askAnew(port, host)).toBe(200)
    known.destroy()
  })

  it('connections whose last signature was valid are exempt from the limit of their address', async () => {
    const { endpoint, port } = await startServer({ keys: KEYS, limits })
    const { host } = new URL(endpoint)
    const sockets = Array.from({ length: 5 }, () => openSocket(port).socket)
    for (const socket of sockets) expect(await ask(socket, host)).toBe(200)
    for (const socket of sockets) socket.write(signed(host, 'AKID').slice(0, -1))
    await expect.poll(() => sockets.every(({ writableLength }) => writableLength === 0)).toBe(true)
    const answers = sockets.map(socket => once(socket, 'data'))
    for (const socket of sockets) socket.write(body.slice(-1))
    for (const [answer] of await Promise.all(answers)) expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
    for (const socket of sockets) socket.destroy()
  })
})
