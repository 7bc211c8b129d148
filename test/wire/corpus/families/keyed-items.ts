/** GetItem and DeleteItem: valid and invalid keys, projections, conditions. */
import { type Attributes, b, type Family, hashTable, indexedTable, n, numberTable, rowsOf, s } from '../family.js'

const HASH = 'zz.keyed.hash'
const INDEXED = 'zz.keyed.indexed'
const NUMBERS = 'zz.keyed.numbers'

const ITEM: Attributes = {
  id: s('a'),
  count: n(5),
  word: s('hello'),
  tags: { SS: ['x', 'y'] },
  list: { L: [s('l0'), { M: { inner: n(1), other: n(2) } }, s('l2'), { L: [n(1), n(2)] }] },
  map: { M: { one: s('1'), two: { M: { three: s('3') } }, 'a.b': s('dotted') } },
  status: s('active'),
  big: s('x'.repeat(5000)),
}

const get = (more: object = {}) => ({ TableName: HASH, Key: { id: s('a') }, ...more })
const project = (ProjectionExpression: string, ExpressionAttributeNames?: object) =>
  get({ ProjectionExpression, ...(ExpressionAttributeNames && { ExpressionAttributeNames }) })

/** Names of 255 letters, and one that brings the expression to the given length. */
function longProjection(length: number): string {
  const names = [...'bcdefghijklmno'].map(letter => letter.repeat(255))
  return [...names, 'z'.repeat(length - 257 * names.length)].join(', ')
}

/** Invalid keys of every kind, for an operation that requires one. */
const wrongKeys = (operation: string) =>
  rowsOf(operation, [
    ['no key', { TableName: HASH }],
    ['an empty key', { TableName: HASH, Key: {} }],
    ['a key that is null', { TableName: HASH, Key: null }],
    ['a key that is a list', { TableName: HASH, Key: [] }],
    ['a key with a value that is null', { TableName: HASH, Key: { id: null } }],
    ['a key of another name', { TableName: HASH, Key: { key: s('a') } }],
    ['a key of another type', { TableName: HASH, Key: { id: n(1) } }],
    ['a key of another type and a wrong number', { TableName: HASH, Key: { id: n('x') } }],
    ['a key with one attribute too many', { TableName: HASH, Key: { id: s('a'), word: s('b') } }],
    ['an empty text as key', { TableName: HASH, Key: { id: s('') } }],
    ['a key that is too long', { TableName: HASH, Key: { id: s('k'.repeat(2049)) } }],
    ['a key that is a map', { TableName: HASH, Key: { id: { M: {} } } }],
    ['a key without a type', { TableName: HASH, Key: { id: {} } }],
    ['a key that is BOOL', { TableName: HASH, Key: { id: { BOOL: true } } }],
    ['a key that is NULL', { TableName: HASH, Key: { id: { NULL: true } } }],
    ['a key that is a set', { TableName: HASH, Key: { id: { SS: ['a'] } } }],
    ['a key that is an empty set', { TableName: HASH, Key: { id: { SS: [] } } }],
    ['half a key', { TableName: INDEXED, Key: { pk: s('a') } }],
    ['the other half', { TableName: INDEXED, Key: { sk: s('a') } }],
    ['a sort key of another type', { TableName: INDEXED, Key: { pk: s('a'), sk: n(1) } }],
    ['an empty sort key', { TableName: INDEXED, Key: { pk: s('a'), sk: s('') } }],
    ['a sort key that is too long', { TableName: INDEXED, Key: { pk: s('a'), sk: s('k'.repeat(1025)) } }],
    ['a number as a key that is a text', { TableName: NUMBERS, Key: { num: s('1'), bin: b('AQ==') } }],
    ['empty bytes as a key', { TableName: NUMBERS, Key: { num: n(1), bin: b('') } }],
    ['a number with an exponent as a key', { TableName: NUMBERS, Key: { num: n('10e-1'), bin: b('AQ==') } }],
    ['an unknown table', { TableName: 'zz.absent', Key: { id: s('a') } }],
    ['an unknown table, and a wrong key', { TableName: 'zz.absent', Key: { id: n('x') } }],
    ['no table', { Key: { id: s('a') } }],
    ['nothing at all', {}],
    ['a short table name', { TableName: 'a', Key: { id: s('a') } }],
    ['an empty table name', { TableName: '', Key: { id: s('a') } }],
    ['a table name of forbidden letters', { TableName: 'a;b', Key: { id: s('a') } }],
    [
      'a table by its ARN',
      { TableName: `arn:aws:dynamodb:{region}:000000000000:table/${HASH}`, Key: { id: s('none') } },
    ],
    [
      'a table by an ARN of another region',
      { TableName: `arn:aws:dynamodb:eu-nowhere-1:000000000000:table/${HASH}`, Key: { id: s('a') } },
    ],
    ['an unknown value for capacity', { TableName: HASH, Key: { id: s('a') }, ReturnConsumedCapacity: 'SOME' }],
  ])

