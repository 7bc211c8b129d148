/** Reads in PartiQL: SELECT, page by page. */
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { Films, type Json, refusal, TABLES } from './films.js'

let films: Films
beforeEach(async () => {
  films = await Films.open()
})
afterEach(() => films.close())

const years = async (where: string) =>
  (await films.items(`SELECT "year" FROM "partiql-films" WHERE ${where}`)).map((it: Json) => Number(it.year.N))

describe('SELECT', () => {
  it('SELECT returns the value at a path under the last name of the path', async () => {
    const [film] = await films.items(
      `SELECT maker, facts.minutes, "cast"[0] FROM "partiql-films" WHERE maker = 'Varda' AND "year" = 1962`,
    )
    expect(film).toEqual({ maker: { S: 'Varda' }, minutes: { N: '90' }, 'cast[0]': { S: 'Marchand' } })
  })

  test.each([
    [`maker = 'Varda'`, [1962, 1985, 2000]],
    [`maker = 'Varda' ORDER BY "year" DESC`, [2000, 1985, 1962]],
    [`maker IN ('Varda', 'Akerman')`, [1975, 1962, 1985, 2000]],
    [`maker IN ['Varda', 'Akerman'] ORDER BY maker DESC, "year" DESC`, [2000, 1985, 1962, 1975]],
    [`maker = 'Varda' AND "year" > 1962 AND "year" < 2000`, [1985]],
    [`maker = 'Varda' AND ("year" = 1962 OR "year" = 2000)`, [1962, 2000]],
    [`maker = 'Varda' AND maker = 'Denis'`, []],
    [`maker = 'Varda' AND "year" IN (1962, 1985) AND title <> 'Cleo'`, [1985]],
    [`maker = 'Varda' AND prize IS NULL`, [1985]],
    [`maker = 'Varda' AND prize IS MISSING`, [1962, 2000]],
    [`maker = 'Varda' AND facts IS NOT MISSING AND NOT contains(facts.tags, 'paris')`, [2000]],
    [`maker = 'Varda' AND size("cast") = 2`, [1985]],
    [`maker = 'Varda' AND begins_with(title, 'C')`, [1962]],
    [`maker = 'Varda' AND attribute_type(facts, 'M') AND facts.minutes BETWEEN 85 AND 95`, [1962]],
    [`maker = 'Varda' AND contains(title, 'e') = TRUE`, [1962, 2000]],
    [`score = 9.250`, [1999]],
  ])('SELECT finds the rows for %s', async (where, found) => {
    expect(await years(where)).toEqual(found)
  })

  it('SELECT reads indexes, and refuses attributes that they do not project', async () => {
    const drama = `FROM "partiql-films"."byGenre" WHERE genre = 'drama'`
    expect((await films.items(`SELECT "year" ${drama}`)).map((it: Json) => it.year.N)).toEqual([
      '1962',
      '1975',
      '1985',
      '1999',
    ])
    expect(await refusal(films.execute(`SELECT title ${drama}`))).toBe(
      'ValidationException: One or more parameter values were invalid: Global secondary index byGenre does not project [title]',
    )
    expect(await refusal(films.execute(`SELECT * FROM "partiql-films"."none"`))).toBe(
      'ValidationException: The table does not have the specified index',
    )
    expect(await refusal(films.execute(`SELECT "year" ${drama}`, { ConsistentRead: true }))).toMatch(
      'Strongly consistent read is not',
    )
  })

  it('SELECT consumes capacity for the partitions that it queries or the table that it scans', async () => {
    const capacity = async (statement: string) =>
      (await films.execute(statement, { ReturnConsumedCapacity: 'TOTAL', ConsistentRead: true })).body.ConsumedCapacity
    expect(await capacity(`SELECT * FROM "partiql-films" WHERE maker = 'Denis'`)).toEqual({
      TableName: 'partiql-films',
      CapacityUnits: 1,
    })
    expect(await capacity(`SELECT * FROM "partiql-films" WHERE maker IN ('Denis', 'Varda')`)).toMatchObject({
      CapacityUnits: 2,
    })
  })

  it('SELECT accepts parameters, and refuses too few of them', async () => {
    const statement = `SELECT title FROM "partiql-films" WHERE maker = ? AND "year" IN (?, ?)`
    const Parameters = [{ S: 'Varda' }, { N: '1962' }, { N: '1999' }]
    expect(await films.items(statement, { Parameters })).toEqual([{ title: { S: 'Cleo' } }])
    expect(await refusal(films.execute(statement, { Parameters: Parameters.slice(1) }))).toBe(
      "ValidationException: Number of parameters in request and statement don't match.",
    )
  })
})

