/** The stores that the shared suites run on: the embedded engine on disk and in memory, and DynamoDB's client on every server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
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

/** The DynamoDB store on our own server and on the others. */
export const servedEngines: readonly TestedEngine[] = [
  { name: 'wire', open: () => openWire(openEndpoint) },
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
/**
 * The DynamoDB store through a client of the SDK: on our own server, and with `PARTITA_TEST_SDK=all` on the others, where
 * it takes a minute and the same code runs.
 */
export const clientEngines: readonly TestedEngine[] = [
  { name: 'wire through the SDK', open: () => openWire(openClient) },
  ...(process.env.PARTITA_TEST_SDK === 'all' ? inject('servers') : []).map(({ name, url }) => ({
    name: `${name} through the SDK`,
    supports: SERVER_SUPPORTS[name],
    open: async () => openClient(url),
  })),
]

/** The store that a suite runs on, open from its first test to its last. */
export interface StoreUnderTest extends TestedStore {
  readonly name: string
}

const engines = [...embeddedEngines, ...servedEngines, ...mongoEngines]

/**
 * The stores of the suites of all layers above the contract, named by `PARTITA_TEST_STORES`; `all` is every store. By
 * default the embedded engines and the reference among the servers, or our own where that does not run. The contract
 * itself runs on every store in every run, and CI runs the other suites once more on the stores that are left.
 */
const selected = (process.env.PARTITA_TEST_STORES ?? `memory,embedded,${reference()}`).split(',')

function reference(): string {
  return engines.some(({ name }) => name === 'dynamodb-local') ? 'dynamodb-local' : 'wire'
}

/** Whether the suites of this run use the engine. */
export const isSelected = ({ name }: TestedEngine): boolean =>
  selected.includes(name) || selected.includes('all') || name === 'custom'

/**
 * Runs the same suite on each selected store, and on a DynamoDB server that the user has named.
 * @param without names of stores that add nothing to a suite whose behaviour comes from another layer.
 */
export function describeEachStore(
  title: string,
  body: (tested: StoreUnderTest) => void,
  without: readonly string[] = [],
): void {
  describeOn(
    engines.filter(engine => isSelected(engine) && !without.includes(engine.name)),
    title,
    body,
  )
}

/** Like `describeEachStore`, and in every run on the MongoDB servers too. */
export function describeEachStoreAndMongo(title: string, body: (tested: StoreUnderTest) => void): void {
  describeOn(
    engines.filter(engine => isSelected(engine) || mongoEngines.includes(engine)),
    title,
    body,
  )
}

function describeOn(on: readonly TestedEngine[], title: string, body: (tested: StoreUnderTest) => void): void {
  for (const engine of on) describe(`${title}, on ${engine.name}`, () => body(underTest(engine)))
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

/** A store over HTTP, on a server of the embedded engine. */
async function openWire(open: (endpoint: string) => Store): Promise<Store> {
  const engine = memory()
  const server = createServer(engine, { port: 0 })
  const store = open(await server.listen())
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

/** Explicit credentials, so that those of the environment are not used. */
const SETTINGS = { region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

function openEndpoint(endpoint: string): Store {
  return dynamodb({ endpoint, ...SETTINGS })
}

/** The same through a client of the SDK. */
function openClient(endpoint: string): Store {
  const client = new DynamoDBClient({ endpoint, ...SETTINGS })
  const store = dynamodb({ client })
  const close = store.close.bind(store)
  store.close = async () => {
    await close()
    client.destroy()
  }
  return store
}
