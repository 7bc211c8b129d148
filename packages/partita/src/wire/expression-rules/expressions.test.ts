import { describe, expect, test } from 'vitest'
import { type ExpressionInput, Expressions } from './expressions.js'

const VALUES = {
  ':n': { N: '1' },
  ':m': { N: '2' },
  ':s': { S: 'S' },
  ':b': { BOOL: true },
  ':l': { L: [] },
  ':t': { SS: ['a'] },
}
const NAMES = { '#a': 'a', '#d': 'na.me' }
const SCHEMA = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } } as const

/** The placeholders that an expression uses. A request must not have others. */
function used<Meaning>(placeholders: { [placeholder: string]: Meaning }, text: string) {
  const entries = Object.entries(placeholders).filter(([placeholder]) => text.includes(placeholder))
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

type Text = Exclude<keyof ExpressionInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>

function expressions(member: Text, text: string): Expressions {
  const names = used(NAMES, text)
  const values = used(VALUES, text)
  return new Expressions({
    [member]: text,
    ...(names && { ExpressionAttributeNames: names }),
    ...(values && { ExpressionAttributeValues: values }),
  })
}

const condition = (text: string) => expressions('FilterExpression', text).condition('FilterExpression')
const update = (text: string) => expressions('UpdateExpression', text).update()
const projection = (text: string) => expressions('ProjectionExpression', text).projection()
const keyCondition = (text: string) => expressions('KeyConditionExpression', text).keyCondition(SCHEMA)

const syntax = (token: string, near: string) => `Syntax error; token: "${token}", near: "${near}"`
const REDUNDANT = 'The expression has redundant parentheses;'
const OPERATORS = 'The expression contains too many operators; operator count: 301'
const types = (operator: string, type: string) =>
  `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`
const clauseTypes = (clause: string, type: string) =>
  `Incorrect operand type for operator or function; operator: ${clause}, operand type: ${type}, typeSet: ALLOWED_FOR_${clause}_OPERAND`
const count = (operator: string, operands: number) =>
  `Incorrect number of operands for operator or function; operator or function: ${operator}, number of operands: ${operands}`
const use = (name: string) => `The function is not allowed to be used this way in an expression; function: ${name}`
const same = (operator: string, path: string) =>
  `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${path}`
const odds = (word: string, one: string, two: string) =>
  `Two document paths ${word} with each other; must remove or rewrite one of these paths; path one: ${one}, path two: ${two}`
const undefinedName = (name: string) =>
  `An expression attribute name used in the document path is not defined; attribute name: ${name}`
const undefinedValue = (value: string) =>
  `An expression attribute value used in expression is not defined; attribute value: ${value}`
const reserved = (word: string) => `Attribute name is a reserved keyword; reserved keyword: ${word}`
const wantsPath = (name: string) => `Operator or function requires a document path; operator or function: ${name}`

describe('conditions', () => {
  test.each([
    ['', 'The expression can not be empty;'],
    [' ', syntax('<EOF>', ' ')],
    ['a', syntax('<EOF>', 'a')],
    ['  ? = :n', syntax('?', '  ? =')],
    ['a b', syntax('b', 'a b')],
    ['a AND b = :n', syntax('AND', 'a AND b')],
    ['a = :n AND ', syntax('<EOF>', 'AND ')],
    ['(a = :n) = :n', syntax('=', ') = :n')],
    ['a != :n', syntax('!', 'a !=')],
    ['a = "x"', syntax('"', '= "x')],
    ['a[01] = :n', syntax('1', '01]')],
    ['_a = :n', syntax('_', '_a')],
    ['é = :n', syntax('é', 'é =')],
    ['between = :n', syntax('between', 'between =')],
    ['a.set = :n', syntax('set', '.set =')],
    ['a IN ((:n, :m))', syntax(',', ':n, :m')],
    ['attribute_exists()', syntax(')', '()')],
    ['attribute_exists(a = :n)', syntax('=', 'a = :n')],
    ['((a = :n))', REDUNDANT],
    ['a = ((:n))', REDUNDANT],
    ['((foo(status)))', REDUNDANT],
    ['((a = :n)) AND', REDUNDANT],
    ['contains(((a)) b)', syntax('b', ') b)')],
    ['status = :zz', reserved('status')],
    ['a[2147483648] = :n', 'List index is not within the allowable range; index: [2147483648]'],
    ['ATTRIBUTE_EXISTS(a)', 'Invalid function name; function: ATTRIBUTE_EXISTS'],
    ['if_not_exists(a, :n) = :n', 'The function is not allowed in a condition expression; function: if_not_exists'],
    ['a = contains(b, :n)', use('contains')],
    ['size(status)', use('size')],
    ['NOT (size(a))', use('size')],
    ['foo(status)', 'Invalid function name; function: foo'],
    ['b = :zz AND foo(a)', 'Invalid function name; function: foo'],
    ['contains(:zz)', undefinedValue(':zz')],
    ['#zz = :zz', undefinedName('#zz')],
    ['b = :zz AND #zz = :n', undefinedValue(':zz')],
    [`a${'.b'.repeat(32)} = :n`, 'The document path has too many nesting levels; nesting levels: 33'],
    ['contains(a, :n, :m)', count('contains', 3)],
    ['attribute_exists(:n, a)', count('attribute_exists', 2)],
    ['attribute_exists(:n)', wantsPath('attribute_exists')],
    ['attribute_exists(size(a))', wantsPath('attribute_exists')],
    ['a < :b', types('<', 'BOOL')],
    ['c BETWEEN c AND :b', types('BETWEEN', 'BOOL')],
    ['begins_with(a, :n)', types('begins_with', 'N')],
    ['begins_with(size(a), :s)', types('begins_with', 'N')],
    ['size(:b) = :n', types('size', 'BOOL')],
    ['attribute_type(a, b)', types('attribute_type', '{N,BS,L,B,NULL,M,S,SS,NS,BOOL}')],
    ['attribute_type(a, :n)', types('attribute_type', 'N')],
    ['a = a', same('=', '[a]')],
    ['a[1].b IN (c, a[1].b)', same('IN', '[a, [1], b]')],
    ['attribute_type(c, c)', same('attribute_type', '[c]')],
    ['#d <> #d', same('<>', '[na.me]')],
    [
      'a BETWEEN :m AND :n',
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}',
    ],
    [
      'a BETWEEN :n AND :s',
      'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:S}',
    ],
    [
      `a IN (${Array(101).fill(':n').join()})`,
      'The IN operator is provided with too many operands; number of operands: 101',
    ],
  ])('the condition is refused: %s', (text, message) => {
    expect(() => condition(text)).toThrow(`Invalid FilterExpression: ${message}`)
  })

  test.each([
    '(a) = (:n)',
    'a .b [ 0 ] = :n',
    'size (a) < :s',
    'NOT NOT attribute_exists((a))',
    ':n = :n',
    'contains(:n, a)',
  ])('the condition is accepted: %s', text => {
    expect(condition(text)).toBeDefined()
  })

  test('the size and the type of a value are evaluated when the condition is parsed', () => {
    expect(condition('size(:s) = a')).toMatchObject({ left: { kind: 'value', value: 1 } })
    expect(condition('attribute_type(:n, :s)')).toMatchObject({ left: { value: 'N' }, right: { value: 'S' } })
  })
})

