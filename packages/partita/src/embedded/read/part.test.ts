import { expect, it } from 'vitest'
import { project } from '../../expression/evaluate/index.js'
import { measureItem } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import { memory } from '../index.js'
import { decodeSizedRecord, encodeLasting } from '../storage/codec.js'
import { readPart } from './part.js'

const PROJECTION = [['title'], ['m', 'b'], ['l', 1], ['missing'], ['tags']] as const

/** An item whose record has about this many bytes more than those of its short attributes. */
function itemOf(bytes: number): Item {
  return {
    id: 'i1',
    body: 'x'.repeat(bytes),
    title: 'Notes',
    m: { a: 1, b: [true, null], c: 'y'.repeat(bytes) },
    tags: new Set(['a', 'b']),
    l: [1, { deep: 2n ** 70n }, 3],
  }
}

it.each([0, 100, 5000, 100_000])('a record that is %i bytes long or more gives the projection of its item', bytes => {
  const item = itemOf(bytes)
  const size = measureItem(item)
  const record = encodeLasting(item, size)
  expect(readPart(PROJECTION, record)).toEqual({ item: project(PROJECTION, decodeSizedRecord(record).item), size })
})

it('a get with a projection is charged for the whole item', async () => {
  const store = memory()
  await store.createTable({ name: 'items', key: { partition: { name: 'id', type: 'S' } } })
  await store.write({ kind: 'put', table: 'items', item: itemOf(10_000) })
  const key = { id: 'i1' }
  const whole = await store.get({ table: 'items', key })
  const part = await store.get({ table: 'items', key, projection: [['title']] })
  expect(part.item).toEqual({ title: 'Notes' })
  expect(part.capacity).toEqual(whole.capacity)
  await store.close()
})

it('a get does not decode attributes of a large item that its projection does not name', () => {
  const item = itemOf(5000)
  const record = encodeLasting(item, measureItem(item))
  // No value begins with this tag, so decoding the value of the last attribute would throw.
  const damagedAt =
    Buffer.from(record.buffer, record.byteOffset, record.length).lastIndexOf(Buffer.from([0x81, 0x6c])) + 2
  record[damagedAt] = 0x7f
  expect(() => decodeSizedRecord(record)).toThrow('damaged')
  expect(readPart([['title']], record).item).toEqual({ title: 'Notes' })
})
