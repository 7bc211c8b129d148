/** PartiQL: what AWS refuses, in which words, and what accepted statements do. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Fact, hold, measured, nested, validation, worded } from './measured.js'

const aws = measured()

const NOT_WELL_FORMED = "Statement wasn't well formed, can't be processed: "
const LEFTOVER = `${NOT_WELL_FORMED}Unexpected token after expression`
const OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range'
const UNDERFLOW = 'Number underflow. Attempting to store a number with magnitude smaller than supported range'
const DIGITS = 'Attempting to store more than 38 significant digits in a Number'
const NO_NUMBER = 'The parameter cannot be converted to a numeric value'
const NESTED =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'
const WRONG_TYPE = 'An operand in the update expression has an incorrect data type'
const CHECK_FAILED = 'ConditionalCheckFailedException: The conditional request failed'

const refused = (Statement: string, message: string, ...Parameters: object[]): Fact => ({
  name: Parameters.length > 0 ? `${Statement} with ${JSON.stringify(Parameters).slice(0, 60)}` : Statement,
  operation: 'ExecuteStatement',
  input: { Statement, ...(Parameters.length > 0 && { Parameters }) },
  refused: validation(message),
})
/** `1:column:length` of a token in a statement. */
const at = (statement: string, token: string, length = token.length, from = 0) =>
  `1:${statement.indexOf(token, from) + 1}:${length}`

async function run(Statement: string, more: object = {}): Promise<Answer> {
  const { status, answer } = await aws.ask('ExecuteStatement', { Statement, ...more })
  return status === 200 ? answer : worded(answer)
}
const put = (TableName: string, Item: object) => aws.ask('PutItem', { TableName, Item })
async function stored(pk: string): Promise<Answer> {
  return (await aws.ask('GetItem', { TableName: 'hash', Key: { pk: { S: pk } } })).answer.Item
}

const POSITIONS = [
  `SELECT * FROM "composite" WHERE pk = 'a' AND n = ?`,
  `INSERT INTO "composite" VALUE {'pk': 'a', 'sk': 's', 'n': ?}`,
  `UPDATE "composite" SET n = ? WHERE pk = 'a' AND sk = 's'`,
  `SELECT * FROM "composite" WHERE pk = ?`,
]
const [SELECT = ''] = POSITIONS
const PAIR = `SELECT * FROM "composite" WHERE pk = 'a' AND x = ? AND y = ?`
const SINGLE = `SELECT * FROM "composite" WHERE pk = 'a' AND x = ?`

hold('numbers of parameters', aws, [
  ...['1e99999999999', '-1e99999999999', '1e-99999999999', '1e2147483648', '1e-2147483648'].flatMap(N =>
    POSITIONS.map(statement => refused(statement, `${NO_NUMBER}: ${N}`, { N })),
  ),
  ...POSITIONS.map(statement => refused(statement, UNDERFLOW, { N: '1e2147483647' })),
  ...POSITIONS.map(statement => refused(statement, NO_NUMBER, { N: '' })),
  refused(SELECT, `${NO_NUMBER}: 1e99999999999`, { L: [{ N: '1' }, { N: '1e99999999999' }] }),
  refused(SELECT, `${NO_NUMBER}: 1e99999999999`, { M: { x: { N: '1e99999999999' } } }),
  refused(SELECT, `${NO_NUMBER}: 1e99999999999`, { NS: ['1', '1e99999999999'] }),
  ...[40, 100].flatMap(depth => [
    refused(PAIR, NESTED, nested(depth), { N: 'abc' }),
    refused(PAIR, `${NO_NUMBER}: abc`, { N: 'abc' }, nested(depth)),
    refused(SINGLE, NESTED, { M: { d: nested(depth), bad: { N: 'abc' } } }),
    refused(SINGLE, `${NO_NUMBER}: abc`, { M: { bad: { N: 'abc' }, d: nested(depth) } }),
    refused(PAIR, NESTED, nested(depth), { N: '1e126' }),
  ]),
  {
    name: 'an invalid number in a transaction',
    operation: 'ExecuteTransaction',
    input: { TransactStatements: [{ Statement: POSITIONS[2], Parameters: [{ N: '1e99999999999' }] }] },
    refused: validation(`${NO_NUMBER}: 1e99999999999`),
  },
  {
    name: 'an invalid number in a batch, and answers it with an error',
    operation: 'BatchExecuteStatement',
    input: {
      Statements: [
        {
          Statement: `SELECT * FROM "composite" WHERE pk = 'a' AND sk = 's' AND n = ?`,
          Parameters: [{ N: '1e99999999999' }],
        },
      ],
    },
    answer: { Responses: [{ Error: { Code: 'ValidationError', Message: `${NO_NUMBER}: 1e99999999999` } }] },
  },
])

