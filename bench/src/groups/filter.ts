/** Filtered scans on the embedded engine, against a walk through the same file in bare LMDB that decodes nothing. */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { Item, Key } from 'partita'
import { embedded } from 'partita/embedded'
import { ast, type Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { compare, cpuCost, type Operation, type Pace } from '../measure.js'
import { type Claim, Report } from '../report.js'
import { postItem } from '../sample.js'

const TABLE = 'posts'
const ITEMS = 10_000
/** One in a hundred passes. */
const KEPT = ITEMS / 100
const PACE: Pace = { rounds: 11, milliseconds: 200, warmUp: 400 }
const WALK = 'lmdb walk'
const CONTENT = 'It weaves algebraical patterns just as the loom weaves flowers and leaves. '.repeat(10)

type Condition = ReturnType<typeof ast.compare>

export async function measureFilter(): Promise<void> {
  const path = temporaryFolder()
  const store = embedded({ path })
  await load(store)
  const copy = temporaryFolder()
  copyFileSync(join(path, 'data.mdb'), join(copy, 'data.mdb'))
  const isFew = ast.compare(ast.path('views'), '<', ast.value(KEPT))
  const isPublished = ast.compare(ast.path('status'), '=', ast.value('published'))
  const contenders = [
    { name: WALK, operation: walkOf(copy) },
    { name: 'scan, 1 operator', operation: scanOf(store, isFew, KEPT) },
    { name: 'scan, 3 operators', operation: scanOf(store, ast.and(isPublished, isFew, ast.exists(['sk'])), KEPT) },
    { name: 'scan', operation: scanOf(store, undefined, ITEMS) },
  ]
  const figures = await compare(contenders, 1, cpuCost, PACE)
  const names = contenders.map(({ name }) => name)
  const report = new Report(`Scans of ${ITEMS} items of 1 KB`, 'microseconds of CPU', names)
  const claims: Claim[] = names
    .filter(name => name !== WALK)
    .map(of => ({ of, against: WALK, ...(of !== 'scan' && { bar: { atMost: 1 / 0.7 } }) }))
  report.add('all items', 1, figures, claims)
  report.print()
  await store.close()
}

async function load(store: Store): Promise<void> {
  await store.createTable({
    name: TABLE,
    key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
  })
  const items = Array.from({ length: ITEMS }, (_, post): Item => ({ ...postItem(post, post), content: CONTENT }))
  await store.batchWrite({ writes: items.map(item => ({ kind: 'put', table: TABLE, item })) })
}

function scanOf(store: Store, filter: Condition | undefined, expected: number): Operation {
  return async () => {
    let found = 0
    let after: Key | undefined
    do {
      const page = await store.scan({ table: TABLE, ...(filter && { filter }), ...(after && { after }) })
      found += page.items.length
      after = page.next
    } while (after)
    assert.equal(found, expected)
  }
}

function walkOf(path: string): Operation {
  const options = {
    pageSize: 8192,
    keyEncoding: 'binary',
    noSubdir: false,
    encoder: { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes.length },
  }
  const db = open(path, options as object)
  // Keys of entries begin with this byte.
  const range = { start: Uint8Array.of(0x10), end: Uint8Array.of(0x11) } as object
  return () => {
    let found = 0
    for (const _ of db.getRange(range)) found++
    assert.equal(found, ITEMS)
  }
}
