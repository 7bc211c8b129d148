/** The largest items to the byte, for each kind of write; and the sizes of numbers and of the parts of an update. */
import { describe, expect, it } from 'vitest'
import { measured, validation } from './measured.js'

const aws = measured()
const TableName = 'hash'
const MOST = 409_600
const TOO_LARGE = validation('Item size has exceeded the maximum allowed size')
const TOO_LARGE_TO_UPDATE = validation('Item size to update has exceeded the maximum allowed size')
const pad = (bytes: number) => ({ S: 'x'.repeat(bytes) })

describe('an item of 409,600 bytes', () => {
  const pk = { S: 'a key of twenty-four let' }
  const p = (bytes: number) => pad(bytes - 2 - pk.S.length - 1)
  it.each([
    ['PutItem', (bytes: number) => ({ TableName, Item: { pk, p: p(bytes) } }), TOO_LARGE],
    [
      'BatchWriteItem',
      (bytes: number) => ({ RequestItems: { [TableName]: [{ PutRequest: { Item: { pk, p: p(bytes) } } }] } }),
      TOO_LARGE,
    ],
    [
      'TransactWriteItems',
      (bytes: number) => ({ TransactItems: [{ Put: { TableName, Item: { pk, p: p(bytes) } } }] }),
      TOO_LARGE,
    ],
    [
      'UpdateItem',
      (bytes: number) => ({
        TableName,
        Key: { pk },
        UpdateExpression: 'SET p = :p',
        ExpressionAttributeValues: { ':p': p(bytes) },
      }),
      TOO_LARGE_TO_UPDATE,
    ],
    [
      'UpdateItem',
      (bytes: number) => ({ TableName, Key: { pk }, AttributeUpdates: { p: { Action: 'PUT', Value: p(bytes) } } }),
      TOO_LARGE_TO_UPDATE,
    ],
    [
      'ExecuteStatement',
      (bytes: number) => ({ Statement: `UPDATE "hash" SET p = ? WHERE pk = ?`, Parameters: [p(bytes), pk] }),
      TOO_LARGE_TO_UPDATE,
    ],
  ])('%s writes the item and refuses one with another byte', async (operation, input, refusal) => {
    expect(await aws.refusal(operation, input(MOST))).toBe('accepted')
    expect(await aws.refusal(operation, input(MOST + 1))).toBe(refusal)
  })
  it('INSERT writes the item and refuses one with another byte', async () => {
    const insert = (key: string, bytes: number) => ({
      Statement: `INSERT INTO "hash" VALUE {'pk': ?, 'p': ?}`,
      Parameters: [{ S: key }, pad(bytes - 2 - key.length - 1)],
    })
    expect(await aws.refusal('ExecuteStatement', insert('inserted', MOST))).toBe('accepted')
    expect(await aws.refusal('ExecuteStatement', insert('refused', MOST + 1))).toBe(TOO_LARGE)
  })
  it('TransactWriteItems updates to the item and is cancelled for one with another byte', async () => {
    const input = (bytes: number) => ({
      TransactItems: [
        {
          Update: {
            TableName,
            Key: { pk },
            UpdateExpression: 'SET p = :p',
            ExpressionAttributeValues: { ':p': p(bytes) },
          },
        },
      ],
    })
    expect(await aws.refusal('TransactWriteItems', input(MOST))).toBe('accepted')
    const { answer } = await aws.ask('TransactWriteItems', input(MOST + 1))
    expect(answer.CancellationReasons).toMatchObject([
      { Code: 'ValidationError', Message: TOO_LARGE_TO_UPDATE.split(': ')[1] },
    ])
  })
})

it.each([
  ['0', 1],
  ['1', 2],
  ['12', 2],
  ['123', 3],
  ['1234', 3],
  ['12345678901234567890123456789012345678', 20],
  ['0042', 2],
  ['100', 2],
  ['1010', 3],
  ['0.0000001', 2],
  ['1E125', 2],
  ['1E-100', 2],
  ['1.5', 3],
  ['15', 2],
  ['1.2', 3],
  ['1.200', 3],
  ['1.234', 4],
  ['3.14159', 5],
  ['123456', 4],
  ['100.5', 4],
  ['0.15', 2],
  ['-42', 3],
  ['-0', 1],
])('the number %s has %i bytes', async (N, bytes) => {
  const item = (total: number) => ({ pk: { S: 'n' }, n: { N }, p: pad(total - 3 - 1 - bytes - 1) })
  expect(await aws.refusal('PutItem', { TableName, Item: item(MOST) })).toBe('accepted')
  expect(await aws.refusal('PutItem', { TableName, Item: item(MOST + 1) })).toBe(TOO_LARGE)
})

