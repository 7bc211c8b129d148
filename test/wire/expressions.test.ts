/**
 * Expressions over the wire: how several members of a request interact, and random valid and invalid expressions that
 * AWS's DynamoDB Local must answer the same way. `PARTITA_TEST_SEED` selects other expressions.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { answer, type Wire } from '../../packages/partita/src/wire/dispatch.js'
import { seed } from '../seeded.js'
import { UNSIGNED } from './server.js'

const RUNS = 250
const TABLE = 'wire-expressions'
const store = engineStore(memory())
const wire: Wire = { store, region: 'eu-west-1', now: Date.now }
const KEY = { pk: { S: 'a' }, sk: { N: '1' } }
const CREATE = {
  TableName: TABLE,
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
}

beforeAll(async () => {
  expect(await ask('CreateTable', CREATE)).toBe('OK')
  expect(await ask('PutItem', { TableName: TABLE, Item: KEY })).toBe('OK')
})
afterAll(() => store.close())

async function ask(operation: string, input: object): Promise<string> {
  const { status, body } = await answer(wire, `DynamoDB_20120810.${operation}`, JSON.stringify(input))
  return status === 200 ? 'OK' : refusalIn(body)
}

/** Without the prefix that some operations put before an error message. */
function bare(refusal: string): string {
  return refusal.replace('1 validation error detected: ', '')
}

function refusalIn(body: string): string {
  const { __type, message, Message } = JSON.parse(body)
  return `${String(__type).split('#')[1]}: ${message ?? Message}`
}

const VALUE = { ':v': { N: '1' } }
const BOTH = 'Can not use both expression and non-expression parameters in the same request: Non-expression parameters:'

it.each<[string, string, object, string]>([
  [
    'a mixture of expressions and legacy parameters, before the errors of either',
    'UpdateItem',
    { Key: KEY, UpdateExpression: 'SET', AttributeUpdates: { a: {} }, ExpressionAttributeNames: {} },
    `${BOTH} {AttributeUpdates} Expression parameters: {UpdateExpression}`,
  ],
  [
    'placeholders without an expression',
    'PutItem',
    { Item: KEY, ExpressionAttributeNames: { a: 'b' } },
    'ExpressionAttributeNames can only be specified when using expressions',
  ],
  [
    'malformed placeholders, before the syntax of an expression',
    'DeleteItem',
    { Key: KEY, ConditionExpression: 'a b', ExpressionAttributeNames: { a: 'b' } },
    'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
  ],
  [
    'an invalid update, before its condition',
    'UpdateItem',
    { Key: KEY, UpdateExpression: 'SET a', ConditionExpression: 'a b' },
    'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "a"',
  ],
  [
    'the syntax of the condition, before unused placeholders',
    'UpdateItem',
    {
      Key: KEY,
      UpdateExpression: 'REMOVE a',
      ConditionExpression: 'a b',
      ExpressionAttributeNames: { '#a': 'a' },
    },
    'Invalid ConditionExpression: Syntax error; token: "b", near: "a b"',
  ],
  [
    'unused placeholders',
    'UpdateItem',
    { Key: KEY, UpdateExpression: 'SET pk = :v', ExpressionAttributeValues: { ...VALUE, ':w': { N: '1' } } },
    'Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}',
  ],
  [
    'an invalid filter, before a projection',
    'Scan',
    { FilterExpression: 'a b', ProjectionExpression: 'a b' },
    'Invalid FilterExpression: Syntax error; token: "b", near: "a b"',
  ],
  [
    'an invalid projection, before a key condition',
    'Query',
    { KeyConditionExpression: 'a b', ProjectionExpression: 'c d' },
    'Invalid ProjectionExpression: Syntax error; token: "d", near: "c d"',
  ],
])('a request is refused for %s', async (_, operation, input, message) => {
  expect(bare(await ask(operation, { TableName: TABLE, ...input }))).toBe(`ValidationException: ${message}`)
})

