/**
 * Short requests that cause much work: filters, conditions, updates and projections on large or many items, and many
 * streams and tables. Each is answered or refused within a bound of CPU time, and yields to the event loop.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import type { PartitaError } from '../../packages/partita/src/errors/errors.js'
import * as ast from '../../packages/partita/src/expression/ast.js'
import { decimal } from '../../packages/partita/src/value/number.js'
import type { Item, Value } from '../../packages/partita/src/value/value.js'
import { requestHandler } from '../../packages/partita/src/wire/index.js'

/** A bound of CPU time: several times what each request takes on an idle machine, because others may use the cores. */
const MOST_SECONDS = 1.5
const OPERATORS = 140
const store = memory({ sweepInterval: 0 })
const table = 'many'
const a = ast.path('a')

const any = (make: (index: number) => ast.Condition) =>
  ast.anyOf(Array.from({ length: OPERATORS }, (_, index) => make(index))) as ast.Condition
const put = (name: string, item: Item) => store.write({ kind: 'put', table, item: { pk: name, sk: 0, ...item } })

/** @returns the CPU seconds of a call, in total and in its longest stretch without yielding to the event loop. */
async function cost(call: () => Promise<unknown>): Promise<{ outcome: unknown; seconds: number; stretch: number }> {
  const now = () => process.cpuUsage().user / 1e6
  let stretch = 0
  let last = now()
  let isOver = false
  const look = () => {
    stretch = Math.max(stretch, now() - last)
    last = now()
    if (!isOver) setImmediate(look)
  }
  await new Promise(resolve => setImmediate(resolve))
  const start = now()
  last = start
  setImmediate(look)
  const outcome = await call().catch((error: unknown) => error)
  stretch = Math.max(stretch, now() - last)
  isOver = true
  return { outcome, seconds: now() - start, stretch }
}

/** Values about as large as an item may be, and values that they do not contain. */
const LARGE: { readonly [name: string]: { readonly value: Value; readonly absent: (index: number) => Value } } = {
  'a text': { value: 'a'.repeat(370_000), absent: index => `${'a'.repeat(1000 + index)}b` },
  binary: { value: new Uint8Array(370_000), absent: index => Uint8Array.of(...new Uint8Array(500 + index), 1) },
  'a list of numbers': { value: Array.from({ length: 120_000 }, (_, i) => i % 10), absent: index => -1 - index },
  'a list of texts': { value: Array.from({ length: 90_000 }, (_, i) => `t${i % 10}`), absent: index => `x${index}` },
  'a list of maps': {
    value: Array.from({ length: 40_000 }, (_, i) => ({ a: i % 7 })),
    absent: index => ({ a: -1 - index }),
  },
  'a set of numbers': {
    value: new Set(Array.from({ length: 70_000 }, (_, i) => i)),
    absent: index => decimal(`0.1234567890123456789012345678${100 + index}`),
  },
  'a set of bytes': {
    value: new Set(Array.from({ length: 60_000 }, (_, i) => Uint8Array.of(i, i >> 8, i >> 16))),
    absent: index => Uint8Array.of(index),
  },
}

beforeAll(async () => {
  await store.createTable({
    name: table,
    key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  })
  const items = Array.from(
    { length: 100_000 },
    (_, sk) => ({ kind: 'put', table, item: { pk: 'p', sk, x: 1 } }) as const,
  )
  await store.batchWrite({ writes: items })
  for (const [name, { value }] of Object.entries(LARGE)) await put(name, { a: value })
})
afterAll(() => store.close())

const bodyOf = ({ body }: { body: Uint8Array }) => JSON.parse(Buffer.from(body).toString())
const inPartition = (value: string) => ({ table, key: { partition: { name: 'pk', value } }, countOnly: true })

