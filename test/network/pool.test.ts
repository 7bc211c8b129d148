/** The connections of the store: how many it opens, when it opens them again, and TLS. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchExchange } from '../../packages/partita/src/dynamodb/connection/fetch.js'
import { socketPool } from '../../packages/partita/src/dynamodb/connection/pool.js'
import { type DynamoDBOptions, dynamodb } from '../../packages/partita/src/dynamodb/index.js'
import type { HttpExchange } from '../../packages/partita/src/dynamodb/transport/exchange.js'

/** A certificate for localhost that no authority has signed, with its key. It protects nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmDCCAT+gAwIBAgIUUlZWws+91OFru41f86QbAocF+EgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEzMDE0NDcwNFoXDTM2MTEyNzE0
NDcwNFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEmSSCswucgFqBN2By7IHKQr1vCW+EsI5QbXAXZok9ZLojStDpwLzVYsQ0
0IVR3SRYD8rw21II7HYZScK1zbod86NvMG0wHQYDVR0OBBYEFDC9W093QOGhbR+k
X7neFLwUAlfkMB8GA1UdIwQYMBaAFDC9W093QOGhbR+kX7neFLwUAlfkMA8GA1Ud
EwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49
BAMCA0cAMEQCIDrl9n2a2gjzVPkQ7jEYoKrH4V+jFXlXKLlC8ZomyYKlAiA6kQos
iQfABQFfdAgEcCJmPuctFtREcKDw/eKwsrQUtQ==
-----END CERTIFICATE-----`
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAemYDFZ6d1KkVJ0h
FJoIyTjV865mwa4cc9doDvDLceehRANCAASZJIKzC5yAWoE3YHLsgcpCvW8Jb4Sw
jlBtcBdmiT1kuiNK0OnAvNVixDTQhVHdJFgPyvDbUgjsdhlJwrXNuh3z
-----END PRIVATE KEY-----`

const get = { table: 'things', key: { pk: 'a' } }
const put = { kind: 'put', table: 'things', item: { pk: 'a' } } as const
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of opened.splice(0).reverse()) await end()
})

const answer: RequestListener = (request, response) => {
  request.resume()
  request.on('end', () => setTimeout(() => response.end('{"Item":{"pk":{"S":"a"}}}'), 2))
}

async function serve(server: Server): Promise<{ port: number; connections: () => number; most: () => number }> {
  let all = 0
  let open = 0
  let most = 0
  server.on('connection', socket => {
    all++
    most = Math.max(most, ++open)
    socket.on('close', () => open--)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  opened.push(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, connections: () => all, most: () => most }
}

function storeAt(endpoint: string, options: DynamoDBOptions = {}) {
  const store = dynamodb({ endpoint, region: 'local', credentials, ...options })
  opened.push(() => store.close())
  return store
}

describe('the connections of a store', () => {
  it('connections stay open for later calls, and are no more than the calls at once', async () => {
    const { port, connections } = await serve(createServer(answer))
    const store = storeAt(`http://127.0.0.1:${port}`)
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 16 }, () => store.get(get)))
    expect(connections()).toBe(16)
  })

  it('connections are at most as many as the pool allows, and all calls get one', async () => {
    const { port, connections, most } = await serve(createServer(answer))
    const store = storeAt(`http://127.0.0.1:${port}`, { maxConnections: 3 })
    const found = await Promise.all(Array.from({ length: 60 }, () => store.get(get)))
    expect(found.every(({ item }) => item?.pk === 'a')).toBe(true)
    expect([connections(), most()]).toEqual([3, 3])
  })

  it.each(['plain', 'café', 'ÿ\u0100', '日本', '👋🏽', '"\\\n\0'])(
    'the text %j arrives as UTF-8 with its length',
    async text => {
      const bodies: string[] = []
      const { port } = await serve(
        createServer((request, response) => {
          const parts: Buffer[] = []
          request.on('data', part => parts.push(part))
          request.on('end', () => {
            bodies.push(Buffer.concat(parts).toString())
            response.end('{}')
          })
        }),
      )
      const store = storeAt(`http://127.0.0.1:${port}`)
      for (let i = 0; i < 2; i++) await store.write({ kind: 'put', table: 'things', item: { pk: text } })
      expect(bodies.map(body => JSON.parse(body).Item)).toEqual([{ pk: { S: text } }, { pk: { S: text } }])
    },
  )

  it('a connection that the server closes is replaced, and so is one that answers with another length', async () => {
    let count = 0
    const server = createServer((request, response) => {
      request.resume()
      if (++count % 2 === 0) response.setHeader('connection', 'close')
      response.end('{"Item":{"pk":{"S":"a"}}}')
    })
    const { port, connections } = await serve(server)
    const store = storeAt(`http://127.0.0.1:${port}`)
    for (let i = 0; i < 10; i++) expect((await store.get(get)).item).toEqual({ pk: 'a' })
    expect(connections()).toBe(5)
  })

  it('a call that is aborted closes its connection, and later calls are answered', async () => {
    let isHanging = true
    const stop = new AbortController()
    const server = createServer((request, response) => {
      if (isHanging) stop.abort()
      else answer(request, response)
    })
    const { port } = await serve(server)
    const store = storeAt(`http://127.0.0.1:${port}`, { maxConnections: 1 })
    const calls = [store.write({ ...put, signal: stop.signal }), store.write({ ...put, signal: stop.signal })]
    const codes = (await Promise.allSettled(calls)).map(it => it.status === 'rejected' && it.reason.code)
    // One may have arrived; the other never got a connection.
    expect(codes.sort()).toEqual(['OutcomeUnknown', 'Unavailable'])
    isHanging = false
    expect((await store.get(get)).item).toEqual({ pk: 'a' })
  })

  it('a connection whose server responds before it has read the request is not used again', async () => {
    let connections = 0
    const server = createTcpServer(socket => {
      connections++
      socket.on('error', () => {})
      socket.once('data', () => {
        // The rest of the request is never read.
        socket.pause()
        socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const endpoint = { protocol: 'http:', hostname: '127.0.0.1', port, path: '/' } as const
    const pool = socketPool(endpoint, { connectTimeout: 5000, maxConnections: 1 }) as HttpExchange
    opened.push(async () => {
      pool.close()
      server.close()
    })
    const limit = { milliseconds: 8000, signal: undefined }
    // More than the system buffers for a connection.
    for (const body of ['x'.repeat(32 * 1024 * 1024), '{}']) {
      expect((await pool.send({ headers: {}, body }, limit)).status).toBe(413)
    }
    expect(connections).toBe(2)
  })

  it('a connection is not used again after the machine was suspended', async () => {
    const { port, connections } = await serve(createServer(answer))
    const store = storeAt(`http://127.0.0.1:${port}`)
    await store.get(get)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    try {
      await store.get(get)
      expect(connections()).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('a connection that is opened after the pool was closed is closed after its response', async () => {
    const server = createServer(answer)
    const { port } = await serve(server)
    const endpoint = { protocol: 'http:', hostname: '127.0.0.1', port, path: '/' } as const
    const pool = socketPool(endpoint, { connectTimeout: 5000, maxConnections: 1 }) as HttpExchange
    pool.close()
    const closed = new Promise<void>(resolve => server.once('connection', socket => socket.once('close', resolve)))
    await pool.send({ headers: {}, body: '{}' }, { milliseconds: 5000, signal: undefined })
    await closed
  })

  it('many calls share an abort signal without a warning of Node', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error) => void warnings.push(warning)
    process.on('warning', warn)
    const { port } = await serve(createServer(answer))
    const store = storeAt(`http://127.0.0.1:${port}`)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 30 }, () => store.get({ ...get, signal })))
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', warn)
    expect(warnings).toEqual([])
  })

  it('a redirect is not followed by fetch, which would send the request to another host', async () => {
    const followed: string[] = []
    const other = await serve(createServer((request, response) => void response.end(followed.push(request.url ?? ''))))
    const { port } = await serve(
      createServer((request, response) => {
        request.resume()
        response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end()
      }),
    )
    const exchange = fetchExchange({ protocol: 'http:', hostname: '127.0.0.1', port, path: '/' })
    const limit = { milliseconds: 5000, signal: undefined }
    expect((await exchange.send({ headers: { 'x-amz-security-token': 't' }, body: '{}' }, limit)).status).toBe(307)
    expect(followed).toEqual([])
  })
})

describe('TLS', () => {
  it('a certificate that no authority has signed is refused before anything is sent', async () => {
    let requests = 0
    const server = createSecureServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
      requests++
      answer(request, response)
    })
    const { port } = await serve(server)
    const store = storeAt(`https://localhost:${port}`, { maxAttempts: 1 })
    await expect(store.write(put)).rejects.toMatchObject({ code: 'Unavailable' })
    expect(requests).toBe(0)
  })

  it('a program that trusts the certificate reads over few connections', async () => {
    const { port, connections } = await serve(createSecureServer({ cert: CERTIFICATE, key: KEY }, answer))
    const folder = mkdtempSync(join(tmpdir(), 'partita-tls-'))
    try {
      writeFileSync(join(folder, 'ca.pem'), CERTIFICATE)
      const source = fileURLToPath(new URL('../../packages/partita/src/dynamodb/index.ts', import.meta.url))
      const contents = `import { dynamodb } from ${JSON.stringify(source)}
        const store = dynamodb({ endpoint: process.argv[2], region: 'local', credentials: ${JSON.stringify(credentials)} })
        const all = []
        for (let i = 0; i < 40; i++) all.push(store.get(${JSON.stringify(get)}))
        console.log((await Promise.all(all)).filter(({ item }) => item.pk === 'a').length)`
      const outfile = join(folder, 'program.mjs')
      const stdin = { contents, resolveDir: folder }
      await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' })
      // Idle connections do not keep it running, although it does not close the store.
      const { stdout } = await promisify(execFile)(process.execPath, [outfile, `https://localhost:${port}`], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
        timeout: 120_000,
      })
      expect(stdout).toBe('40\n')
      expect(connections()).toBe(40)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
