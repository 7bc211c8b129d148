/** BatchExecuteStatement. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Films, refusal } from './films.js'

let films: Films
beforeEach(async () => {
  films = await Films.open()
})
afterEach(() => films.close())

describe('BatchExecuteStatement', () => {
  const batch = async (...Statements: (string | object)[]) =>
    films.ask('BatchExecuteStatement', {
      Statements: Statements.map(it => (typeof it === 'string' ? { Statement: it } : it)),
      ReturnConsumedCapacity: 'TOTAL',
    })

  it('BatchExecuteStatement answers each read on its own', async () => {
    const { body } = await batch(
      `SELECT title FROM "partiql-films" WHERE maker = 'Denis' AND "year" = 1999`,
      `SELECT * FROM "partiql-notes" WHERE id = 'none'`,
      `SELECT * FROM "partiql-films" WHERE maker = 'Denis'`,
      `SELECT * FROM "missing-table" WHERE id = 'n'`,
      'SELEC',
    )
    expect(body.Responses).toEqual([
      { TableName: 'partiql-films', Item: { title: { S: 'Beau Travail' } } },
      { TableName: 'partiql-notes' },
      {
        Error: {
          Code: 'ValidationError',
          Message: 'Select statements within BatchExecuteStatement must specify the primary key in the where clause.',
        },
      },
      { Error: { Code: 'ResourceNotFound', Message: 'Requested resource not found' } },
      {
        Error: {
          Code: 'ValidationError',
          Message: "Statement wasn't well formed, can't be processed: Expected data manipulation",
        },
      },
    ])
    expect(body.ConsumedCapacity).toEqual([
      { TableName: 'partiql-films', CapacityUnits: 0.5 },
      { TableName: 'partiql-notes', CapacityUnits: 0.5 },
    ])
  })

  it('BatchExecuteStatement executes each write on its own', async () => {
    const { body } = await batch(
      `INSERT INTO "partiql-notes" VALUE {'id': 'm'}`,
      `INSERT INTO "partiql-films" VALUE {'maker': 'Denis', 'year': 1999}`,
      {
        Statement: `UPDATE "partiql-notes" SET a = 1 WHERE id = 'n' AND "count" = 7`,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
      `UPDATE "partiql-films" SET score = 10 WHERE maker = 'Varda' AND "year" = 1962 RETURNING MODIFIED NEW *`,
    )
    expect(body.Responses).toEqual([
      { TableName: 'partiql-notes' },
      {
        TableName: 'partiql-films',
        Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' },
      },
      {
        TableName: 'partiql-notes',
        Error: {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: expect.objectContaining({ id: { S: 'n' } }),
        },
      },
      { TableName: 'partiql-films', Item: { score: { N: '10' } } },
    ])
  })

  it('BatchExecuteStatement requires only reads or only writes, of 1 to 25 different items', async () => {
    const read = `SELECT * FROM "partiql-notes" WHERE id = 'n'`
    expect(await refusal(batch(read, `DELETE FROM "partiql-notes" WHERE id = 'm'`))).toBe(
      'ValidationException: Read and write requests together in the same batch is not supported.',
    )
    expect(await refusal(batch(read, read))).toBe('ValidationException: Provided list of item keys contains duplicates')
    expect(await refusal(batch())).toMatch(
      "at 'statements' failed to satisfy constraint: Member must have length greater",
    )
    expect(await refusal(batch(...Array(26).fill(read)))).toMatch('Member must have length less than or equal to 25')
  })
})
