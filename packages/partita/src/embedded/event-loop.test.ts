import { afterEach, describe, expect, it } from 'vitest'
import type { Condition } from '../expression/ast.js'
import { engineStore } from './engine-store.js'
import { yieldToEventLoop } from './event-loop.js'
import { type EmbeddedStore, memory } from './index.js'
import { CommitQueue } from './storage/commit-queue.js'

/** Counts the iterations of the event loop until it is stopped. */
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

it('those who yield go on one in each iteration of the event loop, in their order', async () => {
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
  it('is divided among several where it takes long, in its order, each settled with its own commit', async () => {
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

  it('shares one where it is short, and each piece rejects for itself', async () => {
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

  it('all rejects where its commit fails, also before it began, and what comes later goes on', async () => {
    let fault: 'before' | 'after' | undefined = 'before'
    const queue = new CommitQueue(async work => {
      await yieldToEventLoop()
      if (fault === 'before') throw new Error('no transaction')
      work()
      if (fault === 'after') throw new Error('no commit')
    })
    const both = () => Promise.allSettled([queue.add(() => 1), queue.add(() => 2)])
    const rejected = (message: string) => [{ reason: { message } }, { reason: { message } }]
    expect(await both()).toMatchObject(rejected('no transaction'))
    fault = 'after'
    expect(await both()).toMatchObject(rejected('no commit'))
    fault = undefined
    expect(await both()).toMatchObject([{ value: 1 }, { value: 2 }])
  })
})

describe('a page under an expensive filter', () => {
  let store: EmbeddedStore
  afterEach(() => store.close())

  const ITEMS = 4000
  /** Many comparisons, all false but for every other item. */
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

  it.each(Object.entries(reads))('lets the event loop have its turns, and misses nothing: %s', async (name, read) => {
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

  it('gives each key once that is there all the time, while others come and go', async () => {
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

  it('keeps to its request, whatever its caller does to it meanwhile', async () => {
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

  it('goes on from its end as any other', async () => {
    await open()
    const request = { table: 'items', key: { partition }, filter, limit: 2501 } as const
    const first = await store.query(request)
    expect(first).toMatchObject({ scanned: 2501, next: { pk: 'p', n: 2500 } })
    const second = await store.query({ ...request, after: first.next as never })
    expect([...first.items, ...second.items].map(({ n }) => n)).toEqual(even)
  })

  it('is read from the table of now where it is deleted and made anew meanwhile, and refused where it is gone', async () => {
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
  it('let the event loop have its turns: batches, counts and upkeep', async () => {
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
