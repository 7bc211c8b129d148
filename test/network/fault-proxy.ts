/** A proxy between the DynamoDB store and a server that injects faults of networks and services. */
import { Agent, createServer, type IncomingHttpHeaders, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Faults of one request. With `done...`, `empty` and `cut` the server receives and applies the request; the response of
 * `empty` has no body, that of `cut` ends early. With the others the request never reaches the server.
 */
export const FAULTS = [
  'drop',
  'hang',
  'doneReset',
  'done500',
  'doneHang',
  'throttle',
  'conflict',
  'inProgress',
  'empty',
  'cut',
] as const

export type Fault = (typeof FAULTS)[number]

/** Faults that only a whole run injects: a status of 503, and a response that stops in its middle. */
export type RunFault = Fault | 'done503' | 'stall'

/** Faults after which a client cannot know whether the request was applied. */
export const AMBIGUOUS: ReadonlySet<Fault> = new Set<Fault>([
  'drop',
  'hang',
  'doneReset',
  'done500',
  'doneHang',
  'inProgress',
  'empty',
  'cut',
])

/** A request of the client. */
export interface Passing {
  readonly operation: string
  readonly body: string
}

export interface FaultProxy {
  readonly url: string
  /** Chooses the fault of each request. Default: none. */
  decide: ((passing: Passing) => RunFault | undefined) | undefined
  /** Refuses a request before all else, as AWS refuses a signature. Default: none is refused. */
  refuse: ((headers: IncomingHttpHeaders) => Refusal | undefined) | undefined
  /** Called with each request that reached the server, and the status of its response. */
  seen: ((passing: Passing, status: number) => void) | undefined
  /** Called after a fault took effect and before the client sees it. */
  failed: ((passing: Passing, fault: RunFault) => Promise<void>) | undefined
  /** Waits until no request whose body contains the text is in flight. */
  settled(text: string): Promise<void>
  close(): Promise<void>
}

/** A refused signature: the name of AWS's error, and the header `date` of the response. */
export interface Refusal {
  readonly name: string
  readonly date: Date
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const JSON_TYPE = 'application/x-amz-json-1.0'

export async function faultProxy(upstream: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const inFlight = new Map<Passing, Promise<void>>()
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', part => parts.push(part))
    incoming.on('error', () => {})
    response.on('error', () => {})
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? ''
      const forward = () => send(agent, upstream, incoming.headers, body)
      const passing = { operation, body: body.toString() }
      const refusal = proxy.refuse?.(incoming.headers)
      if (refusal) {
        response.setHeader('date', refusal.date.toUTCString())
        exception(response, 400, refusal.name)
        return
      }
      const handling = handle(proxy, passing, forward, response)
        .catch(() => reset(response))
        .finally(() => inFlight.delete(passing))
      inFlight.set(passing, handling)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    decide: undefined,
    refuse: undefined,
    seen: undefined,
    failed: undefined,
    async settled(text) {
      await Promise.all([...inFlight].map(([{ body }, handling]) => (body.includes(text) ? handling : undefined)))
    },
    close: () => end(server, agent),
  }
  return proxy
}

async function handle(
  proxy: FaultProxy,
  passing: Passing,
  forward: () => Promise<Answer>,
  response: ServerResponse,
): Promise<void> {
  const fault = proxy.decide?.(passing)
  const reaches = !fault || fault.startsWith('done') || fault === 'empty' || fault === 'cut' || fault === 'stall'
  const answer = reaches ? await forward() : undefined
  if (answer) proxy.seen?.(passing, answer.status)
  if (fault) await proxy.failed?.(passing, fault)
  switch (fault) {
    case undefined:
      return reply(response, answer as Answer)
    case 'drop':
    case 'doneReset':
      return reset(response)
    case 'hang':
    case 'doneHang':
      return
    case 'done500':
      return exception(response, 500, 'InternalServerError')
    case 'done503':
      return exception(response, 503, 'ServiceUnavailable')
    case 'throttle':
      return exception(response, 400, 'ThrottlingException')
    case 'inProgress':
      return exception(response, 400, 'TransactionInProgressException')
    case 'conflict':
      return conflict(response, passing)
    case 'empty':
      return reply(response, { ...(answer as Answer), status: 200, body: Buffer.alloc(0) })
    case 'stall':
    case 'cut': {
      const { status, body } = answer as Answer
      response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': body.length })
      response.write(body.subarray(0, body.length >> 1), () => fault === 'cut' && reset(response))
    }
  }
}

function reply(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': body.length })
  response.end(body)
}

function exception(response: ServerResponse, status: number, name: string, more: object = {}): void {
  const text = { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...more }
  reply(response, { status, headers: {}, body: Buffer.from(JSON.stringify(text)) })
}

function conflict(response: ServerResponse, { operation, body }: Passing): void {
  if (operation !== 'TransactWriteItems') {
    exception(response, 400, 'TransactionConflictException')
    return
  }
  const count = JSON.parse(body).TransactItems.length
  const CancellationReasons = Array.from({ length: count }, (_, i) => ({
    Code: i === 0 ? 'TransactionConflict' : 'None',
  }))
  exception(response, 400, 'TransactionCanceledException', { CancellationReasons })
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function send(agent: Agent, upstream: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
  const { connection: _, 'transfer-encoding': __, ...kept } = headers
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent, headers: { ...kept, host: new URL(upstream).host } }
    const outgoing = request(upstream, options, incoming => {
      const parts: Buffer[] = []
      incoming.on('data', part => parts.push(part))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function end(server: Server, agent: Agent): Promise<void> {
  agent.destroy()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
