/** The stores that the shared suites run on: the embedded engine on disk and in memory, and DynamoDB's client on every server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from 'vitest'
import { dynamodb } from '../packages/partita/src/dynamodb/index.js'
import { embedded, memory } from '../packages/partita/src/embedded/index.js'
import { openStore } from '../packages/partita/src/open.js'
import type { Store } from '../packages/partita/src/store/store.js'
import {
  type TestedEngine,
  type TestedStore,
  testedStore,
} from '../packages/partita/src/testing/contract/tested-store.js'
import { createServer } from '../packages/partita/src/wire/index.js'
import type { TestServer } from './servers/global-setup.js'
import { SERVER_SUPPORTS } from './servers/limits.js'
import { mongoServers } from './servers/mongo/lanes.js'

/** The embedded engine, in memory and on disk. */
export const embeddedEngines: readonly TestedEngine[] = [
  { name: 'memory', open: async () => memory() },
  { name: 'embedded', open: openTemporary },
]

/** DynamoDB's client on our own server and on the others. */
export const servedEngines: readonly TestedEngine[] = [
  { name: 'wire', open: openWire },
  ...inject('servers').map(server => ({
    name: server.name,
    supports: SERVER_SUPPORTS[server.name],
    open: () => openServer(server),
  })),
]

/** MongoDB's driver on every server of the run that can carry the store. */
export const mongoEngines: readonly TestedEngine[] = mongoServers()
  .filter(({ withoutStore }) => withoutStore === undefined)
  .map(({ name, supports, url }) => ({ name, supports, open: async () => openStore(await url()) }))

/** The store that a suite runs on, open from its first test to its last. */
export interface StoreUnderTest extends TestedStore {
  readonly name: string
}

/** With PARTITA_TEST_MONGODB=all, all shared suites run on MongoDB too; otherwise those that ask for it. */
export const ALL_ON_MONGODB = process.env.PARTITA_TEST_MONGODB === 'all'

/**
 * Runs the same suite on every store.
 * @param without names of stores that add nothing to a suite whose behaviour comes from another layer.
 * @param onMongoDB whether it runs on MongoDB too.
 */
export function describeEachStore(
  title: string,
  body: (tested: StoreUnderTest) => void,
  without: readonly string[] = [],
  onMongoDB = ALL_ON_MONGODB,
): void {
  const engines = [...embeddedEngines, ...servedEngines, ...(onMongoDB ? mongoEngines : [])]
  for (const engine of engines.filter(({ name }) => !without.includes(name)))
    describe(`${title}, on ${engine.name}`, () => body(underTest(engine)))
}

function underTest(engine: TestedEngine): StoreUnderTest {
  const tested = testedStore(engine, { beforeAll, afterAll })
  if (!tested.supports.manyTables) {
    let before = 0
    beforeEach(() => {
      before = tested.tables()
    })
    afterEach(() => tested.deleteTables(before))
  }
  return Object.defineProperty(tested, 'name', { value: engine.name, enumerable: true }) as StoreUnderTest
}

async function openTemporary(): Promise<Store> {
  const path = mkdtempSync(join(tmpdir(), 'partita-'))
  const store = embedded({ path })
  const close = store.close.bind(store)
  store.close = async () => {
    await close()
    rmSync(path, { recursive: true, force: true })
  }
  return store
}

/** The SDK over HTTP, on a server of the embedded engine. */
async function openWire(): Promise<Store> {
  const engine = memory()
  const server = createServer(engine, { port: 0 })
  const store = openEndpoint(await server.listen())
  const close = store.close.bind(store)
  store.close = async () => {
    await close()
    await server.close()
    await engine.close()
  }
  return store
}

async function openServer({ name, url }: TestServer): Promise<Store> {
  if (name === 'custom') return openStore(url)
  return openEndpoint(url)
}

function openEndpoint(endpoint: string): Store {
  // Explicit credentials, so that those of the environment are not used.
  return dynamodb({ endpoint, region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
}
