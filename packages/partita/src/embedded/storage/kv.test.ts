import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { embedded } from '../index.js'
import { emptyDataFile } from './data-file.js'
import { openKv } from './kv.js'
import { MAX_READERS } from './lock-file.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-kv-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const table = 'notes'
const put = { kind: 'put', table, item: { id: 'x' } } as const
const definition = { name: table, key: { partition: { name: 'id', type: 'S' } } } as const

describe('reader slots', () => {
  it('over 1,000 readers have slots; the error after that says what to do, and released slots are reused', async () => {
    const kv = openKv(folder, { relaxed: true })
    const write = () => kv.transact(() => kv.put(Uint8Array.of(1), Uint8Array.of(7)))
    const held: { release(): void }[] = []
    // Every held snapshot takes a slot of its own.
    const holdAll = async () => {
      for (let i = 0; i < 2 * MAX_READERS; i++) {
        await write()
        held.push(kv.hold())
      }
    }
    const full = expect.objectContaining({
      code: 'Unavailable',
      message: expect.stringMatching(/no free reader slot.* partita serve/),
      details: { operation: 'read', reason: 'readersFull' },
    })
    await expect(holdAll()).rejects.toEqual(full)
    expect(held.length).toBeGreaterThan(1000)
    const read = () => kv.get(Uint8Array.of(1), bytes => bytes[0])
    expect(read).toThrow(full)
    for (const snapshot of held) snapshot.release()
    expect(read()).toBe(7)
    await kv.close()
  })
})

describe('the lock file', () => {
  it('the lock file gets all of its blocks before anything is written to it, also one of an older version', async () => {
    await embedded({ path: folder }).close()
    const lock = join(folder, 'lock.mdb')
    const isWhole = () => statSync(lock).blocks * 512 >= statSync(lock).size
    expect(isWhole()).toBe(true)
    truncateSync(lock, 0)
    truncateSync(lock, 8192)
    const store = embedded({ path: folder })
    expect(isWhole()).toBe(true)
    await store.createTable(definition)
    await store.write(put)
    await store.close()
  })

  it.each(['durable', 'relaxed'] as const)(
    'a %s store whose lock file is deleted refuses writes until it is opened again',
    async durability => {
      const open = () => embedded({ path: folder, durability })
      const store = open()
      await store.createTable(definition)
      rmSync(join(folder, 'lock.mdb'))
      await expect(store.write(put)).rejects.toMatchObject({
        code: 'Unavailable',
        message: expect.stringContaining('lock file'),
        details: { reason: 'folderGone' },
      })
      expect((await store.get({ table, key: { id: 'x' }, consistent: true })).item).toBeUndefined()
      await store.close()
      const again = open()
      await again.write(put)
      expect(await again.verify()).toMatchObject({ ok: true, tables: [{ items: 1 }] })
      await again.close()
    },
  )

  it.runIf(process.platform === 'linux').each(['durable', 'relaxed'] as const)(
    'a %s store refuses writes once its process has released its locks by copying the folder',
    async durability => {
      const store = embedded({ path: folder, durability })
      await store.createTable(definition)
      await store.write(put)
      cpSync(folder, `${folder}-copy`, { recursive: true })
      rmSync(`${folder}-copy`, { recursive: true })
      await expect(store.write(put)).rejects.toMatchObject({
        code: 'Unavailable',
        message: expect.stringContaining('copied the folder'),
      })
      await store.close()
      const again = embedded({ path: folder, durability })
      await again.write(put)
      expect(await again.verify()).toMatchObject({ ok: true, tables: [{ items: 1 }] })
      await again.close()
    },
  )
})

it('an empty data file has the bytes that LMDB would write', async () => {
  mkdirSync(join(folder, 'lmdb'))
  await open(join(folder, 'lmdb'), { pageSize: 8192, keyEncoding: 'binary', readOnly: false }).close()
  const made = readFileSync(join(folder, 'lmdb', 'data.mdb'))
  expect(emptyDataFile().equals(made.subarray(0, 2 * 8192))).toBe(true)
})

describe.each(['durable', 'relaxed'] as const)('a %s store whose folder is gone', durability => {
  it.each<[string, (path: string) => void]>([
    ['deleted', path => rmSync(path, { recursive: true })],
    ['moved', path => renameSync(path, `${path}-moved`)],
    [
      'replaced',
      path => {
        cpSync(path, `${path}-copy`, { recursive: true })
        renameSync(path, `${path}-moved`)
        renameSync(`${path}-copy`, path)
      },
    ],
    ['left without its data file', path => rmSync(join(path, 'data.mdb'))],
  ])('the store acknowledges no more writes after its folder is %s', async (_, take) => {
    const path = join(folder, 'store')
    const store = embedded({ path, durability })
    await store.createTable(definition)
    await store.write(put)
    take(path)
    const gone = { code: 'Unavailable', details: { operation: 'write', reason: 'folderGone' } }
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => store.write(put)))
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: gone })
    await expect(store.transactWrite({ writes: [put] })).rejects.toMatchObject(gone)
    await store.close()
  })

  it('opening the path again in the same process gives the new folder', async () => {
    const path = join(folder, 'store')
    const old = embedded({ path, durability })
    await old.createTable(definition)
    rmSync(path, { recursive: true })
    const fresh = embedded({ path, durability })
    expect(await fresh.listTables()).toEqual([])
    await fresh.createTable(definition)
    await fresh.write(put)
    await expect(old.write(put)).rejects.toMatchObject({ code: 'Unavailable' })
    await old.close()
    expect((await fresh.get({ table, key: { id: 'x' } })).item).toEqual({ id: 'x' })
    await fresh.close()
  })
})

describe('a store that is open with readOnly', () => {
  it('a read-only store reads, refuses writes, and accepts the creation of an existing table', async () => {
    const writer = embedded({ path: folder })
    await writer.createTable(definition)
    await writer.write(put)
    await writer.close()
    const store = embedded({ path: folder, readOnly: true })
    const refused = { code: 'StoreUnusable', details: { path: folder, reason: 'readOnly' } }
    expect((await store.get({ table, key: { id: 'x' }, consistent: true })).item).toEqual({ id: 'x' })
    await expect(store.write(put)).rejects.toMatchObject(refused)
    await expect(store.batchWrite({ writes: [put] })).rejects.toMatchObject(refused)
    await expect(store.deleteTable(table)).rejects.toMatchObject(refused)
    await expect(store.createTable({ ...definition, name: 'other' })).rejects.toMatchObject(refused)
    expect(await store.createTable(definition)).toMatchObject({ name: table })
    expect(() => embedded({ path: folder })).toThrow(/is open in this process with readOnly/)
    await store.close()
  })

  it('a read-only store must already exist', () => {
    const refuse = () => embedded({ path: join(folder, 'absent'), readOnly: true })
    expect(refuse).toThrow(/does not hold a store/)
    expect(() => embedded({ path: folder, readOnly: true })).toThrow(/does not hold a store/)
  })
})
