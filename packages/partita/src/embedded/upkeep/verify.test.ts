import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineStore } from '../engine-store.js'
import { embedded } from '../index.js'
import { encodeLasting } from '../storage/codec.js'
import { NODE, newestMeta, nodesOf, PAGE_BYTES, readPage } from '../storage/data-file.js'
import { dataRange, indexRange } from '../storage/key.js'
import { type Kv, openKv } from '../storage/kv.js'

let path: string
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'partita-verify-')), 'store')
})
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }))

const table = 'notes'
const INDEX = 1

async function filled(): Promise<void> {
  const store = engineStore(embedded({ path }))
  await store.createTable(
    {
      name: table,
      key: { partition: { name: 'id', type: 'S' }, sort: { name: 'n', type: 'N' } },
      globalIndexes: { byTag: { partition: { name: 'tag', type: 'S' }, projection: { include: ['title'] } } },
      timeToLive: 'ends',
    },
    { stream: 'NEW_IMAGE' },
  )
  const item = (n: number) => ({
    id: `${n % 9}`,
    n,
    tag: `t${n % 5}`,
    title: `${n}`,
    text: 'x'.repeat(n),
    ends: 4e9 + n,
  })
  const writes = Array.from({ length: 300 }, (_, n) => ({ kind: 'put', table, item: item(n) }) as const)
  await store.batchWrite({ writes })
  await store.close()
}

/** Changes the key-value store directly, without the engine. */
async function tamper(work: (kv: Kv) => void): Promise<void> {
  const kv = openKv(path, { relaxed: false })
  await kv.transact(() => work(kv))
  await kv.close()
}

async function verification() {
  const store = embedded({ path, readOnly: true })
  try {
    return await store.verify()
  } finally {
    await store.close()
  }
}

const firstOf = (kv: Kv, index: number) => kv.keys(indexRange(1, index), 1)[0] as Uint8Array
const content = (item: Record<string, string | number>) => encodeLasting(item, 1)

describe('a verification', () => {
  it('verification of an intact store finds no differences and reports what the store holds', async () => {
    await filled()
    expect(await verification()).toEqual({
      ok: true,
      tables: [{ name: table, items: 300, indexes: [{ name: 'byTag', entries: 300, filling: false }], expiring: 300 }],
      jobs: [],
      streamRecords: 300,
      differences: [],
      differenceCount: 0,
    })
  })

  it.each<[string, string, (kv: Kv) => void]>([
    ['an item that is missing in an index', 'missing', kv => kv.remove(firstOf(kv, INDEX))],
    ['an index entry whose item is gone', 'stale', kv => kv.remove(firstOf(kv, 0))],
    [
      'an index entry with different content',
      'stale',
      kv => kv.put(firstOf(kv, INDEX), content({ id: '0', n: 0, tag: 't0' })),
    ],
    ['an item under the key of another', 'item', kv => kv.put(firstOf(kv, 0), content({ id: 'x', n: 1 }))],
    [
      'entries of an unknown table',
      'leftover',
      kv => kv.put(Buffer.from([dataRange().low[0] as number, 0, 0, 0, 9, 0, 0, 1]), content({ id: 'x' })),
    ],
    [
      'a record of an unknown stream',
      'stream',
      kv => kv.put(Buffer.from([5, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(20)),
    ],
  ])('verification finds %s', async (_, kind, work) => {
    await filled()
    await tamper(work)
    const { ok, differences } = await verification()
    expect(ok).toBe(false)
    expect(differences).toContainEqual(expect.objectContaining({ kind }))
  })

  it('verification finds an overwritten page and reads nothing through it', async () => {
    await filled()
    const file = openSync(join(path, 'data.mdb'), 'r+')
    // The newest root is the page that was written last.
    const { tables: before } = await verification()
    expect(before).toHaveLength(1)
    for (let page = 2; page < 12; page++) writeSync(file, Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, page * PAGE_BYTES)
    closeSync(file)
    const kv = openKv(path, { relaxed: false, readOnly: true })
    await kv.close()
    const { ok, tables, differences } = await verification()
    expect({ ok, tables }).toEqual({ ok: false, tables: [] })
    expect(differences[0]).toMatchObject({ kind: 'page', message: expect.stringMatching(/^page \d+ is another page$/) })
  })

  it('verification finds a key of the wrong length among the free pages', async () => {
    await filled()
    const file = openSync(join(path, 'data.mdb'), 'r+')
    const root = newestMeta(file)?.free.root as bigint
    const page = readPage(file, root) as Buffer
    const [first] = nodesOf(page) as [number]
    page.writeUInt16LE(4, first + NODE.keyBytesAt)
    writeSync(file, page, 0, PAGE_BYTES, Number(root) * PAGE_BYTES)
    closeSync(file)
    const { differences } = await verification()
    expect(differences[0]).toMatchObject({ kind: 'page', message: `page ${root} holds a key of 4 bytes` })
  })
})
