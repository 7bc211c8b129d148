/** The published snippets for items on every store. Numbers in titles refer to known-problems/letsgo.md. */

import * as defaults from 'partita/items'
import { createItems, type DBItem, hierarchicalKey, hierarchicalPrefix, type Items } from 'partita/items'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { knownProblems } from './known-problems/known-problems.js'
import { describeEachStore } from './stores.js'

interface Order extends DBItem {
  orderId: string
  customerId: string
  total: number
  items: string[]
}

const order: Order = {
  category: 'order',
  key: 'ord-123',
  orderId: 'ord-123',
  customerId: 'cus-456',
  total: 12,
  items: ['cat', 'dog'],
}

type Functions = Pick<Items, 'putItem' | 'getItem' | 'deleteItem' | 'listItems'>

async function putGetDelete({ putItem, getItem, deleteItem }: Functions): Promise<void> {
  await putItem(order)
  expect(await getItem<Order>('order', 'ord-123')).toEqual(order)
  await putItem({ ...order, total: 13 })
  expect(await getItem<Order>('order', 'ord-123', { consistentRead: true })).toEqual({ ...order, total: 13 })
  expect(await deleteItem('order', 'ord-123')).toBeUndefined()
  await deleteItem('order', 'ord-123')
  expect(await getItem<Order>('order', 'ord-123')).toBeUndefined()
}

async function listPages({ putItem, listItems }: Functions): Promise<void> {
  const keys = Array.from({ length: 7 }, (_, i) => `ord-${i}`)
  for (const key of keys) await putItem({ ...order, category: 'listed-order', key, orderId: key })
  const all = await listItems<Order>('listed-order', '')
  expect(all.items.map(it => it.orderId)).toEqual(keys)
  expect(all.nextToken).toBeUndefined()

  const first = await listItems<Order>('listed-order', '', { limit: 5 })
  expect(first.items).toHaveLength(5)

  const walked: string[] = []
  let nextToken: string | undefined
  do {
    const result = await listItems<Order>('listed-order', '', { nextToken, limit: 3 })
    walked.push(...result.items.map(it => it.key))
    nextToken = result.nextToken
  } while (nextToken)
  expect(walked).toEqual(keys)
}

async function relate({ putItem, listItems }: Functions): Promise<void> {
  await putItem({ category: 'tenant-user', key: '/ten-1/usr-1' })
  await putItem({ category: 'tenant-user', key: '/ten-2/usr-1' })
  await putItem({ category: 'tenant-user', key: '/ten-2/usr-2' })
  await putItem({ category: 'user-tenant', key: '/usr-1/ten-1' })
  await putItem({ category: 'user-tenant', key: '/usr-1/ten-2' })
  await putItem({ category: 'user-tenant', key: '/usr-2/ten-2' })
  const tenants = await listItems('user-tenant', '/usr-1/')
  expect(tenants.items.map(it => it.key)).toEqual(['/usr-1/ten-1', '/usr-1/ten-2'])
  const users = await listItems('tenant-user', '/ten-1/')
  expect(users.items).toEqual([{ category: 'tenant-user', key: '/ten-1/usr-1' }])
}

