import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Condition } from '../expression/ast.js'
import { engineStore } from './engine-store.js'
import { yieldToEventLoop } from './event-loop.js'
import { type EmbeddedStore, embedded, memory } from './index.js'
import { CommitQueue } from './storage/commit-queue.js'

/** Counts the iterations of the event loop until `stop`. */
function countTurns(): { readonly turns: number; stop(): void } {
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  return {
    get turns() {
      return turns
    },
    stop() {
      isOver = true
    },
  }
}

function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

it('tasks that yield continue in their order, one in each iteration of the event loop', async () => {
  const counted = countTurns()
  const at: number[] = []
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      await yieldToEventLoop()
      order.push(i)
      at.push(counted.turns)
    }),
  )
  counted.stop()
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(new Set(at).size).toBe(5)
})

describe('work that waits for commits', () => {
  it('long work is divided among several commits, in its order, and each piece settles with its own commit', async () => {
    const commits: number[][] = []
    const queue = new CommitQueue(async work => {
      await yieldToEventLoop()
      commits.push([])
      work()
    })
    const done = Array.from({ length: 20 }, (_, i) =>
      queue.add(() => {
        spin(1)
        commits.at(-1)?.push(i)
        return i
      }),
    )
    expect(await Promise.all(done)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(commits.flat()).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(commits.length).toBeGreaterThan(1)
  })

  it('short work shares one commit, and each piece rejects on its own', async () => {
    let commits = 0
    const queue = new CommitQueue(async work => {
      await yieldToEventLoop()
      commits++
      work()
    })
    const outcomes = await Promise.allSettled([
      queue.add(() => 'first'),
      queue.add(() => {
        throw new Error('mine')
      }),
      queue.add(() => 'third'),
    ])
    expect(outcomes).toMatchObject([{ value: 'first' }, { reason: { message: 'mine' } }, { value: 'third' }])
    expect(commits).toBe(1)
  })

  it('all work of a failed commit rejects, also if the commit never began, and later work continues', async () => {
    let failing: 'before' | 'after' | undefined = 'before'
    const queue = new CommitQueue(async work => {
      await yieldToEventLoop()
      if (failing === 'before') throw new Error('no transaction')
      work()
      if (failing === 'after') throw new Error('no commit')
    })
    const both = () => Promise.allSettled([queue.add(() => 1), queue.add(() => 2)])
    const rejected = (message: string) => [{ reason: { message } }, { reason: { message } }]
    expect(await both()).toMatchObject(rejected('no transaction'))
    failing = 'after'
    expect(await both()).toMatchObject(rejected('no commit'))
    failing = undefined
    expect(await both()).toMatchObject([{ value: 1 }, { value: 2 }])
  })
})

it('the event loop continues while a durable write that waits alone is flushed', async () => {
  const path = mkdtempSync(join(tmpdir(), 'partita-event-loop-'))
  const store = embedded({ path, sweepInterval: 0 })
  await store.createTable({ name: 'items', key: { partition: { name: 'id', type: 'S' } } })
  const turns: number[] = []
  for (let i = 0; i < 50; i++) {
    const counted = countTurns()
    await store.write({ kind: 'put', table: 'items', item: { id: `${i}` } })
    counted.stop()
    turns.push(counted.turns)
  }
  await store.close()
  rmSync(path, { recursive: true })
  // A commit on the event loop ends within the iteration in which it begins.
  expect(turns.filter(count => count > 1).length).toBeGreaterThan(40)
})

describe('a page under an expensive filter', () => {
  let store: EmbeddedStore
  afterEach(() => store.close())

  const ITEMS = 4000
  /** Many comparisons, all false except for every other item. */
  const filter: Condition = {
    kind: 'or',
    conditions: Array.from({ length: 140 }, (_, i) => ({
      kind: 'compare' as const,
      comparator: '=' as const,
      left: { kind: 'path' as const, path: ['even'] as const },
      right: { kind: 'value' as const, value: i === 139 ? 1 : -i - 1 },
    })),
  }

  async function open(): Promise<void> {
    store = memory({ sweepInterval: 0 })
    const byGroup = { partition: { name: 'group', type: 'S' }, sort: { name: 'n', type: 'N' } } as const
    await store.createTable({
      name: 'items',
      key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'n', type: 'N' } },
      globalIndexes: { byGroup },
    })
    const put = (n: number) => ({ kind: 'put' as const, table: 'items', item: item(n) })
    await store.batchWrite({ writes: Array.from({ length: ITEMS }, (_, n) => put(n)) })
  }
  const item = (n: number) => ({ pk: 'p', n, group: 'g', even: n % 2 === 0 ? 1 : 0 })
  const even = Array.from({ length: ITEMS / 2 }, (_, i) => 2 * i)
  const partition = { name: 'pk', value: 'p' }
  const reads = {
    'a query': () => store.query({ table: 'items', key: { partition }, filter }),
    'a query downwards': () => store.query({ table: 'items', key: { partition }, filter, order: 'desc' }),
    'a scan': () => store.scan({ table: 'items', filter }),
    'a query of an index': () =>
      store.query({ table: 'items', index: 'byGroup', key: { partition: { name: 'group', value: 'g' } }, filter }),
  } as const

  it.each(Object.entries(reads))('the read yields to the event loop and skips nothing: %s', async (name, read) => {
    await open()
    const counted = countTurns()
    const page = await read()
    counted.stop()
    expect(counted.turns).toBeGreaterThan(1)
    const found = page.items.map(({ n }) => n)
    expect(found).toEqual(name === 'a query downwards' ? [...even].reverse() : even)
    expect(page).toMatchObject({ scanned: ITEMS, count: ITEMS / 2 })
    expect(page.next).toBeUndefined()
  })

  it('a page contains each lasting key once while other keys are written and deleted', async () => {
    await open()
    let isOver = false
    const write = async () => {
      for (let i = 0; !isOver; i++) {
        await store.write({ kind: 'put', table: 'items', item: item((i % ITEMS) + 0.5) })
        await store.write({ kind: 'delete', table: 'items', key: { pk: 'p', n: ((i * 7) % ITEMS) + 0.5 } })
        await yieldToEventLoop()
      }
    }
    const writing = write()
    const page = await reads['a query']()
    isOver = true
    await writing
    expect(page.items.map(({ n }) => n)).toEqual(even)
  })

  it('a read uses the request as it was passed, even if the caller changes it during the read', async () => {
    await open()
    const live = structuredClone(filter) as unknown as { conditions: { right: { value: unknown } }[] }
    const request = { table: 'items', key: { partition: { ...partition } }, filter: live as never, projection: [['n']] }
    const reading = store.query(request as never)
    for (const { right } of live.conditions) right.value = 'other'
    live.conditions.length = 1
    request.table = 'absent'
    request.projection.push(['even'])
    request.key.partition.value = 'other'
    expect((await reading).items).toEqual(even.map(n => ({ n })))
  })

  it('the next page continues from the end of such a page', async () => {
    await open()
    const request = { table: 'items', key: { partition }, filter, limit: 2501 } as const
    const first = await store.query(request)
    expect(first).toMatchObject({ scanned: 2501, next: { pk: 'p', n: 2500 } })
    const second = await store.query({ ...request, after: first.next as never })
    expect([...first.items, ...second.items].map(({ n }) => n)).toEqual(even)
  })

  it('a read uses a table that is recreated during the read, and fails if the table is deleted', async () => {
    await open()
    const reading = reads['a query']()
    const deleted = store.deleteTable('items')
    await store.createTable({ name: 'items', key: { partition: { name: 'pk', type: 'S' } } })
    await store.write({ kind: 'put', table: 'items', item: { pk: 'p', even: 1 } })
    await deleted
    expect((await reading).items).toEqual([{ pk: 'p', even: 1 }])
    await store.close()
    await open()
    const refused = expect(reads['a query']()).rejects.toMatchObject({ details: { table: 'items' } })
    await store.deleteTable('items')
    await refused
  })
})

describe('large requests', () => {
  it('batches, counts and upkeep yield to the event loop', async () => {
    const store = memory({ sweepInterval: 0 })
    await store.createTable({ name: 'items', key: { partition: { name: 'pk', type: 'N' } }, timeToLive: 'ttl' })
    const keys = Array.from({ length: 30_000 }, (_, pk) => ({ pk }))
    const steps = {
      batchWrite: () =>
        store.batchWrite({ writes: keys.map(key => ({ kind: 'put', table: 'items', item: { ...key, ttl: 1e9 } })) }),
      batchGet: () => store.batchGet({ gets: keys.map(key => ({ table: 'items', key })) }),
      measure: () => engineStore(store).measure('items'),
      describeTable: () => store.describeTable('items'),
    }
    for (const [name, step] of Object.entries(steps)) {
      const counted = countTurns()
      await step()
      counted.stop()
      expect({ name, turned: counted.turns > 0 }).toEqual({ name, turned: true })
    }
    await store.close()
  })
})
