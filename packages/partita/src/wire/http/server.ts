/** DynamoDB's protocol over HTTP. */
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { EmbeddedStore } from '../../embedded/embedded-store.js'
import { engineStore } from '../../embedded/engine-store.js'
import { PartitaError, ValidationError } from '../../errors/errors.js'
import { checkOptions } from '../../store/options.js'
import { clearInterval, clearTimeout, setInterval, setTimeout, systemClock } from '../../store/timers.js'
import { Compressor } from './compression.js'
import { Connections } from './connections.js'
import { type Exchanges, exchange, exchangeUnmet, exchangeUsual } from './exchange.js'
import { LargeReads } from './large-read.js'
import { DEFAULT_LIMITS, type ServerLimits } from './limits.js'
import { isLoopback } from './origin.js'
import { Outbox } from './outbox.js'
import { MAX_HEADER_BYTES, refuseUnparsed } from './refuse-unparsed.js'
import { checkRegion } from './region.js'
import { type AccessKeys, SignatureCheck } from './signature.js'
import { Turns } from './turns.js'

/** Options of {@link createServer}. */
export interface ServerOptions {
  /** The address to listen on. Addresses other than loopback require `keys`. Default `127.0.0.1`. */
  readonly host?: string
  /** The port to listen on; 0 for any free port. Default 8000. */
  readonly port?: number
  /** The region in ARNs and, with `keys`, in the scope of signatures. Default `us-east-1`. */
  readonly region?: string
  /** Secret keys by access key id. With them, signatures are verified; without, every key is accepted. */
  readonly keys?: AccessKeys
  /** Refuses writes with the error that AWS gives a user who may only read. Default false. */
  readonly readOnly?: boolean
  /**
   * Resets the store to its initial state, for tests. If given, the request `POST /` with the header
   * `X-Amz-Target: Partita.Reset` calls it and is answered with `{}` afterwards. Only programs on this machine may send
   * this request, not pages in a browser. With `keys` it must be signed. Default: resets are not offered.
   */
  readonly reset?: () => Promise<void>
  readonly limits?: Partial<ServerLimits>
  /** Returns the current time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

/** A server that {@link createServer} made. */
export interface WireServer {
  /** @returns the endpoint for clients. @throws the system's error, for example if the port is in use */
  listen(): Promise<string>
  /**
   * Stops accepting requests, lets those in flight complete within `limits.closeTimeout`, and closes all connections.
   * The store stays open.
   */
  close(): Promise<void>
}

const OPTIONS = ['host', 'port', 'region', 'keys', 'readOnly', 'reset', 'limits', 'clock']
const DEFAULT_HOST = '127.0.0.1'
/** How often a closing server looks for connections that have become idle, in milliseconds. */
const CLOSE_INTERVAL = 10

/**
 * Creates a server of DynamoDB's protocol on a store of this process. It listens once `listen` is called.
 *
 * @example
 * import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
 * import { embedded } from 'partita/embedded'
 * import { createServer } from 'partita/wire'
 *
 * const server = createServer(embedded({ path: './data' }), { port: 8000 })
 * const endpoint = await server.listen()
 * const client = new DynamoDBClient({ endpoint, region: 'local', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } })
 *
 * @throws ValidationError for a host other than loopback without keys, for an invalid region or key, and for `readOnly`
 *   together with `reset`.
 * @throws PartitaError `StoreUnusable` on Bun, whose sockets lack features of Node's that the server needs.
 */
export function createServer(store: EmbeddedStore, options: ServerOptions = {}): WireServer {
  checkServerOptions(options)
  const {
    host = DEFAULT_HOST,
    port = 8000,
    region = 'us-east-1',
    keys,
    readOnly = false,
    clock = systemClock,
  } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const shared: Exchanges = {
    wire: { store: engineStore(store), region, now: clock },
    limits,
    held: { bytes: 0, limit: limits.heldBytes },
    readOnly,
    signatures: keys && new SignatureCheck(keys, region, clock),
    connections: new Connections(limits),
    outbox: new Outbox(),
    turns: new Turns(),
    largeReads: new LargeReads(),
    compression: new Compressor(),
    reset: options.reset,
    closing: false,
  }
  const server = makeServer(shared)
  server.on('listening', () => shared.connections.watch())
  server.on('close', () => shared.connections.unwatch())
  let closed: Promise<void> | undefined
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve(addressOf(server, host))
        })
      }),
    close() {
      shared.closing = true
      closed ??= closeServer(server, shared.connections, limits.closeTimeout)
      return closed
    },
  }
}