describe('filters', () => {
  it('140 comparisons run on a page of 100,000 items within the bound', async () => {
    const filter = any(index => ast.compare(ast.path('x'), '<', ast.value(-index)))
    const { outcome, seconds, stretch } = await cost(() => store.query({ ...inPartition('p'), filter }))
    expect(outcome).toMatchObject({ count: 0 })
    expect((outcome as { scanned: number }).scanned).toBeGreaterThan(50_000)
    expect(seconds).toBeLessThan(MOST_SECONDS)
    expect(stretch).toBeLessThan(0.1)
  })

  it.each(Object.entries(LARGE))(
    '140 contains conditions run on %s of 370 KB within the bound',
    async (name, { absent }) => {
      const filter = any(index => ast.contains(a, ast.value(absent(index))))
      const { outcome, seconds, stretch } = await cost(() => store.query({ ...inPartition(name), filter }))
      expect(outcome).toMatchObject({ count: 0, scanned: 1 })
      expect(seconds).toBeLessThan(MOST_SECONDS)
      expect(stretch).toBeLessThan(0.1)
    },
  )

  it.each<[string, Value, ast.Condition]>([
    ['prefixes of binary', new Uint8Array(370_000), ast.beginsWith(a, ast.value(new Uint8Array(369_999)))],
    ['binary in an IN', new Uint8Array(370_000), ast.isIn(a, [ast.value(Uint8Array.of(1))])],
    [
      'maps of lists of sets',
      Array.from({ length: 20_000 }, () => ({ a: [new Set([1, 2.5])] })),
      ast.contains(a, ast.value({ a: [new Set([1, decimal('2.500000000000000000001')])] })),
    ],
  ])('many conditions on %s run or are refused within the bound', async (name, held, condition) => {
    for (const sk of [0, 1]) await put(name, { sk, a: held })
    const filter = ast.allOf(Array.from({ length: OPERATORS }, () => ast.not(ast.not(condition)))) as ast.Condition
    const either = any(() => condition)
    for (const one of [filter, either]) {
      const { outcome, seconds, stretch } = await cost(() => store.query({ ...inPartition(name), filter: one }))
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'LimitExceeded' })
      else expect(outcome).toMatchObject({ scanned: 2 })
      expect(seconds).toBeLessThan(2 * MOST_SECONDS)
      expect(stretch).toBeLessThan(0.4)
    }
  })

  it.each<[string, Value, Value]>([
    ['texts', 'x'.repeat(195_000), `${'x'.repeat(100_000)}y`],
    [
      'sets of bytes',
      new Set(Array.from({ length: 30_000 }, (_, i) => Uint8Array.of(i, i >> 8, 1))),
      new Set(Array.from({ length: 30_000 }, (_, i) => Uint8Array.of(i, i >> 8, i === 29_999 ? 2 : 1))),
    ],
  ])(
    'two large values of one item are compared many times or refused within the bound: %s',
    async (name, left, right) => {
      for (const sk of [0, 1, 2]) await put(`two ${name}`, { sk, a: left, b: right })
      const b = ast.path('b')
      for (const condition of [ast.compare(a, '=', b), ast.contains(a, b), ast.isIn(a, [b])]) {
        const filter = any(() => condition)
        const { outcome, seconds, stretch } = await cost(() => store.query({ ...inPartition(`two ${name}`), filter }))
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'LimitExceeded' })
        else expect(outcome).toMatchObject({ count: 0, scanned: 3 })
        expect(seconds).toBeLessThan(2 * MOST_SECONDS)
        expect(stretch).toBeLessThan(0.4)
      }
    },
  )

  it('a number that does not fit a double costs at most three times as much as one that does', async () => {
    const run = async (bound: Value) => {
      const filter = any(() => ast.compare(ast.path('x'), '<', ast.value(bound)))
      return (await cost(() => store.query({ ...inPartition('p'), filter, limit: 10_000 }))).seconds
    }
    const pairs: [number, number][] = []
    for (let round = 0; round < 3; round++) {
      pairs.push([await run(-1), await run(decimal('0.12345678901234567890123456789'))])
    }
    const least = (index: 0 | 1) => Math.min(...pairs.map(pair => pair[index]))
    expect(least(1)).toBeLessThan(3 * least(0))
  })

  it('a filter that takes more steps than a page may use is refused', async () => {
    const items = Array.from({ length: 60_000 }, (_, sk) => ({
      kind: 'put',
      table,
      item: { pk: 'short', sk, a: [1, 2] },
    }))
    await store.batchWrite({ writes: items as Parameters<typeof store.batchWrite>[0]['writes'] })
    const legacy = Array.from({ length: 1000 }, (_, i) => [`x${i}`, { ComparisonOperator: 'NULL' }])
    const { response } = await requestHandler(store).handle({
      headers: { 'x-amz-target': 'DynamoDB_20120810.Query' },
      body: JSON.stringify({
        TableName: table,
        KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'short' }] } },
        QueryFilter: Object.fromEntries(legacy),
        Select: 'COUNT',
      }),
    } as Parameters<ReturnType<typeof requestHandler>['handle']>[0])
    expect([response.statusCode, bodyOf(response)]).toEqual([
      400,
      {
        __type: 'com.amazon.coral.validate#ValidationException',
        message: expect.stringMatching(/^The expressions of the request take over 20000000 steps/),
      },
    ])
  })
})