describe('updates', () => {
  test.each([
    ['', 'The expression can not be empty;'],
    ['PUT a = :n', syntax('PUT', 'PUT a')],
    ['SET a = :n, SET b = :n', syntax('SET', ', SET b')],
    ['SET a = :n + :m + :n', syntax('+', ':m + :n')],
    ['SET a = (:n + :m) + :n', syntax('+', ') + :n')],
    ['SET (a) = :n', syntax('(', 'SET (a')],
    ['ADD a b', syntax('b', 'a b')],
    ['SET add = :n', syntax('add', 'SET add =')],
    ['SET a = ((:n + :m))', REDUNDANT],
    ['SET a = :n SET b = :n', 'The "SET" section can only be used once in an update expression;'],
    ['SET a = :n SET status = :n', reserved('status')],
    ['SET a = :n SET b = :n REMOVE status', 'The "SET" section can only be used once in an update expression;'],
    ['SET a = size(b)', 'The function is not allowed in an update expression; function: size'],
    ['SET a = if_not_exists(b, list_append(c, :l))', use('list_append')],
    ['SET a = b + list_append(c, :l)', use('list_append')],
    ['SET a = if_not_exists(b)', count('if_not_exists', 1)],
    ['SET a = if_not_exists(:n, :m)', wantsPath('if_not_exists')],
    ['SET a = if_not_exists(c, c)', same('if_not_exists', '[c]')],
    ['SET a = b + :s', types('+', 'S')],
    ['SET a = :s - :l', types('-', 'S')],
    ['SET a = list_append(:n, :l)', types('list_append', 'N')],
    ['ADD a :s', clauseTypes('ADD', 'STRING')],
    ['ADD a :l', clauseTypes('ADD', 'LIST')],
    ['DELETE a :n', clauseTypes('DELETE', 'NUMBER')],
    ['ADD b :b DELETE a :n', clauseTypes('DELETE', 'NUMBER')],
    ['SET a = :zz, #zz = :n', undefinedName('#zz')],
    ['SET a = b + :b, c = :zz', undefinedValue(':zz')],
    ['SET a = :n REMOVE a', odds('overlap', '[a]', '[a]')],
    ['SET a.b = :n REMOVE a', odds('overlap', '[a, b]', '[a]')],
    ['SET a.b = :n, a[0] = :m', odds('conflict', '[a, b]', '[a, [0]]')],
    ['SET #zz = :n, a = :n, a = :m', odds('overlap', '[a]', '[a]')],
    [`SET ${Array.from({ length: 301 }, (_, i) => `a${i}=b+c`).join()}`, OPERATORS],
  ])('the update is refused: %s', (text, message) => {
    expect(() => update(text)).toThrow(`Invalid UpdateExpression: ${message}`)
  })

  test('an update keeps the order of its actions', () => {
    expect(update('SET a = :n, b = :m REMOVE c, d')).toMatchObject({
      set: [{ path: ['a'] }, { path: ['b'] }],
      remove: [['c'], ['d']],
    })
  })
})

