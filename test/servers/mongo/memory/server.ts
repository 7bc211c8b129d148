/**
 * A server in memory that speaks MongoDB's protocol on the loopback interface: a replica set of one member, with snapshot
 * transactions and real write conflicts. It does what the suites need, and does that as MongoDB does. What it lacks, it
 * rejects: expressions, updates by pipelines, collations, array filters, change streams, authentication.
 */

import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { Document } from 'mongodb'
import type { State } from './commands/context.js'
import { Cursors } from './commands/cursors.js'
import { commandName, dispatch, errorReply, isRepeated, within } from './dispatch.js'
import { failed, isOfMember } from './errors.js'
import { type Fault, Faults } from './faults.js'
import { Databases } from './storage/databases.js'
import { Sessions } from './storage/sessions.js'
import { answer, Messages, type Request } from './wire.js'

/** As often as a mongod looks for expired documents. */
const EXPIRY_MS = 60_000

/** Settings of a server. */
export interface MemoryMongoOptions {
  /** Without it, a standalone server, which has no transactions. Default true. */
  readonly replicaSet?: boolean
  /** Keeps the commands that it receives. Default false. */
  readonly records?: boolean
  /** Milliseconds after which it aborts a transaction. Default: MongoDB's, a minute. */
  readonly transactionLifetime?: number
}

/** A running server. */
export interface MemoryMongo {
  readonly url: string
  /** The commands that it has received, for tests of what is sent. */
  readonly received: readonly Document[]
  /** Lets a command fail. */
  inject(fault: Fault): void
  /** Forgets the faults that have not happened. */
  clearFaults(): void
  /** Deletes expired documents now; returns their number. */
  expire(now?: number): number
  /** The number of transactions that are open, and of cursors. */
  readonly open: { readonly transactions: number; readonly cursors: number }
  close(): Promise<void>
}

/** Starts a server on a free port. */
export async function startMemoryMongo(options: MemoryMongoOptions = {}): Promise<MemoryMongo> {
  const { replicaSet = true, records = false, transactionLifetime = 60_000 } = options
  const databases = new Databases()
  const faults = new Faults()
  const received: Document[] = []
  const sockets = new Set<Socket>()
  const state: State = {
    databases,
    sessions: new Sessions(databases.clock, transactionLifetime),
    cursors: new Cursors(),
    isReplicaSet: replicaSet,
    address: () => `127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  const server = createServer(socket => {
    sockets.add(socket)
    // The process of a test may end without closing its connections.
    socket.unref().setNoDelay(true)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    serve(socket, async request => {
      if (records) received.push(request.command)
      return respond(state, faults, request)
    })
  })
  await listening(server)
  const timer = setInterval(() => databases.expire(), EXPIRY_MS).unref()
  return {
    url: `mongodb://${state.address()}/${replicaSet ? '?replicaSet=rs0' : ''}`,
    received,
    inject: fault => faults.add(fault),
    clearFaults: () => faults.clear(),
    expire: now => databases.expire(now),
    get open() {
      return { transactions: databases.clock.open.size, cursors: state.cursors.size }
    },
    close: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.unref()
      resolve()
    })
  })
}

/** Answers the requests of a connection, one after the other. */
function serve(socket: Socket, respondTo: (request: Request) => Promise<Document | undefined>): void {
  const messages = new Messages()
  let last = Promise.resolve()
  socket.on('data', chunk => {
    try {
      for (const request of messages.take(chunk))
        last = last.then(async () => {
          const reply = await respondTo(request)
          if (!reply) socket.destroy()
          else if (!request.isUnacknowledged) socket.write(answer(request, reply))
        })
    } catch {
      socket.destroy()
    }
  })
}

/** The answer to a request; undefined ends the connection. */
async function respond(state: State, faults: Faults, { command }: Request): Promise<Document | undefined> {
  const name = commandName(command)
  if (name === 'configureFailPoint') {
    faults.configure(command)
    return { ok: 1 }
  }
  const limit = Number(String(command.maxTimeMS ?? 0))
  const end = limit > 0 ? Date.now() + limit : Number.POSITIVE_INFINITY
  const isRepeat = isRepeated(state, command)
  const fault = faults.take(
    name,
    ({ errorCode, collection = command[name] }) =>
      collection === command[name] && (!isRepeat || errorCode === undefined || isOfMember(errorCode)),
  )
  if (!fault) return dispatch(state, command, end)
  const fails = () =>
    errorReply(
      failed(fault.errorCode as 1, "Failing command via 'failCommand' failpoint"),
      within(command),
      fault.errorLabels,
    )
  if (fault.delay !== undefined) await new Promise(resolve => setTimeout(resolve, fault.delay))
  if (Date.now() > end) return errorReply(failed(50, 'operation exceeded time limit'), within(command))
  if (!fault.afterCommand) {
    if (fault.closeConnection) return undefined
    if (fault.errorCode !== undefined) return fails()
  }
  const reply = await dispatch(state, command, end)
  if (fault.closeConnection) return undefined
  if (fault.errorCode !== undefined) return fails()
  return fault.writeConcernError ? { ...reply, writeConcernError: fault.writeConcernError } : reply
}