describe('writes', () => {
  const update = ast.update({ remove: [['absent']] })

  it.each(['a text', 'a list of maps', 'a set of bytes'])(
    'a condition of 140 contains runs on %s of 370 KB within the bound',
    async name => {
      const { absent } = LARGE[name] as (typeof LARGE)[string]
      const condition = any(index => ast.contains(a, ast.value(absent(index))))
      const write = { kind: 'update', table, key: { pk: name, sk: 0 }, update, condition } as const
      const isAlone = name === 'a text'
      const { outcome, seconds, stretch } = await cost(() =>
        isAlone ? store.write(write) : store.transactWrite({ writes: [write] }),
      )
      expect((outcome as PartitaError).code).toBe(isAlone ? 'ConditionFailed' : 'TransactionFailed')
      expect(seconds).toBeLessThan(MOST_SECONDS)
      // To decode 60,000 members of bytes is one stretch of work, of 0.1 s alone and more beside other work.
      expect(stretch).toBeLessThan(0.25)
    },
  )

  it('a write is applied once if another write changes the item while its condition is evaluated', async () => {
    await put('counted', { a: 'a'.repeat(100_000), n: 0 })
    const none = ast.not(any(index => ast.contains(a, ast.value(`${'a'.repeat(1000 + index)}b`))))
    const add = (condition?: ast.Condition) =>
      store.write({
        kind: 'update',
        table,
        key: { pk: 'counted', sk: 0 },
        update: ast.update({ add: [{ path: ['n'], value: 1 }] }),
        ...(condition && { condition }),
      })
    const heavy = [add(none), add(none)]
    await new Promise(resolve => setImmediate(resolve))
    await add()
    await Promise.all(heavy)
    const { item } = await store.get({ table, key: { pk: 'counted', sk: 0 }, projection: [['n']] })
    expect(item).toEqual({ n: 3 })
  })

  it('an update that stores one large value under many names is refused within the bound', async () => {
    const large = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, 1]))
    const set = Array.from({ length: 150 }, (_, i) => ({ path: [`b${i}`] as const, value: ast.value(large) }))
    const write = { kind: 'update', table, key: { pk: 'new', sk: 0 }, update: ast.update({ set }) } as const
    for (const call of [() => store.write(write), () => store.transactWrite({ writes: [write], token: 'once' })]) {
      const { outcome, seconds } = await cost(call)
      expect((outcome as PartitaError).code).toMatch(/^(LimitExceeded|TransactionFailed)$/)
      expect(seconds).toBeLessThan(MOST_SECONDS)
    }
  })

  it.each(['ADD', 'DELETE'])('%s of one large set under many names ends within the bound', async action => {
    const bytes = (i: number) => Buffer.from([i, i >> 8, 1]).toString('base64')
    const large = { BS: Array.from({ length: 60_000 }, (_, i) => bytes(i)) }
    const names = Array.from({ length: 250 }, (_, i) => `c${i}`)
    await put('sets', Object.fromEntries(names.map(name => [name, new Set([Uint8Array.of(1)])])))
    const { outcome, seconds } = await cost(() =>
      requestHandler(store).handle({
        headers: { 'x-amz-target': 'DynamoDB_20120810.UpdateItem' },
        body: JSON.stringify({
          TableName: table,
          Key: { pk: { S: 'sets' }, sk: { N: '0' } },
          UpdateExpression: `${action} ${names.map(name => `${name} :v`).join(',')}`,
          ExpressionAttributeValues: { ':v': large },
        }),
      } as Parameters<ReturnType<typeof requestHandler>['handle']>[0]),
    )
    const { response } = outcome as { response: { statusCode: number } }
    expect(response.statusCode).toBe(action === 'ADD' ? 400 : 200)
    expect(seconds).toBeLessThan(MOST_SECONDS)
  })

  it('the digest of a transaction with one large value in many operators ends within the bound', async () => {
    const large = 'x'.repeat(2_000_000)
    const condition = any(() => ast.compare(a, '=', ast.value(large)))
    const writes = [{ kind: 'check', table, key: { pk: 'a text', sk: 0 }, condition } as const]
    const { outcome, seconds } = await cost(() => store.transactWrite({ writes, token: 'large' }))
    expect((outcome as PartitaError).code).toBe('TransactionFailed')
    expect(seconds).toBeLessThan(MOST_SECONDS)
  })
})

