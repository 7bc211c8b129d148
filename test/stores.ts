/**
 * The stores that the shared suites run on: both forms of the embedded engine, and DynamoDB over every server, our own
 * among them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from 'vitest'
import { dynamodb } from '../packages/partita/src/dynamodb/index.js'
import { embedded, memory } from '../packages/partita/src/embedded/index.js'
import { openStore } from '../packages/partita/src/open.js'
import type { TableDefinition } from '../packages/partita/src/store/definition.js'
import type { Store } from '../packages/partita/src/store/store.js'
import { createServer } from '../packages/partita/src/wire/index.js'
import type { TestServer } from './servers/global-setup.js'
import { SERVER_LIMITS, type ServerLimits } from './servers/limits.js'

export interface TestedStore {
  readonly name: string
  readonly limits: ServerLimits
  /** Each call opens a store of its own; on a server they all see the same tables. */
  open(): Promise<Store>
}

export const stores: readonly TestedStore[] = [
  { name: 'memory', limits: {}, open: async () => memory() },
  { name: 'embedded', limits: {}, open: openTemporary },
  { name: 'wire', limits: {}, open: openWire },
  ...inject('servers').map(server => ({
    name: server.name,
    limits: SERVER_LIMITS[server.name],
    open: () => openServer(server),
  })),
]

/** What a suite gets of one store: open from its first test to its last. */
export interface StoreUnderTest {
  readonly name: string
  readonly limits: ServerLimits
  readonly store: Store
  /** Another opening of the same kind; the caller closes it. */
  open(): Promise<Store>
  /** A table name that no other run uses; the table is deleted after the suite. */
  tableName(): string
  /** Creates a table under such a name. */
  table(definition: Omit<TableDefinition, 'name'>): Promise<string>
}

/** Runs a suite on every store, word for word the same. */
export function describeEachStore(title: string, body: (tested: StoreUnderTest) => void): void {
  for (const tested of stores) describe(`${title}, on ${tested.name}`, () => body(underTest(tested)))
}

const run = `partita-test-${process.pid}-${Date.now().toString(36)}`
let tables = 0

function underTest({ name, limits, open }: TestedStore): StoreUnderTest {
  let store: Store | undefined
  const mine: string[] = []
  beforeAll(async () => {
    store = await open()
  })
  const deleteTables = async (tables: readonly string[]) => {
    const present = new Set(await store?.listTables())
    await Promise.all(tables.filter(table => present.has(table)).map(table => store?.deleteTable(table)))
  }
  if (limits.hasFewThreads !== undefined) {
    let before = 0
    beforeEach(() => {
      before = mine.length
    })
    afterEach(() => deleteTables(mine.splice(before)))
  }
  afterAll(async () => {
    await deleteTables(mine)
    await store?.close()
  })
  const opened = (): Store => {
    if (!store) throw new Error('The store is open only while tests run')
    return store
  }
  const tableName = () => {
    const table = `${run}-${++tables}`
    mine.push(table)
    return table
  }
  return {
    name,
    limits,
    get store() {
      return opened()
    },
    open,
    tableName,
    table: async definition => (await opened().createTable({ ...definition, name: tableName() })).name,
  }
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

/** The SDK over HTTP, with the embedded engine behind it. */
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
  // Explicit, so that credentials in the environment play no part.
  return dynamodb({ endpoint, region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
}
