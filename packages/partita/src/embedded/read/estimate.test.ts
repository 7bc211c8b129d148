import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeTable } from '../administration.js'
import { Catalog } from '../catalog.js'
import { emptyDataFile, type Meta, newestMeta } from '../storage/data-file.js'
import { dataRange, indexRange, tableEntry } from '../storage/key.js'
import { type FolderKv, openKv, type Range } from '../storage/kv.js'
import { estimateEntries } from './estimate.js'
import { countEntries } from './measure.js'

const schema = { partition: { name: 'k', type: 'N' } } as const
const all = dataRange()
let folder: string
let kv: FolderKv
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-estimate-'))
  kv = openKv(folder, { relaxed: true })
})
afterEach(async () => {
  await kv.close()
  rmSync(folder, { recursive: true, force: true })
})

function keyOf(k: number): Uint8Array {
  return tableEntry(1, schema, { k })
}

/** Puts entries of table 1 with values of this number of bytes. */
function fill(from: number, to: number, bytesOf: (k: number) => number): Promise<void> {
  const value = Buffer.alloc(400)
  return kv.transact(() => {
    for (let k = from; k < to; k++) kv.put(keyOf(k), value.subarray(0, bytesOf(k)))
  })
}

/** @param change changes the meta page before the estimate. */
function estimate(range: Range, change = (meta: Meta) => meta): number | undefined {
  const file = openSync(kv.dataFile as string, 'r')
  try {
    const run = estimateEntries(file, change(newestMeta(file) as Meta), range)
    let step = run.next()
    while (!step.done) step = run.next()
    return step.value
  } finally {
    closeSync(file)
  }
}

/** A range between two keys of the table, in their order. */
function between(a: number, b: number): Range {
  const keys = [a, b].map(k => Buffer.from(keyOf(k))).sort(Buffer.compare)
  return { low: keys[0] as Buffer, high: keys[1] as Buffer }
}

describe('the estimate of the entries of a range', () => {
  it('the estimate is exact if it reads all pages of the range', async () => {
    await fill(0, 5000, k => k % 200)
    const ranges = [all, indexRange(1, 0), indexRange(2, 0)]
    for (let i = 0; i < 300; i++) ranges.push(between((i * 7919) % 5000, (i * 104729) % 5000))
    for (const range of ranges) expect(estimate(range)).toBe(kv.count(range))
  })

  it('an empty store has no entries', () => {
    expect(estimate(all)).toBe(0)
  })

  it('the estimate of many entries is close, even if parts of the table have larger items', async () => {
    await fill(0, 120_000, k => ((Buffer.from(keyOf(k))[7] as number) < 64 ? 400 : 10))
    for (const range of [all, between(0, 1), between(2, 50_000)]) {
      const count = kv.count(range)
      expect(count).toBeGreaterThan(10_000)
      expect((estimate(range) as number) / count).toBeCloseTo(1, 1)
    }
  })

  it('there is no estimate if a page cannot be read', async () => {
    await fill(0, 10, () => 1)
    expect(estimate(all, meta => ({ ...meta, data: { ...meta.data, root: 1n } }))).toBeUndefined()
    expect(estimate(all, meta => ({ ...meta, data: { ...meta.data, root: 1_000_000n } }))).toBeUndefined()
  })
})

describe('the number of items of a table', () => {
  it('fewer than 100,000 items are counted; a description says that a larger number is an estimate', async () => {
    const catalog = new Catalog(kv)
    const definition = { name: 'items', key: schema }
    await kv.transact(() => catalog.create(definition, 0))
    await fill(0, 99_999, () => 1)
    expect(await describeTable(kv, catalog, 'items')).toEqual({ ...definition, status: 'active', itemCount: 99_999 })
    await fill(99_999, 130_000, () => 1)
    const { itemCount, isItemCountEstimated } = await describeTable(kv, catalog, 'items')
    expect(isItemCountEstimated).toBe(true)
    expect(itemCount / 130_000).toBeCloseTo(1, 1)
    expect(await countEntries(kv, all)).toEqual({ entries: itemCount, isEstimated: true })
    // Another file at the path of the store says nothing about its items.
    renameSync(kv.dataFile as string, join(folder, 'moved.mdb'))
    writeFileSync(kv.dataFile as string, emptyDataFile())
    expect(await countEntries(kv, all)).toEqual({ entries: 130_000, isEstimated: false })
  })
})