describe('the size of an update', () => {
  const ten = { S: 'y'.repeat(10) }
  const one = { N: '1' }
  const list = (...values: object[]) => ({ L: values })
  const [PLAIN, SET, STEP, OPERAND] = [3 + 19 + 1, 19, 4, 15]
  const CLAUSES: readonly (readonly [clause: string, charge: number, seed?: object, values?: object])[] = [
    ['', 0],
    ['SET c = :c', SET + 1 + 1, {}, { ':c': { S: 'y' } }],
    ['SET c = abcdefghij', SET + 1 + OPERAND + 10, { abcdefghij: ten }],
    ['SET c = m.z', SET + 1 + OPERAND + 1 + OPERAND, { m: { M: { z: ten } } }],
    ['SET c = l[10]', SET + 1 + OPERAND + 1 + 14 + 2, { l: list(...Array(10).fill({ S: 'e' }), ten) }],
    ['SET l = list_append(l, :l)', SET + 1 + 37 + OPERAND + 1 + 3 + 1 + 10, { l: list(ten) }, { ':l': list(ten) }],
    ['SET n = n + :n', SET + 1 + 34 + OPERAND + 1 + 2, { n: { N: '12345678901234567890' } }, { ':n': one }],
    ['SET n = n - :n', SET + 1 + 37 + OPERAND + 1 + 2, { n: one }, { ':n': one }],
    ['SET c = if_not_exists(c, :c)', SET + 1 + 39 + OPERAND + 1 + 10, { c: ten }, { ':c': ten }],
    ['SET c = if_not_exists(c, :c)', SET + 1 + 39 + OPERAND + 1 + 10, {}, { ':c': ten }],
    [
      'SET c = if_not_exists(c, :c)',
      SET + 1 + 39 + OPERAND + 1 + 3 + 1 + 1 + 10,
      { c: ten },
      { ':c': { M: { a: ten } } },
    ],
    ['ADD abcdefghij :n', SET + 10 + 2, { abcdefghij: one }, { ':n': one }],
    ['ADD ss :s', SET + 2 + 500, { ss: { SS: ['p'] } }, { ':s': { SS: ['s'.repeat(500)] } }],
    ['REMOVE r', 2, { r: ten }],
    ['REMOVE m.yyyyyyyyyy', 1 + 1 + STEP + 10, { m: { M: { x: ten, yyyyyyyyyy: ten } } }],
    ['REMOVE abcdefghij[1]', 1 + 10 + STEP + 1, { abcdefghij: list(ten, ten) }],
    ['REMOVE l[10]', 1 + 1 + STEP + 2, { l: list(...Array(11).fill({ S: 'e' })) }],
    ['DELETE ss :s', 1 + 2, { ss: { SS: ['p', 'q'] } }, { ':s': { SS: ['q'] } }],
  ]
  it.each(CLAUSES.map(([clause, charge, seed = {}, values = {}]) => ({ clause, charge, seed, values })))(
    'the parts that an update uses count against the limit of an item: $clause',
    async ({ clause, charge, seed, values }) => {
      const pk = { S: 'k' }
      const write = async (bytes: number) => {
        await aws.ask('PutItem', { TableName, Item: { pk, ...seed } })
        return aws.refusal('UpdateItem', {
          TableName,
          Key: { pk },
          UpdateExpression: clause.startsWith('SET ') ? `SET b = :pad, ${clause.slice(4)}` : `SET b = :pad ${clause}`,
          ExpressionAttributeValues: { ':pad': pad(bytes), ...values },
        })
      }
      const most = MOST - PLAIN - charge
      expect(await write(most)).toBe('accepted')
      expect(await write(most + 1)).toBe(TOO_LARGE_TO_UPDATE)
    },
  )
})
