/** Batches and transactions: what AWS refuses, in which words, and which of several errors it reports. */
import { counted, type Fact, hold, measured, nested, validation } from './measured.js'

const aws = measured()

const NESTED =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'
const inDeep = `ExpressionAttributeValues contains invalid value: ${NESTED} for key :deep`
const CAPACITY =
  "Value 'BOGUS' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
const METRICS =
  "Value 'BOGUS2' at 'returnItemCollectionMetrics' failed to satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]"
const KEYS =
  'Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]'
const MISMATCH = 'The provided key element does not match the schema'
const NOT_FOUND = 'ResourceNotFoundException: Requested resource not found'
const emptyKey = (kind: string) =>
  `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: pk`
const cancelled = (...codes: string[]) =>
  `TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`

const pk = { S: 'a' }
const key = (name: string) => ({ pk: { S: name } })
const BOGUS = { ReturnConsumedCapacity: 'BOGUS' }
const many = <Each>(length: number, each: (i: number) => Each) => Array.from({ length }, (_, i) => each(i))

const gets = (RequestItems: object, more: object = {}) => ({ RequestItems, ...more })
const puts = (RequestItems: object, more: object = {}) => ({ RequestItems, ...more })
const putting = (...items: object[]) => items.map(Item => ({ PutRequest: { Item } }))
const overlap = (one: string, two: string) =>
  `Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${one}], path two: [${two}]`

