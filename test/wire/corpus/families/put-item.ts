/** PutItem: items of every type and size, valid and invalid keys, conditions, return values. */
import {
  type Attribute,
  type Attributes,
  b,
  type Family,
  hashTable,
  indexedTable,
  n,
  numberTable,
  rowsOf,
  s,
} from '../family.js'

const HASH = 'zz.put.hash'
const INDEXED = 'zz.put.indexed'
const NUMBERS = 'zz.put.numbers'
const KB = 1024

const put = (Item: unknown, more: object = {}) => ({ TableName: HASH, Item, ...more })
/** An item with the value under test. */
const holding = (value: unknown, more: object = {}) => put({ id: s('value'), value }, more)
const indexed = (more: Attributes) => ({ TableName: INDEXED, Item: { pk: s('p'), sk: s('s'), ...more } })
const when = (ConditionExpression: string, more: object = {}) =>
  put({ id: s('known') }, { ConditionExpression, ...more })

function nested(depth: number, wrap: (inner: Attribute) => Attribute): Attribute {
  let value: Attribute = s('deep')
  for (let i = 0; i < depth; i++) value = wrap(value)
  return value
}
const lists = (depth: number) => nested(depth, inner => ({ L: [inner] }))
const maps = (depth: number) => nested(depth, inner => ({ M: { a: inner } }))

const values = rowsOf('PutItem', [
  ['a text', holding(s('text'))],
  ['an empty text', holding(s(''))],
  ['a text of many scripts', holding(s('Grüße, 世界, \u{1f600}, \u0000, \uffff'))],
  ['a number', holding(n('12.50'))],
  ['bytes', holding(b('AAECAw=='))],
  ['an empty binary', holding(b(''))],
  ['true', holding({ BOOL: true })],
  ['null', holding({ NULL: true })],
  ['null that is false', holding({ NULL: false })],
  ['a set of texts', holding({ SS: ['b', 'a', ''] })],
  ['a set of numbers', holding({ NS: ['1', '-2', '1e3'] })],
  ['a set of bytes', holding({ BS: ['AQ==', 'Ag=='] })],
  ['an empty list', holding({ L: [] })],
  ['an empty map', holding({ M: {} })],
  ['a map with a name that is empty', holding({ M: { '': s('x') } })],
  ['a map of hostile names', holding({ M: { constructor: s('x'), toString: n(1), 'a.b': n(2), '#x': n(3) } })],
  ['a mixed list', holding({ L: [s('a'), n(1), { NULL: true }, { L: [] }, { M: {} }, { BOOL: false }] })],
  ['an empty set of texts', holding({ SS: [] })],
  ['an empty set of numbers', holding({ NS: [] })],
  ['an empty set of bytes', holding({ BS: [] })],
  ['a set with a repeated text', holding({ SS: ['a', 'b', 'a'] })],
  ['a set with a repeated number', holding({ NS: ['1', '1.0'] })],
  ['a set with a repeated binary', holding({ BS: ['AQ==', 'AQ=='] })],
  ['a set of a text that is null', holding({ SS: ['a', null] })],
  ['a set of a number that is null', holding({ NS: [null] })],
  ['a set with an invalid number', holding({ NS: ['1', 'x'] })],
  ['a set with an empty number', holding({ NS: [''] })],
  ['a set with empty bytes', holding({ BS: [''] })],
  ['a value without a type', holding({})],
  ['a value of two types', holding({ S: 'a', N: '1' })],
  ['a value of two types, one of them wrong', holding({ S: 'a', N: 'x' })],
  ['a value of an unknown type', holding({ X: 'a' })],
  ['a value of an unknown type and a known one', holding({ X: 'a', S: 'b' })],
  ['a value that is null', holding(null)],
  ['a value whose type is null', holding({ S: null })],
  ['a value that is a text', holding('text')],
  ['a value that is a number', holding(1)],
  ['a value that is a list', holding([])],
  ['a text that is a number', holding({ S: 1 })],
  ['a text that is a map', holding({ S: {} })],
  ['a text that is a list', holding({ S: [] })],
  ['a text that is true', holding({ S: true })],
  ['a number that is a number', holding({ N: 1 })],
  ['a number that is a fraction', holding({ N: 1.5 })],
  ['bytes that are a number', holding({ B: 1 })],
  ['bytes that are not base64', holding({ B: 'a?==' })],
  ['bytes of a wrong length', holding({ B: 'abc' })],
  ['bytes with more padding than there can be', holding({ B: 'a===' })],
  ['bytes with loose bits at the end', holding({ B: 'AB==' })],
  ['a set that is a text', holding({ SS: 'a' })],
  ['a set of numbers in JSON', holding({ SS: [1] })],
  ['a list that is a map', holding({ L: {} })],
  ['a list of texts', holding({ L: ['a'] })],
  ['a list with null', holding({ L: [null] })],
  ['a map that is a list', holding({ M: [] })],
  ['a map with null', holding({ M: { a: null } })],
  ['a map with a text', holding({ M: { a: 'b' } })],
  ['BOOL as a text', holding({ BOOL: 'true' })],
  ['BOOL as another text', holding({ BOOL: 'maybe' })],
  ['BOOL as a number', holding({ BOOL: 1 })],
  ['NULL as a text', holding({ NULL: 'true' })],
  ['NULL as the text no', holding({ NULL: 'no' })],
  ['a wrong value in a list', holding({ L: [{ N: 'x' }] })],
  ['a wrong value in a map in a list', holding({ L: [{ M: { a: { SS: [] } } }] })],
  ['lists 31 deep', holding(lists(31))],
  ['lists 32 deep', holding(lists(32))],
  ['lists 33 deep', holding(lists(33))],
  ['maps 31 deep', holding(maps(31))],
  ['maps 32 deep', holding(maps(32))],
  ['maps 60 deep', holding(maps(60))],
])

