/** ExecuteTransaction. */
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { Films, refusal } from './films.js'

let films: Films
beforeEach(async () => {
  films = await Films.open()
})
afterEach(() => films.close())

describe('ExecuteTransaction', () => {
  const transact = async (statements: (string | object)[], more: object = {}) =>
    films.ask('ExecuteTransaction', {
      TransactStatements: statements.map(it => (typeof it === 'string' ? { Statement: it } : it)),
      ...more,
    })

  it('ExecuteTransaction reads several items in one snapshot', async () => {
    const { body } = await transact(
      [`SELECT "count" FROM "partiql-notes" WHERE id = 'n'`, `SELECT * FROM "partiql-notes" WHERE id = 'none'`],
      { ReturnConsumedCapacity: 'TOTAL' },
    )
    expect(body.Responses).toEqual([{ Item: { count: { N: '1' } } }, {}])
    expect(body.ConsumedCapacity).toEqual([{ TableName: 'partiql-notes', CapacityUnits: 4, ReadCapacityUnits: 4 }])
  })

  it('ExecuteTransaction writes all items if every condition is true', async () => {
    const { status } = await transact([
      `INSERT INTO "partiql-notes" VALUE {'id': 'm'}`,
      `UPDATE "partiql-notes" SET "count" = 2 WHERE id = 'n'`,
      `EXISTS(SELECT * FROM "partiql-films" WHERE maker = 'Denis' AND "year" = 1999 AND score > 9)`,
    ])
    expect(status).toBe(200)
    expect(await films.items(`SELECT "count" FROM "partiql-notes" WHERE id = 'n'`)).toEqual([{ count: { N: '2' } }])
  })

  it('ExecuteTransaction writes nothing otherwise, and reports the reason for each statement', async () => {
    const { body } = await transact([
      `INSERT INTO "partiql-notes" VALUE {'id': 'm'}`,
      `INSERT INTO "partiql-notes" VALUE {'id': 'n'}`,
      {
        Statement: `DELETE FROM "partiql-films" WHERE maker = 'Varda' AND "year" = 1962 AND title = 'x'`,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
      `EXISTS(SELECT * FROM "partiql-films" WHERE maker = 'Nobody' AND "year" = 1 AND score IS MISSING)`,
    ])
    expect(body.__type).toMatch('TransactionCanceledException')
    expect(body.Message).toBe(
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, DuplicateItem, ConditionalCheckFailed, ConditionalCheckFailed]',
    )
    expect(body.CancellationReasons).toEqual([
      { Code: 'None' },
      { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: expect.objectContaining({ title: { S: 'Cleo' } }),
      },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
    ])
    expect(await films.items(`SELECT * FROM "partiql-notes" WHERE id = 'm'`)).toEqual([])
  })

  it('ExecuteTransaction is executed once for each token', async () => {
    const more = { ClientRequestToken: 'once' }
    const count = (by: number) => [`UPDATE "partiql-notes" SET "count" = "count" + ${by} WHERE id = 'n'`]
    await transact(count(1), more)
    await transact(count(1), more)
    expect(await films.items(`SELECT "count" FROM "partiql-notes" WHERE id = 'n'`)).toEqual([{ count: { N: '2' } }])
    expect((await transact(count(2), more)).body.__type).toMatch('IdempotentParameterMismatchException')
  })

  const ONE = `SELECT * FROM "partiql-notes" WHERE id = 'n'`
  test.each([
    [
      [ONE, `DELETE FROM "partiql-notes" WHERE id = 'm'`],
      'ValidationException: ExecuteTransaction API does not support both read and write operations in the same request.',
    ],
    [[ONE, ONE], 'ValidationException: Transaction request cannot include multiple operations on one item'],
    [
      [`SELECT * FROM "partiql-notes"`],
      'ValidationException: Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause.',
    ],
    [
      [`SELECT * FROM "partiql-films"."byGenre" WHERE genre = 'a' AND "year" = 1`],
      'ValidationException: Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions.',
    ],
    [
      [`UPDATE "partiql-notes" SET a = 1 WHERE id = 'n' RETURNING ALL NEW *`],
      'ValidationException: Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction.',
    ],
    [
      [`EXISTS(${ONE})`],
      'ValidationException: Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with additional condition',
    ],
    [
      [`INSERT INTO "partiql-notes" VALUE {'id': 'm'}`, `DELETE FROM "partiql-notes" WHERE id = ?`],
      "ValidationException: Validation failed in TransactStatements[1]: Number of parameters in request and statement don't match.",
    ],
    [[`SELECT * FROM "missing-table" WHERE id = 'n'`], 'ResourceNotFoundException: Requested resource not found'],
    [
      [`DELETE FROM "partiql-notes" WHERE id = 1`, `DELETE FROM "partiql-notes" WHERE id = 'm'`],
      'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError, None]',
    ],
  ])('ExecuteTransaction refuses %j', async (statements, wanted) => {
    expect(await refusal(transact(statements))).toBe(wanted)
  })

  it('only ExecuteTransaction accepts EXISTS', async () => {
    const Statement = `EXISTS(SELECT * FROM "partiql-notes" WHERE id = 'n' AND "count" = 1)`
    const wanted = 'EXISTS can only be used in ExecuteTransaction write requests.'
    expect(await refusal(films.execute(Statement))).toBe(`ValidationException: ${wanted}`)
    const { body } = await films.ask('BatchExecuteStatement', { Statements: [{ Statement }] })
    expect(body.Responses).toEqual([{ Error: { Code: 'ValidationError', Message: wanted } }])
  })
})