function checkServerOptions(options: ServerOptions): void {
  checkOptions(options, OPTIONS)
  const { host = DEFAULT_HOST, region = 'us-east-1', keys, readOnly, reset } = options
  checkRuntime()
  if (readOnly && reset) {
    const message = 'a server with readOnly cannot reset its store; omit one of the two options'
    throw new ValidationError([{ path: ['reset'], message }])
  }
  checkRegion(region)
  if (keys !== undefined) checkKeys(keys)
  else if (!isLoopback(host)) {
    const message = `${JSON.stringify(host)} is reachable from other machines and needs keys; a server without keys listens on 127.0.0.1, ::1 or localhost`
    throw new ValidationError([{ path: ['host'], message }])
  }
}

function checkRuntime(): void {
  if (process.versions.bun === undefined) return
  const message =
    'The server needs sockets of Node, which Bun does not have; run it on Node or Deno (npx partita serve), ' +
    'or give requestHandler(store) to an AWS SDK in this program'
  throw new PartitaError('StoreUnusable', message, {})
}

function checkKeys(keys: AccessKeys): void {
  const ids = Object.keys(keys)
  if (ids.length === 0) {
    throw new ValidationError([
      { path: ['keys'], message: 'has no access key, so every request would be refused; add one, or omit the option' },
    ])
  }
  for (const id of ids) {
    if (!/^[\w+.@-]+$/.test(id)) {
      throw new ValidationError([
        { path: ['keys', id], message: 'an id contains letters, digits and any of _ + . @ -' },
      ])
    }
    if (!keys[id]) throw new ValidationError([{ path: ['keys', id], message: 'has no secret' }])
  }
}

function makeServer(shared: Exchanges): Server {
  const { limits } = shared
  const server = createHttpServer(
    {
      // Set explicitly, so that no flag of the process admits requests that proxies interpret differently.
      insecureHTTPParser: false,
      // Node would answer without a body.
      requireHostHeader: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: 0,
      connectionsCheckingInterval: Math.min(5_000, limits.headersTimeout),
      noDelay: true,
    },
    (request, response) => exchange(shared, request, response),
  )
  server.on('checkExpectation', (request, response) => exchangeUnmet(shared, request, response))
  connect(server, shared)
  // Node's own timeout would cut off answers that are still being sent.
  server.closeIdleConnections = () => shared.connections.closeUnused()
  // The client of a connection that could not be accepted can retry; the server keeps listening.
  server.on('error', () => undefined)
  server.on('clientError', (error, socket) => refuseUnparsed(error, socket, shared.connections))
  // Node would close the connection and lose the answers to earlier requests.
  server.on('connect', (_, socket) => {
    socket.on('error', () => socket.destroy())
    refuseUnparsed(new Error('CONNECT is for proxies, and this server is not a proxy'), socket, shared.connections)
  })
  server.maxConnections = limits.connections
  // Node silently drops headers beyond a count; the limit on their bytes is enough.
  server.maxHeadersCount = 0
  return server
}

/** Node's HTTP listens to a connection only once its client sends more than usual requests. */
function connect(server: Server, shared: Exchanges): void {
  const [listen] = server.listeners('connection') as ((socket: Socket) => void)[]
  // Deno's HTTP does not listen to sockets in JavaScript.
  if (!listen) return
  server.off('connection', listen)
  server.on('connection', socket =>
    shared.connections.add(socket, {
      answer: (request, reply) => exchangeUsual(shared, request, reply),
      parse: () => listen.call(server, socket),
    }),
  )
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Answers in flight close their own connections, so only idle connections remain to be closed. */
function closeServer(server: Server, connections: Connections, timeout: number): Promise<void> {
  return new Promise(resolve => {
    const interval = setInterval(() => server.closeIdleConnections(), CLOSE_INTERVAL)
    const deadline = setTimeout(() => {
      connections.closeAll()
      server.closeAllConnections()
    }, timeout)
    server.close(() => {
      clearInterval(interval)
      clearTimeout(deadline)
      resolve()
    })
  })
}
