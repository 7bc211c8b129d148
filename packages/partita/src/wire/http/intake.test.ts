import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { Intake, IntakeTurns } from './intake.js'

const REQUEST = `GET / HTTP/1.1\r\nHost: a\r\nX-Pad: ${'x'.repeat(400)}\r\n\r\n`
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that answers each request with its number, and holds a connection back while `isHeld` returns true. */
async function serve(isHeld: () => boolean) {
  const parsed = { requests: 0, bytes: 0 }
  const intakes: Intake[] = []
  const turns = new IntakeTurns()
  const server = createServer((request, response) => {
    const number = ++parsed.requests
    request.on('data', (chunk: Buffer) => {
      parsed.bytes += chunk.length
    })
    request.on('end', () => response.end(`number ${number}.`))
  })
  server.on('connection', socket => intakes.push(new Intake(socket, turns, isHeld, () => false)))
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
  return { parsed, intakes, socket }
}

it('a held connection parses only a few of the requests that arrived together, and the others when it resumes', async () => {
  let isHeld = true
  const { parsed, intakes, socket } = await serve(() => isHeld && parsed.requests > 0)
  let received = ''
  socket.setEncoding('latin1').on('data', text => {
    received += text
  })
  socket.write(REQUEST.repeat(1000))
  await expect.poll(() => parsed.requests, { timeout: 120_000 }).toBeGreaterThan(0)
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve))
  expect(parsed.requests).toBeLessThan(40)
  isHeld = false
  intakes[0]?.goOn()
  await expect.poll(() => received, { timeout: 120_000 }).toContain('number 1000.')
})

it('a large body arrives complete, with the request behind it', async () => {
  const { parsed, socket } = await serve(() => false)
  const body = 'y'.repeat(3_000_000)
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}${REQUEST}`)
  await expect.poll(() => parsed.requests, { timeout: 120_000 }).toBe(2)
  expect(parsed.bytes).toBe(body.length)
})
