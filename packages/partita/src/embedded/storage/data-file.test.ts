import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embedded } from '../index.js'
import { dataFileProblem } from './data-file.js'

const PAGE_BYTES = 8192
const LAST_PAGE_AT = 144
let folder: string
let whole: Buffer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partita-data-file-'))
  const path = join(folder, 'store')
  const store = embedded({ path })
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  // Enough for a tree of three levels, with values that have pages of their own.
  const item = (i: number) => ({ id: `${i}`, text: 'x'.repeat(i % 50 === 0 ? 20_000 : 1500) })
  const put = (i: number) => ({ kind: 'put', table: 'notes', item: item(i) }) as const
  await store.batchWrite({ writes: Array.from({ length: 3000 }, (_, i) => put(i)) })
  await store.batchWrite({ writes: Array.from({ length: 300 }, (_, i) => put(i * 7)) })
  await store.close()
  whole = readFileSync(join(path, 'data.mdb'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function problem(content: Buffer, bytes = content.length): string | undefined {
  const file = join(folder, 'copy.mdb')
  writeFileSync(file, content)
  truncateSync(file, bytes)
  const found = dataFileProblem(file)
  expect(statSync(file).size).toBe(bytes)
  return found
}

describe('a data file', () => {
  it('a complete data file is accepted, also with more bytes behind it', () => {
    expect(problem(whole)).toBeUndefined()
    expect(problem(Buffer.concat([whole, Buffer.alloc(5 * PAGE_BYTES)]))).toBeUndefined()
  })

  it.each([0.9, 0.5, 0.1, 0.01])('a data file that was truncated to %d of its length is recognized', part => {
    const bytes = Math.floor((whole.length * part) / PAGE_BYTES) * PAGE_BYTES
    expect(problem(whole, bytes)).toBe(`is truncated (${bytes} bytes); restore it from a backup`)
  })

  it('a data file that ends early is accepted if it has every page of its trees', () => {
    const copy = Buffer.from(whole)
    for (const meta of [0, PAGE_BYTES]) {
      const at = meta + LAST_PAGE_AT
      copy.writeBigUInt64LE(copy.readBigUInt64LE(at) + 7n, at)
    }
    expect(problem(copy)).toBeUndefined()
  })

  it('an empty file is accepted, and a file of something else is recognized', () => {
    expect(problem(Buffer.alloc(0))).toBeUndefined()
    expect(problem(Buffer.alloc(3 * PAGE_BYTES, 7))).toBe('is not an LMDB file, or is damaged')
    expect(problem(whole, 100)).toBe('is not an LMDB file, or is damaged')
  })
})