describeEachStore('items', tested => {
  const { absent, allAccountedFor } = knownProblems('letsgo', import.meta.url)
  let time = Math.floor(Date.now() / 1000) * 1000
  let items: Items
  let functions: Functions

  beforeAll(async () => {
    items = createItems({ store: tested.store, table: tested.tableName(), clock: () => time })
    functions = items
    await items.createTable()
  })

  it('items are put, read with both kinds of consistency, and deleted', () => putGetDelete(functions))
  it('items are listed completely, in pages and with a limit', () => listPages(functions))
  it('hierarchical keys relate items many to many', () => relate(functions))

  it('iterateItems() returns items one by one', async () => {
    for (const key of ['a', 'b', 'c']) await items.putItem({ category: 'walked', key })
    const keys = []
    for await (const { key } of items.iterateItems('walked', '')) keys.push(key)
    expect(keys).toEqual(['a', 'b', 'c'])
  })

  absent([1], 'items expire ttl seconds after they were written, and not before', async () => {
    await items.putItem({ category: 'session', key: 'ses-123', accessToken: 'ey...', ttl: 3600 })
    time += 3599_000
    expect(await items.getItem('session', 'ses-123')).toMatchObject({ accessToken: 'ey...' })
    time += 1000
    expect(await items.getItem('session', 'ses-123')).toBeUndefined()
    expect((await items.listItems('session', '')).items).toEqual([])
    await expect(items.putItem({ category: 'session', key: 's', ttl: time / 1000 + 60 })).rejects.toThrow('expiresAt')
  })

  it('an item that is read and put back keeps its expiry, however much time has passed', async () => {
    await items.putItem({ category: 'kept', key: 'k', ttl: 100 })
    const read = (await items.getItem('kept', 'k')) as DBItem
    expect(read).toEqual({ category: 'kept', key: 'k', expiresAt: new Date(time + 100_000) })
    time += 60_000
    await items.putItem({ ...read, color: 'red' })
    expect(await items.getItem('kept', 'k')).toEqual({ ...read, color: 'red' })
    time += 40_000
    expect(await items.getItem('kept', 'k')).toBeUndefined()
    await items.putItem({ ...read, ttl: 50 })
    time += 49_000
    expect(await items.getItem('kept', 'k')).toBeDefined()
  })

  absent([2], 'a page is filled with items that have not expired, even if expired items are between them', async () => {
    for (let i = 0; i < 20; i++) {
      const key = `k${String(i).padStart(2, '0')}`
      await items.putItem(i % 5 === 4 ? { category: 'mixed', key } : { category: 'mixed', key, ttl: 10 })
    }
    time += 20_000
    const page = await items.listItems('mixed', '', { limit: 3 })
    expect(page.items.map(it => it.key)).toEqual(['k04', 'k09', 'k14'])
    const rest = await items.listItems('mixed', '', { limit: 3, nextToken: page.nextToken })
    expect(rest.items.map(it => it.key)).toEqual(['k19'])
    expect(rest.nextToken).toBeUndefined()
  })

  absent([3], 'a ttl that is not a positive number and an expiresAt that is not a Date are refused', async () => {
    for (const ttl of ['3600', null, Number.NaN, 0, -1, Number.POSITIVE_INFINITY]) {
      await expect(items.putItem({ category: 'bad', key: 'k', ttl: ttl as number })).rejects.toMatchObject({
        details: { issues: [{ path: ['ttl'] }] },
      })
    }
    for (const expiresAt of ['2030-01-01', time, new Date(Number.NaN)]) {
      await expect(items.putItem({ category: 'bad', key: 'k', expiresAt: expiresAt as Date })).rejects.toMatchObject({
        details: { issues: [{ path: ['expiresAt'] }] },
      })
    }
    expect((await items.listItems('bad', '')).items).toEqual([])
  })

  absent([4], 'a token is refused if it was edited, truncated or issued for another listing', async () => {
    for (const key of ['a1', 'a2', 'a3']) await items.putItem({ category: 'tokens', key })
    const { nextToken = '' } = await items.listItems('tokens', 'a', { limit: 1 })
    expect(nextToken).toMatch(/^[\w-]+$/)
    const middle = nextToken.length - 4
    const edited = nextToken.slice(0, middle) + (nextToken[middle] === 'A' ? 'B' : 'A') + nextToken.slice(middle + 1)
    for (const bad of [edited, nextToken.slice(0, -4), 'eyJjYXRlZ29yeSI6e319', 'x', '{}', 'ü', nextToken + nextToken]) {
      await expect(items.listItems('tokens', 'a', { nextToken: bad })).rejects.toMatchObject({ code: 'InvalidCursor' })
    }
    await expect(items.listItems('tokens', '', { nextToken })).rejects.toMatchObject({ code: 'InvalidCursor' })
    await expect(items.listItems('other', 'a', { nextToken })).rejects.toMatchObject({ code: 'InvalidCursor' })
    expect((await items.listItems('tokens', 'a', { nextToken })).items.map(it => it.key)).toEqual(['a2', 'a3'])
  })

  absent([5], 'errors are typed, including errors of the store', async () => {
    const lost = createItems({ store: tested.store, table: `${items.table.config.table}-not-there` })
    if (tested.store.provisioning === 'explicit') {
      await expect(lost.getItem('a', 'b')).rejects.toMatchObject({ code: 'TableNotFound' })
    }
    await expect(items.putItem({ category: 'a', key: 'b', when: new Date() })).rejects.toMatchObject({
      code: 'ValidationFailed',
      details: { issues: [{ path: ['when'] }] },
    })
  })

  absent([6, 7, 9], 'items are updated, created once and moved atomically through their table', async () => {
    const { table } = items
    const invitation = { partitionKey: 'invitation', rangeKey: '/ten-1/inv-1' }
    const accept = () =>
      table.transaction([
        { erase: { ...invitation, conditions: [{ property: 'key', operation: 'exists' }] } },
        { create: { key: { partitionKey: 'member', rangeKey: '/ten-1/usr-1' }, item: {}, createOnly: true } },
      ])
    await items.putItem({ category: 'invitation', key: '/ten-1/inv-1' })
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, accept))
    expect(outcomes.filter(it => it.status === 'fulfilled')).toHaveLength(1)
    expect(await items.getItem('member', '/ten-1/usr-1')).toEqual({ category: 'member', key: '/ten-1/usr-1' })

    await items.putItem({ category: 'tenant', key: 't', plan: 'free', seats: 1 })
    const count = { partitionKey: 'tenant', rangeKey: 't' }
    await Promise.all(
      Array.from({ length: 10 }, () =>
        table.update({ ...count, atomicOperations: [{ operation: 'add', property: 'seats', value: 1 }] }),
      ),
    )
    expect(await items.getItem('tenant', 't')).toMatchObject({ plan: 'free', seats: 11 })
  })

  absent([10], 'reserved categories and empty, long or invalid keys are refused', async () => {
    for (const category of ['letsgo-tenant', 'letsgo', 'partita-x', '', 3, undefined]) {
      const bad = { category, key: 'k' } as DBItem
      await expect(items.putItem(bad)).rejects.toMatchObject({ details: { issues: [{ path: ['category'] }] } })
      await expect(items.getItem(category as string, 'k')).rejects.toMatchObject({ code: 'ValidationFailed' })
      await expect(items.listItems(category as string, '')).rejects.toMatchObject({ code: 'ValidationFailed' })
      await expect(items.deleteItem(category as string, 'k')).rejects.toMatchObject({ code: 'ValidationFailed' })
    }
    await expect(items.putItem({ category: 'a', key: '' })).rejects.toMatchObject({ code: 'ValidationFailed' })
    await expect(items.putItem({ category: 'a', key: 'k'.repeat(1025) })).rejects.toMatchObject({
      code: 'LimitExceeded',
    })
    await expect(items.listItems('a', 3 as unknown as string)).rejects.toMatchObject({ code: 'ValidationFailed' })
    await items.putItem({ category: 'path', key: hierarchicalKey('ten-1', 'a/b%') })
    await items.putItem({ category: 'path', key: hierarchicalKey('ten-10', 'c') })
    const { items: found } = await items.listItems('path', hierarchicalPrefix('ten-1'))
    expect(found.map(it => it.key)).toEqual(['/ten-1/a%2Fb%25'])
  })

  absent([12], 'values are stored exactly, and values that a store cannot keep are refused', async () => {
    const rich = { category: 'rich', key: 'k', big: 2n ** 70n, set: new Set([1, 2]), bytes: new Uint8Array([1]) }
    await items.putItem({ ...rich, nothing: undefined, nested: { list: [null, { a: 0.1 }] } })
    expect(await items.getItem('rich', 'k')).toEqual({ ...rich, nested: { list: [null, { a: 0.1 }] } })
    await expect(items.putItem({ ...rich, set: new Set() })).rejects.toMatchObject({ code: 'ValidationFailed' })
  })

  absent([15], 'createTable() enables time to live on an existing table without it', async () => {
    const name = await tested.table({
      key: { partition: { name: 'category', type: 'S' }, sort: { name: 'key', type: 'S' } },
    })
    await createItems({ store: tested.store, table: name }).createTable()
    expect((await tested.store.describeTable(name))?.timeToLive).toBe('ttl')
  })

  absent([8, 17], 'an Items object has one store and one table, and runs on a store in this process', async () => {
    const other = createItems({ store: tested.store, table: tested.tableName() })
    await other.createTable()
    await items.putItem({ category: 'where', key: 'k' })
    expect(await other.getItem('where', 'k')).toBeUndefined()
  })

  absent([16], 'listItems() returns a promise, and deleteItem() resolves to undefined', async () => {
    expect(items.listItems('none', '')).toBeInstanceOf(Promise)
    expect(await items.deleteItem('none', 'k')).toBeUndefined()
  })

  allAccountedFor()
})

