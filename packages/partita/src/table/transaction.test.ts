import { afterEach, describe, expect, it } from 'vitest'
import { type EmbeddedStore, type EngineOptions, memory } from '../embedded/index.js'
import { SingleTable } from './table.js'

let store: EmbeddedStore | undefined
afterEach(() => store?.close())

const waits: number[] = []
const pace = {
  now: () => 0,
  random: () => 0.5,
  sleep: async (milliseconds: number) => {
    waits.push(milliseconds)
  },
}

function open(faults: EngineOptions['faults']) {
  store = memory({ faults })
  return new SingleTable({ store, table: 'app', partitionKey: 'pk', rangeKey: 'sk', pace })
}

const key = { partitionKey: 'A', rangeKey: 'B' }

describe('a transaction', () => {
  it('a transaction that conflicts is retried and applied once', async () => {
    const table = open({ conflict: 0.5, seed: 3 })
    await table.create({ key, item: { n: 0 } })
    waits.length = 0
    for (let i = 0; i < 20; i++) {
      await table.transaction([
        { update: { ...key, atomicOperations: [{ operation: 'add', property: 'n', value: 1 }] } },
      ])
    }
    expect(await table.get(key)).toEqual({ n: 20 })
    expect(waits.length).toBeGreaterThan(5)
  })

  it('a transaction that always conflicts fails with a Conflict, after longer and longer delays', async () => {
    const table = open({ conflict: 1 })
    waits.length = 0
    await expect(table.transaction([{ create: { key, item: { n: 1 } } }])).rejects.toMatchObject({ code: 'Conflict' })
    expect(await table.get(key)).toBeUndefined()
    expect(waits).toEqual([25, 50, 100, 200, 400])
  })

  it('an invalid parameter is reported with the index of its entry', async () => {
    const table = open(undefined)
    const wrong = { update: { ...key, values: { n: 1 }, conditions: [{ property: 'n', operation: 'is' }] } }
    await expect(table.transaction([null, wrong])).rejects.toThrow('[1].update.conditions[0].operation')
    await expect(
      table.transaction([{ create: { key: { partitionKey: [], rangeKey: 'x' }, item: {} } }]),
    ).rejects.toThrow('[0].create.key.partitionKey: is an empty list')
    await expect(
      table.batchWrite([{ create: { key: { partitionKey: '', rangeKey: 'x' }, item: {} } }]),
    ).rejects.toThrow('[0].create.key.partitionKey')
  })

  it('more than a hundred operations are refused before anything is written', async () => {
    const table = open(undefined)
    const items = Array.from({ length: 101 }, (_, i) => ({ create: { key: { ...key, rangeKey: `${i}` }, item: {} } }))
    await expect(table.transaction(items)).rejects.toMatchObject({ code: 'LimitExceeded' })
    expect(await table.queryAll({ partition: 'A' })).toEqual([])
  })
})
