/** Single writes and reads. */
import { compare, path, update, value } from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import { equal } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { textKeys } from './fixtures.js'

/** Declares the tests of writes. */
export function writeContract(tested: ContractTests): void {
  const { it, beforeAll } = tested
  let table: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
  })

  let keys = 0
  const freshKey = () => ({ pk: 'writes', sk: `item-${++keys}` })
  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const read = async (key: { pk: string; sk: string }) =>
    (await tested.store.get({ table, key, consistent: true })).item

  it('A get of a missing item returns undefined', async () => {
    equal(await read(freshKey()), undefined)
  })

  it('A second put replaces the whole item', async () => {
    const key = freshKey()
    await put({ ...key, a: 1, b: 2 })
    await put({ ...key, a: 3 })
    equal(await read(key), { ...key, a: 3 })
  })

  it('A put returns the replaced item on request', async () => {
    const key = freshKey()
    equal((await put({ ...key, a: 1 })).item, undefined)
    const first = await tested.store.write({ kind: 'put', table, item: freshKey(), returns: 'old' })
    equal(first.item, undefined)
    const second = await tested.store.write({ kind: 'put', table, item: { ...key, a: 2 }, returns: 'old' })
    equal(second.item, { ...key, a: 1 })
  })

  it('A delete returns the item on request, and succeeds if there is none', async () => {
    const key = freshKey()
    await put({ ...key, a: 1 })
    equal((await tested.store.write({ kind: 'delete', table, key, returns: 'old' })).item, { ...key, a: 1 })
    equal(await read(key), undefined)
    equal((await tested.store.write({ kind: 'delete', table, key, returns: 'old' })).item, undefined)
  })

  it('A put stores the item as it was at the call, even if the caller changes it meanwhile', async () => {
    const key = freshKey()
    const item = { ...key, list: [1], map: { a: 1 }, late: 0 as unknown }
    const writing = [
      tested.store.write({ kind: 'put', table, item: item as Item }),
      tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...item, sk: 'batch' } as Item }] }),
    ]
    item.list.push(2)
    item.map.a = 2
    item.late = new Date()
    await Promise.all(writing)
    equal(await read(key), { ...key, list: [1], map: { a: 1 }, late: 0 })
  })

  it('A get returns the projected attributes, and an empty item if there are none of them', async () => {
    const key = freshKey()
    await put({ ...key, a: 1, map: { b: 2, c: 3 }, list: ['x', 'y', 'z'] })
    const project = async (...projection: [string, ...(string | number)[]][]) =>
      (await tested.store.get({ table, key, consistent: true, projection })).item
    equal(await project(['a'], ['map', 'b'], ['list', 2]), { a: 1, map: { b: 2 }, list: ['z'] })
    equal(await project(['absent']), {})
  })

  it('A write does not change its arguments', async () => {
    const key = freshKey()
    const given = Object.freeze({ ...key, list: Object.freeze([1]), map: Object.freeze({ a: 1 }) })
    await put(given as unknown as Item)
    const first = (await read(key)) as Item
    first.list = 'mine'
    equal(await read(key), given)
  })

  it('A write uses its arguments as they were at the call, even if the caller changes them afterwards', async () => {
    // Many: an engine may yield before some of them.
    for (let n = 0; n < 300; n++) {
      const key = freshKey()
      const list = [1]
      const bytes = Buffer.from([1])
      const written = put({ ...key, bytes, list })
      list.push(2)
      bytes[0] = 2
      await written
      const [wanted, copy] = [[1], [1]]
      const set = [{ path: ['copy'], value: value(copy) }] as const
      const condition = compare(path('list'), '=', value(wanted))
      const updated = tested.store.write({ kind: 'update', table, key, update: update({ set }), condition })
      wanted.push(2)
      copy.push(2)
      await updated
      equal(await read(key), { ...key, bytes: new Uint8Array([1]), list: [1], copy: [1] })
    }
  })
}