hold('BatchGetItem', aws, [
  {
    name: 'a request without tables',
    operation: 'BatchGetItem',
    input: gets({}),
    refused: counted(
      "Value at 'RequestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  },
  {
    name: 'a table without keys',
    operation: 'BatchGetItem',
    input: gets({ hash: { Keys: [] } }),
    refused: counted(
      "Value at 'RequestItems.hash.member.Keys' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  },
  {
    name: 'over 100 keys',
    operation: 'BatchGetItem',
    input: gets({ hash: { Keys: many(101, i => key(`k${i}`)) } }),
    refused: counted(
      "Value at 'RequestItems.hash.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100",
    ),
  },
  {
    name: 'an unknown table',
    operation: 'BatchGetItem',
    input: gets({ absent: { Keys: [key('a')] } }),
    refused: NOT_FOUND,
  },
  {
    name: 'a repeated key',
    operation: 'BatchGetItem',
    input: gets({ hash: { Keys: [key('a'), key('a')] } }),
    refused: validation('Provided list of item keys contains duplicates'),
  },
  {
    name: 'a projection in both the legacy and the expression form',
    operation: 'BatchGetItem',
    input: gets({ hash: { Keys: [key('a')], AttributesToGet: ['pk'], ProjectionExpression: 'pk' } }),
    refused: validation(
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}',
    ),
  },
  {
    name: 'a legacy projection and a projection expression for different tables',
    operation: 'BatchGetItem',
    input: gets({
      hash: { Keys: [key('a')], ProjectionExpression: 'pk' },
      composite: { Keys: [{ pk, sk: pk }], AttributesToGet: ['pk'] },
    }),
    refused: validation(
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}',
    ),
  },
  {
    name: 'an empty binary key',
    operation: 'BatchGetItem',
    input: gets({ 'hash-b': { Keys: [{ pk: { B: '' } }] } }),
    refused: validation(emptyKey('binary')),
  },
  {
    name: 'an invalid table name',
    operation: 'BatchGetItem',
    input: gets({ 'bad!name': { Keys: [key('a')] } }),
    refused: counted(
      `Value '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}' at 'requestItems' failed to satisfy constraint: ${KEYS}`,
    ),
  },
  {
    name: 'an invalid table name and an unknown ReturnConsumedCapacity',
    operation: 'BatchGetItem',
    input: gets({ 'bad!name': { Keys: [key('a')] } }, BOGUS),
    refused: validation(
      `2 validation errors detected: Value '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}' at 'requestItems' failed to satisfy constraint: ${KEYS}; ${CAPACITY}`,
    ),
  },
  {
    name: 'an unknown ReturnConsumedCapacity before an unknown table',
    operation: 'BatchGetItem',
    input: gets({ absent: { Keys: [key('a')] } }, BOGUS),
    refused: counted(CAPACITY),
  },
  {
    name: 'a repeated path',
    operation: 'BatchGetItem',
    input: gets({ hash: { Keys: [key('a')], ProjectionExpression: 'a, a' } }),
    refused: validation(overlap('a', 'a')),
  },
  {
    name: 'a path under two names',
    operation: 'BatchGetItem',
    input: gets({
      hash: {
        Keys: [key('a')],
        ProjectionExpression: '#a, #b',
        ExpressionAttributeNames: { '#a': 'a', '#b': 'a' },
      },
    }),
    refused: validation(overlap('a', 'a')),
  },
  {
    name: 'a path inside another one for the first table',
    operation: 'BatchGetItem',
    input: gets({
      hash: { Keys: [key('a')], ProjectionExpression: 'a, a.b' },
      composite: { Keys: [{ pk, sk: pk }], ProjectionExpression: 'a' },
    }),
    refused: validation(overlap('a', 'a, b')),
  },
])

hold('BatchWriteItem', aws, [
  {
    name: 'a request without tables',
    operation: 'BatchWriteItem',
    input: puts({}),
    refused: [
      validation('The requestItems parameter is required for BatchWriteItem'),
      counted(
        "Value at 'RequestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
    ],
  },
  {
    name: 'a table without requests',
    operation: 'BatchWriteItem',
    input: puts({ hash: [] }),
    refused: counted(
      "Value '{hash=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
    ),
  },
  {
    name: 'a put and a delete of one key',
    operation: 'BatchWriteItem',
    input: puts({ hash: [...putting(key('a')), { DeleteRequest: { Key: key('a') } }] }),
    refused: validation('Provided list of item keys contains duplicates'),
  },
  {
    name: 'an unknown table',
    operation: 'BatchWriteItem',
    input: puts({ absent: putting(key('a')) }),
    refused: NOT_FOUND,
  },
  {
    name: 'a key of another type',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ pk: { N: '5' } }) }),
    refused: validation(MISMATCH),
  },
  {
    name: 'a list for a key',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ pk: { L: [{ S: 'x' }] } }) }),
    refused: validation(MISMATCH),
  },
  {
    name: 'an empty key',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting(key('')) }),
    refused: validation(emptyKey('string')),
  },
  {
    name: 'an empty binary key',
    operation: 'BatchWriteItem',
    input: puts({ 'hash-b': putting({ pk: { B: '' } }) }),
    refused: validation(emptyKey('binary')),
  },
  {
    name: 'an empty binary key to delete',
    operation: 'BatchWriteItem',
    input: puts({ 'hash-b': [{ DeleteRequest: { Key: { pk: { B: '' } } } }] }),
    refused: validation(emptyKey('binary')),
  },
  {
    name: 'an item without a key',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ other: { S: 'x' } }) }),
    refused: validation(MISMATCH),
  },
  {
    name: 'an invalid key to delete',
    operation: 'BatchWriteItem',
    input: puts({ hash: [{ DeleteRequest: { Key: { other: { S: 'x' } } } }] }),
    refused: validation(MISMATCH),
  },
  {
    name: 'an item nested too deep',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ pk, data: nested(32) }) }),
    refused: validation(NESTED),
  },
  {
    name: 'an item at the limit of nesting',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ pk, data: nested(31) }) }),
    answer: { UnprocessedItems: {} },
  },
  {
    name: 'two unknown enumeration values',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ pk }) }, { ...BOGUS, ReturnItemCollectionMetrics: 'BOGUS2' }),
    refused: validation(`2 validation errors detected: ${CAPACITY}; ${METRICS}`),
  },
  {
    name: 'an unknown ReturnItemCollectionMetrics',
    operation: 'BatchWriteItem',
    input: puts({ hash: putting({ pk }) }, { ReturnItemCollectionMetrics: 'BOGUS2' }),
    refused: counted(METRICS),
  },
  {
    name: 'an unknown ReturnConsumedCapacity before an unknown table',
    operation: 'BatchWriteItem',
    input: puts({ absent: putting({ pk }) }, BOGUS),
    refused: counted(CAPACITY),
  },
  {
    name: 'an unknown ReturnConsumedCapacity before an invalid table name',
    operation: 'BatchWriteItem',
    input: puts({ 'bad!name': putting({ pk }) }, BOGUS),
    refused: counted(CAPACITY),
  },
])

