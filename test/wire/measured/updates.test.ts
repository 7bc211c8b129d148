/** What updates do to an item, and what they return. */
import { describe, expect, it } from 'vitest'
import { measured } from './measured.js'

const aws = measured()
const S = (text: string) => ({ S: text })
const N = (text: string) => ({ N: text })
const list = (...texts: string[]) => ({ L: texts.map(S) })

describe('a sum out of range', () => {
  it.each([
    ['SET n = n + :v', '1'],
    ['SET n = n - :v', '1'],
    ['ADD n :v', '1'],
    ['SET n = :v + :v', '9e125'],
  ])('the update %s is refused as an overflow', async (UpdateExpression, v) => {
    await aws.ask('PutItem', { TableName: 'hash', Item: { pk: S('sum'), n: N('1e50') } })
    const ExpressionAttributeValues = { ':v': N(v) }
    const input = { TableName: 'hash', Key: { pk: S('sum') }, UpdateExpression, ExpressionAttributeValues }
    expect(await aws.refusal('UpdateItem', input)).toBe(
      'ValidationException: Number overflow. Attempting to store a number with magnitude larger than supported range',
    )
  })
})

describe('the result of an update', () => {
  it.each<readonly [expression: string, values: object, before: object, after: object]>([
    ['SET l[5] = :v', { ':v': S('d') }, { l: list('a', 'b', 'c') }, { l: list('a', 'b', 'c', 'd') }],
    ['SET l[0] = :v', { ':v': S('a') }, { l: list() }, { l: list('a') }],
    ['REMOVE l[1]', {}, { l: list('a', 'b', 'c', 'd') }, { l: list('a', 'c', 'd') }],
    ['SET m.c = m.c + :v', { ':v': N('5') }, { m: { M: { c: N('10') } } }, { m: { M: { c: N('15') } } }],
    ['SET m.a = :v', { ':v': S('n') }, { m: { M: { k: S('k') } } }, { m: { M: { k: S('k'), a: S('n') } } }],
    ['REMOVE m.a', {}, { m: { M: { k: S('k') } } }, { m: { M: { k: S('k') } } }],
    ['SET a = :v, b = a', { ':v': S('new') }, { a: S('old') }, { a: S('new'), b: S('old') }],
    ['SET c = (c - :v)', { ':v': N('3') }, { c: N('10') }, { c: N('7') }],
    ['SET c = if_not_exists(c, :d) - :v', { ':d': N('0'), ':v': N('3') }, { c: N('10') }, { c: N('7') }],
    ['SET b = if_not_exists(b, a)', {}, { a: S('a') }, { a: S('a'), b: S('a') }],
    ['SET l = list_append(if_not_exists(l, :e), :v)', { ':e': list(), ':v': list('x') }, {}, { l: list('x') }],
    ['SET l = list_append(:v, l)', { ':v': list('a') }, { l: list('b', 'c') }, { l: list('a', 'b', 'c') }],
    ['ADD s :v', { ':v': { SS: [''] } }, { s: { SS: ['a'] } }, { s: { SS: ['', 'a'] } }],
    ['ADD s :v', { ':v': { SS: [''] } }, { s: { SS: [''] } }, { s: { SS: [''] } }],
    ['ADD s :v', { ':v': { BS: [''] } }, { s: { BS: ['AQ=='] } }, { s: { BS: ['', 'AQ=='] } }],
    ['ADD n :v', { ':v': N('10') }, {}, { n: N('10') }],
    ['DELETE s :v', { ':v': { SS: ['a'] } }, { s: { SS: ['', 'a'] } }, { s: { SS: [''] } }],
    ['DELETE s :v', { ':v': { SS: [''] } }, { s: { SS: [''] } }, {}],
    ['SET m.s = :v', { ':v': { SS: [''] } }, { m: { M: {} } }, { m: { M: { s: { SS: [''] } } } }],
  ])('%s with %j results in the expected item', async (UpdateExpression, values, before, after) => {
    const Key = { pk: S('made') }
    await aws.ask('PutItem', { TableName: 'hash', Item: { ...Key, ...before } })
    const { answer } = await aws.ask('UpdateItem', {
      TableName: 'hash',
      Key,
      UpdateExpression,
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      ReturnValues: 'ALL_NEW',
    })
    expect(answer.Attributes).toEqual({ ...Key, ...after })
  })
})

describe('the ReturnValues of an update', () => {
  it.each<readonly [returns: string, expression: string, before: object, given: object | undefined]>([
    ['UPDATED_NEW', 'SET a = :v', {}, { a: S('new') }],
    ['UPDATED_NEW', 'SET m.a = :v', { m: { M: { k: S('k'), a: S('old') } } }, { m: { M: { a: S('new') } } }],
    ['UPDATED_NEW', 'SET m.a = :v, m.b = :v', { m: { M: { k: S('k') } } }, { m: { M: { a: S('new'), b: S('new') } } }],
    ['UPDATED_NEW', 'REMOVE a', { a: S('old') }, undefined],
    ['UPDATED_OLD', 'SET a = :v', { a: S('old'), b: S('b') }, { a: S('old') }],
    ['NONE', 'SET a = :v', {}, undefined],
  ])('%s of %s returns the expected attributes', async (ReturnValues, UpdateExpression, before, given) => {
    const Key = { pk: S('given') }
    await aws.ask('PutItem', { TableName: 'hash', Item: { ...Key, ...before } })
    const { answer } = await aws.ask('UpdateItem', {
      TableName: 'hash',
      Key,
      UpdateExpression,
      ...(UpdateExpression.includes(':v') && { ExpressionAttributeValues: { ':v': S('new') } }),
      ReturnValues,
    })
    expect(answer.Attributes).toEqual(given)
  })
  it('an update without an expression returns nothing and creates the item', async () => {
    const Key = { pk: S('nothing') }
    expect((await aws.ask('UpdateItem', { TableName: 'hash', Key })).answer).toEqual({})
    expect((await aws.ask('GetItem', { TableName: 'hash', Key })).answer.Item).toEqual(Key)
  })
})
