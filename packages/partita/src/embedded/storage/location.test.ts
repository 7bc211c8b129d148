import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PartitaError } from '../../errors/errors.js'
import { embedded, memory } from '../index.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-location-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const table = { name: 'notes', key: { partition: { name: 'id', type: 'S' } } } as const

/** The error that opening this path throws. */
function refusal(path: string): PartitaError {
  try {
    void embedded({ path }).close()
  } catch (error) {
    if (error instanceof PartitaError) return error
    throw error
  }
  throw new Error(`${path} was opened`)
}

async function filledStore(path: string): Promise<void> {
  const store = embedded({ path })
  await store.createTable(table)
  const writes = Array.from(
    { length: 500 },
    (_, i) => ({ kind: 'put', table: 'notes', item: { id: `${i}`, text: 'x'.repeat(500) } }) as const,
  )
  await store.batchWrite({ writes })
  await store.close()
}

describe('a path that is refused and left unchanged', () => {
  it('a file is refused', () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'precious')
    expect(refusal(path)).toMatchObject({ code: 'StoreUnusable', details: { path } })
    expect(refusal(path).message).toMatch(/is a file; a store needs its own folder/)
    expect(readFileSync(path, 'utf8')).toBe('precious')
  })

  it('a folder that holds something else is refused', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'precious')
    expect(refusal(folder).message).toMatch(/is not empty and not a store \(it contains thesis\.txt\)/)
    expect(readdirSync(folder)).toEqual(['thesis.txt'])
  })

  it('a store in a newer format is refused', () => {
    writeFileSync(join(folder, 'partita.json'), '{"store":"partita","format":99}')
    expect(refusal(folder).message).toMatch(/is in format 99; this version of Partita reads format 1/)
  })

  it.each(['{"name":"partita"}', 'not json', 'null', ''])('a store whose marker is %j is refused', marker => {
    writeFileSync(join(folder, 'partita.json'), marker)
    expect(refusal(folder).message).toMatch(/holds a partita\.json that is not Partita's/)
    expect(readFileSync(join(folder, 'partita.json'), 'utf8')).toBe(marker)
  })

  it.each([
    ['text', Buffer.from('hello '.repeat(10_000))],
    ['a database of another kind', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(100_000, 1)])],
    ['zeros', Buffer.alloc(100_000)],
    ['a few bytes', Buffer.from('x')],
  ])('a store whose data file holds %s is refused', async (_, content) => {
    await filledStore(folder)
    writeFileSync(join(folder, 'data.mdb'), content)
    expect(refusal(folder).message).toMatch(/holds a data\.mdb that is not an LMDB file, or is damaged/)
    expect(readFileSync(join(folder, 'data.mdb')).equals(content)).toBe(true)
  })

  it('a store whose data file was truncated is refused', async () => {
    await filledStore(folder)
    truncateSync(join(folder, 'data.mdb'), 3 * 8192)
    expect(refusal(folder).message).toMatch(/is truncated \(24576 bytes\); restore it from a backup/)
    expect(statSync(join(folder, 'data.mdb')).size).toBe(3 * 8192)
  })

  it('a store whose data file is missing is refused', async () => {
    await filledStore(folder)
    rmSync(join(folder, 'data.mdb'))
    expect(refusal(folder).message).toMatch(/has lost its data file/)
    expect(existsSync(join(folder, 'data.mdb'))).toBe(false)
  })

  it('a path below a file is refused', () => {
    writeFileSync(join(folder, 'file'), 'precious')
    expect(refusal(join(folder, 'file', 'store')).code).toBe('StoreUnusable')
  })

  it('a store that is open in this process with another durability is refused', async () => {
    const store = embedded({ path: folder })
    expect(() => embedded({ path: folder, durability: 'relaxed' })).toThrow(
      /is open in this process with durability 'durable'/,
    )
    await store.close()
  })
})

describe('a store', () => {
  it('a store is created in a folder that does not exist yet, and opens again', async () => {
    const path = join(folder, 'a', 'b')
    await filledStore(path)
    const store = embedded({ path })
    expect((await store.get({ table: 'notes', key: { id: '7' } })).item).toMatchObject({ id: '7' })
    await store.close()
  })

  it('a store may be opened twice in a process, and closing one leaves the other open', async () => {
    const one = embedded({ path: folder })
    const two = embedded({ path: folder })
    await one.createTable(table)
    await one.close()
    await two.write({ kind: 'put', table: 'notes', item: { id: 'x' } })
    expect((await two.get({ table: 'notes', key: { id: 'x' } })).item).toEqual({ id: 'x' })
    await two.close()
  })

  it('a store in memory leaves no file behind, even while it is open', async () => {
    const { TMPDIR } = process.env
    process.env.TMPDIR = folder
    const store = memory()
    process.env.TMPDIR = TMPDIR ?? '/tmp'
    await store.createTable(table)
    // Enough to make LMDB enlarge its map of a file whose name is already deleted.
    const item = (i: number) => ({ id: `${i}`, text: 'x'.repeat(2000) })
    const writes = Array.from({ length: 5000 }, (_, i) => ({ kind: 'put', table: 'notes', item: item(i) }) as const)
    await store.batchWrite({ writes })
    expect((await store.get({ table: 'notes', key: { id: '4999' } })).item).toEqual(item(4999))
    expect(readdirSync(folder)).toEqual([])
    await store.close()
  })
})

/** A file system of its own. Mounting one requires the right to do so; without it the result is undefined. */
function mounted(size: string): string | undefined {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'ignore' })
    return disk
  } catch {
    console.log('skipped: full and read-only disks need the right to mount a file system')
    return undefined
  }
}

