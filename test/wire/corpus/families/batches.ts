/** BatchGetItem and BatchWriteItem. */
import { type Attributes, b, type Family, hashTable, indexedTable, n, rowsOf, s } from '../family.js'

const HASH = 'zz.batch.hash'
const INDEXED = 'zz.batch.indexed'
const ids = (count: number) => Array.from({ length: count }, (_, i) => ({ id: s(`i${i}`) }))
const keys = (...names: string[]) => names.map(id => ({ id: s(id) }))

const get = (RequestItems: unknown, more: object = {}) => ({ RequestItems, ...more })
const one = (request: unknown, more: object = {}) => get({ [HASH]: request }, more)
const gets = rowsOf('BatchGetItem', [
  ['one item', one({ Keys: keys('i0') })],
  ['several', one({ Keys: keys('i0', 'i1', 'none') })],
  ['of two tables', get({ [HASH]: { Keys: keys('i0') }, [INDEXED]: { Keys: [{ pk: s('p'), sk: s('1') }] } })],
  ['only missing items', one({ Keys: keys('none') })],
  ['consistently', one({ Keys: keys('i0', 'none'), ConsistentRead: true }, { ReturnConsumedCapacity: 'TOTAL' })],
  ['eventually', one({ Keys: keys('i0', 'i1', 'none') }, { ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity by index', one({ Keys: keys('i0', 'i1', 'none') }, { ReturnConsumedCapacity: 'INDEXES' })],
  [
    'capacity of two tables',
    get(
      { [HASH]: { Keys: keys('i0') }, [INDEXED]: { Keys: [{ pk: s('p'), sk: s('1') }] } },
      { ReturnConsumedCapacity: 'TOTAL' },
    ),
  ],
  ['a projection', one({ Keys: keys('i0', 'i1'), ProjectionExpression: 'word' })],
  [
    'a projection by names',
    one({ Keys: keys('i0'), ProjectionExpression: '#w', ExpressionAttributeNames: { '#w': 'word' } }),
  ],
  ['a projection of a missing attribute', one({ Keys: keys('i0'), ProjectionExpression: 'none' })],
  ['a wrong projection', one({ Keys: keys('i0'), ProjectionExpression: 'word,' })],
  ['an empty projection', one({ Keys: keys('i0'), ProjectionExpression: '' })],
  ['names alone', one({ Keys: keys('i0'), ExpressionAttributeNames: { '#w': 'word' } })],
  [
    'a name that is not used',
    one({ Keys: keys('i0'), ProjectionExpression: 'word', ExpressionAttributeNames: { '#w': 'word' } }),
  ],
  ['AttributesToGet', one({ Keys: keys('i0'), AttributesToGet: ['word'] })],
  [
    'AttributesToGet and a projection',
    one({ Keys: keys('i0'), AttributesToGet: ['word'], ProjectionExpression: 'word' }),
  ],
  ['AttributesToGet twice the same', one({ Keys: keys('i0'), AttributesToGet: ['word', 'word'] })],
  ['the same key twice', one({ Keys: keys('i0', 'i0') })],
  ['no keys', one({ Keys: [] })],
  ['a table without Keys', one({})],
  ['keys that are null', one({ Keys: null })],
  ['a key that is null', one({ Keys: [null] })],
  ['a key that is empty', one({ Keys: [{}] })],
  ['a key of another name', one({ Keys: [{ key: s('a') }] })],
  ['a key of another type', one({ Keys: [{ id: n(1) }] })],
  ['a key that is an empty text', one({ Keys: [{ id: s('') }] })],
  ['a key with a wrong number', one({ Keys: [{ id: n('x') }] })],
  ['a key with more', one({ Keys: [{ id: s('a'), word: s('b') }] })],
  ['a wrong key after the same twice', one({ Keys: [{ id: s('a') }, { id: s('a') }, { id: n(1) }] })],
  ['100 keys', one({ Keys: ids(100), ProjectionExpression: 'word' })],
  ['101 keys', one({ Keys: ids(101) })],
  [
    '101 keys of two tables',
    get({
      [HASH]: { Keys: ids(60) },
      [INDEXED]: { Keys: Array.from({ length: 41 }, (_, i) => ({ pk: s('p'), sk: s(`${i}`) })) },
    }),
  ],
  ['no tables', get({})],
  ['nothing', {}],
  ['tables that are null', get(null)],
  ['tables that are a list', get([])],
  ['a table that is null', one(null)],
  ['a table that is a text', one('x')],
  ['an unknown table', get({ 'zz.absent': { Keys: keys('a') } })],
  ['an unknown table, with the same key twice', get({ 'zz.absent': { Keys: keys('a', 'a') } })],
  ['an unknown table and an existing one', get({ 'zz.absent': { Keys: keys('a') }, [HASH]: { Keys: keys('i0') } })],
  ['a table with a short name', get({ a: { Keys: keys('a') } })],
  ['a table with forbidden letters', get({ 'a b c': { Keys: keys('a') } })],
  ['a table by its ARN', get({ [`arn:aws:dynamodb:{region}:000000000000:table/${HASH}`]: { Keys: keys('i0') } })],
  ['an unknown word', one({ Keys: keys('i0') }, { ReturnConsumedCapacity: 'X' })],
  ['an unknown member', one({ Keys: keys('i0'), Unknown: 1 }, { Other: 2 })],
])

const put = (Item: unknown) => ({ PutRequest: { Item } })
const remove = (Key: unknown) => ({ DeleteRequest: { Key } })
const write = (requests: unknown, more: object = {}) => ({ RequestItems: { [HASH]: requests }, ...more })
const writes = rowsOf('BatchWriteItem', [
  ['a put', write([put({ id: s('a'), word: s('a') })])],
  ['a delete', write([remove({ id: s('a') })])],
  ['a delete of nothing', write([remove({ id: s('none') })])],
  ['both', write([put({ id: s('a') }), remove({ id: s('b') })])],
  ['two tables', { RequestItems: { [HASH]: [put({ id: s('a') })], [INDEXED]: [put({ pk: s('q'), sk: s('1') })] } }],
  [
    'capacity',
    write([put({ id: s('a'), word: s('x'.repeat(1500)) }), remove({ id: s('none') })], {
      ReturnConsumedCapacity: 'TOTAL',
    }),
  ],
  [
    'capacity by index',
    {
      RequestItems: { [INDEXED]: [put({ pk: s('q'), sk: s('2'), group: s('g'), rank: n(1) })] },
      ReturnConsumedCapacity: 'INDEXES',
    },
  ],
  [
    'capacity by index of two',
    {
      RequestItems: {
        [INDEXED]: [
          put({ pk: s('q'), sk: s('2'), group: s('h'), rank: n(1) }),
          put({ pk: s('q'), sk: s('3'), kind: b('AQ==') }),
        ],
      },
      ReturnConsumedCapacity: 'INDEXES',
    },
  ],
  [
    'metrics',
    {
      RequestItems: { [INDEXED]: [put({ pk: s('q'), sk: s('3') }), put({ pk: s('r'), sk: s('3') })] },
      ReturnItemCollectionMetrics: 'SIZE',
    },
  ],
  ['metrics of a table without local indexes', write([put({ id: s('a') })], { ReturnItemCollectionMetrics: 'SIZE' })],
  ['the same item twice', write([put({ id: s('a') }), put({ id: s('a') })])],
  ['a put and a delete of the same', write([put({ id: s('a') }), remove({ id: s('a') })])],
  ['25 puts', write(ids(25).map(put))],
  ['26 puts', write(ids(26).map(put))],
  [
    '26 puts into two tables',
    {
      RequestItems: {
        [HASH]: ids(20).map(put),
        [INDEXED]: Array.from({ length: 6 }, (_, i) => put({ pk: s('q'), sk: s(`${i}`) })),
      },
    },
  ],
  ['no requests', write([])],
  ['requests that are null', write(null)],
  ['requests that are a map', write({})],
  ['a request that is null', write([null])],
  ['a request that is empty', write([{}])],
  ['a request that is both', write([{ ...put({ id: s('a') }), ...remove({ id: s('b') }) }])],
  ['a request of another kind', write([{ UpdateRequest: {} }])],
  ['a put without an item', write([{ PutRequest: {} }])],
  ['a delete without a key', write([{ DeleteRequest: {} }])],
  ['a put of nothing', write([put({})])],
  ['a put without the key', write([put({ word: s('a') })])],
  ['a put of a key of another type', write([put({ id: n(1) })])],
  ['a put of an empty key', write([put({ id: s('') })])],
  [
    'a put of an index key of another type',
    { RequestItems: { [INDEXED]: [put({ pk: s('q'), sk: s('9'), group: n(1) })] } },
  ],
  ['a put of an empty index key', { RequestItems: { [INDEXED]: [put({ pk: s('q'), sk: s('9'), group: s('') })] } }],
  ['a put of a wrong number', write([put({ id: s('a'), v: n('x') })])],
  ['a put of an empty set', write([put({ id: s('a'), v: { SS: [] } })])],
  ['a put of a value without a type', write([put({ id: s('a'), v: {} })])],
  ['a put that is too large', write([put({ id: s('a'), v: s('x'.repeat(410_000)) })])],
  ['a delete of a key of another type', write([remove({ id: n(1) })])],
  ['a delete of a key of another name', write([remove({ key: s('a') })])],
  ['a delete of an empty key', write([remove({ id: s('') })])],
  ['a delete of a key with more', write([remove({ id: s('a'), word: s('b') })])],
  ['a good put before a wrong one', write([put({ id: s('good') }), put({ id: n(1) })])],
  ['no tables', { RequestItems: {} }],
  ['nothing', {}],
  ['an unknown table', { RequestItems: { 'zz.absent': [put({ id: s('a') })] } }],
  ['an unknown table, and a wrong item', { RequestItems: { 'zz.absent': [put({ id: n('x') })] } }],
  ['a table with a short name', { RequestItems: { a: [put({ id: s('a') })] } }],
  ['unknown words', write([put({ id: s('a') })], { ReturnConsumedCapacity: 'X', ReturnItemCollectionMetrics: 'Y' })],
])

const item = (i: number): Attributes => ({ id: s(`i${i}`), word: s('w'.repeat(i * 100)), number: n(i) })

export const BATCHES: Family = {
  name: 'BatchGetItem, BatchWriteItem',
  tables: [hashTable(HASH), indexedTable(INDEXED)],
  items: {
    [HASH]: [0, 1, 2, 50].map(item),
    [INDEXED]: [{ pk: s('p'), sk: s('1'), group: s('g'), rank: n(1) }],
  },
  requests: [...gets, ...writes],
}