describe('projections', () => {
  test.each([
    ['', 'The expression can not be empty;'],
    ['a b', syntax('b', 'a b')],
    ['(a)', syntax('(', '(a')],
    ['set', syntax('set', 'set')],
    ['name', reserved('name')],
    ['#x, #y', undefinedName('#y')],
    ['a.b, c, a', odds('overlap', '[a, b]', '[a]')],
    ['a[0], a.b', odds('conflict', '[a, [0]]', '[a, b]')],
    ['#a, a', odds('overlap', '[a]', '[a]')],
  ])('the projection is refused: %s', (text, message) => {
    expect(() => projection(text)).toThrow(`Invalid ProjectionExpression: ${message}`)
  })
})

describe('key conditions', () => {
  test.each([
    ['pk = :s OR sk = :n', 'Invalid operator used in KeyConditionExpression: OR'],
    ['pk = :s AND NOT sk = :n', 'Invalid operator used in KeyConditionExpression: NOT'],
    ['pk = :s AND sk <> :n', 'Invalid operator used in KeyConditionExpression: <>'],
    ['pk IN (:s)', 'Invalid operator used in KeyConditionExpression: IN'],
    ['pk = :s AND attribute_exists(sk)', 'Invalid operator used in KeyConditionExpression: attribute_exists'],
    ['pk = :s AND size(sk) = :n', 'KeyConditionExpressions cannot contain nested operations'],
    ['pk = :s AND sk >= size(:l)', 'KeyConditionExpressions cannot contain nested operations'],
    ['pk = :s AND a.b = :n', 'KeyConditionExpressions cannot have conditions on nested attributes'],
    ['pk = :s AND sk = :n AND sk = :m', 'KeyConditionExpressions must only contain one condition per key'],
    [
      'pk = :s AND sk = :n AND a = :m',
      'The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)',
    ],
    ['pk = sk', 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
    [':s = :s', 'Invalid condition in KeyConditionExpression: No key attribute specified'],
    [
      'pk = :s AND :n BETWEEN sk AND a',
      'Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand',
    ],
    [
      'begins_with(:s, pk)',
      'Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand',
    ],
    ['sk = :n', 'Query condition missed key schema element: pk'],
    ['pk = :s AND a = :n', 'Query condition missed key schema element: sk'],
    ['pk > :s', 'Query key condition not supported'],
    ['sk > :n AND pk > :s', 'Query key condition not supported'],
    ['pk > :n', 'One or more parameter values were invalid: Condition parameter type does not match schema type'],
    [
      'pk = :s AND sk = :s',
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    ],
    ['pk = pk', `Invalid KeyConditionExpression: ${same('=', '[pk]')}`],
  ])('the key condition is refused: %s', (text, message) => {
    expect(() => keyCondition(text)).toThrow(message)
  })

  test('key conditions may be in any order, with the attribute on either side', () => {
    const expected = {
      partition: { name: 'pk', value: 'S' },
      sort: { kind: 'compare', name: 'sk', comparator: '>', value: 1 },
    }
    expect(keyCondition('pk = :s AND sk > :n')).toMatchObject(expected)
    expect(keyCondition('(:n < sk) AND (:s = pk)')).toMatchObject(expected)
  })

  test('a condition on the sort key is refused for a key without one', () => {
    const read = expressions('KeyConditionExpression', 'pk = :s AND sk = :n')
    expect(() => read.keyCondition({ partition: SCHEMA.partition })).toThrow('Query key condition not supported')
  })

  test('an empty value for a key is refused', () => {
    const read = new Expressions({
      KeyConditionExpression: 'pk = :e',
      ExpressionAttributeValues: { ':e': { S: '' } },
    })
    expect(() => read.keyCondition(SCHEMA)).toThrow(/cannot contain an empty string value. Key: pk$/)
  })
})

describe('placeholders', () => {
  test.each<[string, Pick<ExpressionInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>, string]>([
    ['no names', { ExpressionAttributeNames: {} }, 'ExpressionAttributeNames must not be empty'],
    ['no values', { ExpressionAttributeValues: {} }, 'ExpressionAttributeValues must not be empty'],
    [
      'a name that is not a placeholder',
      { ExpressionAttributeNames: { a: 'x' }, ExpressionAttributeValues: {} },
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
    ],
    [
      'an empty placeholder',
      { ExpressionAttributeNames: { '': 'x' } },
      'ExpressionAttributeNames contains invalid key: The expression attribute map contains an empty key;',
    ],
    [
      'a long placeholder',
      { ExpressionAttributeNames: { [`#${'a'.repeat(255)}`]: 'x' } },
      'ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too long; size of key: 256',
    ],
    [
      'an empty name',
      { ExpressionAttributeNames: { '#a': '' } },
      'ExpressionAttributeNames contains invalid value: Empty attribute name for key #a',
    ],
    [
      'a name of over 64 KB',
      { ExpressionAttributeNames: { '#a': 'x'.repeat(65536) } },
      'ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than 65536 bytes for key #a',
    ],
    [
      'a value that is not a placeholder, reported before an invalid value',
      { ExpressionAttributeValues: { ':a': {}, '#v': { N: '1' } } },
      'ExpressionAttributeValues contains invalid key: Syntax error; key: "#v"',
    ],
    [
      'a value without a type',
      { ExpressionAttributeValues: { ':a': {} } },
      'ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :a',
    ],
    [
      'an empty set',
      { ExpressionAttributeValues: { ':a': { SS: [] } } },
      'One or more parameter values were invalid: An string set  may not be empty',
    ],
  ])('placeholders with %s are refused', (_, placeholders, message) => {
    expect(() => new Expressions({ FilterExpression: 'a b', ...placeholders })).toThrow(message)
  })

  test('a placeholder may be used in any expression of the request', () => {
    const request = new Expressions({
      UpdateExpression: 'SET #a = :n',
      ConditionExpression: '#b = :m',
      ExpressionAttributeNames: { '#a': 'a', '#b': 'b', '#c': 'c' },
      ExpressionAttributeValues: { ':n': { N: '1' }, ':m': { N: '1' } },
    })
    request.update()
    expect(() => request.checkUsed()).toThrow(
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #c}',
    )
    request.condition('ConditionExpression')
    expect(() => request.checkUsed()).toThrow('unused in expressions: keys: {#c}')
  })

  test('a placeholder may stand for __proto__ like for any other name', () => {
    const request = new Expressions({
      ProjectionExpression: '#p',
      ExpressionAttributeNames: { '#p': '__proto__' },
    })
    expect(request.projection()).toEqual([['__proto__']])
    expect(() => new Expressions({ ProjectionExpression: '#toString' }).projection()).toThrow(
      undefinedName('#toString'),
    )
  })
})

describe('limits for untrusted text', () => {
  test('an expression may have 4 KB of UTF-8', () => {
    expect(condition(`a = :n${' '.repeat(4090)}`)).toBeDefined()
    expect(() => condition(`a = :n${' '.repeat(4091)}`)).toThrow('maximum allowed size; expression size: 4097')
    expect(() => projection('é'.repeat(2049))).toThrow('maximum allowed size; expression size: 4098')
  })

  test('an expression may have 300 operators', () => {
    expect(condition(Array(150).fill('a=:n').join(' OR '))).toBeDefined()
    expect(() => condition(Array(151).fill('a=:n').join(' OR '))).toThrow(OPERATORS)
    expect(() => condition(`${'NOT '.repeat(400)}a=:n`)).toThrow(OPERATORS)
  })

  test.each(['('.repeat(4000), `${'('.repeat(1300)}a=:n${')'.repeat(1300)}`, 'NOT('.repeat(1000), 'size('.repeat(800)])(
    'nesting is limited: $0',
    text => {
      expect(() => condition(text)).toThrow(/^Invalid FilterExpression: /)
      expect(() => update(`SET a = ${text.slice(0, 4000)}`)).toThrow(/^Invalid UpdateExpression: /)
    },
  )
})