const NUMBERS_GOOD = [
  '0', '-0', '+1', '007', '1.0', '1.50', '.5', '5.', '-.5', '1e0', '1E5', '1e+5', '1e-5', '123456789012345678901234567890',
  '0.0000001', '1e20', '1e21', '1e-7', '9007199254740993', '12345678901234567890123456789012345678',
  '1234567890123456789012345678901234567800000', '0.00012345678901234567890123456789012345678',
  '9.9999999999999999999999999999999999999e125', '-9.9999999999999999999999999999999999999e125', '1e125', '1e-130',
  '-1e-130', '0e1000', '0.000', '100e-2', '00000000000000000000000000000000000000000000001',
] // biome-ignore format: a table
const NUMBERS_BAD = [
  '', ' ', 'x', '1x', '1 ', ' 1', '--1', '1e', 'e1', '.', '-', '+', '1.2.3', '1,5', '0x10', 'NaN', 'Infinity', '-Infinity',
  '1e126', '-1e126', '1e-131', '-1e-131', '1e1000', '1e-1000', '123456789012345678901234567890123456789',
  '1.23456789012345678901234567890123456789', '10000000000000000000000000000000000000000000000000001', '1_000', '１',
  '1e99999999999', 'null', 'true', '1f', '1d', '1L',
] // biome-ignore format: a table
const numbers = rowsOf('PutItem', [
  ...NUMBERS_GOOD.map(text => [`the number ${text}`, holding(n(text), { ReturnValues: 'ALL_OLD' })] as const),
  ['what the last number became', holding(n(1), { ReturnValues: 'ALL_OLD' })],
  ...NUMBERS_BAD.map(text => [`the number "${text}"`, holding(n(text))] as const),
  ...NUMBERS_GOOD.slice(0, 8).map(text => [`the number ${text} in a set`, holding({ NS: [text, '77'] })] as const),
])

const sizes = rowsOf('PutItem', [
  ['an item of 400 KB', put({ id: s('big'), a: s('x'.repeat(400 * KB - 6)) })],
  ['an item of 400 KB and a byte', put({ id: s('big'), a: s('x'.repeat(400 * KB - 5)) })],
  ['an item of 400 KB of two-byte letters', put({ id: s('big'), a: s('ä'.repeat(200 * KB - 3)) })],
  ['an item over 400 KB of two-byte letters', put({ id: s('big'), a: s('ä'.repeat(200 * KB - 2)) })],
  ['an item over 400 KB of bytes', put({ id: s('big'), a: b('AAAA'.repeat(140 * KB)) })],
  ['a name of 65,535 bytes', put({ id: s('name'), ['a'.repeat(65_535)]: n(1) })],
  ['a name of 65,536 bytes', put({ id: s('name'), ['a'.repeat(65_536)]: n(1) })],
  ['an attribute whose name is empty', put({ id: s('name'), '': n(1) })],
  [
    'attributes with hostile names',
    put({ id: s('name'), __proto__x: n(1), constructor: n(2), 'a.b[0]': n(3), ' ': n(4) }),
  ],
  ['an attribute named __proto__', '{"TableName":"zz.put.hash","Item":{"id":{"S":"name"},"__proto__":{"S":"x"}}}'],
])

