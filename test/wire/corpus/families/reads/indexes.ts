/** Queries of indexes, global and local. */
import { b, n, rowsOf, s } from '../../family.js'
import { key, P, query, reading } from './reading.js'

const G = { ':g': s('g') }
const group = (more: object = {}, index = 'byGroup') =>
  reading({ KeyConditionExpression: '#g = :g', ...more }, G, { IndexName: index, ...more })
const ranked = (more: object = {}, index = 'byRank') => query('pk = :p', P, { IndexName: index, ...more })
export const INDEXES = rowsOf('Query', [
  ['a global index', group()],
  ['a global index backwards', group({ ScanIndexForward: false })],
  [
    'a global index by its sort key',
    reading({ KeyConditionExpression: '#g = :g AND #r > :r' }, { ...G, ':r': n(1) }, { IndexName: 'byGroup' }),
  ],
  ['a global index of keys', group({}, 'groupKeys')],
  ['a global index that includes', query('kind = :k', { ':k': b('AQ==') }, { IndexName: 'byKind' })],
  ['a global index, consistently', group({ ConsistentRead: true })],
  ['a global index with a limit', group({ Limit: 1 })],
  ['a global index after a key', group({ ExclusiveStartKey: { pk: s('p'), sk: s('a1'), group: s('g'), rank: n(1) } })],
  ['a global index after half a key', group({ ExclusiveStartKey: { pk: s('p'), sk: s('a1') } })],
  [
    'a global index after a key of another type',
    group({ ExclusiveStartKey: { pk: s('p'), sk: s('a1'), group: n(1), rank: n(1) } }),
  ],
  [
    'a global index after a key with an attribute of another name',
    group({ ExclusiveStartKey: { pk: s('p'), sk: s('a1'), group: s('g'), other: n(1) } }),
  ],
  [
    'a global index after a key of another group',
    group({ ExclusiveStartKey: { pk: s('p'), sk: s('a1'), group: s('h'), rank: n(1) } }),
  ],
  ['capacity of a global index', group({ ReturnConsumedCapacity: 'INDEXES' })],
  ['total capacity of a global index', group({ ReturnConsumedCapacity: 'TOTAL' })],
  ['all attributes of a global index of all', group({ Select: 'ALL_ATTRIBUTES' })],
  ['all attributes of a global index of keys', group({ Select: 'ALL_ATTRIBUTES' }, 'groupKeys')],
  [
    'all attributes of a global index that includes',
    query('kind = :k', { ':k': b('AQ==') }, { IndexName: 'byKind', Select: 'ALL_ATTRIBUTES' }),
  ],
  ['projected attributes', group({ Select: 'ALL_PROJECTED_ATTRIBUTES' }, 'groupKeys')],
  ['a count', group({ Select: 'COUNT' })],
  [
    'attributes that a global index does not hold',
    query('kind = :k', { ':k': b('AQ==') }, { IndexName: 'byKind', ProjectionExpression: 'num' }),
  ],
  [
    'attributes that a global index holds',
    reading(
      { KeyConditionExpression: 'kind = :k', ProjectionExpression: '#t, sk' },
      { ':k': b('AQ==') },
      { IndexName: 'byKind' },
    ),
  ],
  [
    'a filter over what a global index does not hold',
    reading(
      { KeyConditionExpression: 'kind = :k', FilterExpression: 'num = :v' },
      { ':k': b('AQ=='), ':v': n(1) },
      { IndexName: 'byKind' },
    ),
  ],
  [
    'a filter over a key of the table',
    reading(
      { KeyConditionExpression: '#g = :g', FilterExpression: 'sk = :v' },
      { ...G, ':v': s('a') },
      { IndexName: 'byGroup' },
    ),
  ],
  [
    'a filter over a key of the index',
    reading(
      { KeyConditionExpression: '#g = :g', FilterExpression: '#r = :v' },
      { ...G, ':v': n(1) },
      { IndexName: 'byGroup' },
    ),
  ],
  ['the key of the table at an index', query('pk = :p', P, { IndexName: 'byGroup' })],
  ['both keys of the table at an index', query('pk = :p AND sk = :p', P, { IndexName: 'byGroup' })],
  [
    'an index key of another type',
    reading({ KeyConditionExpression: '#g = :g' }, { ':g': n(1) }, { IndexName: 'byGroup' }),
  ],
  [
    'an index key that is empty',
    reading({ KeyConditionExpression: '#g = :g' }, { ':g': s('') }, { IndexName: 'byGroup' }),
  ],
  [
    'an index sort key of another type',
    reading({ KeyConditionExpression: '#g = :g AND #r > :r' }, { ...G, ':r': s('1') }, { IndexName: 'byGroup' }),
  ],
  [
    'a sort condition on an index without a sort key',
    reading({ KeyConditionExpression: '#g = :g AND #r > :r' }, { ...G, ':r': n(1) }, { IndexName: 'groupKeys' }),
  ],
  ['a local index', ranked()],
  ['a local index backwards', ranked({ ScanIndexForward: false })],
  [
    'a local index by its sort key',
    reading(
      { KeyConditionExpression: 'pk = :p AND #r BETWEEN :a AND :b' },
      { ...P, ':a': n(1), ':b': n(3) },
      { IndexName: 'byRank' },
    ),
  ],
  ['a local index, consistently', ranked({ ConsistentRead: true, ReturnConsumedCapacity: 'TOTAL' })],
  ['a local index of keys', ranked({}, 'rankKeys')],
  ['a local index with a limit', ranked({ Limit: 2 })],
  ['a local index after a key', ranked({ ExclusiveStartKey: { pk: s('p'), sk: s('a1'), rank: n(1) } })],
  ['a local index after a key without its own', ranked({ ExclusiveStartKey: key('a1') })],
  [
    'all attributes of a local index of keys',
    ranked({ Select: 'ALL_ATTRIBUTES', ReturnConsumedCapacity: 'INDEXES' }, 'rankKeys'),
  ],
  [
    'attributes that a local index does not hold',
    ranked({ ProjectionExpression: 'sk, num', ReturnConsumedCapacity: 'INDEXES' }, 'rankKeys'),
  ],
  [
    'a filter over what a local index does not hold',
    reading(
      { KeyConditionExpression: 'pk = :p', FilterExpression: 'num > :v' },
      { ...P, ':v': n(0) },
      { IndexName: 'rankKeys' },
    ),
  ],
  ['capacity of a local index', ranked({ ReturnConsumedCapacity: 'INDEXES' })],
])
