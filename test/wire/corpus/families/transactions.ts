/** TransactWriteItems and TransactGetItems. */
import { type Attributes, b, type Family, hashTable, indexedTable, n, rowsOf, s } from '../family.js'

const HASH = 'zz.transact.hash'
const INDEXED = 'zz.transact.indexed'

/** A prefix for this run, because a server may remember the tokens of the last one. */
const TOKEN = `token-${process.pid}-${Date.now()}`

const key = (id: string) => ({ TableName: HASH, Key: { id: s(id) } })
const put = (Item: unknown, more: object = {}) => ({ Put: { TableName: HASH, Item, ...more } })
const remove = (id: string, more: object = {}) => ({ Delete: { ...key(id), ...more } })
const update = (id: string, UpdateExpression: string, more: object = {}) => ({
  Update: { ...key(id), UpdateExpression, ...more },
})
const check = (id: string, ConditionExpression: string, more: object = {}) => ({
  ConditionCheck: { ...key(id), ConditionExpression, ...more },
})
const write = (TransactItems: unknown, more: object = {}) => ({ TransactItems, ...more })

const EXISTS = 'attribute_exists(id)'
const ABSENT = 'attribute_not_exists(id)'
const OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
const add = { ExpressionAttributeValues: { ':n': n(1) }, ExpressionAttributeNames: { '#c': 'count' } }

