/** Pages are read from their bytes exactly as `JSON.parse` and a walk over its result read them, or are left to these. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyName, maps, values } from '../../../../../test/arbitrary/value.js'
import type { Item } from '../../value/value.js'
import { readPage } from './page-reader.js'
import { prepare } from './print.js'
import { readOutput } from './read.js'
import { outputShape } from './shapes.js'

interface Page {
  readonly Items: readonly Item[]
}

/** Makes every page long enough. */
const LONG = { pk: 'a'.repeat(4096) }
const items = fc.array(maps(anyName, values(anyName)), { maxLength: 4 })

const typed = (item: Item) => JSON.parse(prepare('PutItem', { TableName: 't', Item: item }).text).Item
const bodyOf = (page: object) => Buffer.from(JSON.stringify(page))
const pageOf = (found: readonly Item[]) => ({
  ConsumedCapacity: { TableName: 'things"\\', CapacityUnits: 0.5, GlobalSecondaryIndexes: { a: { CapacityUnits: 1 } } },
  Count: found.length,
  Items: [LONG, ...found].map(typed),
  LastEvaluatedKey: typed({ pk: 'a' }),
})
const fromBytes = (body: Uint8Array) => readPage(body, outputShape('Query')) as Page | undefined
const fromJson = (body: Uint8Array) =>
  readOutput(JSON.parse(new TextDecoder().decode(body)), outputShape('Query')) as Page

it('a page is read as by JSON.parse: names in their order, numbers exact, every type', () => {
  fc.assert(
    fc.property(items, found => {
      const body = bodyOf(pageOf(found))
      const page = fromBytes(body)
      assert.deepEqual(page, fromJson(body))
      expect(page?.Items.map(typed)).toEqual([LONG, ...found].map(typed))
    }),
  )
})

it('a damaged page is read as by JSON.parse, or left to it', () => {
  const damage = fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.uint8Array({ maxLength: 3 }))
  let read = 0
  fc.assert(
    fc.property(items, damage, (found, [position, removed, added]) => {
      const body = bodyOf({ ...pageOf(found), Items: [...found, LONG].map(typed) })
      // The long text takes up most of the body, so the damage is before it.
      const at = position % Math.max(body.length - 4096, 1)
      const damaged = Buffer.concat([body.subarray(0, at), added, body.subarray(at + removed)])
      const page = fromBytes(damaged)
      if (page === undefined) return
      read++
      assert.deepEqual(page, fromJson(damaged))
    }),
    { numRuns: 3000 },
  )
  expect(read).toBeGreaterThan(100)
})

it.each([
  ['spaces', `{"Items": [{"pk":{"S":"${LONG.pk}"}}]}`],
  ['a value without a type', `{"Items":[{"pk":{},"a":{"S":"${LONG.pk}"}}]}`],
  ['an unknown type', `{"Items":[{"pk":{"X":"${LONG.pk}"}}]}`],
  ['a list instead of an item', `{"Items":[[{"S":"${LONG.pk}"}]]}`],
  ['bytes after its end', `{"Items":[{"pk":{"S":"${LONG.pk}"}}]}}`],
  ['no end', `{"Items":[{"pk":{"S":"${LONG.pk}`],
  ['no end after a backslash', `{"Items":[{"pk":{"S":"${LONG.pk}\\`],
  ['a line end in a text', `{"Items":[{"pk":{"S":"${LONG.pk}\n"}}]}`],
])('a page with %s is left to JSON.parse', (_, text) => {
  expect(fromBytes(Buffer.from(text))).toBeUndefined()
})