hold('grammar', aws, [
  ...[
    'SELECT * FROM "hash-n" WHERE pk = 1 foo',
    'SELECT * FROM "hash-n" WHERE pk = 1 e5',
    `INSERT INTO "hash-n" VALUE {'pk': 970001} foo`,
    'UPDATE "hash-n" SET a = 9 WHERE pk = 970002 foo',
    'DELETE FROM "hash-n" WHERE pk = 970003 foo',
    'SELECT * FROM "hash-n" WHERE pk = 1)',
    'DELETE FROM "hash-n" WHERE pk = 970004 ORDER BY pk',
    'SELECT * FROM "hash-n" ORDER BY pk WHERE pk = 1',
    `INSERT INTO "hash" t VALUE {'pk': 'x'}`,
  ].map(statement => refused(statement, LEFTOVER)),
  ...[
    'SELECT * FROM "hash-n" WHERE pk = 1e2147483648',
    'SELECT * FROM "hash-n" WHERE pk = 1e99999999999',
    'SELECT * FROM "hash-n" WHERE pk = 1.5e-2147483647',
    'SELECT * FROM "hash-n" WHERE pk = 1 # note',
    'SELECT * FROM "hash-n" WHERE pk = 1 /* note',
  ].map(statement => refused(statement, NOT_WELL_FORMED)),
  ...[
    `SELECT * FROM "hash" t WHERE pk = 'x'`,
    `SELECT * FROM "hash" AS t WHERE pk = 'x'`,
    `UPDATE "hash" t SET a = 3 WHERE pk = 'x'`,
    `DELETE FROM "hash" t WHERE pk = 'x'`,
  ].map(statement => refused(statement, 'Aliasing is not supported')),
  ...[
    'SELECT * FROM "hash" WHERE',
    'SELECT * FROM "hash" WHERE;',
    'SELECT * FROM "hash" WHERE   ',
    'SELECT pk FROM "hash" WHERE',
    'UPDATE "hash" SET a = 1 WHERE',
    'DELETE FROM "hash" WHERE',
    'SELECT * FROM "hash" WHERE NOT',
    'SELECT * FROM "hash" WHERE (',
    'SELECT * FROM "absent" WHERE',
    'SELECT * FROM',
  ].map(statement => refused(statement, `${NOT_WELL_FORMED}Unexpected term`)),
  ...['AND', 'OR'].map(word =>
    refused(
      `SELECT * FROM "hash" WHERE pk = 'p1' ${word}`,
      `${NOT_WELL_FORMED}Missing right-hand side expression of infix operator`,
    ),
  ),
  refused('SELECT * FROM "hash" WHERE ORDER BY pk', `${NOT_WELL_FORMED}Unexpected keyword`),
  {
    name: 'an empty WHERE clause',
    operation: 'ExecuteTransaction',
    input: { TransactStatements: [{ Statement: 'SELECT * FROM "hash" WHERE' }] },
    refused: validation(`Validation failed in TransactStatements[0]: ${NOT_WELL_FORMED}Unexpected term`),
  },
  {
    name: 'an empty WHERE clause, and answers it with an error',
    operation: 'BatchExecuteStatement',
    input: { Statements: [{ Statement: 'SELECT * FROM "hash" WHERE' }] },
    answer: { Responses: [{ Error: { Code: 'ValidationError', Message: `${NOT_WELL_FORMED}Unexpected term` } }] },
  },
  ...['INT4', 'INT8', 'DOUBLE PRECISION', 'CHARACTER VARYING'].map(type =>
    refused(`x IS ${type}`, 'Unsupported operation: IsType'),
  ),
  refused(`SELECT * FROM "hash" WHERE pk = 'a' AND x IS FOO`, `${NOT_WELL_FORMED}Expected type name`),
  refused('SELECT * FROM "hash" WHERE IS NULL', `${NOT_WELL_FORMED}Unexpected operator`),
  refused('SELECT * FROM "hash" WHERE pk = LIKE', `${NOT_WELL_FORMED}Unexpected operator`),
  ...['DELETE FROM', 'DELETE FROM   ', 'DELETE FROM;', "DELETE FROM WHERE pk = 'a'"].map(statement =>
    refused(statement, `${NOT_WELL_FORMED}Expected identifier for simple path`),
  ),
  ...['FROM "hash" SET c = 1', 'FROM "hash" REMOVE a', 'FROM "hash" WHERE a = 1 SET c = 1'].map(statement =>
    refused(statement, 'Where clause does not contain a mandatory equality on all key attributes'),
  ),
  refused(`FROM "hash" SET c = 1 WHERE pk = 'a'`, LEFTOVER),
  refused(`FROM "hash" SET c = 1 WHERE pk = 'a' SET d = 2`, LEFTOVER),
  {
    ...refused(`FROM "absent" WHERE pk = 'x' SET c = 1`, ''),
    refused: 'ResourceNotFoundException: Requested resource not found',
  },
  ...["x = '1'", "x <> '1'"].map(condition =>
    refused(
      `SELECT * FROM "composite" WHERE pk = 'a' AND ${condition} OR pk = 'a' AND sk = '2'`,
      'Overlapping conditions with range keys are not supported in where clause',
    ),
  ),
  refused('SELECT * FROM "hash-n" WHERE pk = 1e126', `${OVERFLOW} under root`),
  refused('SELECT * FROM "hash-n" WHERE pk = 1e-131', `${UNDERFLOW} under root`),
  refused('SELECT * FROM "hash-n" WHERE pk = 123456789012345678901234567890123456789', `${DIGITS} under root`),
  refused(`INSERT INTO "hash-n" VALUE {'pk': 1e126}`, `${OVERFLOW} under root`),
  refused('UPDATE "hash-n" SET a = 1e-131 WHERE pk = 970005', `${UNDERFLOW} under root`),
  refused(`INSERT INTO "hash-n" VALUE {'pk': 970006, 'm': {'x': 1e126}}`, `${OVERFLOW} under root.x`),
  refused(`INSERT INTO "hash-n" VALUE {'pk': 970007, 'l': [1, 1e126]}`, `${OVERFLOW} under root[1]`),
])