const reads = rowsOf('GetItem', [
  ['the whole item', get()],
  ['an item that is not there', get({ Key: { id: s('none') } })],
  ['eventually', get({ ConsistentRead: false, ReturnConsumedCapacity: 'TOTAL' })],
  ['consistently', get({ ConsistentRead: true, ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity by index', get({ ReturnConsumedCapacity: 'INDEXES' })],
  ['no capacity', get({ ReturnConsumedCapacity: 'NONE' })],
  ['capacity of nothing', get({ Key: { id: s('none') }, ReturnConsumedCapacity: 'TOTAL' })],
  [
    'capacity of nothing, consistently',
    get({ Key: { id: s('none') }, ReturnConsumedCapacity: 'TOTAL', ConsistentRead: true }),
  ],
  ['ConsistentRead as a text', get({ ConsistentRead: 'true' })],
  ['ConsistentRead as a number', get({ ConsistentRead: 1 })],
  ['an unknown member', get({ Unknown: [] })],
  ['a number as a key in another form', { TableName: NUMBERS, Key: { num: n('1.00'), bin: b('AQ==') } }],
  ['a number as a key with an exponent', { TableName: NUMBERS, Key: { num: n('10e-1'), bin: b('AQ==') } }],
])

const projections = rowsOf('GetItem', [
  ['one attribute', project('word')],
  ['two attributes', project('word, id')],
  ['a missing attribute', project('none')],
  ['an attribute within', project('#m.two.three', { '#m': 'map' })],
  ['an attribute within that is not there', project('#m.nine', { '#m': 'map' })],
  ['an element', project('#l[0]', { '#l': 'list' })],
  ['two elements', project('#l[2], #l[0]', { '#l': 'list' })],
  ['an element past the end', project('#l[9]', { '#l': 'list' })],
  ['within an element', project('#l[1].inner', { '#l': 'list' })],
  ['two within an element', project('#l[1].other, #l[1].inner', { '#l': 'list' })],
  ['an element of an element', project('#l[3][1]', { '#l': 'list' })],
  ['parts of many', project('#m.one, #l[1].inner, word', { '#l': 'list', '#m': 'map' })],
  ['a name with a dot', project('#m.#ab', { '#m': 'map', '#ab': 'a.b' })],
  ['a name with a dot as it is', project('#m.a.b', { '#m': 'map' })],
  ['an element of a text', project('word[0]')],
  ['within a text', project('word.inner')],
  ['an element of a set', project('tags[0]')],
  ['within a key', project('id.x')],
  ['an element of a key', project('id[0]')],
  ['paths that overlap', project('#m, #m.one', { '#m': 'map' })],
  ['paths that are the same', project('word, word')],
  ['paths that conflict', project('#m.one, #m[0]', { '#m': 'map' })],
  ['two names for one attribute', project('#a, #b', { '#a': 'word', '#b': 'word' })],
  ['a reserved word', project('status')],
  ['a reserved word in capitals', project('STATUS')],
  ['a reserved word within', project('word.status')],
  ['a reserved word by a name', project('#s', { '#s': 'status' })],
  ['an empty expression', project('')],
  ['spaces', project('  ')],
  ['a comma at the end', project('word,')],
  ['a comma at the start', project(', word')],
  ['no comma', project('word id')],
  ['a number', project('1')],
  ['a name that begins with a number', project('1a')],
  ['a negative index', project('word[-1]')],
  ['an index that is not a number', project('word[a]')],
  ['an index that is not closed', project('word[1')],
  ['an index in a fraction', project('word[1.5]')],
  ['a huge index', project('word[99999999999999999999]')],
  ['a dot at the end', project('word.')],
  ['two dots', project('word..a')],
  ['a value', project(':v')],
  ['an unknown name', project('#x')],
  ['a name that is not used', project('word', { '#x': 'x' })],
  ['an empty list of names', project('word', {})],
  ['a name without #', project('word', { x: 'x' })],
  ['a name of # alone', project('word', { '#': 'x' })],
  ['a name for a number', project('#x', { '#x': 1 })],
  ['a name for an empty name', project('#x', { '#x': '' })],
  ['a name with a dash', project('#a-b', { '#a-b': 'word' })],
  ['a name with an underscore', project('#a_b', { '#a_b': 'word' })],
  ['a name of capital and digits', project('#A1', { '#A1': 'word' })],
  ['an attribute with an underscore first', project('_a')],
  ['an attribute with a dash', project('a-b')],
  ['letters that are no ASCII', project('grüße')],
  ['a path of 32 levels', project(Array.from({ length: 32 }, () => 'a').join('.'))],
  ['a path of 33 levels', project(Array.from({ length: 33 }, () => 'a').join('.'))],
  ['a function', project('size(word)')],
  ['parentheses', project('(word)')],
  ['an expression of 4,096 letters', project(longProjection(4096))],
  ['an expression of 4,097 letters', project(longProjection(4097))],
  ['an expression that is a number', get({ ProjectionExpression: 1 })],
  ['names alone', get({ ExpressionAttributeNames: { '#x': 'word' } })],
  ['empty names alone', get({ ExpressionAttributeNames: {} })],
  ['AttributesToGet', get({ AttributesToGet: ['word', 'count'] })],
  ['AttributesToGet of one that is not there', get({ AttributesToGet: ['none'] })],
  ['AttributesToGet of a path', get({ AttributesToGet: ['map.one'] })],
  ['AttributesToGet of nothing', get({ AttributesToGet: [] })],
  ['AttributesToGet twice the same', get({ AttributesToGet: ['word', 'word'] })],
  ['AttributesToGet of an empty name', get({ AttributesToGet: [''] })],
  ['AttributesToGet of null', get({ AttributesToGet: [null] })],
  ['AttributesToGet of a number', get({ AttributesToGet: [1] })],
  ['AttributesToGet and a projection', get({ AttributesToGet: ['word'], ProjectionExpression: 'word' })],
  ['AttributesToGet and names', get({ AttributesToGet: ['word'], ExpressionAttributeNames: { '#x': 'word' } })],
  ['capacity of a projection', get({ ProjectionExpression: 'word', ReturnConsumedCapacity: 'TOTAL' })],
])

const remove = (id: string, more: object = {}) => ({ TableName: HASH, Key: { id: s(id) }, ...more })
const deletions = rowsOf('DeleteItem', [
  ['an item that is not there', remove('none')],
  ['the old values of a missing attribute', remove('none', { ReturnValues: 'ALL_OLD' })],
  ['an item', remove('b')],
  ['the old values', remove('c', { ReturnValues: 'ALL_OLD' })],
  ['no values', remove('c', { ReturnValues: 'NONE' })],
  ['new values', remove('c', { ReturnValues: 'ALL_NEW' })],
  ['updated values', remove('c', { ReturnValues: 'UPDATED_OLD' })],
  ['unknown values', remove('c', { ReturnValues: 'X', ReturnConsumedCapacity: 'Y', ReturnItemCollectionMetrics: 'Z' })],
  ['capacity', remove('d', { ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity of nothing', remove('d', { ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity of indexes', { TableName: INDEXED, Key: { pk: s('p'), sk: s('1') }, ReturnConsumedCapacity: 'INDEXES' }],
  [
    'capacity of indexes of nothing',
    { TableName: INDEXED, Key: { pk: s('p'), sk: s('1') }, ReturnConsumedCapacity: 'INDEXES' },
  ],
  [
    'total capacity of indexes',
    { TableName: INDEXED, Key: { pk: s('p'), sk: s('2') }, ReturnConsumedCapacity: 'TOTAL' },
  ],
  ['metrics', { TableName: INDEXED, Key: { pk: s('p'), sk: s('3') }, ReturnItemCollectionMetrics: 'SIZE' }],
  ['a condition that fails', remove('e', { ConditionExpression: 'attribute_not_exists(id)' })],
  [
    'a condition that fails, with the existing item',
    remove('e', { ConditionExpression: 'attribute_not_exists(id)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
  ],
  [
    'a condition that fails, with NONE',
    remove('e', { ConditionExpression: 'attribute_not_exists(id)', ReturnValuesOnConditionCheckFailure: 'NONE' }),
  ],
  [
    'a false condition with an unknown enumeration value',
    remove('e', { ConditionExpression: 'attribute_not_exists(id)', ReturnValuesOnConditionCheckFailure: 'SOME' }),
  ],
  ['a condition that holds', remove('e', { ConditionExpression: 'attribute_exists(id)', ReturnValues: 'ALL_OLD' })],
  ['a condition on a missing item', remove('e', { ConditionExpression: 'attribute_exists(id)' })],
  ['a malformed condition', remove('a', { ConditionExpression: 'attribute_exists(' })],
  ['an empty condition', remove('a', { ConditionExpression: '' })],
  [
    'a value that is not used',
    remove('a', { ConditionExpression: 'attribute_not_exists(id)', ExpressionAttributeValues: { ':x': n(1) } }),
  ],
  ['values alone', remove('a', { ExpressionAttributeValues: { ':x': n(1) } })],
  ['names alone', remove('a', { ExpressionAttributeNames: { '#x': 'x' } })],
  ['Expected', remove('f', { Expected: { id: { Value: s('f') } }, ReturnValues: 'ALL_OLD' })],
  ['Expected that fails', remove('a', { Expected: { word: { Value: s('other') } } })],
  [
    'Expected and a condition',
    remove('a', { Expected: { word: { Exists: false } }, ConditionExpression: 'attribute_exists(id)' }),
  ],
])

const small = (id: string): Attributes => ({ id: s(id), word: s(id), count: n(id.charCodeAt(0)) })
const entry = (sk: string): Attributes => ({
  pk: s('p'),
  sk: s(sk),
  group: s('g'),
  rank: n(1),
  kind: b('AQ=='),
  text: s('t'),
})

export const KEYED_ITEMS: Family = {
  name: 'GetItem, DeleteItem',
  tables: [hashTable(HASH), indexedTable(INDEXED), numberTable(NUMBERS)],
  items: {
    [HASH]: [ITEM, ...['b', 'c', 'd', 'e', 'f'].map(small)],
    [INDEXED]: ['1', '2', '3'].map(entry),
    [NUMBERS]: [{ num: n(1), bin: b('AQ=='), word: s('one') }],
  },
  requests: [...reads, ...wrongKeys('GetItem'), ...projections, ...deletions, ...wrongKeys('DeleteItem')],
}