describe('items of the default store', () => {
  const before = process.env.PARTITA_STORE
  afterEach(async () => {
    await defaults.closeItems()
    if (before === undefined) delete process.env.PARTITA_STORE
    else process.env.PARTITA_STORE = before
  })

  it('the published snippets run without any setup', async () => {
    process.env.PARTITA_STORE = 'memory:'
    await putGetDelete(defaults)
    await listPages(defaults)
    await relate(defaults)
    const keys = []
    for await (const { key } of defaults.iterateItems('tenant-user', '/ten-2/')) keys.push(key)
    expect(keys).toEqual(['/ten-2/usr-1', '/ten-2/usr-2'])
  })

  it('concurrent first calls open the store once', async () => {
    process.env.PARTITA_STORE = 'memory:'
    await Promise.all(['a', 'b', 'c'].map(key => defaults.putItem({ category: 'together', key })))
    expect((await defaults.listItems('together', '')).items).toHaveLength(3)
  })

  it('a call after a failed one opens the store again, with the corrected URL', async () => {
    process.env.PARTITA_STORE = 'nonsense://x'
    await expect(defaults.getItem('a', 'b')).rejects.toMatchObject({ code: 'ValidationFailed' })
    process.env.PARTITA_STORE = 'memory:'
    expect(await defaults.getItem('a', 'b')).toBeUndefined()
  })
})