const keys = rowsOf('PutItem', [
  ['no key', put({ a: n(1) })],
  ['nothing', put({})],
  ['a key of another type', put({ id: n(1) })],
  ['a key of another type and a wrong value', put({ id: n(1), a: { SS: [] } })],
  ['an empty key', put({ id: s('') })],
  ['a key of 2,048 bytes', put({ id: s('k'.repeat(2048)) })],
  ['a key of 2,049 bytes', put({ id: s('k'.repeat(2049)) })],
  ['a key of 2,048 bytes in letters of two', put({ id: s('ä'.repeat(1024)) })],
  ['a key of 2,050 bytes in letters of two', put({ id: s('ä'.repeat(1025)) })],
  ['a key that is null', put({ id: null })],
  ['a key that is NULL', put({ id: { NULL: true } })],
  ['a key that is a list', put({ id: { L: [] } })],
  ['a number and bytes as the key', { TableName: NUMBERS, Item: { num: n('1.50'), bin: b('AQ==') } }],
  [
    'the same number in another form',
    { TableName: NUMBERS, Item: { num: n('15e-1'), bin: b('AQ==') }, ReturnValues: 'ALL_OLD' },
  ],
  ['empty bytes as a sort key', { TableName: NUMBERS, Item: { num: n(1), bin: b('') } }],
  [
    'bytes of 1,024 as a sort key',
    { TableName: NUMBERS, Item: { num: n(1), bin: b(Buffer.alloc(1024).toString('base64')) } },
  ],
  [
    'bytes of 1,025 as a sort key',
    { TableName: NUMBERS, Item: { num: n(1), bin: b(Buffer.alloc(1025).toString('base64')) } },
  ],
  ['no sort key', { TableName: NUMBERS, Item: { num: n(1) } }],
  ['no partition key', { TableName: NUMBERS, Item: { bin: b('AQ==') } }],
  ['a sort key of another type', { TableName: NUMBERS, Item: { num: n(1), bin: s('x') } }],
  ['both keys of another type', { TableName: NUMBERS, Item: { num: s('x'), bin: s('x') } }],
  ['a number key that is not a number', { TableName: NUMBERS, Item: { num: n('x'), bin: b('AQ==') } }],
  ['a number key with too many digits', { TableName: NUMBERS, Item: { num: n('1'.repeat(39)), bin: b('AQ==') } }],
  ['a sort key of 1,024 bytes', { TableName: INDEXED, Item: { pk: s('p'), sk: s('k'.repeat(1024)) } }],
  ['a sort key of 1,025 bytes', { TableName: INDEXED, Item: { pk: s('p'), sk: s('k'.repeat(1025)) } }],
  ['an empty sort key', { TableName: INDEXED, Item: { pk: s('p'), sk: s('') } }],
  ['both keys empty', { TableName: INDEXED, Item: { pk: s(''), sk: s('') } }],
])

const indexes = rowsOf('PutItem', [
  ['all index keys', indexed({ group: s('g'), rank: n(1), kind: b('AQ=='), text: s('t') })],
  ['a global index key of another type', indexed({ group: n(1) })],
  ['a global index key that is a map', indexed({ group: { M: {} } })],
  ['a global index key that is NULL', indexed({ group: { NULL: true } })],
  ['an empty global index key', indexed({ group: s('') })],
  ['empty bytes as an index key', indexed({ kind: b('') })],
  ['an index key of 2,048 bytes', indexed({ group: s('g'.repeat(2048)) })],
  ['an index key of 2,049 bytes', indexed({ group: s('g'.repeat(2049)) })],
  ['a local index key of another type', indexed({ rank: s('x') })],
  ['two index keys of another type', indexed({ group: n(1), rank: s('x') })],
  ['an index key of another type without the table key', { TableName: INDEXED, Item: { pk: s('p'), group: n(1) } }],
])