const where = (condition: string) => `SELECT * FROM "hash" WHERE pk = 'fn' AND ${condition}`
const update = (set: string) => `UPDATE "hash" SET ${set} WHERE pk = 'fn'`
const setFunction = (name: 'set_add' | 'set_delete', statement: string, what: string, token: string = name) =>
  refused(
    statement,
    `${what} at ${at(statement, token, token.length, token === name ? 0 : statement.indexOf(`${name}(`))}`,
  )

describe('functions', () => {
  beforeAll(() =>
    put('hash', {
      pk: { S: 'fn' },
      ss: { SS: ['a', 'b', 'c'] },
      ns: { NS: ['1', '2', '3'] },
      s: { S: 'str' },
      m: { M: { inner: { SS: ['x'] } } },
    }),
  )
  const projected = `SELECT attribute_exists(ss) FROM "hash" WHERE pk = 'fn'`
  const inserted = `INSERT INTO "hash" VALUE {'pk': 'fn-insert', 'ss': set_add(<<'a'>>, <<'b'>>)}`
  hold('invalid statements', aws, [
    refused(
      where("attribute_exists('ss')"),
      'Operator or function requires a document path; operator or function: attribute_exists',
    ),
    refused(
      where('attribute_exists(?)'),
      'Operator or function requires a document path; operator or function: attribute_exists',
      { S: 'ss' },
    ),
    refused(
      where('attribute_exists()'),
      'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0',
    ),
    refused(
      where('attribute_exists(ss, ns)'),
      'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
    ),
    refused(projected, `Unexpected path component at ${at(projected, 'attribute_exists')}`),
    refused(where('EXISTS(ss)'), `Unrecognized function: exists at ${at(where('EXISTS(ss)'), 'EXISTS')}`),
    refused(where('attribute_exists(m.inner)'), `${NOT_WELL_FORMED}Invalid path dot component`),
    ...['SET_ADD', 'SET_DELETE'].flatMap(upper => {
      const name = upper.toLowerCase() as 'set_add' | 'set_delete'
      return [
        setFunction(
          name,
          update(`t = ${name}(ss, <<'x'>>)`),
          `The first argument to ${upper} must equal the assignment value`,
        ),
        setFunction(
          name,
          update(`ss = ${name}(ss, 'x')`),
          `The second argument to ${upper} must be a value with type SET`,
          'ss',
        ),
        refused(update(`ss = ${name}(ss, <<1>>)`), WRONG_TYPE),
      ]
    }),
    setFunction(
      'set_add',
      update("ss = set_add(<<'a'>>, <<'b'>>)"),
      'The first argument to SET_ADD must equal the assignment value',
    ),
    setFunction(
      'set_add',
      update("ss = set_add(ss, ['x'])"),
      'The second argument to SET_ADD must be a value with type SET',
      'ss',
    ),
    setFunction('set_add', update('ss = set_add(ss)'), 'SET_ADD must have exactly two arguments'),
    setFunction('set_add', update("ss = set_add(ss, <<'x'>>, <<'y'>>)"), 'SET_ADD must have exactly two arguments'),
    refused(update("s = set_add(s, <<'x'>>)"), WRONG_TYPE),
    refused(
      update("ss = set_add(ss, <<'x', 'x'>>)"),
      'One or more parameter values were invalid: Input collection [x, x] contains duplicates.',
    ),
    refused(update('ss = set_add(ss, <<>>)'), 'Empty bags are not supported'),
    refused(update("m.inner = set_add(m.inner, <<'y'>>)"), `${NOT_WELL_FORMED}Invalid path dot component`),
    refused(
      where("set_add(ss, <<'x'>>) = ss"),
      `Unrecognized function: set_add at ${at(where("set_add(ss, <<'x'>>) = ss"), 'set_add')}`,
    ),
    refused(inserted, `Unsupported data type: set_add under key root at ${at(inserted, 'set_add')}`),
    {
      name: 'a SELECT without a key in a transaction',
      operation: 'ExecuteTransaction',
      input: { TransactStatements: [{ Statement: where('attribute_exists(ss)') }] },
      refused: validation(
        'Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause.',
      ),
    },
    {
      name: 'a SELECT without a key in a batch, and answers it with an error',
      operation: 'BatchExecuteStatement',
      input: { Statements: [{ Statement: where('attribute_exists(ss)') }] },
      answer: {
        Responses: [
          {
            Error: {
              Code: 'ValidationError',
              Message:
                'Select statements within BatchExecuteStatement must specify the primary key in the where clause.',
            },
          },
        ],
      },
    },
    {
      name: 'EXISTS without another condition',
      operation: 'ExecuteTransaction',
      input: {
        TransactStatements: [
          { Statement: `EXISTS(SELECT * FROM "hash" WHERE pk = 'fn')` },
          { Statement: `UPDATE "hash" SET z = 1 WHERE pk = 'never'` },
        ],
      },
      refused: validation(
        'Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with additional condition',
      ),
    },
  ])
})

hold('RETURNING and indexes', aws, [
  ...['MODIFIED OLD', 'ALL NEW', 'MODIFIED NEW'].map(what =>
    refused(
      `DELETE FROM "hash" WHERE pk = 'x' RETURNING ${what} *`,
      `Invalid returning clause: RETURNING ${what} *. Only RETURNING ALL OLD * is allowed in DELETE statements.`,
    ),
  ),
  {
    name: 'RETURNING in a transaction',
    operation: 'ExecuteTransaction',
    input: { TransactStatements: [{ Statement: `UPDATE "hash" SET data = 'v' WHERE pk = 'x' RETURNING ALL NEW *` }] },
    refused: validation(
      'Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction.',
    ),
  },
  refused(
    `SELECT pk FROM "indexed"."gsi2" WHERE lsi2sk = 'y' AND nonproj = 'np1'`,
    'One or more parameter values were invalid: Secondary index gsi2 does not project one or more filter attributes: [nonproj]',
  ),
  refused(
    `SELECT pk FROM "indexed"."lsi2" WHERE pk = 'p' AND nonproj = 'np1'`,
    'One or more parameter values were invalid: Secondary index lsi2 does not project one or more filter attributes: [nonproj]',
  ),
  ...['nonproj IS MISSING', 'nonproj IS NOT MISSING', "begins_with(nonproj, 'np')", "NOT nonproj = 'np1'"].map(
    condition =>
      refused(
        `SELECT pk FROM "indexed"."gsi2" WHERE lsi2sk = 'y' AND ${condition}`,
        'One or more parameter values were invalid: Secondary index gsi2 does not project one or more filter attributes: [nonproj]',
      ),
  ),
  refused(
    `SELECT pk FROM "indexed"."gsi2" WHERE lsi2sk IN ['y', 'z'] AND nonproj = 'np1'`,
    'One or more parameter values were invalid: Secondary index gsi2 does not project one or more filter attributes: [nonproj]',
  ),
  refused(
    `SELECT nonproj FROM "indexed"."gsi2" WHERE lsi2sk = 'y'`,
    'One or more parameter values were invalid: Global secondary index gsi2 does not project [nonproj]',
  ),
  refused(`SELECT * FROM "indexed"."no-such-index" WHERE pk = 'p'`, 'The table does not have the specified index'),
  refused(`SELECT * FROM "indexed"."indexed" WHERE pk = 'p'`, 'The table does not have the specified index'),
  refused(
    `SELECT * FROM "indexed"."gsi1"."extra" WHERE pk = 'p'`,
    'A path may contain at most 2 components in the FROM clause',
  ),
  refused(`SELECT * FROM "indexed"."" WHERE pk = 'p'`, 'Path component cannot be an empty string'),
  refused(`SELECT * FROM "" WHERE pk = 'p'`, 'Path component cannot be an empty string'),
  {
    name: 'a consistent read of a global index',
    operation: 'ExecuteStatement',
    input: { Statement: `SELECT * FROM "indexed"."gsi1" WHERE lsi1sk = 'x'`, ConsistentRead: true },
    refused: validation('Strongly consistent read is not supported on Global Secondary Indexes'),
  },
  {
    name: 'an unknown index before a consistent read',
    operation: 'ExecuteStatement',
    input: { Statement: `SELECT * FROM "indexed"."no-such-index"`, ConsistentRead: true },
    refused: validation('The table does not have the specified index'),
  },
  {
    name: 'a read of an index in a transaction',
    operation: 'ExecuteTransaction',
    input: { TransactStatements: [{ Statement: `SELECT * FROM "indexed"."gsi1" WHERE lsi1sk = 'x'` }] },
    refused: validation(
      'Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions.',
    ),
  },
  refused('SELECT * FROM "indexed', NOT_WELL_FORMED),
  {
    ...refused(`SELECT * FROM "absent" WHERE pk = 'p'`, ''),
    refused: 'ResourceNotFoundException: Requested resource not found',
  },
  refused(
    `SELECT pk FROM "absent" WHERE pk = ? AND val < ?`,
    'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL',
    { S: 'x' },
    { BOOL: true },
  ),
])

const MULTI =
  'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.'
describe('an index with several key attributes', () => {
  beforeAll(() =>
    aws.ask('CreateTable', {
      TableName: 'multi',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['id', 'h1', 'h2', 'r1'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'gsi',
          KeySchema: [
            { AttributeName: 'h1', KeyType: 'HASH' },
            { AttributeName: 'h2', KeyType: 'HASH' },
            { AttributeName: 'r1', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  )
  const item = { pk: 'x', id: { S: 'i1' }, h1: { S: 'a' } }
  hold('invalid statements', aws, [
    ...[
      `SELECT * FROM "multi"."gsi" WHERE h1 = 'a'`,
      `SELECT id FROM "multi"."gsi" WHERE h1 = 'a' AND h2 = 'x' ORDER BY r1 DESC`,
      `SELECT * FROM "multi"."gsi" WHERE h1 = 5`,
      `SELECT * FROM "multi"."gsi" WHERE id = 'i1'`,
      'SELECT * FROM "multi"."gsi"',
      'SELECT COUNT(*) FROM "multi"."gsi"',
    ].map(statement => refused(statement, MULTI)),
    refused('SELECT * FROM "multi"."gsi" WHERE', `${NOT_WELL_FORMED}Unexpected term`),
    refused('SELECT * FROM "multi"."gsi" WHERE h1 = 1e99999999999', NOT_WELL_FORMED),
    refused('SELECT * FROM "multi"."gsi" WHERE h1 = ?', `${NO_NUMBER}: 1e99999999999`, { N: '1e99999999999' }),
    {
      name: 'a batch with one refused statement, and answers the other',
      operation: 'BatchExecuteStatement',
      after: [['PutItem', { TableName: 'multi', Item: { id: item.id, h1: item.h1 } }]],
      input: {
        Statements: [
          { Statement: `SELECT * FROM "multi"."gsi" WHERE h1 = 'a' AND h2 = 'x' AND r1 = 'm'` },
          { Statement: `SELECT * FROM "multi" WHERE id = 'i1'` },
        ],
      },
      answer: {
        Responses: [{ Error: { Code: 'ValidationError', Message: MULTI } }, { Item: { id: { S: 'i1' } } }],
      },
    },
  ])
})

describe('literals, comments and ORDER BY', () => {
  beforeAll(async () => {
    for (const N of ['7310000', '7.3', '-7.3']) await put('hash-n', { pk: { N } })
    for (const S of ['ga', 'gb', 'gc']) await put('hash', { pk: { S } })
    for (const N of ['1', '2', '3']) await put('composite-n', { pk: { S: 'order' }, sk: { N } })
  })
  it.each([
    ['7.31e6', '7310000'],
    ['7.31E6', '7310000'],
    ['7.31e+6', '7310000'],
    ['731e4', '7310000'],
    ['73100000e-1', '7310000'],
    ['.73e1', '7.3'],
    ['-.73e1', '-7.3'],
  ])('the literal %s is the number %s', async (literal, N) => {
    expect((await run(`SELECT * FROM "hash-n" WHERE pk = ${literal}`)).Items).toEqual([{ pk: { N } }])
  })
  it.each([
    [`SELECT * FROM "hash" WHERE pk = 'ga' -- a note`, 'ga'],
    [`SELECT * FROM "hash" -- a note\nWHERE pk = 'gb'`, 'gb'],
    [`-- a note\nSELECT * FROM "hash" WHERE pk = 'ga'`, 'ga'],
    [`SELECT * FROM "hash" /* a note */ WHERE pk = 'gc'`, 'gc'],
    [`SELECT * FROM "hash" WHERE pk = 'gc' /* a note */`, 'gc'],
  ])('a statement may have comments: %s', async (statement, S) => {
    expect((await run(statement)).Items).toEqual([{ pk: { S } }])
  })
  it.each([
    ['DESC', ['3', '2', '1']],
    ['ASC', ['1', '2', '3']],
  ])('ORDER BY %s sorts by the sort key', async (order, sorted) => {
    const { Items } = await run(`SELECT * FROM "composite-n" WHERE pk = 'order' ORDER BY sk ${order}`)
    expect(Items.map((item: Answer) => item.sk.N)).toEqual(sorted)
  })
})

describe('functions in a WHERE clause', () => {
  const pk = { S: 'where' }
  beforeAll(() =>
    put('hash', {
      pk,
      ss: { SS: ['a', 'b', 'c'] },
      s: { S: 'str' },
      m: { M: { sub: { S: 'x' } } },
      nul: { NULL: true },
      flag: { BOOL: true },
    }),
  )
  it.each([
    ['attribute_exists(ss)', true],
    ['attribute_exists(nope)', false],
    ['attribute_not_exists(nope)', true],
    ['attribute_not_exists(ss)', false],
    ['NOT attribute_exists(nope)', true],
    ['ATTRIBUTE_EXISTS(ss)', true],
    ['(attribute_exists(nope) OR attribute_exists(ss))', true],
    ['attribute_exists(ss) = true', true],
    ['attribute_exists("ss")', true],
    ['attribute_exists(m.sub)', true],
    ['attribute_exists(m.nope)', false],
    ['size(s) = 3', true],
    ['size(s) = 4', false],
    ["attribute_type(ss, 'SS')", true],
    ["attribute_type(ss, 'S')", false],
    ['nul IS NULL', true],
    ['s IS NULL', false],
    ['s IS NOT NULL', true],
    ['nul IS NOT NULL', false],
    ['flag IS BOOL', true],
    ['s IS STRING', true],
    ['s IS BOOL', false],
  ])('%s is %s', async (condition, isMet) => {
    const { Items } = await run(`SELECT pk FROM "hash" WHERE pk = 'where' AND ${condition}`)
    expect(Items).toEqual(isMet ? [{ pk }] : [])
  })
  it('a write whose condition is false fails and changes nothing', async () => {
    await put('hash', { pk: { S: 'upd' }, a: { N: '5' } })
    expect(await run(`UPDATE "hash" SET z = 1 WHERE pk = 'upd' AND attribute_exists(a)`)).toEqual({ Items: [] })
    expect(await run(`UPDATE "hash" SET z = 2 WHERE pk = 'upd' AND attribute_exists(nope)`)).toBe(CHECK_FAILED)
    expect(await run(`DELETE FROM "hash" WHERE pk = 'upd' AND attribute_exists(nope)`)).toBe(CHECK_FAILED)
    expect(await stored('upd')).toEqual({ pk: { S: 'upd' }, a: { N: '5' }, z: { N: '1' } })
    expect(await run(`DELETE FROM "hash" WHERE pk = 'upd' AND attribute_not_exists(nope)`)).toEqual({ Items: [] })
    expect(await stored('upd')).toBeUndefined()
    expect(await run(`UPDATE "hash" SET z = 1 WHERE pk = 'gone' AND attribute_not_exists(pk)`)).toBe(CHECK_FAILED)
  })
})

describe('set_add and set_delete', () => {
  it.each([
    [`ss = set_add(ss, <<'0', 'z'>>)`, { ss: { SS: ['0', 'a', 'b', 'z'] } }],
    [`ns = set_add(ns, <<4, 1>>)`, { ns: { NS: ['1', '2', '4'] } }],
    [`ss = SET_ADD(ss, <<'a'>>)`, { ss: { SS: ['a', 'b'] } }],
    [`nss = set_add(nss, <<'x'>>)`, { nss: { SS: ['x'] } }],
    [
      `ss = set_add(ss, <<'x'>>) SET ns = set_add(ns, <<9>>)`,
      { ss: { SS: ['a', 'b', 'x'] }, ns: { NS: ['1', '2', '9'] } },
    ],
    [`ss = set_delete(ss, <<'a'>>)`, { ss: { SS: ['b'] } }],
    [`ns = set_delete(ns, <<2>>)`, { ns: { NS: ['1'] } }],
    [`ss = set_delete(ss, <<'a', 'b'>>)`, { ss: undefined }],
    [`ss = set_delete(ss, <<'zz'>>)`, { ss: { SS: ['a', 'b'] } }],
    [`nss = set_delete(nss, <<'a'>>)`, { nss: undefined }],
  ] as const)('the update changes exactly its sets: %s', async (set, parts) => {
    const item = { pk: { S: 'sets' }, ss: { SS: ['a', 'b'] }, ns: { NS: ['1', '2'] } }
    await put('hash', item)
    const { Items } = await run(`UPDATE "hash" SET ${set} WHERE pk = 'sets' RETURNING ALL NEW *`)
    const [{ ss, ns, ...rest }] = Items
    const sorted = {
      ...rest,
      ...(ss && { ss: { SS: [...ss.SS].sort() } }),
      ...(ns && { ns: { NS: [...ns.NS].sort() } }),
    }
    expect(sorted).toEqual(JSON.parse(JSON.stringify({ ...item, ...parts })))
  })
  it('an update of a set fails if the item does not exist', async () => {
    expect(await run(`UPDATE "hash" SET ss = set_add(ss, <<'x'>>) WHERE pk = 'no-sets'`)).toBe(CHECK_FAILED)
  })
})

describe('FROM before SET', () => {
  it.each([
    [`FROM "hash" WHERE pk = 'from' SET c = 1`, { a: { N: '1' }, b: { S: 'bee' }, c: { N: '1' } }],
    [`FROM "hash" WHERE pk = 'from' REMOVE b`, { a: { N: '1' } }],
    [`FROM "hash" WHERE pk = 'from' SET c = 2 REMOVE a`, { b: { S: 'bee' }, c: { N: '2' } }],
    [`from "hash" where pk = 'from' set c = 4`, { a: { N: '1' }, b: { S: 'bee' }, c: { N: '4' } }],
    [`FROM "hash" WHERE pk = 'from' AND a = 1 SET c = 5`, { a: { N: '1' }, b: { S: 'bee' }, c: { N: '5' } }],
  ])('the statement updates the item: %s', async (statement, parts) => {
    await put('hash', { pk: { S: 'from' }, a: { N: '1' }, b: { S: 'bee' } })
    expect(await run(statement)).toEqual({ Items: [] })
    expect(await stored('from')).toEqual({ pk: { S: 'from' }, ...parts })
  })
  it('FROM before SET returns the item with RETURNING, and accepts parameters', async () => {
    await put('hash', { pk: { S: 'from' } })
    const Parameters = [{ S: 'from' }, { N: '7' }]
    const { Items } = await run('FROM "hash" WHERE pk = ? SET c = ? RETURNING ALL NEW *', { Parameters })
    expect(Items).toEqual([{ pk: { S: 'from' }, c: { N: '7' } }])
  })
  it('FROM before SET fails if the item does not exist or does not meet the condition', async () => {
    await put('hash', { pk: { S: 'from' }, a: { N: '1' } })
    expect(await run(`FROM "hash" WHERE pk = 'from-absent' SET c = 1`)).toBe(CHECK_FAILED)
    expect(await run(`FROM "hash" WHERE pk = 'from' AND a = 2 SET c = 1`)).toBe(CHECK_FAILED)
  })
})

describe('overlapping branches', () => {
  beforeAll(async () => {
    for (const S of ['1', '2', '3']) await put('composite', { pk: { S: 'overlap' }, sk: { S } })
  })
  it.each([
    [`pk = 'overlap' AND NOT sk = '1'`, ['2', '3']],
    [`pk = 'overlap' AND sk <> '1'`, ['2', '3']],
    [`pk = 'overlap' AND NOT begins_with(sk, 'x')`, ['1', '2', '3']],
    [`pk = 'overlap' AND NOT sk IN ['1', '3']`, ['2']],
    [`pk = 'overlap' AND NOT sk > '5'`, ['1', '2', '3']],
    [`pk = 'overlap' AND NOT (sk = '1')`, ['2', '3']],
  ])('each item is returned once for overlapping branches: %s or one item', async (branch, keys) => {
    const { Items } = await run(`SELECT * FROM "composite" WHERE ${branch} OR pk = 'overlap' AND sk = '2'`)
    expect(Items?.map((item: Answer) => item.sk.S).sort()).toEqual(keys)
  })
  it('each item is returned once for a partition or all its items but one', async () => {
    const { Items } = await run(`SELECT * FROM "composite" WHERE pk = 'overlap' OR pk = 'overlap' AND NOT sk = '1'`)
    expect(Items?.map((item: Answer) => item.sk.S).sort()).toEqual(['1', '2', '3'])
  })
})

describe('the responses of writes', () => {
  it('a write returns an empty list', async () => {
    const statements = [
      `INSERT INTO "hash" VALUE {'pk': 'wr'}`,
      `UPDATE "hash" SET a = 2 WHERE pk = 'wr'`,
      `DELETE FROM "hash" WHERE pk = 'wr'`,
      `DELETE FROM "hash" WHERE pk = 'wr'`,
    ]
    for (const statement of statements) expect(await run(statement)).toEqual({ Items: [] })
  })
  it('a transaction of writes returns an empty list, and its capacity', async () => {
    await put('hash', { pk: { S: 'wr' } })
    const { answer } = await aws.ask('ExecuteTransaction', {
      TransactStatements: [
        { Statement: `UPDATE "hash" SET a = 3 WHERE pk = 'wr'` },
        { Statement: `INSERT INTO "hash" VALUE {'pk': 'wr-new'}` },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    })
    expect(answer).toMatchObject({ Responses: [], ConsumedCapacity: [{ TableName: 'hash' }] })
  })
})

describe('comparison of values that are not scalars', () => {
  const cases: readonly (readonly [name: string, stored: object, same: object, other: object])[] = [
    ['SS', { SS: ['a', 'b', 'c'] }, { SS: ['c', 'a', 'b'] }, { SS: ['a', 'b', 'd'] }],
    ['NS', { NS: ['1', '2', '3'] }, { NS: ['3', '1', '2'] }, { NS: ['1', '2', '4'] }],
    ['BS', { BS: ['AQI=', 'AwQ='] }, { BS: ['AwQ=', 'AQI='] }, { BS: ['AQI=', 'BQY='] }],
    ['L', { L: [{ S: 'a' }, { S: 'b' }] }, { L: [{ S: 'a' }, { S: 'b' }] }, { L: [{ S: 'b' }, { S: 'a' }] }],
    [
      'M',
      { M: { x: { N: '1' }, y: { N: '2' } } },
      { M: { y: { N: '2' }, x: { N: '1' } } },
      { M: { x: { N: '1' }, y: { N: '3' } } },
    ],
    ['B', { B: 'AQID' }, { B: 'AQID' }, { B: 'AQIE' }],
    ['NULL', { NULL: true }, { NULL: true }, { S: 'not null' }],
  ]
  it.each(cases)('two values of type %s are compared by content', async (name, val, same, other) => {
    await put('hash', { pk: { S: `cmp-${name}` }, val })
    const count = async (operator: string, value: object) => {
      const Parameters = [{ S: `cmp-${name}` }, value]
      return (await run(`SELECT pk FROM "hash" WHERE pk = ? AND val ${operator} ?`, { Parameters })).Items.length
    }
    expect([await count('=', same), await count('<>', same)]).toEqual([1, 0])
    expect([await count('=', other), await count('<>', other)]).toEqual([0, 1])
  })
  it.each([{ BOOL: true }, { NULL: true }, { L: [] }, { M: {} }, { SS: ['a'] }, { NS: ['1'] }, { BS: ['AQ=='] }])(
    '%j has no order',
    async value => {
      const type = Object.keys(value)[0]
      const refusal = (operator: string) =>
        validation(
          `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
        )
      const Parameters = [{ S: 'cmp-B' }, value]
      for (const operator of ['<', '<=', '>', '>=']) {
        expect(await run(`SELECT pk FROM "hash" WHERE pk = ? AND val ${operator} ?`, { Parameters })).toBe(
          refusal(operator),
        )
      }
      const between = { Parameters: [...Parameters, value] }
      expect(await run('SELECT pk FROM "hash" WHERE pk = ? AND val BETWEEN ? AND ?', between)).toBe(refusal('BETWEEN'))
    },
  )
})
