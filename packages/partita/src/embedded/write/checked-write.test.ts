import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineStore, engineStore } from '../engine-store.js'
import { memory } from '../index.js'

let store: EngineStore
beforeEach(async () => {
  store = engineStore(memory({ sweepInterval: 0 }))
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
})
afterEach(() => store.close())

describe('a write that its caller has checked', () => {
  const item = { id: 'a', label: '' }
  const write = { kind: 'put', table: 'notes', item } as const

  it('the write is not checked again for the same definition of the table', async () => {
    const { definition } = store.table('notes')!
    const { capacity } = await store.write(write, { checked: { definition, size: 5000 } })
    // The size is the one that the caller measured.
    expect(capacity.write).toBe(5)
  })

  it('the write is checked again if the table has changed since', async () => {
    const { definition } = store.table('notes')!
    const createIndexes = { byLabel: { partition: { name: 'label', type: 'S' } } } as const
    await store.updateTable('notes', { createIndexes })
    const checked = { definition, size: 8 }
    await expect(store.write(write, { checked })).rejects.toMatchObject({ code: 'ValidationFailed' })
    const key = { id: 1 }
    const remove = store.write({ kind: 'delete', table: 'notes', key }, { checked })
    await expect(remove).rejects.toMatchObject({ code: 'ValidationFailed' })
  })
})