/** With other seeds, DynamoDB Local sometimes reports the other error of an expression that has two. */
const local = inject('servers').find(({ name }) => name === 'dynamodb-local')
if (!local) console.warn('Skipping the differential test of the wire: DynamoDB Local does not run.')

describe.skipIf(!local)(`random expressions with PARTITA_TEST_SEED=${seed}`, () => {
  async function askLocal(operation: string, input: object): Promise<string> {
    const response = await fetch(local?.url ?? '', {
      method: 'POST',
      headers: { ...UNSIGNED, 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: JSON.stringify(input),
    })
    const text = await response.text()
    return response.status === 200 ? 'OK' : refusalIn(text)
  }

  beforeAll(async () => {
    await askLocal('CreateTable', CREATE)
    await askLocal('PutItem', { TableName: TABLE, Item: KEY })
  })
  afterAll(() => askLocal('DeleteTable', { TableName: TABLE }))

  const differential = (member: string, operation: string, texts: fc.Arbitrary<string>, more: object) =>
    fc.assert(
      fc.asyncProperty(texts, async text => {
        const names = used(NAMES, text)
        const values = member === 'ProjectionExpression' ? undefined : used(VALUES, text)
        const input = {
          TableName: TABLE,
          [member]: text,
          ...(names && { ExpressionAttributeNames: names }),
          ...(values && { ExpressionAttributeValues: values }),
          ...more,
        }
        // An update must not change the item of the next one.
        const condition = operation === 'UpdateItem' ? { ConditionExpression: 'attribute_not_exists(pk)' } : {}
        const request = { ...input, ...condition }
        const [ours, theirs] = await Promise.all([ask(operation, request), askLocal(operation, request)])
        expect(comparable(ours)).toBe(comparable(theirs))
      }),
      { numRuns: RUNS },
    )

  it('filters are answered as by DynamoDB Local', () =>
    differential('FilterExpression', 'Scan', mutated(condition(3)), {}))
  it('updates are answered as by DynamoDB Local', () =>
    differential('UpdateExpression', 'UpdateItem', mutated(update), { Key: KEY }))
  it('projections are answered as by DynamoDB Local', () =>
    differential('ProjectionExpression', 'GetItem', mutated(projection), { Key: KEY }))
  it('key conditions are answered as by DynamoDB Local', () =>
    differential('KeyConditionExpression', 'Query', mutated(keyCondition), {}))
})

/**
 * Removes what DynamoDB Local words differently from AWS: omitted names, its own types, another one of several paths.
 */
function comparable(answer: string): string {
  return bare(answer)
    .replace(/(missed key schema element).*/, '$1')
    .replace('Invalid KeyConditionExpression: KeyConditionExpressions must', 'KeyConditionExpressions must')
    .replace(/The number of query conditions .*/, 'Conditions can be of length 1 or 2 only')
    .replace(/operand type: \{.*\}/, 'operand type: any')
    .replace(/, path two: .*/, '')
}

const NAMES = { '#a': 'a', '#n': 'na.me', '#q': 'q q' }
const VALUES = {
  ':n': { N: '1' },
  ':m': { N: '2' },
  ':s': { S: 'S' },
  ':b': { BOOL: true },
  ':l': { L: [] },
  ':t': { SS: ['a'] },
}

function used<Meaning>(placeholders: { [placeholder: string]: Meaning }, text: string) {
  const entries = Object.entries(placeholders).filter(([placeholder]) => text.includes(placeholder))
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

type Texts = fc.Arbitrary<string>

const NAMED = ['a', 'b', 'c', 'c.d', 'e[0]', 'e[1].f', '#a', '#n.x', '#q[3]', 'g', 'h', 'i']
const ODD = ['status', 'x.status', '#zz', 'e[2147483648]']
const path: Texts = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NAMED) }, fc.constantFrom(...ODD))
const value: Texts = fc.constantFrom(...Object.keys(VALUES), ':n', ':n', ':m', ':zz')
const CONDITION = ['size', 'size', 'size', 'contains', 'attribute_exists', 'begins_with', 'attribute_type']
const UPDATE = ['if_not_exists', 'if_not_exists', 'list_append', 'list_append']

