import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Item, Key } from '../../value/value.js'
import { type EmbeddedStore, embedded, memory } from '../index.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-backup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const table = 'notes'
const definition = {
  name: table,
  key: { partition: { name: 'id', type: 'S' } },
  globalIndexes: { byTag: { partition: { name: 'tag', type: 'S' } } },
} as const
const item = (i: number) => ({ id: `${i}`, tag: `t${i % 7}`, text: 'x'.repeat(i % 40 === 0 ? 20_000 : 500) })

async function fill(store: EmbeddedStore, items = 2500): Promise<void> {
  await store.createTable(definition)
  const writes = Array.from({ length: items }, (_, i) => ({ kind: 'put', table, item: item(i) }) as const)
  await store.batchWrite({ writes })
}

async function all(store: EmbeddedStore): Promise<Item[]> {
  const items: Item[] = []
  let after: Key | undefined
  do {
    const page = await store.scan({ table, ...(after && { after }) })
    items.push(...page.items)
    after = page.next
  } while (after)
  return items
}

describe.each([
  ['a folder', () => embedded({ path: join(folder, 'store') })],
  ['memory', () => memory()],
])('a backup of a store in %s', (_, open) => {
  it.each([false, true])('a backup is a store with the same items (compact: %s)', async compact => {
    const store = open()
    await fill(store)
    const before = await all(store)
    const backup = store.backup(join(folder, 'copy'), { compact })
    const later = store.write({ kind: 'put', table, item: { id: 'later' } })
    await Promise.all([backup, later])
    const copy = embedded({ path: join(folder, 'copy') })
    expect((await all(copy)).filter(({ id }) => id !== 'later')).toEqual(before)
    expect(await copy.verify()).toMatchObject({ ok: true })
    await copy.write({ kind: 'put', table, item: { id: 'new' } })
    expect((await store.get({ table, key: { id: 'new' } })).item).toBeUndefined()
    await copy.close()
    await store.close()
  })

  it('the folder of a backup excludes other users, and a symbolic link is not followed', async () => {
    const store = open()
    await store.backup(join(folder, 'own'))
    expect(statSync(join(folder, 'own')).mode & 0o777).toBe(0o700)
    for (const target of ['there', 'nowhere']) {
      if (target === 'there') mkdirSync(join(folder, target))
      symlinkSync(join(folder, target), join(folder, 'planted'))
      await expect(store.backup(join(folder, 'planted'))).rejects.toThrow(/symbolic link; name the folder itself/)
      rmSync(join(folder, 'planted'))
    }
    expect(
      readdirSync(folder)
        .filter(name => name !== 'store')
        .sort(),
    ).toEqual(['own', 'there'])
    expect(readdirSync(join(folder, 'there'))).toEqual([])
    await store.close()
  })

  it('a backup into a folder that holds anything is refused and leaves the folder unchanged', async () => {
    const store = open()
    await fill(store, 10)
    const path = join(folder, 'copy')
    await store.backup(path)
    const size = statSync(join(path, 'data.mdb')).size
    await store.write({ kind: 'put', table, item: item(99) })
    await expect(store.backup(path)).rejects.toMatchObject({
      code: 'StoreUnusable',
      message: expect.stringMatching(/holds a store already/),
    })
    expect(statSync(join(path, 'data.mdb')).size).toBe(size)
    mkdirSync(join(folder, 'other'))
    writeFileSync(join(folder, 'other', 'thesis.txt'), 'precious')
    await expect(store.backup(join(folder, 'other'))).rejects.toThrow(/is not empty \(it holds thesis\.txt\)/)
    expect(readdirSync(join(folder, 'other'))).toEqual(['thesis.txt'])
    await expect(store.backup(join(folder, 'other', 'thesis.txt'))).rejects.toThrow(/is a file; name a folder/)
    await store.close()
  })
})

it('a compact backup has no space for deleted items', async () => {
  const store = embedded({ path: join(folder, 'store') })
  await fill(store)
  for (let from = 0; from < 2400; from += 100) {
    const writes = Array.from(
      { length: 100 },
      (_, i) => ({ kind: 'delete', table, key: { id: `${from + i}` } }) as const,
    )
    await store.batchWrite({ writes })
  }
  await store.backup(join(folder, 'whole'))
  await store.backup(join(folder, 'compact'), { compact: true })
  const size = (name: string) => statSync(join(folder, name, 'data.mdb')).size
  expect(size('compact')).toBeLessThan(size('whole') / 4)
  await store.close()
})

it('exactly one of several concurrent backups into the same folder succeeds', async () => {
  const store = embedded({ path: join(folder, 'store') })
  await fill(store)
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => store.backup(join(folder, 'copy'))))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'StoreUnusable' })
  }
  await store.close()
  const copy = embedded({ path: join(folder, 'copy') })
  expect(await copy.verify()).toMatchObject({ ok: true, tables: [{ items: 2500 }] })
  await copy.close()
})

it('an unfinished backup neither opens as a store nor accepts another backup', async () => {
  const store = embedded({ path: join(folder, 'store') })
  await fill(store, 10)
  const path = join(folder, 'copy')
  mkdirSync(join(path, 'partial'), { recursive: true })
  writeFileSync(join(path, 'partial', 'data.mdb'), 'half')
  expect(() => embedded({ path })).toThrow(/is not empty and not a store/)
  await expect(store.backup(path)).rejects.toThrow(/holds an unfinished backup; delete it/)
  await store.close()
})

it('a store whose folder was deleted can still be backed up', async () => {
  const store = embedded({ path: join(folder, 'store') })
  await fill(store, 10)
  rmSync(join(folder, 'store'), { recursive: true })
  await expect(store.write({ kind: 'put', table, item: item(1) })).rejects.toMatchObject({ code: 'Unavailable' })
  await store.backup(join(folder, 'saved'))
  await store.close()
  expect(existsSync(join(folder, 'store'))).toBe(false)
  const saved = embedded({ path: join(folder, 'saved') })
  expect(await saved.verify()).toMatchObject({ ok: true, tables: [{ items: 10 }] })
  await saved.close()
})
