/** PutItem, UpdateItem and DeleteItem: what AWS refuses, in which words, and which of several errors it reports. */
import { counted, type Fact, hold, measured, nested, validation } from './measured.js'

const aws = measured()

const INVALID = 'One or more parameter values were invalid: '
const NESTED =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'
const RETURN_VALUES =
  'Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]'
const CAPACITY =
  "Value 'INVALID' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
const METRICS = 'ReturnItemCollectionMetrics can only be SIZE or NONE'
const EMPTY_NAME =
  "Value at 'TableName' failed to satisfy constraint: Member must have length greater than or equal to 1"
const OLDER_RETURN_VALUES =
  "Value 'BOGUS' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
const OLDER_OPERATOR =
  "Value 'XOR' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]"
const OPERATOR = 'Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]'
const NO_KEY = "Value null at 'key' failed to satisfy constraint: Member must not be null"
const emptyKey = (kind: string) =>
  `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: pk`

const pk = { S: 'a' }
const TableName = 'hash'
const put = (more: object = {}) => ({ TableName, Item: { pk }, ...more })
const update = (more: object = {}) => ({ TableName, Key: { pk }, ...more })
const set = { UpdateExpression: 'SET a = :v', ExpressionAttributeValues: { ':v': { S: 'x' } } }
const eitherKind = [
  ['PutItem', put],
  ['DeleteItem', update],
] as const

const EACH: readonly Fact[] = eitherKind.flatMap(([operation, of]): Fact[] => [
  {
    name: 'values without an expression',
    operation,
    input: of({ ExpressionAttributeValues: { ':v': { S: 'x' } } }),
    refused: counted('ExpressionAttributeValues can only be specified when using expressions'),
  },
  {
    name: 'names without an expression',
    operation,
    input: of({ ExpressionAttributeNames: { '#a': 'a' } }),
    refused: counted('ExpressionAttributeNames can only be specified when using expressions'),
  },
  {
    name: 'names for Expected',
    operation,
    input: of({ Expected: { a: { Exists: false } }, ExpressionAttributeNames: { '#a': 'a' } }),
    refused: counted('ExpressionAttributeNames can only be specified when using expressions'),
  },
  {
    name: 'an empty map of values',
    operation,
    input: of({ ConditionExpression: 'attribute_exists(a)', ExpressionAttributeValues: {} }),
    refused: counted('ExpressionAttributeValues must not be empty'),
  },
  {
    name: 'an empty map of names',
    operation,
    input: of({ ConditionExpression: 'attribute_exists(a)', ExpressionAttributeNames: {} }),
    refused: counted('ExpressionAttributeNames must not be empty'),
  },
  {
    name: 'an empty condition',
    operation,
    input: of({ ConditionExpression: '' }),
    refused: counted('Invalid ConditionExpression: The expression can not be empty;'),
  },
  {
    name: 'a condition in both the legacy and the expression form',
    operation,
    input: of({ Expected: { pk: { Exists: false } }, ConditionExpression: 'attribute_not_exists(pk)' }),
    refused: counted(
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    ),
  },
  {
    name: 'ReturnValues ALL_NEW',
    operation,
    input: of({ ReturnValues: 'ALL_NEW' }),
    refused: counted('ReturnValues can only be ALL_OLD or NONE'),
  },
  {
    name: 'ReturnValues UPDATED_NEW',
    operation,
    input: of({ ReturnValues: 'UPDATED_NEW' }),
    refused: counted('ReturnValues can only be ALL_OLD or NONE'),
  },
  {
    name: 'Exists true without a value',
    operation,
    input: of({ Expected: { a: { Exists: true } } }),
    refused: counted(`${INVALID}Value must be provided when Exists is true for Attribute: a`),
  },
  {
    name: 'Exists false with a value',
    operation,
    input: of({ Expected: { a: { Exists: false, Value: { S: 'x' } } } }),
    refused: counted(`${INVALID}Value cannot be used when Exists is false for Attribute: a`),
  },
  {
    name: 'Value and AttributeValueList',
    operation,
    input: of({
      Expected: { a: { Value: { S: 'x' }, ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'x' }] } },
    }),
    refused: counted(`${INVALID}Value and AttributeValueList cannot be used together for Attribute: a`),
  },
  {
    name: 'EQ without a value',
    operation,
    input: of({ Expected: { a: { ComparisonOperator: 'EQ' } } }),
    refused: counted(`${INVALID}Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a`),
  },
  {
    name: 'BETWEEN with one bound',
    operation,
    input: of({ Expected: { a: { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ S: 'x' }] } } }),
    refused: counted(`${INVALID}Invalid number of argument(s) for the BETWEEN ComparisonOperator`),
  },
  {
    name: 'an empty table name',
    operation,
    input: of({ TableName: '', ReturnValues: 'INVALID' }),
    refused: counted(EMPTY_NAME),
  },
  {
    name: 'two unknown enumeration values',
    operation,
    input: of({ ReturnValues: 'INVALID', ReturnConsumedCapacity: 'INVALID' }),
    refused: validation(`2 validation errors detected: ${CAPACITY}; ${RETURN_VALUES}`),
  },
  {
    name: 'an unknown ReturnValues',
    operation,
    input: of({ ReturnValues: 'INVALID' }),
    refused: counted(RETURN_VALUES),
  },
])
hold('single writes', aws, EACH)

