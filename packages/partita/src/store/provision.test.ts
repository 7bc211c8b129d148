import { afterEach, describe, expect, it } from 'vitest'
import { type EmbeddedStore, memory } from '../embedded/index.js'
import type { SingleTableConfig } from '../table/config.js'
import { SingleTable } from '../table/table.js'
import type { Store } from './store.js'

let store: EmbeddedStore
afterEach(() => store.close())

const shape = { table: 'app', partitionKey: 'pk', rangeKey: 'sk' }
const row = (i: number) => ({ key: { partitionKey: 'A', rangeKey: `${i}` }, item: { i } })

/** The same store, but it creates tables only on request. */
const explicit = (inner: Store): Store =>
  new Proxy(inner, {
    get: (target, name) => {
      if (name === 'provisioning') return 'explicit'
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

describe('a table', () => {
  it('concurrent first calls create the table once', async () => {
    store = memory()
    const tables = [new SingleTable({ store, ...shape }), new SingleTable({ store, ...shape, expiresAt: 'ttl' })]
    await Promise.all(Array.from({ length: 20 }, (_, i) => tables[i % 2]?.create(row(i))))
    expect(await tables[0]?.queryAll({ partition: 'A' })).toHaveLength(20)
    expect((await store.describeTable('app'))?.timeToLive).toBe('ttl')
  })

  it('a failed creation is retried by the next call', async () => {
    store = memory()
    await store.createTable({ name: 'app', key: { partition: { name: 'id', type: 'S' } } })
    const table = new SingleTable({ store, ...shape })
    await expect(table.create(row(1))).rejects.toMatchObject({ code: 'AlreadyExists' })
    await store.deleteTable('app')
    expect(await table.create(row(1))).toEqual({ i: 1 })
  })

  it('the user creates the table if the store creates tables only on request', async () => {
    store = memory()
    const table = new SingleTable({ store: explicit(store), ...shape })
    await expect(table.get({ partitionKey: 'A', rangeKey: 'B' })).rejects.toMatchObject({ code: 'TableNotFound' })
    await table.createTable()
    expect(await table.create(row(1))).toEqual({ i: 1 })
  })

  it.each<[string, Partial<SingleTableConfig>]>([
    ['table', { table: 'a' }],
    ['key', { rangeKey: 'pk' }],
    ['attribute', { partitionKey: undefined as never }],
    ['keySeparator', { keySeparator: '%' }],
    ['expiresAt', { expiresAt: 'sk' }],
    ['cursorSecret', { cursorSecret: '' }],
    ['indexes', { indexes: { x: { partitionKey: 'a', rangeKey: 'b' } } }],
    [
      'typeIndex',
      {
        typeIndex: { name: 'GSI', partitionKey: 'a', rangeKey: 'b' },
        indexes: { GSI: { partitionKey: 'c', rangeKey: 'd' } },
      },
    ],
    [
      'type of a shared attribute',
      {
        indexes: {
          One: { partitionKey: 'a', rangeKey: 'b' },
          Two: { partitionKey: 'c', rangeKey: 'b', numeric: true },
        },
      },
    ],
  ])('a configuration with a wrong %s is refused', (_, wrong) => {
    store = memory()
    expect(() => new SingleTable({ store, ...shape, ...wrong })).toThrow(
      expect.objectContaining({ code: 'ValidationFailed' }),
    )
  })
})
