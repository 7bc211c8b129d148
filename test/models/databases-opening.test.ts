/** Databases opened from a configuration, as a program keeps it in a file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, type DatabaseConfig, f, model, openStore } from '../../packages/partita/src/index.js'
import { createServer } from '../../packages/partita/src/wire/index.js'

const fields = { id: f.string(), n: f.integer() }
const A = model('A', { fields, key: 'id' })
const B = model('B', { fields, key: 'id', database: 'secondary' })
const C = model('C', { fields, key: 'id', database: 'tertiary' })
const models = { A, B, C }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-databases-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

// As read from JSON.
const configured = (path: string): readonly DatabaseConfig[] =>
  JSON.parse(`[
    { "id": "primary", "type": "embedded", "connectionDetails": { "path": "${path}" } },
    { "id": "secondary", "type": "embedded", "connectionDetails": { "reuseId": "primary" } },
    { "id": "tertiary", "type": "embedded", "connectionDetails": { "reuseId": "primary" } }
  ]`)

it('opens one store for a primary database and those that reuse it, and closes it once', async () => {
  vi.stubEnv('DATABASE_FOLDER', join(folder, 'one'))
  const databases = configured(`\${gestalt.environment.DATABASE_FOLDER}`)
  const db = await connect({ models, databases })
  await db.transaction(async tx => {
    await tx.A.create({ id: 'a', n: 1 })
    await tx.B.create({ id: 'a', n: 2 })
    await tx.C.create({ id: 'a', n: 3 })
  })
  await Promise.all([db.close(), db.close()])
  // The folder is free again, and each database is a table in it.
  const store = await openStore(`embedded:${join(folder, 'one')}`)
  expect((await store.listTables()).sort()).toEqual(['primary', 'secondary', 'tertiary'])
  await store.close()
  await using again = await connect({ models, databases, environment: { DATABASE_FOLDER: join(folder, 'one') } })
  const key = { id: 'a' }
  expect([await again.A.get(key), await again.B.get(key), await again.C.get(key)].map(it => it?.n)).toEqual([1, 2, 3])
})

it('reports a missing variable before it opens anything', async () => {
  const databases = configured(`\${NOWHERE}`)
  await expect(connect({ models, databases, environment: {} })).rejects.toMatchObject({
    code: 'ValidationFailed',
    message: expect.stringContaining('the environment variable NOWHERE is not set'),
  })
})

it('closes the first store if the second does not open', async () => {
  const path = join(folder, 'two')
  const databases: readonly DatabaseConfig[] = [
    { id: 'primary', type: 'embedded', connectionDetails: { path } },
    { id: 'secondary', type: 'embedded', connectionDetails: { path: join(folder, 'missing'), readOnly: true } },
  ]
  await expect(connect({ models: { A, B }, databases })).rejects.toMatchObject({
    code: 'StoreUnusable',
  })
  const store = await openStore(`embedded:${path}`)
  await store.close()
})

it('tables of equal names in different stores hold separate rows', async () => {
  const stores = [memory(), memory()] as const
  const databases: readonly DatabaseConfig[] = [
    { id: 'primary', type: 'store', connectionDetails: { store: stores[0], table: 'rows' } },
    { id: 'secondary', type: 'store', connectionDetails: { store: stores[1], table: 'rows' } },
    { id: 'tertiary', type: 'store', connectionDetails: { store: 'memory:', table: 'rows' } },
  ]
  const db = await connect({ models, databases })
  await db.A.create({ id: 'a', n: 1 })
  await db.B.create({ id: 'a', n: 2 })
  await db.C.create({ id: 'a', n: 3 })
  const key = { id: 'a' }
  expect([await db.A.get(key), await db.B.get(key), await db.C.get(key)].map(it => it?.n)).toEqual([1, 2, 3])
  await expect(db.transaction(async tx => [await tx.A.get(key), await tx.B.get(key)])).rejects.toThrow(/another store/)
  await db.close()
  // Stores of the program stay open.
  for (const store of stores) {
    expect(await store.listTables()).toEqual(['rows'])
    await store.close()
  }
})

it('opens DynamoDB beside an embedded store', async () => {
  const engine = memory()
  const server = createServer(engine, { port: 0 })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('ENDPOINT', (await server.listen()).replace(/\/$/, ''))
  const databases: readonly DatabaseConfig[] = [
    { id: 'primary', type: 'embedded', connectionDetails: { path: join(folder, 'three') } },
    {
      id: 'secondary',
      type: 'dynamodb',
      connectionDetails: { endpoint: `\${ENDPOINT}`, region: 'local', requestTimeout: '5000' },
    },
    { id: 'tertiary', type: 'dynamodb', connectionDetails: { reuseId: 'secondary' } },
  ]
  const db = await connect({ models, databases, createTable: true })
  await db.A.create({ id: 'a', n: 1 })
  await db.transaction(async tx => {
    await tx.B.create({ id: 'b', n: 2 })
    await tx.C.create({ id: 'c', n: 3 })
  })
  expect((await engine.listTables()).sort()).toEqual(['secondary', 'tertiary'])
  await db.close()
  await server.close()
  await engine.close()
})
