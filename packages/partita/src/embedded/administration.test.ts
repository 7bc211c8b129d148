import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedStore, embedded } from './index.js'

let path: string
let store: EmbeddedStore
const table = { name: 'notes', key: { partition: { name: 'id', type: 'S' } } } as const
const byKind = { byKind: { partition: { name: 'kind', type: 'S' }, projection: 'keysOnly' } } as const

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'partita-administration-'))
  store = embedded({ path, sweepInterval: 0 })
  await store.createTable(table)
})
afterEach(async () => {
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

const fill = (count: number) =>
  store.batchWrite({
    writes: Array.from(
      { length: count },
      (_, i) => ({ kind: 'put', table: 'notes', item: { id: `${i}`, kind: `k${i % 3}` } }) as const,
    ),
  })
const ofKind = async (kind: string) =>
  (
    await store.query({
      table: 'notes',
      index: 'byKind',
      key: { partition: { name: 'kind', value: kind } },
      countOnly: true,
    })
  ).count

describe('an index added later', () => {
  it('an index that is added later holds the existing items and those written while it was filled', async () => {
    await fill(2500)
    const [description] = await Promise.all([
      store.updateTable('notes', { createIndexes: byKind }),
      store.write({ kind: 'put', table: 'notes', item: { id: 'new', kind: 'k0' } }),
      store.write({ kind: 'delete', table: 'notes', key: { id: '3' } }),
    ])
    expect(description).toMatchObject({ status: 'active', globalIndexes: byKind })
    expect([await ofKind('k0'), await ofKind('k1'), await ofKind('k2')]).toEqual([834, 833, 833])
  })

  it('an index that is added later skips items whose attribute cannot be a key', async () => {
    await store.write({ kind: 'put', table: 'notes', item: { id: 'number', kind: 1 } })
    await store.write({ kind: 'put', table: 'notes', item: { id: 'empty', kind: '' } })
    await store.write({ kind: 'put', table: 'notes', item: { id: 'good', kind: 'k' } })
    await store.updateTable('notes', { createIndexes: byKind })
    expect((await store.scan({ table: 'notes', index: 'byKind' })).items).toEqual([{ id: 'good', kind: 'k' }])
    // These items can still be changed and deleted.
    await store.write({ kind: 'delete', table: 'notes', key: { id: 'number' } })
    await store.write({ kind: 'put', table: 'notes', item: { id: 'empty', kind: 'k' } })
    expect(await ofKind('k')).toBe(2)
  })

  it('a removed index leaves nothing behind for a new index of the same name', async () => {
    await fill(1500)
    await store.updateTable('notes', { createIndexes: byKind })
    await store.updateTable('notes', { deleteIndexes: ['byKind'] })
    await expect(ofKind('k0')).rejects.toMatchObject({ code: 'IndexNotFound' })
    await store.updateTable('notes', { createIndexes: { byKind: { partition: { name: 'other', type: 'S' } } } })
    expect((await store.scan({ table: 'notes', index: 'byKind' })).count).toBe(0)
  })

  it('a different index of the same name and the removal of an unknown index are refused', async () => {
    await store.updateTable('notes', { createIndexes: byKind })
    await store.updateTable('notes', { createIndexes: byKind })
    const other = { byKind: { partition: { name: 'x', type: 'S' } } } as const
    await expect(store.updateTable('notes', { createIndexes: other })).rejects.toMatchObject({ code: 'AlreadyExists' })
    await expect(store.updateTable('notes', { deleteIndexes: ['nothing'] })).rejects.toMatchObject({
      code: 'IndexNotFound',
    })
  })
})

describe('a deleted table', () => {
  it('a deleted table leaves nothing behind for a new table of the same name', async () => {
    await fill(2500)
    await store.deleteTable('notes')
    expect(await store.describeTable('notes')).toBeUndefined()
    await expect(store.get({ table: 'notes', key: { id: '1' } })).rejects.toMatchObject({ code: 'TableNotFound' })
    await store.createTable(table)
    expect(await store.describeTable('notes')).toMatchObject({ itemCount: 0 })
    expect((await store.get({ table: 'notes', key: { id: '1' } })).item).toBeUndefined()
  })
})

describe('a change that another process makes to a table', () => {
  it('the change is visible at once, to reads and to writes', async () => {
    const other = embedded({ path, sweepInterval: 0 })
    await store.get({ table: 'notes', key: { id: '1' } })
    await other.deleteTable('notes')
    await expect(store.get({ table: 'notes', key: { id: '1' } })).rejects.toMatchObject({ code: 'TableNotFound' })
    await other.createTable({ ...table, key: { partition: { name: 'other', type: 'N' } } })
    await store.write({ kind: 'put', table: 'notes', item: { other: 1 } })
    await expect(store.write({ kind: 'put', table: 'notes', item: { id: '1' } })).rejects.toMatchObject({
      code: 'ValidationFailed',
    })
    // A write sees it as well, whatever its store read last.
    await other.deleteTable('notes')
    await other.createTable(table)
    await store.write({ kind: 'put', table: 'notes', item: { id: '2' } })
    expect((await store.get({ table: 'notes', key: { id: '2' } })).item).toEqual({ id: '2' })
    await other.close()
  })
})