const writes = (...TransactItems: object[]) => ({ TransactItems })
const put = (Item: object, more: object = {}) => ({ Put: { TableName: 'hash', Item, ...more } })
const absent = 'absent'
const deepKey = (depth: number) => ({ pk: nested(depth), sk: { S: '1' } })
const emptyNamed = { ...key('a'), '': { S: 'x' } }
const SYNTAX = 'Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"'
const EOF = 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("'
const check = (more: object = {}) => ({
  ConditionCheck: { TableName: 'hash', Key: key('check'), ConditionExpression: 'attribute_not_exists(pk)', ...more },
})
const unused = {
  Update: {
    TableName: absent,
    Key: key('a'),
    UpdateExpression: 'SET a = :v',
    ExpressionAttributeValues: { ':v': { S: 'x' }, ':u': { S: 'y' } },
  },
}
const UNUSED = 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}'
const long = `a = :v${' AND a = :v'.repeat(373)}`

const kinds = ['Update', 'Delete', 'ConditionCheck'] as const
const ofKind = (kind: string, table: string, of: object) => ({
  [kind]: {
    TableName: table,
    Key: { pk: of },
    ...(kind === 'Update' && {
      UpdateExpression: 'SET a = :v',
      ExpressionAttributeValues: { ':v': { S: 'x' } },
    }),
    ...(kind === 'ConditionCheck' && { ConditionExpression: 'attribute_not_exists(pk)' }),
  },
})
const keysOfKinds = kinds.flatMap((kind): Fact[] => [
  {
    name: `an empty key of ${kind}`,
    operation: 'TransactWriteItems',
    input: writes(ofKind(kind, 'hash', { S: '' })),
    refused: validation(emptyKey('string')),
  },
  {
    name: `an empty binary key of ${kind}`,
    operation: 'TransactWriteItems',
    input: writes(ofKind(kind, 'hash-b', { B: '' })),
    refused: validation(emptyKey('binary')),
  },
  ...[{ N: '5' }, { L: [{ S: 'x' }] }].map(of => ({
    name: `${JSON.stringify(of)} as the key of ${kind}`,
    operation: 'TransactWriteItems',
    input: writes(ofKind(kind, 'hash', of)),
    refused: cancelled('ValidationError'),
    answer: { CancellationReasons: [{ Code: 'ValidationError', Message: MISMATCH }] },
  })),
])

