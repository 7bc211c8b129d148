/** A million items: the speed of loading and of point reads, and the memory during a scan. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { embedded } from 'partita/embedded'
import type { Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { compare, rate } from '../measure.js'
import { Report } from '../report.js'
import { figure, printTable } from '../table.js'
import { createTable, load, smallKey, TABLE } from './load.js'

const SMALL = 10_000
const LARGE = 1_000_000
const PACE = { rounds: 9, milliseconds: 300, warmUp: 1000 }

export async function measureScale(): Promise<void> {
  const small = await filled(SMALL)
  const large = await filled(LARGE)
  printTable('A million items with one global index, durable', [
    ['loaded through batchWrite', `${figure(large.rate)} items/s`],
  ])
  await measureReads(small.store, large.store)
  await small.store.close()
  await measureScan(large.store)
  await large.store.close()
}

async function filled(items: number): Promise<{ store: Store; rate: number }> {
  const store = embedded({ path: temporaryFolder() })
  await createTable(store)
  return { store, rate: await load(store, items) }
}

async function measureReads(small: Store, large: Store): Promise<void> {
  const name = (items: number) => `${figure(items)} items`
  const contenders = [
    { name: name(SMALL), operation: randomGet(small, SMALL) },
    { name: name(LARGE), operation: randomGet(large, LARGE) },
  ]
  for (const { operation } of contenders) assert.ok((await operation()).item)
  const report = new Report('Point reads of random keys', 'operations a second', [name(SMALL), name(LARGE)])
  report.add('get', 1, await compare(contenders, 1, rate, PACE), [
    { of: name(LARGE), against: name(SMALL), bar: { atLeast: 0.5 } },
  ])
  report.print()
}

function randomGet(store: Store, items: number) {
  return () => store.get({ table: TABLE, key: smallKey(Math.floor(Math.random() * items)) })
}

/** Memory during a scan in pages of 1 MB: the process's own, and with the pages of the memory-mapped file. */
async function measureScan(store: Store): Promise<void> {
  globalThis.gc?.()
  const first = memoryNow()
  let highest = first
  let items = 0
  const start = performance.now()
  let page = await store.scan({ table: TABLE })
  for (;;) {
    items += page.items.length
    const { own, all } = memoryNow()
    highest = { own: Math.max(highest.own, own), all: Math.max(highest.all, all) }
    if (!page.next) break
    page = await store.scan({ table: TABLE, after: page.next })
  }
  assert.equal(items, LARGE)
  const seconds = (performance.now() - start) / 1000
  const rows = [
    ['', 'at the start', 'highest'],
    ["the process's own", megabytes(first.own), megabytes(highest.own)],
    ['with the mapped file (rss)', megabytes(first.all), megabytes(highest.all)],
  ]
  printTable(`Memory during a scan of ${figure(LARGE)} items, ${figure(items / seconds)} items/s`, rows, true)
}

interface Memory {
  /** In bytes. Only Linux reports it separately; elsewhere it is the total. */
  readonly own: number
  readonly all: number
}

function memoryNow(): Memory {
  const all = process.memoryUsage.rss()
  if (process.platform !== 'linux') return { own: all, all }
  const kilobytes = /RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return { own: kilobytes === undefined ? all : Number(kilobytes) * 1024, all }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
