import { describe, expect, test } from 'vitest'
import type { IndexKeySchema } from '../../store/definition.js'
import { conditionOf } from './condition.js'
import { parseStatement } from './parse.js'
import { planRead } from './read-plan.js'
import type { SelectStatement } from './statement.js'

const KEY: IndexKeySchema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } }

function plan(where: string, schema = KEY) {
  const statement = parseStatement(`SELECT * FROM music WHERE ${where}`) as SelectStatement
  return planRead(schema, KEY, conditionOf(statement.where!, []), statement.orderings)
}

const queried = (where: string) => plan(where).queries?.map(({ partition }) => partition.value)

describe('a condition that fixes the partition key', () => {
  test.each([
    ["pk = 'a'", ['a']],
    ["'a' = pk", ['a']],
    ["v = 1 AND (pk = 'a' AND w = 2)", ['a']],
    ["pk IN ('b', 'a', 'b')", ['a', 'b']],
    ["pk IN ['b', 'a'] ORDER BY pk DESC", ['b', 'a']],
    ["pk = 'b' OR pk = 'a'", ['a', 'b']],
    ["(pk = 'a' AND v = 1) OR pk IN ('b')", ['a', 'b']],
    ["pk IN ('a', 'b') AND pk = 'a'", ['a']],
  ])('a query serves the condition: %s', (where, partitions) => {
    expect(queried(where)).toEqual(partitions)
  })
})

describe('a condition that does not fix the partition key', () => {
  test.each([
    ['v = 1'],
    ["pk > 'a'"],
    ["pk <> 'a'"],
    ["NOT pk = 'a'"],
    ["pk = 'a' OR v = 1"],
    ['pk = v'],
    ["pk IN ('a', v)"],
    ["begins_with(pk, 'a')"],
    [Array.from({ length: 101 }, (_, i) => `pk = '${i}'`).join(' OR ')],
  ])('a scan serves the condition: $0', where => {
    expect(queried(where)).toBeUndefined()
  })
})

test('one condition on the sort key belongs to the query, and the filter has the others', () => {
  const { queries, filter } = plan("3 > sk AND pk = 'a' AND sk > 1 AND v = 2")
  expect(queries).toEqual([
    {
      partition: { name: 'pk', value: 'a' },
      sort: { kind: 'compare', name: 'sk', comparator: '<', value: 3 },
    },
  ])
  expect(filter).toMatchObject({ kind: 'and', conditions: [{ comparator: '>' }, { comparator: '=' }] })
})

test('an OR of partition keys stays in the filter because its branches may have more conditions', () => {
  expect(plan("(pk = 'a' AND v = 1) OR pk = 'b'").filter).toMatchObject({ kind: 'or' })
  expect(plan("pk IN ('a', 'b')").filter).toBeUndefined()
})

describe('an index with several key attributes', () => {
  const schema: IndexKeySchema = {
    partition: { name: 'a', type: 'S' },
    morePartition: [{ name: 'b', type: 'N' }],
    sort: { name: 'c', type: 'S' },
    moreSort: [{ name: 'd', type: 'N' }],
  }

  test('the index is queried once for every combination that the condition fixes', () => {
    expect(plan("a = 'x' AND b IN (2, 1)", schema).queries).toEqual([
      { partition: { name: 'a', value: 'x' }, morePartition: [{ name: 'b', value: 1 }] },
      { partition: { name: 'a', value: 'x' }, morePartition: [{ name: 'b', value: 2 }] },
    ])
    expect(plan("a = 'x'", schema).queries).toBeUndefined()
  })

  test('conditions on the sort attributes are used in their order, up to the first that is not an equality', () => {
    const [query] = plan("a = 'x' AND b = 1 AND d > 5 AND c = 'y'", schema).queries ?? []
    expect(query).toMatchObject({ sort: { name: 'c' }, moreSort: [{ name: 'd', comparator: '>' }] })
    const open = plan("a = 'x' AND b = 1 AND d > 5 AND c > 'y'", schema)
    expect(open.queries?.[0]?.moreSort).toBeUndefined()
    expect(open.filter).toMatchObject({ left: { path: ['d'] } })
  })
})

describe('values that cannot be keys', () => {
  const mismatch = (name: string) =>
    `Key attribute's data type should match its data type in table's schema: Key ${name}`
  test.each([
    ['pk = 1', mismatch('pk')],
    ["pk IN ('a', 1)", mismatch('pk')],
    ["pk = 'a' AND sk = 'x'", mismatch('sk')],
    ["pk = 'a' AND begins_with(sk, '1')", mismatch('sk')],
    ["pk = ''", 'cannot contain an empty string value. Key: pk'],
    [`pk = '${'x'.repeat(2049)}'`, 'Size of hashkey has exceeded the maximum size limit of2048 bytes'],
    ["sk > 'x'", 'Condition parameter type does not match schema type'],
    ["pk = 'a' AND sk IN ('x', 1)", 'Condition parameter type does not match schema type'],
    ['contains(pk, 1)', 'Condition parameter type does not match schema type'],
    ["pk = 'a' AND NOT sk = 'x'", 'Condition parameter type does not match schema type'],
  ])('the condition is refused: $0', (where, message) => {
    expect(() => plan(where)).toThrow(message)
  })
})

describe('ORDER BY', () => {
  test.each([
    ['v = 1 ORDER BY sk', 'Must have at least one non-optional hash key condition in WHERE clause'],
    ["pk = 'a' OR v = 1 ORDER BY sk", 'Must have at least one non-optional hash key condition in WHERE clause'],
    ["pk = 'a' ORDER BY v", 'Variable reference v in ORDER BY clause must be part of the primary key'],
  ])('the order is refused because it is not that of keys within partitions: %s', (where, message) => {
    expect(() => plan(where)).toThrow(message)
  })
  test('DESC reverses the order', () => {
    expect(plan("pk = 'a' ORDER BY sk DESC").order).toBe('desc')
    expect(plan("pk = 'a' ORDER BY pk DESC, sk").order).toBe('asc')
  })
})