const writes = rowsOf('TransactWriteItems', [
  ['a put', write([put({ id: s('new1'), word: s('x') })])],
  ['an update', write([update('a', 'ADD #c :n', add)])],
  ['a delete', write([remove('new1')])],
  ['a check', write([check('a', EXISTS)])],
  ['one of each', write([put({ id: s('new2') }), update('b', 'ADD #c :n', add), remove('none'), check('a', EXISTS)])],
  ['a check that fails', write([check('a', ABSENT)])],
  ['a check that fails, with the existing item', write([check('a', ABSENT, OLD)])],
  ['a false check of a missing item, with the old item', write([check('none', EXISTS, OLD)])],
  ['a put and a check that fails', write([put({ id: s('never') }), check('a', ABSENT)])],
  [
    'two that fail',
    write([put({ id: s('a') }, { ConditionExpression: ABSENT }), check('b', ABSENT, OLD), put({ id: s('never') })]),
  ],
  ['a delete that fails', write([remove('a', { ConditionExpression: ABSENT, ...OLD })])],
  ['an update that fails', write([update('a', 'ADD #c :n', { ...add, ConditionExpression: ABSENT, ...OLD })])],
  ['an update of another type', write([update('a', 'ADD word :n', { ExpressionAttributeValues: { ':n': n(1) } })])],
  [
    'an update of a path that is not there',
    write([update('a', 'SET none.a = :n', { ExpressionAttributeValues: { ':n': n(1) } }), put({ id: s('never') })]),
  ],
  ['an update from an attribute that is not there', write([update('a', 'SET fresh = none')])],
  ['an update of the key', write([update('a', 'SET id = :n', { ExpressionAttributeValues: { ':n': s('x') } })])],
  ['two of one item', write([put({ id: s('a') }), remove('a')])],
  ['a check and an update of one item', write([check('a', EXISTS), update('a', 'ADD #c :n', add)])],
  [
    'the same key in two tables',
    write([put({ id: s('a1') }), { Put: { TableName: INDEXED, Item: { pk: s('a1'), sk: s('a1') } } }]),
  ],
  ['nothing', write([])],
  ['no member', {}],
  ['null', write(null)],
  ['a map', write({})],
  ['an operation that is null', write([null])],
  ['an operation that is empty', write([{}])],
  ['an operation of two kinds', write([{ ...put({ id: s('x') }), ...remove('y') }])],
  ['an operation of an unknown kind', write([{ Get: key('a') }])],
  ['an update without an expression', write([{ Update: key('a') }])],
  ['an empty update', write([update('a', '')])],
  ['a wrong update', write([update('a', 'SET')])],
  ['a check without a condition', write([{ ConditionCheck: key('a') }])],
  ['an empty check', write([check('a', '')])],
  ['a wrong check', write([check('a', 'id =')])],
  ['a wrong condition in the second', write([put({ id: s('never') }), check('a', 'id =')])],
  ['a put without an item', write([{ Put: { TableName: HASH } }])],
  ['a put without a table', write([{ Put: { Item: { id: s('a') } } }])],
  ['a delete without a key', write([{ Delete: { TableName: HASH } }])],
  ['a put without the key', write([put({ word: s('x') })])],
  ['a put of a key of another type', write([put({ id: n(1) })])],
  ['a put of an empty key', write([put({ id: s('') })])],
  ['a put of a key that is too long', write([put({ id: s('k'.repeat(2049)) })])],
  [
    'a put of an index key of another type',
    write([{ Put: { TableName: INDEXED, Item: { pk: s('p'), sk: s('s'), group: n(1) } } }]),
  ],
  [
    'a put of an empty index key',
    write([{ Put: { TableName: INDEXED, Item: { pk: s('p'), sk: s('s'), group: s('') } } }]),
  ],
  [
    'an update of an index key to another type',
    write([
      {
        Update: {
          TableName: INDEXED,
          Key: { pk: s('p'), sk: s('s') },
          UpdateExpression: 'SET rank = :n',
          ExpressionAttributeValues: { ':n': s('x') },
        },
      },
    ]),
  ],
  [
    'an update of an index key to an empty text',
    write([
      {
        Update: {
          TableName: INDEXED,
          Key: { pk: s('p'), sk: s('s') },
          UpdateExpression: 'SET #g = :n',
          ExpressionAttributeNames: { '#g': 'group' },
          ExpressionAttributeValues: { ':n': s('') },
        },
      },
    ]),
  ],
  [
    'an update of a key of another type',
    write([{ Update: { TableName: HASH, Key: { id: n(1) }, UpdateExpression: 'REMOVE a' } }]),
  ],
  ['a delete of an empty key', write([{ Delete: { TableName: HASH, Key: { id: s('') } } }])],
  ['a delete of a key with more', write([{ Delete: { TableName: HASH, Key: { id: s('a'), x: n(1) } } }])],
  [
    'a check of a key of another name',
    write([{ ConditionCheck: { TableName: HASH, Key: { x: s('a') }, ConditionExpression: EXISTS } }]),
  ],
  [
    'a wrong key beside one that is right',
    write([put({ id: s('never') }), { Delete: { TableName: HASH, Key: { id: n(1) } } }]),
  ],
  [
    'a wrong key beside a check that fails',
    write([check('a', ABSENT), { Delete: { TableName: HASH, Key: { id: n(1) } } }]),
  ],
  ['a put of a wrong number', write([put({ id: s('a'), v: n('x') })])],
  ['a put of an empty set', write([put({ id: s('a'), v: { SS: [] } })])],
  ['a put that is too large', write([put({ id: s('a'), v: s('x'.repeat(410_000)) })])],
  ['an unknown table', write([{ Put: { TableName: 'zz.absent', Item: { id: s('a') } } }])],
  [
    'an unknown table beside an existing one',
    write([put({ id: s('never') }), { Put: { TableName: 'zz.absent', Item: { id: s('a') } } }]),
  ],
  [
    'an unknown table and a wrong expression',
    write([{ Delete: { TableName: 'zz.absent', Key: { id: s('a') }, ConditionExpression: 'id =' } }]),
  ],
  ['a table with a short name', write([{ Put: { TableName: 'a', Item: { id: s('a') } } }])],
  ['a table with forbidden letters', write([{ Put: { TableName: 'a b c', Item: { id: s('a') } } }])],
  [
    'values that are not used',
    write([put({ id: s('a') }, { ConditionExpression: EXISTS, ExpressionAttributeValues: { ':x': n(1) } })]),
  ],
  ['values alone', write([put({ id: s('a') }, { ExpressionAttributeValues: { ':x': n(1) } })])],
  ['names alone', write([put({ id: s('a') }, { ExpressionAttributeNames: { '#x': 'x' } })])],
  ['an unknown name', write([check('a', 'attribute_exists(#x)')])],
  ['a reserved word', write([check('a', 'attribute_exists(status)')])],
  ['100 checks', write(Array.from({ length: 100 }, (_, i) => check(`n${i}`, ABSENT)))],
  ['101 checks', write(Array.from({ length: 101 }, (_, i) => check(`n${i}`, ABSENT)))],
  ['capacity', write([put({ id: s('c1'), v: s('x'.repeat(1500)) })], { ReturnConsumedCapacity: 'TOTAL' })],
  [
    'capacity by index',
    write(
      [{ Put: { TableName: INDEXED, Item: { pk: s('p'), sk: s('c1'), group: s('g'), rank: n(1), kind: b('AQ==') } } }],
      { ReturnConsumedCapacity: 'INDEXES' },
    ),
  ],
  ['capacity of a check', write([check('a', EXISTS)], { ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity of a delete of nothing', write([remove('none')], { ReturnConsumedCapacity: 'TOTAL' })],
  [
    'metrics',
    write([{ Put: { TableName: INDEXED, Item: { pk: s('p'), sk: s('m1') } } }], {
      ReturnItemCollectionMetrics: 'SIZE',
    }),
  ],
  ['unknown words', write([put({ id: s('x') })], { ReturnConsumedCapacity: 'X', ReturnItemCollectionMetrics: 'Y' })],
  ['an unknown word within', write([put({ id: s('x') }, { ReturnValuesOnConditionCheckFailure: 'X' })])],
  ['a token', write([update('b', 'ADD #c :n', add)], { ClientRequestToken: TOKEN })],
  ['the token again', write([update('b', 'ADD #c :n', add)], { ClientRequestToken: TOKEN })],
  [
    'the token for something else',
    write([update('b', 'ADD #c :n', { ...add, ExpressionAttributeValues: { ':n': n(2) } })], {
      ClientRequestToken: TOKEN,
    }),
  ],
  ['an empty token', write([check('a', EXISTS)], { ClientRequestToken: '' })],
  ['a token of 36 letters', write([check('a', EXISTS)], { ClientRequestToken: 't'.repeat(36) })],
  ['a token of 37 letters', write([check('a', EXISTS)], { ClientRequestToken: 't'.repeat(37) })],
  ['a token that is a number', write([check('a', EXISTS)], { ClientRequestToken: 1 })],
  ['an unknown member', write([{ ...check('a', EXISTS), Unknown: {} }], { Other: 1 })],
  ['a put of NULL that is false', write([put({ id: s('x'), v: { NULL: false } })])],
])

const get = (Get: unknown) => ({ Get })
const reads = rowsOf('TransactGetItems', [
  ['one', write([get(key('a'))])],
  ['several', write([get(key('a')), get(key('none')), get(key('b'))])],
  ['of two tables', write([get(key('a')), get({ TableName: INDEXED, Key: { pk: s('p'), sk: s('1') } })])],
  ['a projection', write([get({ ...key('a'), ProjectionExpression: 'word, none' })])],
  [
    'a projection by names',
    write([get({ ...key('a'), ProjectionExpression: '#c', ExpressionAttributeNames: { '#c': 'count' } })]),
  ],
  ['a projection of a missing attribute', write([get({ ...key('a'), ProjectionExpression: 'none' })])],
  ['a wrong projection', write([get({ ...key('a'), ProjectionExpression: 'word,' })])],
  ['an empty projection', write([get({ ...key('a'), ProjectionExpression: '' })])],
  ['names alone', write([get({ ...key('a'), ExpressionAttributeNames: { '#c': 'count' } })])],
  ['the same twice', write([get(key('a')), get(key('a'))])],
  ['capacity', write([get(key('a')), get(key('none'))], { ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity by index', write([get(key('a'))], { ReturnConsumedCapacity: 'INDEXES' })],
  [
    'capacity of two tables',
    write([get(key('a')), get({ TableName: INDEXED, Key: { pk: s('p'), sk: s('1') } })], {
      ReturnConsumedCapacity: 'TOTAL',
    }),
  ],
  ['nothing', write([])],
  ['no member', {}],
  ['null', write(null)],
  ['an operation that is null', write([null])],
  ['an operation that is empty', write([{}])],
  ['an operation of another kind', write([{ Put: key('a') }])],
  ['no key', write([get({ TableName: HASH })])],
  ['no table', write([get({ Key: { id: s('a') } })])],
  ['an empty key', write([get({ TableName: HASH, Key: {} })])],
  ['a key of another type', write([get({ TableName: HASH, Key: { id: n(1) } })])],
  ['a key that is an empty text', write([get({ TableName: HASH, Key: { id: s('') } })])],
  ['a key of another name', write([get({ TableName: HASH, Key: { x: s('a') } })])],
  ['a key with a wrong number', write([get({ TableName: HASH, Key: { id: n('x') } })])],
  ['a wrong key beside one that is right', write([get(key('a')), get({ TableName: HASH, Key: { id: n(1) } })])],
  ['an unknown table', write([get({ TableName: 'zz.absent', Key: { id: s('a') } })])],
  ['100', write(Array.from({ length: 100 }, (_, i) => get(key(`n${i}`))))],
  ['101', write(Array.from({ length: 101 }, (_, i) => get(key(`n${i}`))))],
  ['an unknown word', write([get(key('a'))], { ReturnConsumedCapacity: 'X' })],
])

const ITEMS: Attributes[] = [
  { id: s('a'), word: s('hello'), count: n(1) },
  { id: s('b'), word: s('there'), count: n(2) },
]

export const TRANSACTIONS: Family = {
  name: 'TransactWriteItems, TransactGetItems',
  tables: [hashTable(HASH), indexedTable(INDEXED)],
  items: { [HASH]: ITEMS, [INDEXED]: [{ pk: s('p'), sk: s('1'), text: s('t') }] },
  requests: [...writes, ...reads],
}
