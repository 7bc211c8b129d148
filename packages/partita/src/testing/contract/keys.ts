/** Order of keys, key conditions and invalid keys. */
import type { KeyCondition, SortCondition } from '../../expression/ast.js'
import { decimal } from '../../value/number.js'
import { compareValues, type Item, type Key, type KeyValue } from '../../value/value.js'
import { equal, matches } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, textKeys } from './fixtures.js'

/** Sort keys in DynamoDB's order. */
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

/** Declares the tests of keys. */
export function keyContract(tested: ContractTests): void {
  const { it, describe, beforeAll } = tested
  for (const type of ['S', 'N', 'B'] as const) {
    describe(`A sort key of type ${type}`, () => sortKeyContract(tested, type))
  }

  describe('Invalid keys', () => {
    let table: string
    beforeAll(async () => {
      table = await tested.table(textKeys)
    })

    const invalid: [string, Item, string][] = [
      ['an empty partition key', { pk: '', sk: 'a' }, 'ValidationFailed'],
      ['an empty sort key', { pk: 'a', sk: '' }, 'ValidationFailed'],
      ['a number for a string key', { pk: 'a', sk: 1 }, 'ValidationFailed'],
      ['a boolean', { pk: 'a', sk: true }, 'ValidationFailed'],
      ['null', { pk: null, sk: 'a' }, 'ValidationFailed'],
      ['a missing sort key', { pk: 'a' }, 'ValidationFailed'],
      ['a lone surrogate', { pk: 'a', sk: '\udfff' }, 'ValidationFailed'],
      ['a partition key of 2,049 bytes', { pk: `${'é'.repeat(1024)}x`, sk: 'a' }, 'LimitExceeded'],
      ['a sort key of 1,025 bytes', { pk: 'a', sk: 'x'.repeat(1025) }, 'LimitExceeded'],
    ]
    for (const [what, key, code] of invalid)
      it(`Every kind of call rejects ${what}`, async () => {
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
        for (const [name, call] of calls) matches(await failure(call()), { code }, name)
      })

    it('A key with an additional attribute is rejected', async () => {
      const key = { pk: 'a', sk: 'b', more: 'c' }
      matches(await failure(tested.store.get({ table, key })), { code: 'ValidationFailed' })
      matches(await failure(tested.store.get({ table, key: { pk: 'a', other: 'b' } })), {
        code: 'ValidationFailed',
      })
    })

    it('Keys of 2,048 and 1,024 bytes are accepted', async () => {
      const item = { pk: 'é'.repeat(1024), sk: 'x'.repeat(1024), a: 1 }
      await tested.store.write({ kind: 'put', table, item })
      const { pk, sk } = item
      equal((await tested.store.get({ table, key: { pk, sk }, consistent: true })).item, item)
      const longest = await tested.store.query({
        table,
        key: { partition: { name: 'pk', value: pk }, sort: { kind: 'beginsWith', name: 'sk', prefix: sk } },
        consistent: true,
      })
      equal(longest.items, [item])
    })

    it('A query by an attribute that is not a key, or with a value of another type, is rejected', async () => {
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
      const conditions = tested.supports.keyConditionTypes ? [...misnamed, ...mistyped] : misnamed
      for (const key of conditions) matches(await run(key), { code: 'ValidationFailed' })
    })
  })
}

function sortKeyContract(tested: ContractTests, type: 'S' | 'N' | 'B'): void {
  const { it, itIf, beforeAll } = tested
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
    equal(page.next, undefined)
    return page.items.map(item => item.n as number)
  }
  const expected = (holds: (value: KeyValue) => boolean) => values.flatMap((it, n) => (holds(it) ? [n] : []))
  const order = (a: KeyValue, b: KeyValue) => compareValues(a, b) as number

  it('A query returns the partition in order, in both directions', async () => {
    equal(
      await query(undefined, 'asc'),
      values.map((_, n) => n),
    )
    equal(await query(undefined, 'desc'), values.map((_, n) => n).reverse())
  })

  for (const [comparator, holds] of [
    ['=', (sign: number) => sign === 0],
    ['<', (sign: number) => sign < 0],
    ['<=', (sign: number) => sign <= 0],
    ['>', (sign: number) => sign > 0],
    ['>=', (sign: number) => sign >= 0],
  ] as const) {
    it(`A query returns the range ${comparator} of every value, in both directions`, async () => {
      for (const value of values) {
        const want = expected(it => holds(order(it, value)))
        equal(await query({ kind: 'compare', name: 'sk', comparator, value }, 'asc'), want)
        equal(await query({ kind: 'compare', name: 'sk', comparator, value }, 'desc'), want.reverse())
      }
    })
  }

  it('A query between two values includes both ends, in both directions', async () => {
    for (const [low, high] of [
      [values[1], values[4]],
      [values[3], values[3]],
      [values[0], values.at(-1)],
    ] as [KeyValue, KeyValue][]) {
      const want = expected(it => order(it, low) >= 0 && order(it, high) <= 0)
      equal(await query({ kind: 'between', name: 'sk', low, high }, 'asc'), want)
      equal(await query({ kind: 'between', name: 'sk', low, high }, 'desc'), want.reverse())
    }
  })

  if (type !== 'N')
    it('A query by prefix returns the items whose sort key begins with it, in both directions', async () => {
      const bytes = (it: KeyValue) => Buffer.from(it as string)
      const hasLetters = (it: KeyValue) => /[a-z]/i.test(String(it))
      const prefixes = tested.supports.caseSensitivePrefix ? values : values.filter(it => !hasLetters(it))
      for (const prefix of prefixes) {
        const want = expected(it => bytes(it).subarray(0, bytes(prefix).length).equals(bytes(prefix)))
        equal(await query({ kind: 'beginsWith', name: 'sk', prefix }, 'asc'), want)
        equal(await query({ kind: 'beginsWith', name: 'sk', prefix }, 'desc'), want.reverse())
      }
    })

  if (type === 'N')
    itIf('keyConditionTypes', 'A query by the prefix of a number is rejected', async () => {
      const sort: SortCondition = { kind: 'beginsWith', name: 'sk', prefix: 1 }
      matches(await failure(query(sort, 'asc')), { code: 'ValidationFailed' })
    })

  it('Pages of one item return the whole partition, in both directions', async () => {
    for (const direction of ['asc', 'desc'] as const) {
      const seen: number[] = []
      let after: Key | undefined
      do {
        const key: KeyCondition = { partition: { name: 'pk', value: 'p' } }
        const page = await tested.store.query({ table, key, order: direction, limit: 1, ...(after && { after }) })
        seen.push(...page.items.map(item => item.n as number))
        after = page.next
      } while (after)
      equal(
        direction === 'asc' ? seen : seen.reverse(),
        values.map((_, n) => n),
      )
    }
  })

  it('A get returns each item by its key', async () => {
    for (const [n, sk] of values.entries()) {
      const { item } = await tested.store.get({ table, key: { pk: 'p', sk }, consistent: true })
      equal(item?.n, n)
    }
  })
}