const known = { ...put({ id: s('known'), count: n(3), text: s('abc'), tags: { SS: ['a'] } }), ReturnValues: 'ALL_OLD' }
const conditions = rowsOf('PutItem', [
  ['the known item', known],
  ['on the condition that it is new, which it is not', when('attribute_not_exists(id)')],
  [
    'the same, with the existing item',
    when('attribute_not_exists(id)', { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
  ],
  ['a condition that holds', when('attribute_exists(id)')],
  ['the known item again', known],
  [
    'a condition on values',
    when('#c > :two AND begins_with(text, :a)', {
      ExpressionAttributeNames: { '#c': 'count' },
      ExpressionAttributeValues: { ':two': n(2), ':a': s('a') },
      ReturnValues: 'ALL_OLD',
    }),
  ],
  ['a condition on a new item', put({ id: s('new') }, { ConditionExpression: 'attribute_exists(id)' })],
  [
    'the same, with what is not there',
    put(
      { id: s('new') },
      {
        ConditionExpression: 'attribute_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    ),
  ],
  ['an empty condition', when('')],
  ['a condition of spaces', when('   ')],
  ['a malformed condition', when('id =')],
  ['a condition with a reserved word', when('attribute_exists(status)')],
  ['a condition with an unknown name', when('attribute_exists(#x)')],
  ['a condition with an unknown value', when('id = :x')],
  ['a name that is not used', when('attribute_exists(id)', { ExpressionAttributeNames: { '#x': 'x' } })],
  ['a value that is not used', when('attribute_exists(id)', { ExpressionAttributeValues: { ':x': s('x') } })],
  ['names without an expression', put({ id: s('x') }, { ExpressionAttributeNames: { '#x': 'x' } })],
  ['values without an expression', put({ id: s('x') }, { ExpressionAttributeValues: { ':x': s('x') } })],
  ['empty names', when('attribute_exists(id)', { ExpressionAttributeNames: {} })],
  ['empty values', when('attribute_exists(id)', { ExpressionAttributeValues: {} })],
  ['empty names without an expression', put({ id: s('x') }, { ExpressionAttributeNames: {} })],
  ['empty values without an expression', put({ id: s('x') }, { ExpressionAttributeValues: {} })],
  ['a name with a wrong placeholder', when('attribute_exists(id)', { ExpressionAttributeNames: { x: 'x' } })],
  ['a value with a wrong placeholder', when('id = :x', { ExpressionAttributeValues: { x: s('x') } })],
  ['a name that is null', when('attribute_exists(#x)', { ExpressionAttributeNames: { '#x': null } })],
  ['a name that is empty', when('attribute_exists(#x)', { ExpressionAttributeNames: { '#x': '' } })],
  ['a value that is wrong', when('id = :x', { ExpressionAttributeValues: { ':x': { N: 'x' } } })],
  ['a value without a type', when('id = :x', { ExpressionAttributeValues: { ':x': {} } })],
  ['a condition on an unknown table', { TableName: 'zz.absent', Item: { id: s('x') }, ConditionExpression: 'id =' }],
  [
    'a condition of 4,096 letters',
    when(
      `attribute_exists(${'a'.repeat(255)}) OR ${'('.repeat(1)}id = :x${')'.repeat(1)}${' '.repeat(4096 - 17 - 255 - 13)}`,
      { ExpressionAttributeValues: { ':x': s('known') } },
    ),
  ],
  ['a condition of over 4,096 letters', when(`attribute_exists(id)${' '.repeat(4096)}`)],
])

const legacy = rowsOf('PutItem', [
  ['the known item before Expected', known],
  ['Expected a value', put({ id: s('known'), count: n(4) }, { Expected: { count: { Value: n(3) } } })],
  [
    'Expected a value that is not there',
    put({ id: s('known'), count: n(4) }, { Expected: { count: { Value: n(3) } } }),
  ],
  ['Expected absence', put({ id: s('known') }, { Expected: { id: { Exists: false } } })],
  [
    'Expected with an operator',
    put({ id: s('known') }, { Expected: { count: { ComparisonOperator: 'GE', AttributeValueList: [n(4)] } } }),
  ],
  [
    'Expected one of two',
    put(
      { id: s('known') },
      {
        Expected: { a: { ComparisonOperator: 'NULL' }, b: { ComparisonOperator: 'NOT_NULL' } },
        ConditionalOperator: 'OR',
      },
    ),
  ],
  ['Expected nothing', put({ id: s('known') }, { Expected: {} })],
  ['Expected without a value', put({ id: s('known') }, { Expected: { a: {} } })],
  ['Expected Exists without a value', put({ id: s('known') }, { Expected: { a: { Exists: true } } })],
  ['Expected absence with a value', put({ id: s('known') }, { Expected: { a: { Exists: false, Value: n(1) } } })],
  [
    'Expected a value and an operator',
    put({ id: s('known') }, { Expected: { a: { Value: n(1), ComparisonOperator: 'EQ' } } }),
  ],
  ['Expected a list without an operator', put({ id: s('known') }, { Expected: { a: { AttributeValueList: [n(1)] } } })],
  ['Expected an unknown operator', put({ id: s('known') }, { Expected: { a: { ComparisonOperator: 'LIKE' } } })],
  [
    'Expected with too many values',
    put({ id: s('known') }, { Expected: { a: { ComparisonOperator: 'EQ', AttributeValueList: [n(1), n(2)] } } }),
  ],
  [
    'Expected with too few values',
    put({ id: s('known') }, { Expected: { a: { ComparisonOperator: 'BETWEEN', AttributeValueList: [n(1)] } } }),
  ],
  ['Expected and a condition', when('attribute_exists(id)', { Expected: { id: { Exists: false } } })],
  ['ConditionalOperator alone', put({ id: s('known') }, { ConditionalOperator: 'AND' })],
  [
    'ConditionalOperator and one condition',
    put({ id: s('known') }, { ConditionalOperator: 'AND', Expected: { a: { Exists: false } } }),
  ],
  ['ConditionalOperator and an expression', when('attribute_exists(id)', { ConditionalOperator: 'OR' })],
])

const members = rowsOf('PutItem', [
  ['an empty input', {}],
  ['no body', ''],
  ['a body that is null', 'null'],
  ['a body that is a list', '[]'],
  ['a body that is a text', '"x"'],
  ['a body that is no JSON', '{"TableName": '],
  ['a body with a comma too many', '{"TableName": "zz.put.hash",}'],
  ['no item', { TableName: HASH }],
  ['no table', { Item: { id: s('x') } }],
  ['an item that is null', put(null)],
  ['an item that is a list', put([])],
  ['an item that is a text', put('x')],
  ['an unknown member', put({ id: s('x') }, { Unknown: 1, Return: {} })],
  ['a member with another capital', put({ id: s('x') }, { returnValues: 'ALL_NEW' })],
  ['an unknown table', { TableName: 'zz.absent', Item: { id: s('x') } }],
  ['an unknown table, and a wrong value', { TableName: 'zz.absent', Item: { id: { N: 'x' } } }],
  ['an empty table name', { TableName: '', Item: { id: s('x') } }],
  ['a table name of a letter', { TableName: 'a', Item: { id: s('x') } }],
  ['a table name of two letters', { TableName: 'ab', Item: { id: s('x') } }],
  ['a table name of 255 letters', { TableName: 'a'.repeat(255), Item: { id: s('x') } }],
  ['a table name of 256 letters', { TableName: 'a'.repeat(256), Item: { id: s('x') } }],
  ['a table name with a slash', { TableName: 'a/bc', Item: { id: s('x') } }],
  ['a table name with a space and no item', { TableName: 'a c' }],
  ['a table name that is a number', { TableName: 1, Item: { id: s('x') } }],
  ['a table by its ARN', { TableName: `arn:aws:dynamodb:{region}:000000000000:table/${HASH}`, Item: { id: s('x') } }],
  [
    'an unknown table by its ARN',
    { TableName: 'arn:aws:dynamodb:{region}:000000000000:table/zz.absent', Item: { id: s('x') } },
  ],
  ['an ARN of something else', { TableName: 'arn:aws:s3:::bucket', Item: { id: s('x') } }],
  ['the old values', put({ id: s('value') }, { ReturnValues: 'ALL_OLD' })],
  ['the old values of nothing', put({ id: s('never before') }, { ReturnValues: 'ALL_OLD' })],
  ['no values', put({ id: s('value') }, { ReturnValues: 'NONE' })],
  ['new values', put({ id: s('x') }, { ReturnValues: 'ALL_NEW' })],
  ['updated old values', put({ id: s('x') }, { ReturnValues: 'UPDATED_OLD' })],
  ['updated new values', put({ id: s('x') }, { ReturnValues: 'UPDATED_NEW' })],
  ['unknown values', put({ id: s('x') }, { ReturnValues: 'SOME' })],
  ['new values of a wrong value', holding({ N: 'x' }, { ReturnValues: 'ALL_NEW' })],
  ['new values of an unknown table', { TableName: 'zz.absent', Item: { id: s('x') }, ReturnValues: 'ALL_NEW' }],
  ['new values with a wrong condition', when('id =', { ReturnValues: 'ALL_NEW' })],
  [
    'several unknown enumeration values',
    put(
      { id: s('x') },
      {
        ReturnValues: 'A',
        ReturnConsumedCapacity: 'B',
        ReturnItemCollectionMetrics: 'C',
        ConditionalOperator: 'D',
        ReturnValuesOnConditionCheckFailure: 'E',
      },
    ),
  ],
  ['several unknown words and no item', { TableName: 'a', ReturnValues: 'A', ReturnConsumedCapacity: 'B' }],
  ['total capacity', put({ id: s('capacity') }, { ReturnConsumedCapacity: 'TOTAL' })],
  ['capacity by index of a table without', put({ id: s('capacity') }, { ReturnConsumedCapacity: 'INDEXES' })],
  ['no capacity', put({ id: s('capacity') }, { ReturnConsumedCapacity: 'NONE' })],
  ['unknown capacity', put({ id: s('capacity') }, { ReturnConsumedCapacity: 'total' })],
  ['capacity of 1 KB', put({ id: s('capacity'), a: s('x'.repeat(1024 - 11)) }, { ReturnConsumedCapacity: 'TOTAL' })],
  [
    'capacity of 1 KB and a byte',
    put({ id: s('capacity'), a: s('x'.repeat(1024 - 10)) }, { ReturnConsumedCapacity: 'TOTAL' }),
  ],
  ['capacity where the old item was larger', put({ id: s('capacity') }, { ReturnConsumedCapacity: 'TOTAL' })],
  [
    'capacity of indexes',
    { ...indexed({ group: s('g1'), rank: n(1), kind: b('AQ==') }), ReturnConsumedCapacity: 'INDEXES' },
  ],
  [
    'capacity of indexes without a change',
    { ...indexed({ group: s('g1'), rank: n(1), kind: b('AQ==') }), ReturnConsumedCapacity: 'INDEXES' },
  ],
  [
    'capacity of indexes with changed keys',
    { ...indexed({ group: s('g2'), rank: n(2), kind: b('Ag==') }), ReturnConsumedCapacity: 'INDEXES' },
  ],
  [
    'capacity of indexes with other changed values',
    { ...indexed({ group: s('g2'), rank: n(2), kind: b('Ag=='), other: n(1) }), ReturnConsumedCapacity: 'INDEXES' },
  ],
  ['capacity of indexes where they lose the item', { ...indexed({}), ReturnConsumedCapacity: 'INDEXES' }],
  ['total capacity of indexes', { ...indexed({ group: s('g3'), rank: n(3) }), ReturnConsumedCapacity: 'TOTAL' }],
  ['metrics of a table with local indexes', { ...indexed({}), ReturnItemCollectionMetrics: 'SIZE' }],
  ['metrics of a table without', put({ id: s('x') }, { ReturnItemCollectionMetrics: 'SIZE' })],
  ['unknown metrics', put({ id: s('x') }, { ReturnItemCollectionMetrics: 'ALL' })],
])

export const PUT_ITEM: Family = {
  name: 'PutItem',
  tables: [hashTable(HASH), indexedTable(INDEXED), numberTable(NUMBERS)],
  requests: [...values, ...numbers, ...sizes, ...keys, ...indexes, ...conditions, ...legacy, ...members],
}