describe('NextToken', () => {
  const pages = async (Statement: string, Limit: number): Promise<Json[][]> => {
    const found: Json[][] = []
    let NextToken: string | undefined
    do {
      const { body } = await films.execute(Statement, { Limit, ...(NextToken && { NextToken }) })
      found.push(body.Items)
      NextToken = body.NextToken
    } while (NextToken)
    return found
  }

  test.each([
    `SELECT * FROM "partiql-films"`,
    `SELECT * FROM "partiql-films" WHERE maker = 'Varda' ORDER BY "year" DESC`,
    `SELECT * FROM "partiql-films" WHERE maker IN ('Varda', 'Nobody', 'Denis', 'Akerman') ORDER BY maker DESC`,
    `SELECT * FROM "partiql-films" WHERE maker IN ('Varda', 'Denis') AND "year" <> 1985`,
    `SELECT genre FROM "partiql-films"."byGenre" WHERE genre = 'drama'`,
  ])('NextToken pages through all rows of %s', async statement => {
    const whole = await films.items(statement)
    for (const limit of [1, 2, 3, 100]) expect((await pages(statement, limit)).flat()).toEqual(whole)
  })

  it('Limit counts the items before the filter', async () => {
    const { body } = await films.execute(`SELECT * FROM "partiql-films" WHERE maker = 'Varda' AND title = 'Gleaners'`, {
      Limit: 2,
    })
    expect(body.Items).toEqual([])
    expect(body.NextToken).toBeDefined()
    expect(body.LastEvaluatedKey).toEqual({ maker: { S: 'Varda' }, year: { N: '1985' } })
  })

  it('NextToken is valid only for its statement, its parameters and its table', async () => {
    const Statement = `SELECT * FROM "partiql-films" WHERE maker = ?`
    const given = { Statement, Parameters: [{ S: 'Varda' }], Limit: 1 }
    const { body } = await films.ask('ExecuteStatement', given)
    const { NextToken } = body
    expect((await films.ask('ExecuteStatement', { ...given, NextToken })).body.Items).toHaveLength(1)
    const forged = (change: object) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(NextToken, 'base64').toString()), ...change })).toString(
        'base64',
      )
    const unmatched = 'ValidationException: NextToken does not match request'
    const invalid = 'ValidationException: Invalid NextToken'
    const refused: [change: object, refusal: string][] = [
      [{ Statement: `${Statement} AND title = 'Cleo'`, NextToken }, unmatched],
      [{ Parameters: [{ S: 'Denis' }], NextToken }, unmatched],
      [{ NextToken: 'garbage' }, invalid],
      [{ NextToken: `${NextToken}${'A'.repeat(20_000)}` }, invalid],
      [{ NextToken: Buffer.from('['.repeat(20_000)).toString('base64') }, invalid],
      [{ NextToken: forged({ query: 1 }) }, invalid],
      [{ NextToken: forged({ after: { maker: { S: 'Denis' }, year: { N: '1999' } } }) }, invalid],
      [{ NextToken: forged({ after: { maker: { S: 'Varda' } } }) }, invalid],
      [{ NextToken: forged({ after: { maker: { S: 'Varda' }, year: { S: '1' } } }) }, invalid],
    ]
    for (const [change, wanted] of refused) {
      expect(await refusal(films.ask('ExecuteStatement', { ...given, ...change }))).toBe(wanted)
    }
    await films.ask('DeleteTable', { TableName: 'partiql-films' })
    await films.ask('CreateTable', TABLES[0] as object)
    expect(await refusal(films.ask('ExecuteStatement', { ...given, NextToken }))).toBe(unmatched)
  })
})

describe('the constraints of ExecuteStatement', () => {
  test.each<[name: string, input: object, wanted: string]>([
    [
      'a request without a statement',
      {},
      "1 validation error detected: Value null at 'statement' failed to satisfy constraint: Member must not be null",
    ],
    [
      'an empty statement',
      { Statement: '' },
      "1 validation error detected: Value '' at 'statement' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a statement of over 8,192 characters',
      { Statement: 'x'.repeat(8193) },
      'Member must have length less than or equal to 8192',
    ],
    ['a Limit of 0', { Statement: 'SELECT * FROM x', Limit: 0 }, 'Member must have value greater than or equal to 1'],
    [
      'an empty list of parameters',
      { Statement: 'SELECT * FROM x', Parameters: [] },
      "Value '[]' at 'parameters' failed to satisfy constraint",
    ],
    [
      'a table name that is too short',
      { Statement: 'SELECT * FROM xy' },
      'Table name should be within the length [3, 255]',
    ],
    ['an unknown table', { Statement: 'SELECT * FROM xyz' }, 'Requested resource not found'],
  ])('ExecuteStatement refuses %s', async (_, input, wanted) => {
    expect(await refusal(films.ask('ExecuteStatement', input))).toMatch(wanted)
  })
})
