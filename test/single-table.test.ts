/** The table layer on every store. Numbers in titles refer to known-problems/dynamodb-provider.md. */

import type { Item } from 'partita'
import { type Filters, SingleTable, type SingleTableConfig } from 'partita/table'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { knownProblems } from './known-problems/known-problems.js'
import { describeEachStore } from './stores.js'

const failsWith = (code: string) => expect.objectContaining({ code })

describeEachStore('a single table', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamodb-provider', import.meta.url)
  let time = Math.floor(Date.now() / 1000) * 1000
  let requests: string[] = []
  let base: Omit<SingleTableConfig, 'store'>
  let keys = 0

  const build = (changes: Partial<SingleTableConfig> = {}): SingleTable =>
    new SingleTable({ store: tested.store, ...base, ...changes })
  let table: SingleTable

  /** A key in a partition of its own. */
  const fresh = (rangeKey = '#DATA') => ({ partitionKey: ['T', ++keys], rangeKey })

  async function add(item: object, rangeKey?: string) {
    const key = fresh(rangeKey)
    await table.create({ key, item, type: 'THING' })
    return key
  }

  const console = ['log', 'warn', 'error', 'info'].map(name => vi.spyOn(globalThis.console, name as 'log'))

  beforeAll(async () => {
    base = {
      table: tested.tableName(),
      partitionKey: 'pk',
      rangeKey: 'sk',
      typeIndex: { name: 'Types', partitionKey: '_type', rangeKey: '_at' },
      expiresAt: 'ttl',
      indexes: {
        GSI1: { partitionKey: 'g1pk', rangeKey: 'g1sk' },
        Score: { partitionKey: 'g2pk', rangeKey: 'g2sk', numeric: true },
        Inverted: { partitionKey: 'sk', rangeKey: 'pk' },
      },
      clock: () => time,
      observe: ({ operation }) => requests.push(operation),
    }
    table = build()
    await table.createTable()
  })
  afterAll(() => {
    for (const spy of console) spy.mockRestore()
  })

  absent([1], 'several conditions on one property all apply', async () => {
    const key = await add({ status: 'x' })
    const conditions = [
      { property: 'status', operation: 'equal', value: 'NOPE' },
      { property: 'status', operation: 'equal', value: 'x' },
    ] as const
    await expect(table.delete({ ...key, conditions })).rejects.toEqual(failsWith('ConditionFailed'))
    await expect(table.create({ key, item: { status: 'y' }, type: 'T', conditions })).rejects.toEqual(
      failsWith('ConditionFailed'),
    )
    await expect(table.transaction([{ validate: { ...key, conditions } }])).rejects.toEqual(
      failsWith('TransactionFailed'),
    )
    expect(await table.get(key)).toEqual({ status: 'x' })
  })

  absent(
    [2],
    'the condition of an atomic operation applies together with other conditions on the same property',
    async () => {
      const key = await add({ count: 5 })
      const operation = { operation: 'subtract', property: 'count', value: 1 } as const
      const guarded = { ...operation, if: { operation: 'lower_than', value: 0 } } as const
      const conditions = [{ property: 'count', operation: 'bigger_than', value: 1 }] as const
      await expect(table.update({ ...key, atomicOperations: [guarded], conditions })).rejects.toEqual(
        failsWith('ConditionFailed'),
      )
      expect(await table.get(key)).toEqual({ count: 5 })
      const other = { ...operation, if: { property: 'count', operation: 'in', values: [5, 6] } } as const
      await table.update({ ...key, atomicOperations: [other], conditions })
      expect(await table.get(key)).toEqual({ count: 4 })
    },
  )

  absent([3, 4, 22], 'nested expressions are grouped as documented, also on one property', async () => {
    const partition = ['NESTED', ++keys]
    for (const [a, b, c] of [0, 1, 2, 3, 4, 5, 6, 7].map(bits => [bits & 4, bits & 2, bits & 1].map(bit => bit > 0))) {
      await table.create({
        key: { partitionKey: partition, rangeKey: [a, b, c].map(String) },
        item: { a, b, c, n: Number(a) * 4 + Number(b) * 2 + Number(c), n_0: 9, n_start: 9 },
        type: 'THING',
      })
    }
    const is = (property: string, joinAs?: 'and' | 'or') =>
      ({ property, operation: 'equal', value: true, joinAs }) as const
    const found = async (filters: Filters<Item>) => (await table.queryAll({ partition, filters })).map(item => item.n)
    // a and (b or c)
    expect(await found([{ ...is('a'), nested: [is('b', 'or'), is('c')] }])).toEqual([5, 6, 7])
    expect(await found([{ ...is('a'), nested: [is('b'), is('c', 'or')] }])).toEqual([5, 6, 7])
    // a or (b and c)
    expect(await found([{ ...is('a'), nestedJoinAs: 'or', nested: [is('b'), is('c')] }])).toEqual([3, 4, 5, 6, 7])
    // a or b and c: and binds first
    expect(await found([is('a'), is('b', 'or'), is('c')])).toEqual([3, 4, 5, 6, 7])
    const n = (value: number) => ({ property: 'n', operation: 'equal', value }) as const
    expect(await found([{ ...n(1), nestedJoinAs: 'or', nested: [n(2)] }])).toEqual([1, 2])
    // As a filter by property, with properties whose names look like placeholders.
    const between = {
      operation: 'between',
      start: 2,
      end: 5,
      nested: [{ property: 'a', operation: 'exists' }],
    } as const
    expect(await found({ n: between, n_0: [9], n_start: 9 })).toEqual([2, 3, 4, 5])
    expect(await found({ n: [1, 4, 6], b: { $ne: true } })).toEqual([1, 4])
  })

  absent([5], 'an empty or falsy filter is never ignored', async () => {
    const partition = ['FALSY', ++keys]
    const items = [
      { n: 0, s: 'a', x: null },
      { n: 1, s: 'b' },
      { n: -1, s: 'c', x: 1 },
    ]
    for (const item of items) {
      await table.create({ key: { partitionKey: partition, rangeKey: item.s }, item, type: 'THING' })
    }
    const found = async (filters: Filters<Item>) => (await table.queryAll({ partition, filters })).map(item => item.s)
    expect(await found({ s: [] })).toEqual([])
    expect(await found({ s: { operation: 'in', values: [] } })).toEqual([])
    expect(await found({ s: { operation: 'not_in', values: [] } })).toEqual(['a', 'b', 'c'])
    expect(await found({ x: null })).toEqual(['a'])
    expect(await found({ x: [null, 1] })).toEqual(['a', 'c'])
    expect(await found({ n: { operation: 'between', start: 0, end: 1 } })).toEqual(['a', 'b'])
    expect(await found({ n: { operation: 'between', start: -1, end: 0 } })).toEqual(['a', 'c'])
    expect(await found({ n: { operation: 'bigger_than', value: 0 } })).toEqual(['b'])
    await expect(found({ s: undefined })).rejects.toThrow('s: is undefined')
    await expect(found({ s: ['a', undefined] as string[] })).rejects.toThrow('is undefined')
    await expect(found({ s: { operation: 'equal', value: undefined } as never })).rejects.toThrow('is undefined')
  })

  absent([6], 'a token of another query is refused, and a valid token continues the query', async () => {
    const partition = ['PAGES', ++keys]
    for (let i = 0; i < 5; i++) {
      await table.create({ key: { partitionKey: partition, rangeKey: ['I', i] }, item: { i }, type: 'THING' })
    }
    const query = { partition, limit: 2, retrieveOrder: 'DESC' } as const
    const first = await table.query(query)
    const paginationToken = first.paginationToken as string
    const rest = await table.query({ ...query, limit: 9, paginationToken })
    expect([...first.items, ...rest.items].map(item => item.i)).toEqual([4, 3, 2, 1, 0])
    const others = [
      { ...query, partition: ['PAGES', keys + 1] },
      { partition, limit: 2 },
      { ...query, filters: { i: 1 } },
      { ...query, range: { operation: 'begins_with', value: 'I#' } },
      { ...query, index: 'GSI1' },
    ] as const
    for (const other of others) {
      await expect(table.query({ ...other, paginationToken })).rejects.toEqual(failsWith('InvalidCursor'))
    }
    for (const bad of ['garbage', 'e30', '{"pk":1}', paginationToken.slice(1), `${paginationToken}A`]) {
      await expect(table.query({ ...query, paginationToken: bad })).rejects.toEqual(failsWith('InvalidCursor'))
    }
    const signing = build({ cursorSecret: 'secret' })
    await expect(signing.query({ ...query, paginationToken })).rejects.toEqual(failsWith('InvalidCursor'))
    const signed = (await signing.query(query)).paginationToken
    expect((await signing.query({ ...query, paginationToken: signed })).items.map(item => item.i)).toEqual([2, 1])
  })

  absent([7], 'createOnly refuses an existing item, alone and in a transaction', async () => {
    const key = fresh()
    const create = { key, item: { n: 1 }, type: 'THING', createOnly: true }
    await table.create(create)
    await expect(table.create({ ...create, item: { n: 2 } })).rejects.toEqual(failsWith('AlreadyExists'))
    await expect(table.transaction([{ create: { ...create, item: { n: 2 } } }])).rejects.toThrow('already')
    await expect(
      table.create({ key, item: { n: 3 }, type: 'THING', conditions: [{ property: 'n', operation: 'not_exists' }] }),
    ).rejects.toEqual(failsWith('ConditionFailed'))
    expect(await table.get(key)).toEqual({ n: 1 })
    await table.create({ key, item: { n: 4 }, type: 'THING', conditions: { n: 1 } })
    await table.create({ key, item: { m: 5 }, type: 'THING' })
    expect(await table.get(key)).toEqual({ m: 5 })
  })

  absent([8], 'an update needs an existing item, or mustExist: false and the type of a new one', async () => {
    const key = fresh()
    const values = { n: 1 }
    await expect(table.update({ ...key, values })).rejects.toEqual(failsWith('NotFound'))
    await expect(table.transaction([{ update: { ...key, values } }])).rejects.toThrow('does not exist in table')
    await expect(table.update({ ...key, values, mustExist: false })).rejects.toThrow('type: is missing')
    expect(await table.get(key)).toBeUndefined()
    await table.update({ ...key, values, mustExist: false, type: 'MADE' })
    expect(await table.listAllFromType('MADE')).toEqual([values])
  })

  absent([10], 'a prefix given as parts ends at a separator', async () => {
    const partition = ['PREFIX', ++keys]
    for (const rangeKey of [
      ['LOG', 1],
      ['LOGIN', 1],
      ['A', '1', 'x'],
      ['A', '10', 'x'],
    ]) {
      await table.create({ key: { partitionKey: partition, rangeKey }, item: { at: rangeKey.join() }, type: 'THING' })
    }
    const found = async (value: string | string[]) =>
      (await table.queryAll({ partition, range: { operation: 'begins_with', value } })).map(item => item.at)
    expect(await found(['LOG'])).toEqual(['LOG,1'])
    expect(await found(['A', '1'])).toEqual(['A,1,x'])
    expect(await found('LOG')).toEqual(['LOG,1', 'LOGIN,1'])
    expect(await found('')).toHaveLength(4)
  })

  absent([11, 37], 'an index key or an expiry is written completely or removed', async () => {
    const key = await add({ n: 1 })
    const indexKey = (status: string | null, at = 'D1') => ({ partitionKey: ['S', keys, status], rangeKey: ['AT', at] })
    const open = async (status: string) =>
      (await table.queryAll({ partition: ['S', keys, status], index: 'GSI1' })).length
    await table.update({ ...key, indexes: { GSI1: indexKey('open') } })
    expect(await open('open')).toBe(1)
    await table.update({ ...key, indexes: { GSI1: indexKey('done') } })
    expect([await open('open'), await open('done')]).toEqual([0, 1])
    await expect(table.update({ ...key, indexes: { GSI1: { partitionKey: ['S', 'late'] } as never } })).rejects.toThrow(
      'is not a complete key',
    )
    await table.update({ ...key, indexes: { GSI1: indexKey(null) } })
    expect(await open('done')).toBe(0)
    await table.update({ ...key, indexes: { GSI1: indexKey('open') }, expiresAt: new Date(time + 60_000) })
    await table.update({ ...key, indexes: { GSI1: null }, expiresAt: null })
    expect(await build({ autoRemoveTableProperties: false }).get(key)).toEqual({
      pk: expect.any(String),
      sk: '#DATA',
      _type: 'THING',
      _at: expect.any(String),
      n: 1,
    })
  })

  absent([13], 'arguments are never changed, and only given values are stored', async () => {
    const plain = new SingleTable({
      store: tested.store,
      table: tested.tableName(),
      partitionKey: 'pk',
      rangeKey: 'sk',
    })
    await plain.createTable()
    const freeze = <T>(it: T): T => {
      if (typeof it === 'object' && it !== null) for (const part of Object.values(Object.freeze(it))) freeze(part)
      return it
    }
    const key = freeze({ partitionKey: ['A', 1], rangeKey: 'B' })
    await plain.create(freeze({ key, item: { deep: { list: [1, { x: undefined }] } }, createOnly: true }))
    await plain.update(
      freeze({ ...key, values: { n: 1 }, conditions: [{ property: 'n', operation: 'not_exists' as const }] }),
    )
    const { item } = await tested.store.get({ table: plain.config.table, key: { pk: 'A#c1.', sk: 'B' } })
    expect(item).toEqual({ pk: 'A#c1.', sk: 'B', n: 1, deep: { list: [1, {}] } })
  })

  absent([14], 'keys with a missing part are refused, and nothing is written', async () => {
    for (const partitionKey of [
      ['USER', undefined],
      ['USER', null],
      ['USER', ''],
      ['USER', Number.NaN],
      [],
      '',
      null,
    ]) {
      const key = { partitionKey: partitionKey as string[], rangeKey: 'x' }
      await expect(table.get(key)).rejects.toEqual(failsWith('ValidationFailed'))
      await expect(table.create({ key, item: {}, type: 'T' })).rejects.toThrow('key.partitionKey')
      await expect(table.update({ ...key, values: { n: 1 } })).rejects.toEqual(failsWith('ValidationFailed'))
      await expect(table.query({ partition: partitionKey as string[] })).rejects.toThrow('partition')
    }
    await expect(table.get({ partitionKey: 'x' } as never)).rejects.toThrow('rangeKey: is undefined')
  })

  absent([15], 'values that contain the separator never collide with other keys', async () => {
    const one = { partitionKey: ['SEP', keys, 'a#b'], rangeKey: 'x' }
    const two = { partitionKey: ['SEP', keys, 'a', 'b'], rangeKey: 'x' }
    await table.create({ key: one, item: { n: 1 }, type: 'THING' })
    await table.create({ key: two, item: { n: 2 }, type: 'THING' })
    expect([await table.get(one), await table.get(two)]).toEqual([{ n: 1 }, { n: 2 }])
  })

  absent([17, 45], 'a numeric index sorts exact numbers, and pages through them', async () => {
    const partition = ['GAME', ++keys]
    const scores = [-5, 0, 3, 20, 2n ** 63n, 2n ** 63n + 1n]
    const exact = tested.supports.digits38
      ? 12345678901234567890123456789012345678n
      : 1234567890123456789012345678901234n
    for (const [i, score] of scores.entries()) {
      await table.create({
        key: { partitionKey: ['PLAYER', keys, i], rangeKey: '#DATA' },
        item: { score, exact },
        type: 'PLAYER',
        indexes: { Score: { partitionKey: partition, rangeKey: (i % 2 ? [score] : score) as never } },
      })
    }
    const found: unknown[] = []
    let paginationToken: string | undefined
    do {
      const page = await table.query({ partition, index: 'Score', limit: 1, paginationToken })
      found.push(...page.items.map(item => item.score))
      paginationToken = page.paginationToken
    } while (paginationToken)
    expect(found).toEqual(scores)
    const range = { operation: 'between', start: 0, end: 3 } as const
    expect(await table.queryAll({ partition, index: 'Score', range })).toMatchObject([{ score: 0 }, { score: 3 }])
    await table.update({
      partitionKey: ['PLAYER', keys, 1],
      rangeKey: '#DATA',
      atomicIndexes: [{ index: 'Score', operation: 'add', value: 100 }],
    })
    const order = await table.queryAll({ partition, index: 'Score', propertiesToRetrieve: ['score'] })
    expect(order.map(item => item.score)).toEqual([-5, 3, 20, 0, 2n ** 63n, 2n ** 63n + 1n])
    const wrong = { partition, index: 'Score', range: { operation: 'begins_with', value: '1' } } as const
    await expect(table.query(wrong)).rejects.toThrow('the sort key of the index is a number')
    await expect(
      table.update({ ...fresh(), atomicIndexes: [{ index: 'GSI1', operation: 'add', value: 1 }] }),
    ).rejects.toThrow('the sort key of index')
  })

  absent(
    [19, 20],
    'updates that only remove properties work, and updates that change nothing are refused',
    async () => {
      const key = await add({ a: 1, b: 2, c: 3 })
      await table.update({ ...key, remove: ['a'] })
      await table.transaction([{ update: { ...key, remove: ['b'] } }])
      expect(await table.get(key)).toEqual({ c: 3 })
      for (const nothing of [
        {},
        { values: {} },
        { values: { c: undefined } },
        { remove: [] },
        { atomicOperations: [] },
      ]) {
        await expect(table.update({ ...key, ...nothing })).rejects.toThrow('changes nothing')
      }
      await table.update({ ...key, values: { c: undefined, d: null } })
      expect(await table.get(key)).toEqual({ c: 3, d: null })
      const twice = { values: { c: 1 }, remove: ['c'] }
      await expect(table.update({ ...key, ...twice })).rejects.toThrow('c is changed twice')
    },
  )

  absent([21], 'any property name and any path inside a document can be used', async () => {
    const odd = {
      'my-prop': 1,
      'a.b': 2,
      'with space': 3,
      '#x': 4,
      ':v': 5,
      size: 6,
      '😀': 7,
      n1: 8,
      deep: { 'x.y': [9] },
    }
    const key = await add(odd)
    const conditions = Object.entries(odd)
      .filter(([, value]) => typeof value === 'number')
      .map(([property, value]) => ({ property, operation: 'equal', value }) as const)
    const deep = { property: ['deep', 'x.y', 0], operation: 'equal', value: 9 } as const
    await table.update({ ...key, values: { 'my-prop': 10, 'a.b': 20 }, conditions: [...conditions, deep] })
    expect(await table.get({ ...key, propertiesToRetrieve: ['my-prop', 'a.b', '#x', 'none'] })).toEqual({
      'my-prop': 10,
      'a.b': 20,
      '#x': 4,
    })
    const filters = { 'a\\.b': 20, 'deep.x\\.y[0]': 9, deep: { $size: 1 }, n1: { $type: 'N' } } as const
    expect(await table.queryAll({ partition: key.partitionKey, filters })).toHaveLength(1)
    const compared = [{ property: 'n1', operation: 'bigger_than', otherProperty: '#x' }] as const
    expect(await table.queryAll({ partition: key.partitionKey, filters: compared })).toHaveLength(1)
  })

  absent([23], 'lists of any length can be operands of in', async () => {
    const key = await add({ n: 150 })
    const many = Array.from({ length: 250 }, (_, i) => i)
    await table.update({ ...key, values: { a: 1 }, conditions: [{ property: 'n', operation: 'in', values: many }] })
    await table.update({ ...key, values: { a: 2 }, conditions: [{ property: 'n', operation: 'not_in', values: [] }] })
    await expect(
      table.delete({ ...key, conditions: [{ property: 'n', operation: 'in', values: [] }] }),
    ).rejects.toEqual(failsWith('ConditionFailed'))
    await expect(table.delete({ ...key, conditions: [{ property: 'n', operation: 'in' } as never] })).rejects.toThrow(
      'values: is not a list',
    )
  })

  absent([24], 'a key requested twice is read once, and a transaction reports entries for the same item', async () => {
    const [a, b] = [await add({ n: 1 }), await add({ n: 2 })]
    const none = fresh()
    expect(await table.batchGet({ keys: [b, none, a, b] })).toEqual([{ n: 2 }, { n: 1 }, { n: 2 }])
    expect(await table.batchGetAligned({ keys: [b, none, a] })).toEqual([{ n: 2 }, undefined, { n: 1 }])
    expect(await table.transactGet({ keys: [b, none, a, b] })).toEqual([{ n: 2 }, undefined, { n: 1 }, { n: 2 }])
    const change = { update: { ...a, values: { n: 3 } } }
    await expect(table.transaction([change, null, { erase: a }])).rejects.toThrow('[2]: has the same item as [0]')
    expect(await table.get(a)).toEqual({ n: 1 })
  })

  absent([27, 33], 'propertyCleanup applies only to complete items, and their types remain known', async () => {
    const whole = build({
      propertyCleanup: ({ first, last }) => ({ name: `${(first as string).trim()} ${(last as string).trim()}` }),
    })
    const key = await add({ first: 'Ada', last: 'Lovelace' })
    const found = await whole.get(key)
    expect(found).toEqual({ name: 'Ada Lovelace' })
    expect(await whole.get({ ...key, propertiesToRetrieve: ['first'] })).toEqual({ first: 'Ada' })
    const update = { ...key, values: { last: 'King' }, returnUpdatedProperties: true }
    expect(await whole.update(update)).toEqual({ last: 'King' })
    expect(whole.findTableItem([found as object], 'THING')).toBe(found)
  })

  absent([29], 'the error for an unknown index lists the existing indexes', async () => {
    await expect(table.query({ partition: 'x', index: 'GSI9' })).rejects.toThrow('it has GSI1, Score, Inverted')
    const indexes = { GSI9: { partitionKey: 'a', rangeKey: 'b' } }
    await expect(table.create({ key: fresh(), item: {}, type: 'T', indexes })).rejects.toEqual(
      failsWith('IndexNotFound'),
    )
    await expect(table.update({ ...fresh(), indexes })).rejects.toEqual(failsWith('IndexNotFound'))
    for (const name of ['constructor', '__proto__', 'toString']) {
      await expect(table.query({ partition: 'x', index: name })).rejects.toEqual(failsWith('IndexNotFound'))
    }
  })

  absent([30, 31], 'sets in every form and both names of each atomic operation are accepted', async () => {
    const key = await add({ tags: table.createSet(['a']), total: 1 })
    const operations = [
      { type: 'add_to_set', property: 'tags', value: table.createSet(['b', 'c']) },
      { operation: 'sum', property: 'total', value: 2 },
      { type: 'add', property: 'views', value: 1n },
      { operation: 'set_if_not_exists', property: 'first', value: 'x' },
      { operation: 'set_if_not_exists', property: 'second', value: 'y', refProperty: 'total' },
    ] as const
    const result = await table.update({ ...key, atomicOperations: operations, returnUpdatedProperties: true })
    expect(result).toMatchObject({ total: 3, views: 1, first: 'x' })
    await table.update({
      ...key,
      atomicOperations: [{ operation: 'remove_from_set', property: 'tags', value: ['a', 'b'] }],
    })
    await table.update({ ...key, atomicOperations: [{ operation: 'add_to_set', property: 'tags', value: 'd' }] })
    expect(await table.get(key)).toMatchObject({ tags: new Set(['c', 'd']) })
    const add_ = (value: unknown) => ({
      ...key,
      atomicOperations: [{ operation: 'add_to_set', property: 'tags', value }],
    })
    await expect(table.update(add_([]) as never)).rejects.toThrow('has no members')
    await expect(table.update(add_(new Set()) as never)).rejects.toThrow('has no members')
    const wrong = { ...key, atomicOperations: [{ operation: 'plus', property: 'total', value: 1 }] }
    await expect(table.update(wrong as never)).rejects.toThrow('"plus" is not an atomic operation')
    const text = { ...key, atomicOperations: [{ operation: 'add', property: 'total', value: '1' }] }
    await expect(table.update(text as never)).rejects.toThrow('atomicOperations[0].value: is not a number')
    const missing = { ...key, atomicOperations: [{ operation: 'sum', property: 'none', value: 1 }] } as const
    await expect(table.update(missing)).rejects.toEqual(failsWith('ValidationFailed'))
  })

  absent([34, 39], 'returned items are found by type, and listing a type without a type index is refused', async () => {
    const partition = ['FIND', ++keys]
    for (const [i, type] of ['USER', 'LOG', 'LOG'].entries()) {
      await table.create({ key: { partitionKey: partition, rangeKey: ['R', i] }, item: { i }, type })
    }
    const { items } = await table.query({ partition })
    expect(items).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
    expect(table.findTableItem(items, 'USER')).toEqual({ i: 0 })
    expect(table.filterTableItens(items, 'LOG')).toEqual([{ i: 1 }, { i: 2 }])
    expect(table.findTableItem(items, 'NONE')).toBeUndefined()
    const kept = (await build({ keepTypeProperty: true }).query({ partition })).items.map(item => ({ ...item }))
    expect(kept[0]).toEqual({ i: 0, _type: 'USER' })
    expect(table.filterTableItens(kept, 'LOG')).toHaveLength(2)
    const untyped = build({ typeIndex: undefined })
    await expect(untyped.listType({ type: 'USER' })).rejects.toThrow('has no typeIndex')
    await expect(untyped.listAllFromType('USER')).rejects.toThrow('has no typeIndex')
    expect(() => untyped.findTableItem(items, 'USER')).toThrow('has no typeIndex')
  })

  absent([40], 'a filtered query makes few requests, and never more than maxRequests', async () => {
    const partition = ['MANY', ++keys]
    const create = (i: number) => ({ key: { partitionKey: partition, rangeKey: ['I', i] }, item: { i }, type: 'MANY' })
    await table.batchWrite(Array.from({ length: 300 }, (_, i) => ({ create: create(i) })))
    requests = []
    expect(await table.queryOne({ partition, filters: { i: 290 } })).toEqual({ i: 290 })
    expect(requests.length).toBeLessThanOrEqual(3)
    requests = []
    const page = await table.query({ partition, filters: { i: { $gte: 5 } }, limit: 10 })
    expect(page.items.map(item => item.i)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(requests).toHaveLength(1)
    const { paginationToken } = page
    const next = await table.query({ partition, filters: { i: { $gte: 5 } }, limit: 2, paginationToken })
    expect(next.items.map(item => item.i)).toEqual([15, 16])
    const budget = { partition, filters: { i: 290 }, pageSize: 10, maxRequests: 2 }
    const short = await table.query({ ...budget, limit: 1 })
    expect(short).toMatchObject({ items: [], paginationToken: expect.any(String) })
    await expect(table.queryOne(budget)).rejects.toMatchObject({ code: 'LimitExceeded', details: { maximum: 2 } })
    await expect(table.queryAll(budget)).rejects.toEqual(failsWith('LimitExceeded'))
    expect(await table.queryOne({ partition, filters: { i: 1000 } })).toBeUndefined()
    expect(await table.queryAll({ partition, filters: { i: { $gte: 100 } }, pageSize: 30 })).toHaveLength(200)
    expect((await table.query({ partition, limit: 300, pageSize: 70 })).items).toHaveLength(300)
  })

  absent([42], 'a transaction with returnUpdatedProperties is refused', async () => {
    const key = await add({ n: 1 })
    const update = { ...key, values: { n: 2 }, returnUpdatedProperties: true }
    await expect(table.transaction([{ update } as never])).rejects.toThrow('is not supported in a transaction')
    expect(await table.get(key)).toEqual({ n: 1 })
  })

  absent([44], 'nothing is printed to the console, whatever fails', async () => {
    for (const spy of console) spy.mockClear()
    await table.transaction([])
    await table.transaction([null])
    await expect(table.query({ partition: 'x', paginationToken: 'x' })).rejects.toThrow()
    await expect(table.transaction([{ update: { ...fresh(), values: { n: 1 } } }])).rejects.toThrow()
    for (const spy of console) expect(spy).not.toHaveBeenCalled()
  })

  it('the reasons of a failed transaction have the position of the entry that failed', async () => {
    const [a, b] = [await add({ n: 1, secret: 's' }), await add({ n: 2 })]
    const failed = await table
      .transaction([
        null,
        { update: { ...a, values: { n: 5 } } },
        { erase: { ...b, conditions: { n: 1 }, returnOldOnFailure: true } },
        { validate: { ...fresh(), conditions: [{ property: 'n', operation: 'exists' }] } },
        { create: { key: fresh(), item: {}, type: 'T' } },
      ])
      .catch(error => error)
    expect(failed).toMatchObject({ code: 'TransactionFailed' })
    expect(failed.details.reasons).toMatchObject([
      { index: 0, code: 'None' },
      { index: 1, code: 'None' },
      { index: 2, code: 'ConditionFailed', item: { n: 2 } },
      { index: 3, code: 'ConditionFailed' },
      { index: 4, code: 'None' },
    ])
    expect(await table.get(a)).toMatchObject({ n: 1 })
    await expect(table.transaction([{ create: { key: a, item: {}, type: 'T' }, erase: a } as never])).rejects.toThrow(
      'exactly one',
    )
  })

  it('errors contain the item only with returnOldOnFailure', async () => {
    const key = await add({ secret: 'hidden' })
    const conditions = { secret: 'other' }
    const error = await table.delete({ ...key, conditions }).catch(it => it)
    expect(error.details.item).toBeUndefined()
    expect(error.cause).toBeUndefined()
    const withItem = await table.delete({ ...key, conditions, returnOldOnFailure: true }).catch(it => it)
    expect(withItem.details).toMatchObject({ item: { secret: 'hidden' }, key: { sk: '#DATA' } })
    expect(withItem.details.item).not.toHaveProperty('pk')
  })

  it('a transaction repeated with the same token is applied once', async () => {
    const key = await add({ n: 1 })
    const count = { update: { ...key, atomicOperations: [{ operation: 'add', property: 'n', value: 1 }] } }
    await table.transaction([count], { token: `token-${keys}` })
    await table.transaction([count], { token: `token-${keys}` })
    expect(await table.get(key)).toEqual({ n: 2 })
  })

  it('exactly one of 32 concurrent creates succeeds', async () => {
    const key = fresh()
    const attempts = Array.from({ length: 32 }, (_, n) =>
      n % 2 === 0
        ? table.create({ key, item: { n }, type: 'T', createOnly: true })
        : table.transaction([{ create: { key, item: { n }, type: 'T', createOnly: true } }]),
    )
    const outcomes = await Promise.allSettled(attempts)
    const winners = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
    expect(winners).toHaveLength(1)
    expect(await table.get({ ...key, consistentRead: true })).toEqual({ n: winners[0] })
  })

  it('operations of two tables can be combined in one transaction', async () => {
    const other = build({ table: tested.tableName() })
    await other.createTable()
    const key = fresh()
    const create = { create: { key, item: { n: 1 }, type: 'T', createOnly: true } }
    const writes = [...table.ejectTransactParams([create]), ...other.ejectTransactParams([create])]
    await tested.store.transactWrite({ writes })
    expect([await table.get(key), await other.get(key)]).toEqual([{ n: 1 }, { n: 1 }])
    const operations = table.toTransactionParams([2, 3, 4], n =>
      n === 3 ? null : { create: { key: fresh(), item: { n }, type: 'LISTED' } },
    )
    await table.transaction(operations)
    expect((await table.listAllFromType('LISTED')).map(item => item.n).sort()).toEqual([2, 4])
  })

  it('expired items are hidden from every read, and can be created again', async () => {
    const partition = ['EXPIRY', ++keys]
    const key = { partitionKey: partition, rangeKey: 'a' }
    const item = { old: true, n: 1 }
    const indexes = { GSI1: { partitionKey: partition, rangeKey: 'a' } }
    const live = { key: { partitionKey: partition, rangeKey: 'b' }, item: { n: 2 }, type: `E${keys}`, indexes }
    await table.create(live)
    const create = () =>
      table.create({ key, item, type: `E${keys}`, indexes, expiresAt: time / 1000 + 10, createOnly: true })
    await create()
    time += 9999
    expect(await table.get(key)).toEqual(item)
    await expect(create()).rejects.toEqual(failsWith('AlreadyExists'))
    time += 1
    expect(await table.get(key)).toBeUndefined()
    expect(await table.get({ ...key, propertiesToRetrieve: ['n'] })).toBeUndefined()
    expect(await table.batchGet({ keys: [key] })).toEqual([])
    expect(await table.transactGet({ keys: [key] })).toEqual([undefined])
    expect(await table.queryAll({ partition })).toEqual([{ n: 2 }])
    expect(await table.queryOne({ partition })).toEqual({ n: 2 })
    expect((await table.query({ partition, index: 'GSI1', limit: 1 })).items).toEqual([{ n: 2 }])
    expect(await table.listAllFromType(live.type)).toEqual([{ n: 2 }])
    const walked = []
    for await (const it of table.iterate({ partition })) walked.push(it)
    expect(walked).toEqual([{ n: 2 }])

    await expect(table.update({ ...key, values: { n: 3 } })).rejects.toEqual(failsWith('NotFound'))
    await expect(table.delete({ ...key, conditions: { n: 1 } })).rejects.toEqual(failsWith('ConditionFailed'))
    const count = { atomicOperations: [{ operation: 'add', property: 'n', value: 1 }] } as const
    await table.update({ ...key, ...count, type: live.type, mustExist: false, expiresAt: time / 1000 + 10 })
    expect(await table.get(key)).toEqual({ n: 1 })
    time += 10_000
    await table.transaction([{ update: { ...key, ...count, type: live.type, mustExist: false } }])
    expect(await table.get(key)).toEqual({ n: 1 })
    await table.update({ ...key, values: { n: 5 }, expiresAt: time / 1000 + 10 })
    time += 10_000
    await create()
    expect(await table.get(key)).toEqual(item)
  })

  it('an expiry in milliseconds, long in the past or not a time is refused', async () => {
    const create = (expiresAt: unknown) =>
      table.create({ key: fresh(), item: {}, type: 'T', expiresAt: expiresAt as number })
    await expect(create(time)).rejects.toThrow('divide milliseconds by 1000')
    await expect(create(3600)).rejects.toThrow('more than five years in the past')
    for (const no of [Number.NaN, new Date(Number.NaN), 'soon'])
      await expect(create(no)).rejects.toThrow('is not a time')
    const timeless = build({ expiresAt: undefined })
    await expect(timeless.create({ key: fresh(), item: {}, type: 'T', expiresAt: 1 })).rejects.toThrow('configure')
  })

  it('internal attributes are protected, and complete items can be written back', async () => {
    const indexes = { GSI1: { partitionKey: 'p', rangeKey: 'r' } }
    const key = fresh()
    for (const name of ['pk', 'sk', 'g1pk', 'g2sk', '_type', 'ttl']) {
      await expect(table.create({ key, item: { [name]: 'x' }, type: 'T' })).rejects.toThrow(`item.${name}`)
      await expect(table.update({ ...key, values: { [name]: 'x' } })).rejects.toThrow(name)
      await expect(table.update({ ...key, remove: [name] })).rejects.toThrow(name)
    }
    await table.create({ key, item: { n: 1 }, type: 'T', indexes })
    const raw = build({ autoRemoveTableProperties: false })
    const whole = (await raw.get(key)) as object
    time += 5000
    await raw.create({ key, item: { ...whole, n: 2 }, type: 'T', indexes })
    expect(await raw.get(key)).toEqual({ ...whole, n: 2 })
    const open = build({ blockInternalPropUpdate: false })
    await open.update({ ...key, values: { g1sk: 's' } })
    await expect(open.update({ ...key, values: { sk: 's' } })).rejects.toThrow('cannot be changed')
    const strict = build({ badUpdateValidation: names => (names.has('id') ? 'id is for ever' : names.has('x')) })
    await expect(strict.update({ ...key, values: { id: 1 } })).rejects.toThrow('id is for ever')
    await expect(strict.update({ ...key, remove: ['x'] })).rejects.toThrow('badUpdateValidation')
    await strict.update({ ...key, values: { n: 3 } })
  })

  it("an index on the table's own key attributes is accepted, and changing its key is refused", async () => {
    const key = { partitionKey: ['ORG', ++keys], rangeKey: ['MEMBER', keys] }
    await table.create({ key, item: { n: 1 }, type: 'T' })
    expect(await table.queryAll({ partition: key.rangeKey, index: 'Inverted' })).toEqual([{ n: 1 }])
    const Inverted = { partitionKey: key.rangeKey, rangeKey: key.partitionKey }
    await table.create({ key, item: { n: 2 }, type: 'T', indexes: { Inverted } })
    const moved = { Inverted: { ...Inverted, partitionKey: 'elsewhere' } }
    await expect(table.create({ key, item: {}, type: 'T', indexes: moved })).rejects.toThrow('another value')
    await expect(table.update({ ...key, indexes: moved })).rejects.toThrow('cannot be changed')
  })

  it('a type is listed in the order of its index, page by page', async () => {
    const typeIndex = {
      name: 'Types',
      partitionKey: '_type',
      rangeKey: '_at',
      rangeKeyGenerator: (item: object) => (item as { rank?: string }).rank,
    }
    const ranked = build({ typeIndex })
    const type = `RANKED${++keys}`
    for (const rank of ['c', 'a', 'b', undefined]) {
      await ranked.create({ key: fresh(), item: { rank, n: 1 }, type })
    }
    expect((await ranked.listAllFromType(type)).map(item => item.rank)).toEqual(['a', 'b', 'c'])
    const first = await ranked.listType({ type, limit: 2, retrieveOrder: 'DESC' })
    expect(first.items.map(item => item.rank)).toEqual(['c', 'b'])
    const { paginationToken } = first
    const rest = await ranked.listType({ type, limit: 2, retrieveOrder: 'DESC', paginationToken })
    expect(rest.items.map(item => item.rank)).toEqual(['a'])
    const range = { operation: 'bigger_than', value: 'a' } as const
    expect((await ranked.listType({ type, range, filters: { rank: ['c'] } })).items).toHaveLength(1)
    await expect(ranked.create({ key: fresh(), item: {}, type: '' })).rejects.toThrow('type: is missing')
  })

  it('unknown options and invalid values of options are refused', async () => {
    const key = fresh()
    await expect(table.get({ ...key, consistent: true } as never)).rejects.toThrow('consistent: is not an option')
    await expect(table.delete({ ...key, condition: [] } as never)).rejects.toThrow('condition: is not an option')
    await expect(table.create({ key, item: {}, type: 'T', onlyCreate: true } as never)).rejects.toThrow('onlyCreate')
    await expect(table.update({ ...key, valuess: {} } as never)).rejects.toThrow('valuess')
    await expect(table.query({ partition: 'x', filter: {} } as never)).rejects.toThrow('filter: is not an option')
    await expect(table.query({ partition: 'x', limit: 0 })).rejects.toThrow('limit: is 0')
    await expect(table.query({ partition: 'x', limit: 1.5 })).rejects.toThrow('limit: is 1.5')
    await expect(table.query({ partition: 'x', retrieveOrder: 'asc' } as never)).rejects.toThrow('ASC or DESC')
    await expect(table.query({} as never)).rejects.toThrow('partition: is undefined')
    await expect(table.query({ partition: 'x', index: 'GSI1', consistentRead: true })).rejects.toThrow('consistentRead')
    const conditions = [{ property: 'n', operation: 'exists', value: 1 }] as never
    await expect(table.delete({ ...key, conditions })).rejects.toThrow('conditions[0].value')
    await expect(table.transaction([{ validate: { ...key, conditions: [] } }])).rejects.toThrow('at least one')
  })

  it('batches, iterations and pages return their items and report their capacity', async () => {
    const partition = ['BATCH', ++keys]
    const create = (i: number) => ({ key: { partitionKey: partition, rangeKey: ['I', i] }, item: { i }, type: 'BATCH' })
    const { capacity } = await table.batchWrite(Array.from({ length: 60 }, (_, i) => ({ create: create(i) })))
    expect(capacity.write).toBeGreaterThanOrEqual(60)
    await table.batchWrite([null, { erase: create(0).key }, { create: { ...create(1), item: { i: 100 } } }])
    const walked = []
    requests = []
    for await (const { i } of table.iterate({ partition, pageSize: 25, consistentRead: true })) walked.push(i)
    expect(walked).toEqual([100, ...Array.from({ length: 58 }, (_, i) => i + 2)])
    expect(requests.length).toBeGreaterThanOrEqual(3)
    const page = await table.query({ partition, limit: 3, consistentRead: true })
    expect(page.capacity.read).toBeGreaterThan(0)
    await expect(table.batchWrite([{ create: { ...create(1), createOnly: true } as never }])).rejects.toThrow(
      'createOnly',
    )
    await expect(table.batchWrite([{} as never])).rejects.toThrow('neither create nor erase')
  })

  it('concurrent calls of createTable() create the table once, and a later call adds missing indexes', async () => {
    const name = tested.tableName()
    const first = new SingleTable({ store: tested.store, table: name, partitionKey: 'pk', rangeKey: 'sk' })
    await Promise.all([first.createTable(), first.createTable(), first.createTable()])
    const grown = build({ table: name })
    const described = await grown.createTable()
    expect(Object.keys(described.globalIndexes ?? {}).sort()).toEqual(['GSI1', 'Inverted', 'Score', 'Types'])
    expect(described.timeToLive).toBe('ttl')
    const other = new SingleTable({ store: tested.store, table: name, partitionKey: 'id', rangeKey: 'sk' })
    await expect(other.createTable()).rejects.toEqual(failsWith('AlreadyExists'))
  })

  allAccountedFor()
})
