/** Commands on the connection, sessions and transactions. */
import { type Document, Int32, type Long, ObjectId } from 'mongodb'
import { failed } from '../errors.js'
import type { Call, Handler } from './context.js'

/** The wire version of MongoDB 8.0. */
const WIRE_VERSION = 25
const ELECTION = new ObjectId()

const hello: Handler = ({ state }) => ({
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  ...(state.isReplicaSet && {
    setName: 'rs0',
    setVersion: new Int32(1),
    secondary: false,
    hosts: [state.address()],
    primary: state.address(),
    me: state.address(),
    electionId: ELECTION,
  }),
  maxBsonObjectSize: new Int32(16 * 1024 * 1024),
  maxMessageSizeBytes: new Int32(48_000_000),
  maxWriteBatchSize: new Int32(100_000),
  localTime: new Date(),
  logicalSessionTimeoutMinutes: new Int32(30),
  connectionId: new Int32(1),
  minWireVersion: new Int32(0),
  maxWireVersion: new Int32(WIRE_VERSION),
  readOnly: false,
})

const endSessions: Handler = ({ state, command }) => {
  const ended: Document[] = command.endSessions ?? command.killSessions
  for (const lsid of ended) state.sessions.end(lsid)
  return {}
}

const commitTransaction: Handler = ({ session, command }) => {
  numbered({ session, command }).commit(numberOf(command))
  return {}
}

const abortTransaction: Handler = ({ session, command }) => {
  numbered({ session, command }).abortNumber(numberOf(command))
  return {}
}

function numbered({ session, command }: Pick<Call, 'session' | 'command'>) {
  if (!session || command.txnNumber === undefined) throw failed(125, 'The command must run within a transaction')
  return session
}

function numberOf({ txnNumber }: Document): bigint {
  return (txnNumber as Long).toBigInt()
}

export const sessionCommands: Readonly<Record<string, Handler>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: () => ({}),
  buildInfo: () => ({
    version: '8.0.0',
    versionArray: [8, 0, 0, 0].map(n => new Int32(n)),
    modules: [],
    bits: new Int32(64),
  }),
  connectionStatus: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }),
  endSessions,
  killSessions: endSessions,
  commitTransaction,
  abortTransaction,
}