hold('PutItem', aws, [
  {
    name: 'a request without a table',
    operation: 'PutItem',
    input: { Item: { pk } },
    refused: counted("Value null at 'tableName' failed to satisfy constraint: Member must not be null"),
  },
  {
    name: 'a table name that is too long',
    operation: 'PutItem',
    input: { TableName: 'a'.repeat(256), Item: { pk } },
    refused: counted(
      `Value '${'a'.repeat(256)}' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255`,
    ),
  },
  {
    name: 'an invalid table name',
    operation: 'PutItem',
    input: { TableName: 'bad table!@#', Item: { pk } },
    refused: counted(
      "Value 'bad table!@#' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ),
  },
  {
    name: 'three unknown enumeration values',
    operation: 'PutItem',
    input: put({
      ReturnValues: 'INVALID',
      ReturnConsumedCapacity: 'INVALID',
      ReturnItemCollectionMetrics: 'INVALID',
    }),
    refused: validation(`3 validation errors detected: ${CAPACITY}; ${RETURN_VALUES}; ${METRICS}`),
  },
  {
    name: 'an empty set of strings',
    operation: 'PutItem',
    input: put({ Item: { pk, bad: { SS: [] } } }),
    refused: counted(`${INVALID}An string set  may not be empty`),
  },
  {
    name: 'an empty set of numbers',
    operation: 'PutItem',
    input: put({ Item: { pk, bad: { NS: [] } } }),
    refused: counted(`${INVALID}An number set  may not be empty`),
  },
  {
    name: 'an empty set of bytes',
    operation: 'PutItem',
    input: put({ Item: { pk, bad: { BS: [] } } }),
    refused: counted(`${INVALID}Binary sets should not be empty`),
  },
  {
    name: 'a NULL that is false',
    operation: 'PutItem',
    input: put({ Item: { pk, bad: { NULL: false } } }),
    refused: counted(`${INVALID}Null attribute value types must have the value of true`),
  },
  {
    name: 'redundant parentheses',
    operation: 'PutItem',
    input: put({ ConditionExpression: '((attribute_not_exists(pk)))' }),
    refused: counted('Invalid ConditionExpression: The expression has redundant parentheses;'),
  },
  {
    name: 'contains() of an attribute in itself',
    operation: 'PutItem',
    input: put({ ConditionExpression: 'contains(#a, #a)', ExpressionAttributeNames: { '#a': 'data' } }),
    refused: counted(
      'Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [data]',
    ),
  },
  {
    name: 'an empty binary key',
    operation: 'PutItem',
    input: { TableName: 'hash-b', Item: { pk: { B: '' } } },
    refused: validation(emptyKey('binary')),
  },
  {
    name: 'an item nested too deep',
    operation: 'PutItem',
    input: put({ Item: { pk, data: nested(32) } }),
    refused: counted(NESTED),
  },
  { name: 'an item at the limit of nesting', operation: 'PutItem', input: put({ Item: { pk, data: nested(31) } }) },
  {
    name: 'an unknown ConditionalOperator before a value nested very deep in older words',
    operation: 'PutItem',
    input: put({
      TableName: 'absent',
      Expected: { a: { Value: nested(100) }, b: { Exists: false } },
      ConditionalOperator: 'XOR',
    }),
    refused: counted(OLDER_OPERATOR),
  },
  {
    name: 'an unknown ConditionalOperator',
    operation: 'PutItem',
    input: put({
      TableName: 'absent',
      Expected: { a: { Value: nested(40) }, b: { Exists: false } },
      ConditionalOperator: 'XOR',
    }),
    refused: counted(OPERATOR),
  },
])

hold('UpdateItem', aws, [
  {
    name: 'an update of a key attribute',
    operation: 'UpdateItem',
    input: update({ ...set, UpdateExpression: 'SET pk = :v' }),
    refused: validation(`${INVALID}Cannot update attribute pk. This attribute is part of the key`),
  },
  {
    name: 'an update of the sort key',
    operation: 'UpdateItem',
    input: { ...set, TableName: 'composite', Key: { pk, sk: { S: '1' } }, UpdateExpression: 'SET sk = :v' },
    refused: validation(`${INVALID}Cannot update attribute sk. This attribute is part of the key`),
  },
  {
    name: 'an update without an expression',
    operation: 'UpdateItem',
    input: update({ ...set, UpdateExpression: 'INVALID SYNTAX HERE' }),
    refused: counted('Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX"'),
  },
  {
    name: 'unused names',
    operation: 'UpdateItem',
    input: update({ ...set, ExpressionAttributeNames: { '#unused': 'b' } }),
    refused: counted('Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}'),
  },
  {
    name: 'unused values',
    operation: 'UpdateItem',
    input: update({ ...set, ExpressionAttributeValues: { ':v': { S: 'x' }, ':unused': { S: 'x' } } }),
    refused: counted('Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}'),
  },
  {
    name: 'an undefined value',
    operation: 'UpdateItem',
    input: update({ UpdateExpression: 'SET attr1 = :v' }),
    refused: counted(
      'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    ),
  },
  {
    name: 'an undefined value in the condition',
    operation: 'UpdateItem',
    input: update({
      UpdateExpression: 'SET b = :w',
      ConditionExpression: 'a = :v',
      ExpressionAttributeValues: { ':w': { S: 'x' } },
    }),
    refused: counted(
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    ),
  },
  {
    name: 'an update in both the legacy and the expression form',
    operation: 'UpdateItem',
    input: update({ ...set, AttributeUpdates: { attr1: { Value: { S: 'x' }, Action: 'PUT' } } }),
    refused: counted(
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}',
    ),
  },
  {
    name: 'an empty expression',
    operation: 'UpdateItem',
    input: update({ UpdateExpression: '' }),
    refused: counted('Invalid UpdateExpression: The expression can not be empty;'),
  },
  {
    name: 'an empty binary key',
    operation: 'UpdateItem',
    input: { ...set, TableName: 'hash-b', Key: { pk: { B: '' } } },
    refused: validation(emptyKey('binary')),
  },
  {
    name: 'a value nested too deep',
    operation: 'UpdateItem',
    input: update({
      UpdateExpression: 'SET a = :v',
      ConditionExpression: 'd = :deep',
      ExpressionAttributeValues: { ':v': { S: 'y' }, ':deep': nested(32) },
    }),
    refused: counted(NESTED),
  },
  {
    name: 'a false condition with a value at the limit of nesting',
    operation: 'UpdateItem',
    input: update({
      UpdateExpression: 'SET a = :v',
      ConditionExpression: 'd = :deep',
      ExpressionAttributeValues: { ':v': { S: 'y' }, ':deep': nested(31) },
    }),
    refused: 'ConditionalCheckFailedException: The conditional request failed',
  },
  {
    name: 'an empty table name and an empty key',
    operation: 'UpdateItem',
    input: { TableName: '', Key: {} },
    refused: counted(EMPTY_NAME),
  },
  {
    name: 'the first of two unknown enumeration values',
    operation: 'UpdateItem',
    input: update({ TableName: 'absent', ReturnValues: 'INVALID', ReturnConsumedCapacity: 'INVALID' }),
    refused: counted(RETURN_VALUES),
  },
  ...['ReturnConsumedCapacity', 'ReturnItemCollectionMetrics', 'ReturnValuesOnConditionCheckFailure'].map(member => ({
    name: `an unknown ${member} without a count`,
    operation: 'UpdateItem',
    input: update({ ...set, TableName: 'absent', [member]: 'INVALID' }),
    refused: validation(
      {
        ReturnConsumedCapacity: CAPACITY,
        ReturnItemCollectionMetrics: METRICS,
      }[member] ??
        "Value 'INVALID' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]",
    ),
  })),
  {
    name: 'an empty table name and a missing key',
    operation: 'UpdateItem',
    input: { ...set, TableName: '' },
    refused: validation(
      `2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; ${NO_KEY}`,
    ),
  },
  {
    name: 'unknown enumeration values, an empty table name and a missing key',
    operation: 'UpdateItem',
    input: { ...set, TableName: '', ReturnConsumedCapacity: 'INVALID', ReturnValues: 'BOGUS' },
    refused: validation(
      `4 validation errors detected: ${CAPACITY}; Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; ${OLDER_RETURN_VALUES}; ${NO_KEY}`,
    ),
  },
  {
    name: 'an unknown ConditionalOperator and a missing key',
    operation: 'UpdateItem',
    input: {
      TableName: 'absent',
      AttributeUpdates: { x: { Action: 'PUT', Value: { S: '1' } } },
      Expected: { a: { Exists: false }, b: { Exists: false } },
      ConditionalOperator: 'XOR',
    },
    refused: validation(`2 validation errors detected: ${OLDER_OPERATOR}; ${NO_KEY}`),
  },
  {
    name: 'an unknown ConditionalOperator before a value nested very deep in older words',
    operation: 'UpdateItem',
    input: update({
      TableName: 'absent',
      AttributeUpdates: { x: { Action: 'PUT', Value: { S: '1' } } },
      Expected: { a: { Value: nested(100) }, b: { Exists: false } },
      ConditionalOperator: 'XOR',
    }),
    refused: counted(OLDER_OPERATOR),
  },
])

const deepCondition = (depth: number) => ({
  ConditionExpression: '#d = :deep',
  ExpressionAttributeNames: { '#d': 'd' },
  ExpressionAttributeValues: { ':deep': nested(depth) },
})
hold('DeleteItem', aws, [
  {
    name: 'an unknown table',
    operation: 'DeleteItem',
    input: update({ TableName: 'absent' }),
    refused: 'ResourceNotFoundException: Requested resource not found',
  },
  {
    name: 'a key without its sort key',
    operation: 'DeleteItem',
    input: update({ TableName: 'composite' }),
    refused: validation('The provided key element does not match the schema'),
  },
  {
    name: 'an empty binary key',
    operation: 'DeleteItem',
    input: { TableName: 'hash-b', Key: { pk: { B: '' } } },
    refused: validation(emptyKey('binary')),
  },
  {
    name: 'an empty table name and an empty key',
    operation: 'DeleteItem',
    input: { TableName: '', Key: {} },
    refused: counted(EMPTY_NAME),
  },
  {
    name: 'an unknown ReturnValues beside a value nested very deep in older words',
    operation: 'DeleteItem',
    input: update({ TableName: 'absent', ...deepCondition(63), ReturnValues: 'BOGUS' }),
    refused: counted(OLDER_RETURN_VALUES),
  },
  {
    name: 'an unknown ReturnValues beside a value nested too deep',
    operation: 'DeleteItem',
    input: update({ TableName: 'absent', ...deepCondition(40), ReturnValues: 'BOGUS' }),
    refused: counted(RETURN_VALUES),
  },
  {
    name: 'an unknown ReturnValues beside an expected value nested very deep in older words',
    operation: 'DeleteItem',
    input: update({ TableName: 'absent', Expected: { d: { Value: nested(63) } }, ReturnValues: 'BOGUS' }),
    refused: counted(OLDER_RETURN_VALUES),
  },
  {
    name: 'an unknown ReturnValues beside a key nested very deep in older words',
    operation: 'DeleteItem',
    input: { TableName: 'absent', Key: { pk: nested(100), sk: { S: '1' } }, ReturnValues: 'BOGUS' },
    refused: counted(OLDER_RETURN_VALUES),
  },
  {
    name: 'ReturnValues UPDATED_NEW beside a value nested very deep without a count',
    operation: 'DeleteItem',
    input: update({ TableName: 'absent', ...deepCondition(100), ReturnValues: 'UPDATED_NEW' }),
    refused: validation('ReturnValues can only be ALL_OLD or NONE'),
  },
])
