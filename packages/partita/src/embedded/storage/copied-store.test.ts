import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedStore, embedded } from '../index.js'
import { PAGE_BYTES } from './data-file.js'

let folder: string
let store: EmbeddedStore
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partita-copied-'))
  store = embedded({ path: join(folder, 'store') })
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  for (let i = 0; i < 30; i++) await put(i)
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const put = (i: number) =>
  store.write({ kind: 'put', table: 'notes', item: { id: `${i}`, text: `${i}`.repeat(i % 5 === 0 ? 9000 : 900) } })
const data = (name: string) => join(folder, name, 'data.mdb')

/**
 * A copy as `cp` may make it: it reads the meta pages, then the store makes `writes` writes, then it reads the rest.
 */
async function copyDuring(writes: number): Promise<string> {
  const metas = readFileSync(data('store')).subarray(0, 2 * PAGE_BYTES)
  for (let i = 0; i < writes; i++) await put(i)
  const path = join(folder, 'copy')
  cpSync(join(folder, 'store'), path, { recursive: true })
  const file = openSync(data('copy'), 'r+')
  writeSync(file, metas, 0, metas.length, 0)
  closeSync(file)
  return path
}

async function itemsOf(path: string): Promise<number> {
  const copy = embedded({ path })
  try {
    expect(await copy.verify()).toMatchObject({ ok: true })
    return (await copy.scan({ table: 'notes' })).items.length
  } finally {
    await copy.close()
  }
}

describe('a copy that was not made by backup', () => {
  it.each([0, 1])(
    'a copy opens if the store made %i writes meanwhile, which overwrite none of its pages',
    async writes => {
      expect(await itemsOf(await copyDuring(writes))).toBe(30)
    },
  )

  it.each([2, 3, 20])('a copy is refused and left unchanged if the store made %i writes meanwhile', async writes => {
    const path = await copyDuring(writes)
    const before = readFileSync(data('copy'))
    const refused = expect.objectContaining({ code: 'StoreUnusable', details: { path, reason: 'tornCopy' } })
    for (let time = 0; time < 2; time++) expect(() => embedded({ path })).toThrow(refused)
    expect(() => embedded({ path })).toThrow(
      /was being written while it was copied; copy a store in use with partita backup/,
    )
    expect(readFileSync(data('copy')).equals(before)).toBe(true)
  })

  it('a copy is checked once and is then a store like any other', async () => {
    const path = await copyDuring(0)
    expect(await itemsOf(path)).toBe(30)
    const marker = readFileSync(join(path, 'partita.json'), 'utf8')
    expect(marker).not.toBe(readFileSync(join(folder, 'store', 'partita.json'), 'utf8'))
    expect(await itemsOf(path)).toBe(30)
    expect(readFileSync(join(path, 'partita.json'), 'utf8')).toBe(marker)
  })

  it('a copy is refused if one of its pages comes from another position in the file', async () => {
    const path = await copyDuring(0)
    const file = readFileSync(data('copy'))
    for (let page = 2; page < 5; page++) file.copyWithin(page * PAGE_BYTES, 5 * PAGE_BYTES, 6 * PAGE_BYTES)
    writeFileSync(data('copy'), file)
    expect(() => embedded({ path })).toThrow(/is damaged \(page \d+ is another page\)/)
  })

  it('a copy of the data file alone opens if the marker is beside it', async () => {
    await store.close()
    const path = join(folder, 'copy')
    cpSync(join(folder, 'store'), path, { recursive: true, filter: name => !name.endsWith('.mdb') })
    copyFileSync(data('store'), data('copy'))
    expect(await itemsOf(path)).toBe(30)
  })
})