/** Texts with `%` where a part is inserted. */
function filled(pattern: string, ...parts: readonly Texts[]): Texts {
  return fc.tuple(...parts).map(texts => texts.reduce((text, part) => text.replace('%', () => part), pattern))
}

function listOf(elements: Texts, most = 3): Texts {
  return fc.array(elements, { minLength: 1, maxLength: most }).map(list => list.join(', '))
}

function call(functions: readonly string[], depth: number): Texts {
  const name = fc.constantFrom(...functions, ...functions, 'foo', 'if_not_exists', 'size')
  return filled('%(%)', name, listOf(operand(functions, depth - 1)))
}

function operand(functions: readonly string[], depth: number): Texts {
  const plain = [{ weight: 4, arbitrary: path }, { weight: 3, arbitrary: value }, filled('(%)', path)]
  return depth > 0 ? fc.oneof(...plain, { weight: 2, arbitrary: call(functions, depth) }) : fc.oneof(...plain)
}

function condition(depth: number): Texts {
  const it = operand(CONDITION, 1)
  const comparators = fc.constantFrom('=', '<>', '<', '>=')
  const plain = [
    { weight: 4, arbitrary: filled('% % %', it, comparators, it) },
    filled('% BETWEEN % AND %', it, it, it),
    filled('% IN (%)', it, listOf(it)),
    { weight: 2, arbitrary: call(CONDITION, 1) },
  ]
  if (depth === 0) return fc.oneof(...plain)
  const inner = condition(depth - 1)
  return fc.oneof(
    ...plain,
    filled('% % %', inner, fc.constantFrom('AND', 'OR', 'and'), inner),
    filled('NOT %', inner),
    filled('(%)', inner),
  )
}

const setValue = fc.oneof(
  operand(UPDATE, 2),
  filled('% % %', operand(UPDATE, 1), fc.constantFrom('+', '-'), operand(UPDATE, 1)),
  filled('(% + %)', operand(UPDATE, 1), operand(UPDATE, 1)),
)
const clause = fc.oneof(
  { weight: 3, arbitrary: filled('SET %', listOf(filled('% = %', path, setValue))) },
  filled('REMOVE %', listOf(path)),
  filled('ADD %', listOf(filled('% %', path, value))),
  filled('DELETE %', listOf(filled('% %', path, value))),
)
const update = fc.array(clause, { minLength: 1, maxLength: 3 }).map(clauses => clauses.join(' '))
const projection = listOf(path, 4)

const keyPart = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('pk = :s', 'pk = :s', 'sk = :n', 'sk BETWEEN :n AND :m') },
  filled('sk % %', fc.constantFrom('=', '<', '>', '<>'), fc.constantFrom(':n', ':s', ':b', 'a', 'size(a)')),
  filled('% % %', fc.constantFrom(':n', ':s'), fc.constantFrom('=', '<'), fc.constantFrom('pk', 'sk', ':n', 'a.b')),
  filled('begins_with(%, %)', fc.constantFrom('sk', 'pk', ':s'), fc.constantFrom(':s', ':n', 'a')),
  condition(1),
)
const keyCondition = fc
  .tuple(fc.array(keyPart, { minLength: 1, maxLength: 3 }), fc.constantFrom(' AND ', ' AND ', ' OR '))
  .map(([parts, joint]) => parts.join(joint))

/** Sometimes a piece of the text is left out, doubled or followed by something else. */
function mutated(texts: Texts): Texts {
  const junk = fc.constantFrom('AND', ')', '(', ',', '=', '@', 'a', ':n', 'SET', 'NOT', '1', '')
  const mutant = fc.tuple(texts, fc.nat(), junk, fc.boolean()).map(([text, at, more, keeps]) => {
    const pieces = text.split(/(\s+|[(),=<>])/)
    const index = at % pieces.length
    pieces.splice(index, keeps ? 0 : 1, more)
    return pieces.join('')
  })
  return fc.oneof({ weight: 3, arbitrary: texts }, mutant)
}
