import { beforeAll, describe, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import type { KeyCondition, SortCondition } from '../../expression/ast.js'
import { decimal } from '../../value/number.js'
import { compareValues, type Item, type Key, type KeyValue } from '../../value/value.js'
import { failure, textKeys } from './fixtures.js'

/** Sort keys in the order that DynamoDB keeps them in. */
const ordered: Record<'S' | 'N' | 'B', KeyValue[]> = {
  S: ['\u0000', '!', 'A', 'AB', 'B', 'a', 'a\u0000', 'a!', 'é', '漢', '\ue000', '\uffff', '\u{1f600}', '\u{1fa00}'],
  N: [
    -9.9e125,
    -12345678901234567890n,
    -1000,
    -999.5,
    -1,
    decimal('-0.12345678901234567890'),
    -1e-130,
    0,
    1e-130,
    0.5,
    1,
    2,
    10,
    12345678901234567890n,
    decimal('12345678901234567890.5'),
    9.9e125,
  ],
  B: [[0], [0, 0], [0, 255], [1], [127], [127, 255], [128], [255], [255, 0], [255, 255]].map(it => Uint8Array.from(it)),
}

describeEachStore('keys', tested => {
  describe.each(['S', 'N', 'B'] as const)('with a sort key of type %s', type => {
    const values = ordered[type]
    let table: string
    beforeAll(async () => {
      table = await tested.table({ key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type } } })
      const shuffled = values.map((sk, n) => ({ pk: 'p', sk, n })).sort((a, b) => ((a.n * 7) % 5) - ((b.n * 7) % 5))
      const neighbours = ['o', 'p\u0000', 'q'].map(pk => ({ pk, sk: values[3] as KeyValue, n: -1 }))
      const writes = [...shuffled, ...neighbours].map(item => ({ kind: 'put', table, item: item as Item }) as const)
      await tested.store.batchWrite({ writes })
    })

    const query = async (sort: SortCondition | undefined, order: 'asc' | 'desc') => {
      const key: KeyCondition = { partition: { name: 'pk', value: 'p' }, ...(sort && { sort }) }
      const page = await tested.store.query({ table, key, order, consistent: true })
      expect(page.next).toBeUndefined()
      return page.items.map(item => item.n as number)
    }
    const expected = (holds: (value: KeyValue) => boolean) => values.flatMap((it, n) => (holds(it) ? [n] : []))
    const order = (a: KeyValue, b: KeyValue) => compareValues(a, b) as number

    it('reads a partition in order, both ways', async () => {
      expect(await query(undefined, 'asc')).toEqual(values.map((_, n) => n))
      expect(await query(undefined, 'desc')).toEqual(values.map((_, n) => n).reverse())
    })

    it.each([
      ['=', (sign: number) => sign === 0],
      ['<', (sign: number) => sign < 0],
      ['<=', (sign: number) => sign <= 0],
      ['>', (sign: number) => sign > 0],
      ['>=', (sign: number) => sign >= 0],
    ] as const)('reads the range %s of every value, both ways', async (comparator, holds) => {
      for (const value of values) {
        const want = expected(it => holds(order(it, value)))
        expect(await query({ kind: 'compare', name: 'sk', comparator, value }, 'asc')).toEqual(want)
        expect(await query({ kind: 'compare', name: 'sk', comparator, value }, 'desc')).toEqual(want.reverse())
      }
    })

    it('reads between two values with both ends, both ways', async () => {
      for (const [low, high] of [
        [values[1], values[4]],
        [values[3], values[3]],
        [values[0], values.at(-1)],
      ] as [KeyValue, KeyValue][]) {
        const want = expected(it => order(it, low) >= 0 && order(it, high) <= 0)
        expect(await query({ kind: 'between', name: 'sk', low, high }, 'asc')).toEqual(want)
        expect(await query({ kind: 'between', name: 'sk', low, high }, 'desc')).toEqual(want.reverse())
      }
    })

    if (type !== 'N')
      it('reads what begins with a prefix, both ways', async () => {
        const bytes = (it: KeyValue) => Buffer.from(it as string)
        const hasLetters = (it: KeyValue) => /[a-z]/i.test(String(it))
        const prefixes = tested.limits.ignoresCaseOfPrefix ? values.filter(it => !hasLetters(it)) : values
        for (const prefix of prefixes) {
          const want = expected(it => bytes(it).subarray(0, bytes(prefix).length).equals(bytes(prefix)))
          expect(await query({ kind: 'beginsWith', name: 'sk', prefix }, 'asc')).toEqual(want)
          expect(await query({ kind: 'beginsWith', name: 'sk', prefix }, 'desc')).toEqual(want.reverse())
        }
      })

    if (type === 'N')
      it('refuses a prefix of a number', async ({ skip }) => {
        skip(tested.limits.takesAnyKeyCondition !== undefined, tested.limits.takesAnyKeyCondition)
        const sort: SortCondition = { kind: 'beginsWith', name: 'sk', prefix: 1 }
        expect(await failure(query(sort, 'asc'))).toMatchObject({ code: 'ValidationFailed' })
      })

    it('walks the partition an item at a time, both ways', async () => {
      for (const direction of ['asc', 'desc'] as const) {
        const seen: number[] = []
        let after: Key | undefined
        do {
          const key: KeyCondition = { partition: { name: 'pk', value: 'p' } }
          const page = await tested.store.query({ table, key, order: direction, limit: 1, ...(after && { after }) })
          seen.push(...page.items.map(item => item.n as number))
          after = page.next
        } while (after)
        expect(direction === 'asc' ? seen : seen.reverse()).toEqual(values.map((_, n) => n))
      }
    })

    it('finds each item by its own key', async () => {
      for (const [n, sk] of values.entries()) {
        const { item } = await tested.store.get({ table, key: { pk: 'p', sk }, consistent: true })
        expect(item?.n).toBe(n)
      }
    })
  })

  describe('that no table takes', () => {
    let table: string
    beforeAll(async () => {
      table = await tested.table(textKeys)
    })

    const faulty: [string, Item, string][] = [
      ['an empty partition key', { pk: '', sk: 'a' }, 'ValidationFailed'],
      ['an empty sort key', { pk: 'a', sk: '' }, 'ValidationFailed'],
      ['a number where the table has a string', { pk: 'a', sk: 1 }, 'ValidationFailed'],
      ['a boolean', { pk: 'a', sk: true }, 'ValidationFailed'],
      ['null', { pk: null, sk: 'a' }, 'ValidationFailed'],
      ['a missing sort key', { pk: 'a' }, 'ValidationFailed'],
      ['a lone surrogate', { pk: 'a', sk: '\udfff' }, 'ValidationFailed'],
      ['a partition key of 2,049 bytes', { pk: `${'é'.repeat(1024)}x`, sk: 'a' }, 'LimitExceeded'],
      ['a sort key of 1,025 bytes', { pk: 'a', sk: 'x'.repeat(1025) }, 'LimitExceeded'],
    ]
    it.each(faulty)('refuses %s in every kind of call', async (_, key, code) => {
      const { store } = tested
      const bad = key as Key
      const calls: [string, () => Promise<unknown>][] = [
        ['get', () => store.get({ table, key: bad })],
        ['put', () => store.write({ kind: 'put', table, item: key })],
        ['delete', () => store.write({ kind: 'delete', table, key: bad })],
        ['batchGet', () => store.batchGet({ gets: [{ table, key: bad }] })],
        ['batchWrite', () => store.batchWrite({ writes: [{ kind: 'put', table, item: key }] })],
        ['transactGet', () => store.transactGet({ gets: [{ table, key: bad }] })],
        ['transactWrite', () => store.transactWrite({ writes: [{ kind: 'put', table, item: key }] })],
      ]
      for (const [name, call] of calls) expect(await failure(call()), name).toMatchObject({ code })
    })

    it('refuses a key with an attribute too many', async () => {
      const key = { pk: 'a', sk: 'b', more: 'c' }
      expect(await failure(tested.store.get({ table, key }))).toMatchObject({ code: 'ValidationFailed' })
      expect(await failure(tested.store.get({ table, key: { pk: 'a', other: 'b' } }))).toMatchObject({
        code: 'ValidationFailed',
      })
    })

    it('takes the longest keys there are, of 2,048 and 1,024 bytes', async () => {
      const item = { pk: 'é'.repeat(1024), sk: 'x'.repeat(1024), a: 1 }
      await tested.store.write({ kind: 'put', table, item })
      const { pk, sk } = item
      expect((await tested.store.get({ table, key: { pk, sk }, consistent: true })).item).toEqual(item)
      const longest = await tested.store.query({
        table,
        key: { partition: { name: 'pk', value: pk }, sort: { kind: 'beginsWith', name: 'sk', prefix: sk } },
        consistent: true,
      })
      expect(longest.items).toEqual([item])
    })

    it('refuses a query on what is no key, or with a value of another type', async () => {
      const run = (key: KeyCondition) => failure(tested.store.query({ table, key }))
      const partition = { name: 'pk', value: 'a' }
      const misnamed: KeyCondition[] = [
        { partition: { name: 'other', value: 'a' } },
        { partition, sort: { kind: 'compare', name: 'other', comparator: '=', value: 'a' } },
      ]
      const mistyped: KeyCondition[] = [
        { partition: { name: 'pk', value: 1 } },
        { partition: { name: 'pk', value: '' } },
        { partition, sort: { kind: 'compare', name: 'sk', comparator: '<', value: 1 } },
      ]
      const faults = tested.limits.takesAnyKeyCondition ? misnamed : [...misnamed, ...mistyped]
      for (const key of faults) expect(await run(key)).toMatchObject({ code: 'ValidationFailed' })
    })
  })
})
