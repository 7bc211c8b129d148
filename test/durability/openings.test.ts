/** Processes that open a store while others write to it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type EmbeddedStore, embedded } from '../../packages/partita/src/embedded/index.js'

const reopener = fileURLToPath(new URL('reopener.mjs', import.meta.url))
/** In memory, where flushing takes no time, so that many more commits happen during an opening. */
const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const counter = { pk: 'counter' }
let path: string

beforeEach(() => {
  path = mkdtempSync(join(root, 'partita-openings-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

async function open(durability: 'durable' | 'relaxed' = 'durable'): Promise<EmbeddedStore> {
  const store = embedded({ path, durability, sweepInterval: 0 })
  await store.createTable({ name: 'counters', key: { partition: { name: 'pk', type: 'S' } } })
  return store
}

const put = (store: EmbeddedStore, item: { pk: string; n: number }) =>
  store.write({ kind: 'put', table: 'counters', item })

async function count(store: EmbeddedStore): Promise<unknown> {
  const { item } = await store.get({ table: 'counters', key: counter, consistent: true })
  return item?.n
}

/**
 * Sets the number of the last commit in LMDB's lock file back by some commits. A process does the same if it opens the
 * store and is delayed between reading this number from the data file and writing it to the lock file.
 */
function setBack(file: number, commits: number): void {
  const number = Buffer.alloc(8)
  readSync(file, number, 0, 8, 8)
  number.writeBigUInt64LE(number.readBigUInt64LE() - BigInt(commits))
  writeSync(file, number, 0, 8, 8)
}

for (const durability of ['durable', 'relaxed'] as const) {
  for (const commits of [1, 2, 3]) {
    it(`an opening that sets the lock file back by ${commits} commits undoes none of them (${durability})`, async () => {
      const store = await open(durability)
      for (let n = 1; n <= 5; n++) await put(store, { ...counter, n })
      // Closed after the store: closing any descriptor of the file ends this process's LMDB locks.
      const file = openSync(join(path, 'lock.mdb'), 'r+')
      setBack(file, commits)
      await Promise.all([1, 2, 3].map(n => put(store, { pk: `other${n}`, n })))
      expect(await count(store)).toBe(5)
      setBack(file, commits)
      await put(store, { ...counter, n: 6 })
      expect(await count(store)).toBe(6)
      const { items } = await store.scan({ table: 'counters', consistent: true })
      expect(items.map(item => item.pk).sort()).toEqual(['counter', 'other1', 'other2', 'other3'])
      expect((await store.verify()).differences).toEqual([])
      await store.close()
      closeSync(file)
    })
  }
}

it('a worker thread undoes no commit, and the locks of LMDB remain when it ends', async () => {
  const store = await open()
  for (let n = 1; n <= 3; n++) await put(store, { ...counter, n })
  const file = openSync(join(path, 'lock.mdb'), 'r+')
  setBack(file, 1)
  const worker = new Worker(
    `import('partita/embedded').then(async ({ embedded }) => {
      const store = embedded({ path: require('node:worker_threads').workerData, sweepInterval: 0 })
      await store.write({ kind: 'put', table: 'counters', item: { pk: 'other', n: 1 } })
      await store.close()
    })`,
    { eval: true, workerData: path },
  )
  expect(await once(worker, 'exit')).toEqual([0])
  expect(await count(store)).toBe(3)
  if (existsSync('/proc/locks')) {
    const lock = new RegExp(`POSIX .* READ ${process.pid} \\S+:${fstatSync(file).ino} `)
    expect(readFileSync('/proc/locks', 'utf8')).toMatch(lock)
  }
  await store.close()
  closeSync(file)
})

it('a consistent read sees all commits after an opening set the lock file back', async () => {
  const store = await open()
  const file = openSync(join(path, 'lock.mdb'), 'r+')
  for (const commits of [1, 2, 3]) {
    for (let n = 1; n <= 4; n++) await put(store, { ...counter, n })
    setBack(file, commits)
    expect(await count(store)).toBe(4)
    setBack(file, commits)
    const { items } = await store.scan({ table: 'counters', consistent: true })
    expect(items).toEqual([{ ...counter, n: 4 }])
    setBack(file, commits)
    const { items: batch } = await store.batchGet({ gets: [{ table: 'counters', key: counter, consistent: true }] })
    expect(batch).toEqual([{ ...counter, n: 4 }])
    await put(store, { ...counter, n: 0 })
  }
  await store.close()
  closeSync(file)
})

it('acknowledged writes are kept while other processes open and close the store repeatedly', async () => {
  const store = await open()
  await put(store, { ...counter, n: 0 })
  const openers = ['readOnly', 'readWrite'].map(mode =>
    spawn(process.execPath, [reopener, path, mode], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const ended = Promise.all(openers.map(opener => once(opener, 'close')))
  await Promise.all(openers.map(opener => once(opener.stdout, 'data')))
  const lost: string[] = []
  const end = Date.now() + 2000
  for (let n = 1; Date.now() < end; n++) {
    await store
      .write({
        kind: 'update',
        table: 'counters',
        key: counter,
        update: { set: [{ path: ['n'], value: { kind: 'value', value: n } }], remove: [], add: [], delete: [] },
        condition: {
          kind: 'compare',
          comparator: '=',
          left: { kind: 'path', path: ['n'] },
          right: { kind: 'value', value: n - 1 },
        },
      })
      .catch(async () => {
        lost.push(`${n - 1}, found ${await count(store)}`)
        await put(store, { ...counter, n })
      })
  }
  for (const opener of openers) opener.stdin.end()
  expect(await ended).toEqual(openers.map(() => [0, null]))
  expect(lost).toEqual([])
  expect((await store.verify()).differences).toEqual([])
  await store.close()
})

it('processes that open and close one store at the same time never fail', async () => {
  const openers = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [reopener, path, 'readWrite'], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const ended = Promise.all(openers.map(opener => once(opener, 'close')))
  await Promise.all(openers.map(opener => once(opener.stdout, 'data')))
  await setTimeout(2000)
  for (const opener of openers) opener.stdin.end()
  expect(await ended).toEqual(openers.map(() => [0, null]))
})

/** What glibc writes to the three locks of LMDB when the last process closes the store. */
function destroyLocks(file: number): void {
  for (const at of [40, 80, 120]) writeSync(file, Buffer.alloc(4, 0xff), 0, 4, at)
}

it.runIf(process.platform === 'linux')(
  'a store with destroyed locks is opened when no process has it open',
  async () => {
    const store = await open()
    const file = openSync(join(path, 'lock.mdb'), 'r+')
    destroyLocks(file)
    const opener = spawn(process.execPath, [reopener, path, 'readWrite'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(opener, 'close')
    let isOpened = false
    opener.stdin.end()
    void ended.then(() => {
      isOpened = true
    })
    await once(opener.stdout, 'data')
    await setTimeout(300)
    expect(isOpened).toBe(false)
    await store.close()
    closeSync(file)
    expect(await ended).toEqual([0, null])
  },
)