describe('a full or read-only disk', () => {
  it('a write to a full disk fails with that reason, and every acknowledged write is kept', async () => {
    const disk = mounted('4m')
    if (!disk) return
    try {
      const path = join(disk, 'store')
      const store = embedded({ path })
      await store.createTable(table)
      const acknowledged: string[] = []
      let failure: unknown
      for (let i = 0; i < 200 && !failure; i++) {
        const write = { kind: 'put', table: 'notes', item: { id: `${i}`, text: 'x'.repeat(100_000) } } as const
        await store.write(write).then(
          () => acknowledged.push(`${i}`),
          error => {
            failure = error
          },
        )
      }
      expect(failure).toMatchObject({ code: 'Unavailable', details: { operation: 'write', reason: 'diskFull' } })
      expect((failure as Error).message).toMatch(/is full \(\d{1,6} bytes are left\), so .* nothing of it was kept/)
      // The store continues: reads work, and writes work again when there is space.
      expect(acknowledged.length).toBeGreaterThan(5)
      await store
        .write({ kind: 'delete', table: 'notes', key: { id: acknowledged.shift() as string } })
        .catch(() => undefined)
      await store.close()
      const again = embedded({ path })
      for (const id of acknowledged)
        expect((await again.get({ table: 'notes', key: { id } })).item).toMatchObject({ id })
      await again.close()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })

  it.each([4, 12, 24, 64, 140])(
    'a first opening with %i KB left fails with that reason, and succeeds when there is space',
    async room => {
      const disk = mounted('2m')
      if (!disk) return
      try {
        const path = join(disk, 'store')
        const filler = join(disk, 'filler')
        writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024 - room * 1024))
        expect(refusal(path)).toMatchObject({ code: 'StoreUnusable', details: { path, reason: 'diskFull' } })
        expect(refusal(path).message).toMatch(/the disk is full .* free some space and open it again/)
        rmSync(filler)
        await filledStore(path)
        expect(readdirSync(path).sort()).toEqual(['data.mdb', 'lock.mdb', 'partita.json'])
      } finally {
        execFileSync('umount', ['-l', disk])
      }
    },
  )

  it('opening a store without its lock file fails on a full disk with that reason, also for reading', async () => {
    const disk = mounted('2m')
    if (!disk) return
    try {
      const path = join(disk, 'store')
      await filledStore(path)
      rmSync(join(path, 'lock.mdb'))
      const filler = join(disk, 'filler')
      expect(() => writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024))).toThrow(/ENOSPC/)
      expect(refusal(path)).toMatchObject({ code: 'StoreUnusable', details: { path, reason: 'diskFull' } })
      expect(() => embedded({ path, readOnly: true })).toThrow(/the disk is full/)
      rmSync(filler)
      const store = embedded({ path })
      expect(await store.verify()).toMatchObject({ ok: true, tables: [{ items: 500 }] })
      await store.close()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })

  it('a backup to a full disk fails with that reason and leaves nothing behind', async () => {
    const disk = mounted('2m')
    if (!disk) return
    const path = join(folder, 'store')
    await filledStore(path)
    const store = embedded({ path })
    try {
      const { size } = statSync(join(path, 'data.mdb'))
      writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 * 1024 - Math.floor(size / 2)))
      await expect(store.backup(join(disk, 'copy'))).rejects.toMatchObject({
        code: 'Unavailable',
        details: { operation: 'backup', reason: 'diskFull' },
      })
      expect(readdirSync(disk)).toEqual(['filler'])
    } finally {
      await store.close()
      execFileSync('umount', ['-l', disk])
    }
  })

  it('a store on a read-only file system opens for reading and not for writing', async () => {
    const disk = mounted('8m')
    if (!disk) return
    try {
      const path = join(disk, 'store')
      await filledStore(path)
      rmSync(join(path, 'lock.mdb'))
      execFileSync('mount', ['-o', 'remount,ro', disk])
      expect(refusal(path).message).toMatch(/read-only/i)
      expect(refusal(join(disk, 'other')).message).toMatch(/read-only/i)
      const store = embedded({ path, readOnly: true })
      expect((await store.get({ table: 'notes', key: { id: '7' }, consistent: true })).item).toMatchObject({ id: '7' })
      expect(await store.verify()).toMatchObject({ ok: true, tables: [{ items: 500 }] })
      await store.backup(join(folder, 'copy'))
      const write = { kind: 'put', table: 'notes', item: { id: 'x' } } as const
      await expect(store.write(write)).rejects.toMatchObject({ details: { reason: 'readOnly' } })
      await store.close()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })
})

it('a path whose parent cannot hold folders is refused', () => {
  expect(refusal('/proc/partita/store').code).toBe('StoreUnusable')
})

describe('permissions', () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777

  it('the permissions of a new store exclude other users, but those of its parent folders do not', async () => {
    await embedded({ path: join(folder, 'above', 'store') }).close()
    expect(modeOf(join(folder, 'above', 'store'))).toBe(0o700)
    expect(modeOf(join(folder, 'above'))).toBe(0o777 & ~process.umask())
  })

  it('the permissions of an existing folder do not change', async () => {
    mkdirSync(join(folder, 'shared'))
    chmodSync(join(folder, 'shared'), 0o770)
    await embedded({ path: join(folder, 'shared') }).close()
    expect(modeOf(join(folder, 'shared'))).toBe(0o770)
  })
})

it('a store and its backup can have names with dots', async () => {
  const [path, backup] = [join(folder, 'data.v2'), join(folder, 'data.v2.bak')]
  await filledStore(path)
  const store = embedded({ path })
  await store.backup(backup)
  const tables = await store.listTables()
  await store.close()
  const copy = embedded({ path: backup })
  expect(await copy.listTables()).toEqual(tables)
  await copy.close()
  expect(existsSync(join(backup, 'data.mdb'))).toBe(true)
})