it('a projection of 2,000 paths on small items ends within the bound', async () => {
  const names = Array.from({ length: 2000 }, (_, i) => [`n${i}`] as const)
  for (const projection of [names, names.map(([name]) => [name, 'x'] as const)]) {
    const { outcome, seconds } = await cost(() => store.query({ ...inPartition('p'), countOnly: false, projection }))
    expect((outcome as { count: number }).count).toBeGreaterThan(50_000)
    expect(seconds).toBeLessThan(MOST_SECONDS)
  }
})

it('100 PartiQL statements with 2,000 paths each are read in proportion to their text, and others have their turn', async () => {
  const paths = Array.from({ length: 2000 }, (_, i) => `q${i.toString(36)}`)
    .join(',')
    .slice(0, 8000)
  const text = (i: number) =>
    `SELECT ${paths.slice(0, paths.lastIndexOf(','))} FROM "${table}" WHERE pk='${i}' AND sk=0`
  const call = () =>
    requestHandler(store).handle({
      headers: { 'x-amz-target': 'DynamoDB_20120810.ExecuteTransaction' },
      body: JSON.stringify({ TransactStatements: Array.from({ length: 100 }, (_, i) => ({ Statement: text(i) })) }),
    })
  const { outcome, seconds, stretch } = await cost(async () => bodyOf((await call()).response))
  expect((outcome as { Responses: object[] }).Responses).toHaveLength(100)
  // Comparing each path with each other took five times as long.
  expect(seconds).toBeLessThan(2 * MOST_SECONDS)
  expect(stretch).toBeLessThan(0.15)
})

it('a transaction that reads over 4 MB is refused', async () => {
  const keys = Array.from({ length: 12 }, (_, sk) => ({ pk: 'large', sk }))
  for (const { sk } of keys) await put('large', { sk, a: 'a'.repeat(370_000) })
  const gets = keys.map(key => ({ table, key }))
  await expect(store.transactGet({ gets })).rejects.toMatchObject({
    code: 'LimitExceeded',
    details: { limit: 'transaction size in bytes', actual: expect.any(Number) },
  })
  expect((await store.transactGet({ gets: gets.slice(0, 11) })).items).toHaveLength(11)
})

it('creating a stream costs the same beside a thousand others, and a store has 2,500 tables at most', async () => {
  const own = memory({ sweepInterval: 0 })
  const handler = requestHandler(own)
  const create = async (name: string, stream: boolean) => {
    const { response } = await handler.handle({
      headers: { 'x-amz-target': 'DynamoDB_20120810.CreateTable' },
      body: JSON.stringify({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }),
      }),
    } as Parameters<typeof handler.handle>[0])
    return response
  }
  const some = async (from: number, count: number) => {
    for (let i = from; i < from + count; i++) expect((await create(`stream-${i}`, true)).statusCode).toBe(200)
  }
  await some(0, 100)
  const early = (await cost(() => some(100, 200))).seconds
  await some(300, 700)
  const late = (await cost(() => some(1000, 200))).seconds
  expect(late).toBeLessThan(3 * early + 0.1)
  for (let i = 1200; i < 2500; i++) await create(`table-${i}`, false)
  expect(await own.listTables()).toHaveLength(2500)
  const refused = await create('one-more', false)
  expect(refused.statusCode).toBe(400)
  expect(bodyOf(refused)).toEqual({
    __type: 'com.amazonaws.dynamodb.v20120810#LimitExceededException',
    message: 'Subscriber limit exceeded: There is a limit of 2500 tables per subscriber',
  })
  await own.close()
})
