/** Clients that send many requests at once, and how this affects them and others. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ServerOptions } from '../../packages/partita/src/wire/index.js'
import { GET_NOTE, openSocket, requestText, send, startServer } from './server.js'

const SCAN = requestText('{"TableName":"notes"}', 'DynamoDB_20120810.Scan')
const PUT = requestText(
  JSON.stringify({ TableName: 'notes', Item: { id: { S: 'long' }, text: { S: 'x'.repeat(100_000) } } }),
  'DynamoDB_20120810.PutItem',
)
const ITEMS = 200
const PATIENCE = { timeout: 120_000, interval: 1 }
const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A server with a table whose scans return 100 KB, and a count of the scans that started. */
async function start(options: ServerOptions = {}) {
  const running = await startServer(options)
  const { store } = running
  const put = (i: number) =>
    ({ kind: 'put', table: 'notes', item: { id: `note ${i}`, text: 'x'.repeat(500) } }) as const
  await store.batchWrite({ writes: Array.from({ length: ITEMS }, (_, i) => put(i)) })
  const counted = { scans: 0 }
  const scan = store.scan.bind(store)
  store.scan = request => {
    counted.scans++
    return scan(request)
  }
  return { ...running, counted, get: () => send(running.endpoint, { body: GET_NOTE }) }
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  return socket
}

/** Counts responses until there are `count` of them or the connection ends. */
async function answers(socket: Socket, count: number): Promise<number> {
  let found = 0
  let rest = ''
  try {
    for await (const chunk of socket.setEncoding('latin1')) {
      const parts = `${rest}${chunk}`.split('HTTP/1.1 200 OK\r\n')
      found += parts.length - 1
      rest = (parts.at(-1) as string).slice(-17)
      if (found === count) break
    }
  } catch {
    // The connection broke; the responses received until then count.
  }
  return found
}

/** Waits until the server starts no more scans, however many single requests it answers. */
async function untilStill({ counted, get }: Awaited<ReturnType<typeof start>>): Promise<number> {
  for (let before = -1; before !== counted.scans; ) {
    before = counted.scans
    for (let i = 0; i < 30; i++) expect((await get()).status).toBe(200)
  }
  return counted.scans
}

describe('pipelined requests', () => {
  it('pipelined requests are executed in their order, and each sees the writes before it', async () => {
    const { port } = await start()
    const body = (n: number) =>
      JSON.stringify({
        TableName: 'notes',
        Item: { id: { S: 'one' }, n: { N: String(n) } },
        ...(n > 0 && {
          ConditionExpression: 'n = :before',
          ExpressionAttributeValues: { ':before': { N: String(n - 1) } },
        }),
      })
    const socket = open(port)
    const texts = Array.from({ length: 300 }, (_, n) => requestText(body(n), 'DynamoDB_20120810.PutItem'))
    socket.write(texts.join(''))
    expect(await answers(socket, 300)).toBe(300)
  })

  it('pipelined requests start only while the client reads its responses', async () => {
    const server = await start()
    const socket = open(server.port)
    socket.pause()
    socket.write(SCAN.repeat(400))
    await once(socket, 'connect')
    await expect.poll(() => server.counted.scans, PATIENCE).toBeGreaterThan(0)
    // The buffers of the operating system, and one more response.
    expect(await untilStill(server)).toBeLessThan(200)
    expect(await answers(socket, 400)).toBe(400)
    expect(server.counted.scans).toBe(400)
  })

  it('pipelined requests are dropped when their client disconnects', async () => {
    const server = await start()
    const left = Array.from({ length: 10 }, () => {
      const socket = open(server.port)
      socket.pause()
      socket.write(SCAN.repeat(150))
      return socket
    })
    await expect.poll(() => server.counted.scans, PATIENCE).toBeGreaterThan(0)
    for (const socket of left) socket.resetAndDestroy()
    expect(await untilStill(server)).toBeLessThan(10 * 150)
  })

  it('pipelined requests are all answered if the client then ends its side of the connection', async () => {
    const { port } = await start()
    const small = requestText(GET_NOTE)
    const texts = [SCAN, PUT, small.repeat(2000), `${small.repeat(3)}GET / HT`]
    const got = await Promise.all(
      texts.map(text => {
        const { socket, received } = openSocket(port)
        socket.end(text)
        return received
      }),
    )
    expect(got.map(text => text.split('HTTP/1.1 200 OK\r\n').length - 1)).toEqual([1, 1, 2000, 3])
    expect(got[3]).toMatch(/Invalid EOF state"\}$/)
  })

  it('pipelined requests before one for a proxy are answered, and that one is refused', async () => {
    const { port } = await start()
    const { socket, received } = openSocket(port)
    socket.write(`${requestText(GET_NOTE).repeat(3)}CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    const statuses = [...(await received).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(['200', '200', '200', '400'])
  })

  it('pipelined requests do not block a single request from another client', async () => {
    const { port, counted, get } = await start()
    const clients = Array.from({ length: 20 }, () => open(port))
    const all = clients.map(socket => answers(socket, 60))
    for (const socket of clients) socket.write(SCAN.repeat(60))
    await expect.poll(() => counted.scans, PATIENCE).toBeGreaterThan(20)
    const begun: number[] = []
    for (let i = 0; i < 10; i++) {
      const before = counted.scans
      expect((await get()).status).toBe(200)
      begun.push(counted.scans - before)
    }
    expect(Math.min(...begun)).toBeLessThan(200)
    expect(await Promise.all(all)).toEqual(clients.map(() => 60))
    expect(counted.scans).toBe(1200)
  })

  it('pipelined requests of several connections share the server evenly', async () => {
    const { port, counted } = await start()
    const got = new Array<number>(10).fill(0)
    const clients = got.map((_, i) =>
      open(port).on('data', chunk => {
        got[i] = (got[i] as number) + chunk.length
      }),
    )
    for (const socket of clients) socket.write(SCAN.repeat(150))
    await expect.poll(() => counted.scans, PATIENCE).toBeGreaterThan(200)
    expect(Math.min(...got)).toBeGreaterThan(0)
  })
})

it('memory for unread responses is limited, and the slowest clients beyond the limit are disconnected', async () => {
  const server = await start({ limits: { answerBytes: 500_000 } })
  const clients = Array.from({ length: 20 }, () => open(server.port))
  for (const socket of clients) {
    socket.pause()
    socket.write(SCAN.repeat(150))
  }
  await expect.poll(() => server.counted.scans, PATIENCE).toBeGreaterThan(20)
  await untilStill(server)
  const got = await Promise.all(clients.map(socket => answers(socket, 150)))
  expect(got.filter(count => count < 150).length).toBeGreaterThan(0)
  expect((await server.get()).status).toBe(200)
})

it('pipelined requests that have not started are dropped when the server stops', async () => {
  const { server, port, counted } = await start({ limits: { closeTimeout: 600_000 } })
  const clients = Array.from({ length: 5 }, () => open(port))
  const all = clients.map(socket => answers(socket, 400))
  for (const socket of clients) socket.write(SCAN.repeat(150))
  await expect.poll(() => counted.scans, PATIENCE).toBeGreaterThan(5)
  await server.close()
  const got = await Promise.all(all)
  expect(got.reduce((sum, count) => sum + count, 0)).toBeLessThan(750)
  expect(counted.scans).toBeLessThan(750)
})
