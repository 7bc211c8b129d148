/** A store on a MongoDB server of its own, whose faults a test injects. */
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import type { TableDefinition } from '../../packages/partita/src/store/definition.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import { commandName } from '../servers/mongo/memory/dispatch.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const DEFINITION: TableDefinition = { name: 'things', key: { partition: { name: 'pk', type: 'S' } } }

/** The server, a store with the table `things`, and a second store that sees what is stored. */
export interface FaultStore {
  readonly server: MemoryMongo
  readonly store: Store
  /** The names of the commands that the work sends, without those of the connection and the catalog. */
  sent(work: () => Promise<unknown>): Promise<string[]>
  read(pk: string): Promise<Item | undefined>
  close(): Promise<void>
}

/** A transaction whose commit never arrives holds its documents for so long; a minute on a real server. */
const TRANSACTION_LIFETIME = 2_000

/** The store reads the definitions of its tables again every few seconds. */
const isCatalog = (collection: unknown) => collection === '_partita_tables'
const OF_CONNECTIONS = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions', 'killCursors'])

/** Starts a server, and opens the store. @param deadline milliseconds of each of its calls. */
export async function openFaultStore(
  deadline = 5_000,
  transactionLifetime = TRANSACTION_LIFETIME,
): Promise<FaultStore> {
  const server = await startMemoryMongo({ records: true, transactionLifetime })
  const url = `${server.url.replace('/?', '/faults?')}&minHeartbeatFrequencyMS=20`
  const store = mongodb({ url, deadline })
  const observer = mongodb({ url })
  await store.createTable(DEFINITION)
  await observer.describeTable(DEFINITION.name)
  return {
    server,
    store,
    sent: async work => {
      const before = server.received.length
      await work()
      return server.received.slice(before).flatMap(command => {
        const name = commandName(command)
        return OF_CONNECTIONS.has(name) || isCatalog(command[name]) ? [] : [name]
      })
    },
    read: async pk => (await observer.get({ table: 'things', key: { pk }, consistent: true })).item,
    close: async () => {
      server.clearFaults()
      await Promise.all([store.close(), observer.close()])
      await server.close()
    },
  }
}