hold('TransactWriteItems', aws, [
  {
    name: 'a request without operations',
    operation: 'TransactWriteItems',
    input: writes(),
    refused: [
      counted(
        "Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
      counted(
        "Value at 'TransactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
    ],
  },
  {
    name: 'two operations on one item',
    operation: 'TransactWriteItems',
    input: writes(put(key('a')), put(key('a'))),
    refused: validation('Transaction request cannot include multiple operations on one item'),
  },
  {
    name: 'an unknown table',
    operation: 'TransactWriteItems',
    input: writes({ Put: { TableName: absent, Item: key('a') } }),
    refused: NOT_FOUND,
  },
  {
    name: 'two false conditions',
    operation: 'TransactWriteItems',
    after: [
      ['PutItem', { TableName: 'hash', Item: key('two-1') }],
      ['PutItem', { TableName: 'hash', Item: key('two-2') }],
    ],
    input: writes(
      put(key('two-1'), { ConditionExpression: 'attribute_not_exists(pk)' }),
      put(key('two-2'), { ConditionExpression: 'attribute_not_exists(pk)' }),
    ),
    refused: cancelled('ConditionalCheckFailed', 'ConditionalCheckFailed'),
  },
  {
    name: 'a false condition',
    operation: 'TransactWriteItems',
    after: [['PutItem', { TableName: 'hash', Item: key('one-1') }]],
    input: writes(
      put(key('one-2'), { ConditionExpression: 'attribute_not_exists(pk)' }),
      put(key('one-1'), { ConditionExpression: 'attribute_not_exists(pk)' }),
    ),
    refused: cancelled('None', 'ConditionalCheckFailed'),
    answer: {
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      ],
    },
  },
  {
    name: 'a key of another type in an item',
    operation: 'TransactWriteItems',
    input: writes(put({ pk: { N: '5' } })),
    refused: cancelled('ValidationError'),
    answer: {
      CancellationReasons: [
        {
          Code: 'ValidationError',
          Message: 'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N',
        },
      ],
    },
  },
  {
    name: 'the first of two keys of another type and does not evaluate a false condition',
    operation: 'TransactWriteItems',
    input: writes(
      put({ pk: { N: '7' } }),
      put({ pk: { N: '8' } }),
      put(key('one-3'), { ConditionExpression: 'attribute_exists(pk)' }),
    ),
    refused: cancelled('ValidationError', 'None', 'None'),
    answer: { CancellationReasons: [{ Code: 'ValidationError' }, { Code: 'None' }, { Code: 'None' }] },
  },
  {
    name: 'a list for a key in an item',
    operation: 'TransactWriteItems',
    input: writes(put({ pk: { L: [{ S: 'x' }] } })),
    refused: cancelled('ValidationError'),
    answer: {
      CancellationReasons: [
        {
          Code: 'ValidationError',
          Message: 'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: L',
        },
      ],
    },
  },
  {
    name: 'an empty key in an item',
    operation: 'TransactWriteItems',
    input: writes(put(key(''))),
    refused: validation(emptyKey('string')),
  },
  ...keysOfKinds,
  {
    name: 'an unknown ReturnConsumedCapacity before an unknown table',
    operation: 'TransactWriteItems',
    input: { ...writes({ Put: { TableName: absent, Item: key('a') } }), ...BOGUS },
    refused: counted(CAPACITY),
  },
  {
    name: 'two unknown enumeration values',
    operation: 'TransactWriteItems',
    input: { ...writes(put(key('a'))), ...BOGUS, ReturnItemCollectionMetrics: 'BOGUS2' },
    refused: validation(`2 validation errors detected: ${CAPACITY}; ${METRICS}`),
  },
  {
    name: 'an unknown ReturnConsumedCapacity before two operations on one item',
    operation: 'TransactWriteItems',
    input: { ...writes(put(key('a')), { Delete: { TableName: 'hash', Key: key('a') } }), ...BOGUS },
    refused: counted(CAPACITY),
  },
  {
    name: 'a token that is too long',
    operation: 'TransactWriteItems',
    input: { ...writes(put(key('a'))), ClientRequestToken: 'x'.repeat(37) },
    refused: [
      counted(
        "Value at 'ClientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36",
      ),
      counted(
        `Value '${'x'.repeat(37)}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36`,
      ),
    ],
  },
  {
    name: 'a token that is too long before an unknown ReturnConsumedCapacity',
    operation: 'TransactWriteItems',
    input: { ...writes(put(key('a'))), ClientRequestToken: 'x'.repeat(37), ...BOGUS },
    refused: [
      counted(
        "Value at 'ClientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36",
      ),
      validation(
        `2 validation errors detected: Value '${'x'.repeat(37)}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36; ${CAPACITY}`,
      ),
    ],
  },
  {
    name: 'a malformed condition before an unknown table',
    operation: 'TransactWriteItems',
    input: writes(
      { Put: { TableName: absent, Item: key('a') } },
      check({ ConditionExpression: 'attribute_not_exists(' }),
    ),
    refused: validation(EOF),
  },
  {
    name: 'a malformed condition before an item nested too deep',
    operation: 'TransactWriteItems',
    input: writes(check({ ConditionExpression: 'attribute_not_exists(' }), put({ pk, data: nested(32) })),
    refused: validation(EOF),
  },
  {
    name: 'an item nested too deep before a malformed condition',
    operation: 'TransactWriteItems',
    input: writes(put({ pk, data: nested(32) }), check({ ConditionExpression: 'attribute_not_exists(' })),
    refused: validation(NESTED),
  },
  {
    name: 'an unused value before an unknown table',
    operation: 'TransactWriteItems',
    input: writes({ Put: { TableName: absent, Item: key('b') } }, unused),
    refused: validation(UNUSED),
  },
  {
    name: 'an unused value before two operations on one item',
    operation: 'TransactWriteItems',
    input: writes(put(key('check')), check({ ExpressionAttributeValues: { ':u': { S: 'x' } } })),
    refused: validation(UNUSED),
  },
  {
    name: 'an item nested too deep before an attribute with an empty name',
    operation: 'TransactWriteItems',
    input: writes(put({ pk, d: nested(40) }), put(emptyNamed)),
    refused: validation(NESTED),
  },
  {
    name: 'an attribute with an empty name before an item nested very deep',
    operation: 'TransactWriteItems',
    input: writes(put(emptyNamed), put({ ...key('b'), d: nested(100) })),
    refused: validation('Empty attribute name'),
  },
  {
    name: 'an attribute with an empty name before a value of the same item',
    operation: 'TransactWriteItems',
    input: writes(put({ pk, d: nested(100), '': { S: 'x' } })),
    refused: validation('Empty attribute name'),
  },
  {
    name: 'a value nested too deep before a map with an empty name',
    operation: 'TransactWriteItems',
    input: writes(put({ pk, m: { M: { '': { S: 'x' } } }, d: nested(40) })),
    refused: validation(NESTED),
  },
  {
    name: 'a value of a check nested too deep before an attribute with an empty name',
    operation: 'TransactWriteItems',
    input: writes(
      check({ ConditionExpression: 'd = :deep', ExpressionAttributeValues: { ':deep': nested(40) } }),
      put(emptyNamed),
    ),
    refused: [validation(inDeep), validation(NESTED)],
  },
  {
    name: 'a key nested too deep before a malformed condition',
    operation: 'TransactWriteItems',
    input: writes({ Delete: { TableName: absent, Key: deepKey(40) } }, put({ pk }, { ConditionExpression: 'a = = b' })),
    refused: validation(NESTED),
  },
  {
    name: 'a key nested too deep before an unused value',
    operation: 'TransactWriteItems',
    input: writes(check({ Key: deepKey(40), ConditionExpression: 'attribute_exists(a)' }), unused),
    refused: validation(NESTED),
  },
  {
    name: 'a malformed condition before a key nested very deep',
    operation: 'TransactWriteItems',
    input: writes(put({ pk }, { ConditionExpression: 'a = = b' }), {
      Delete: { TableName: absent, Key: deepKey(100) },
    }),
    refused: validation(SYNTAX),
  },
  {
    name: 'a malformed condition before the same key nested very deep',
    operation: 'TransactWriteItems',
    input: writes({ Delete: { TableName: absent, Key: deepKey(100), ConditionExpression: 'a = = b' } }),
    refused: validation(SYNTAX),
  },
  {
    name: 'a condition that is too long before the same key nested very deep',
    operation: 'TransactWriteItems',
    input: writes({
      Delete: {
        TableName: absent,
        Key: deepKey(100),
        ConditionExpression: long,
        ExpressionAttributeValues: { ':v': { S: 'x' } },
      },
    }),
    refused: validation(
      'Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4109',
    ),
  },
  {
    name: 'an update that is too long before a key nested very deep',
    operation: 'TransactWriteItems',
    input: writes(
      {
        Update: {
          TableName: absent,
          Key: key('a'),
          UpdateExpression: `SET ${many(500, i => `a${i} = :v`).join(', ')}`,
          ExpressionAttributeValues: { ':v': { S: 'x' } },
        },
      },
      check({ Key: deepKey(100) }),
    ),
    refused: validation('Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;'),
  },
  {
    name: 'an unused value before a key nested very deep',
    operation: 'TransactWriteItems',
    input: writes(unused, check({ Key: deepKey(100) })),
    refused: validation(UNUSED),
  },
])

const get = (more: object = {}) => ({ Get: { TableName: 'hash', Key: key('a'), ...more } })
hold('TransactGetItems', aws, [
  {
    name: 'a request without operations',
    operation: 'TransactGetItems',
    input: writes(),
    refused: [
      counted(
        "Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
      counted(
        "Value at 'TransactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
    ],
  },
  {
    name: 'an unknown table',
    operation: 'TransactGetItems',
    input: writes(get({ TableName: absent })),
    refused: NOT_FOUND,
  },
  {
    name: 'a malformed projection',
    operation: 'TransactGetItems',
    input: writes(get({ ProjectionExpression: '!!!' })),
    refused: validation('Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"'),
  },
  {
    name: 'an invalid key',
    operation: 'TransactGetItems',
    input: writes(get({ Key: {} })),
    refused: cancelled('ValidationError'),
  },
  {
    name: 'an unknown ReturnConsumedCapacity before an unknown table',
    operation: 'TransactGetItems',
    input: { ...writes(get({ TableName: absent })), ...BOGUS },
    refused: counted(CAPACITY),
  },
  {
    name: 'an unknown ReturnConsumedCapacity before two operations on one item',
    operation: 'TransactGetItems',
    input: { ...writes(get(), get()), ...BOGUS },
    refused: counted(CAPACITY),
  },
])
