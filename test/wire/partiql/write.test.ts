/** Writes in PartiQL: INSERT, UPDATE and DELETE. */
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { Films, refusal } from './films.js'

let films: Films
beforeEach(async () => {
  films = await Films.open()
})
afterEach(() => films.close())

describe('INSERT', () => {
  it('INSERT creates an item with every digit of its numbers', async () => {
    const item = `{'id': 'it''s', 'big': 12345678901234567890123456789012345678, 'e': -1.5e3, 'no': false, '__proto__': {'a': [MISSING_]}}`
    expect(await films.execute(`INSERT INTO "partiql-notes" VALUE ${item.replace('MISSING_', 'null')}`)).toEqual({
      status: 200,
      body: { Items: [] },
    })
    expect((await films.execute(`SELECT * FROM "partiql-notes" WHERE id = 'it''s'`)).body.Items[0]).toEqual(
      JSON.parse(
        `{"id":{"S":"it's"},"big":{"N":"12345678901234567890123456789012345678"},"e":{"N":"-1500"},"no":{"BOOL":false},"__proto__":{"M":{"a":{"L":[{"NULL":true}]}}}}`,
      ),
    )
  })

  test.each([
    [`{'id': 'n'}`, 'DuplicateItemException: Duplicate primary key exists in table'],
    [`{'no': 'n'}`, 'ValidationException: Key attribute should be present in the item: Key id'],
    [
      `{'id': 1}`,
      "ValidationException: Key attribute's data type should match its data type in table's schema: Key id",
    ],
    [`{'id': 'x', 'a': <<>>}`, 'ValidationException: Empty bags are not supported'],
    [`{'id': 'x', 'a': <<1, 1>>}`, 'ValidationException: Input collection contains duplicates'],
    [
      `{'id': 'x', 'a': <<1, 'b'>>}`,
      'ValidationException: Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags',
    ],
    [`{'id': 'x', 'a': b}`, 'ValidationException: Unsupported data type: b under key root at 1:52:1'],
    [`{'id': 'x', 'a': MISSING}`, 'ValidationException: Unsupported data type: MISSING under key root at 1:52:7'],
    [
      `{id: 'x'}`,
      'ValidationException: Tuple keys must be of type String. Actual type: VariableReference under root at 1:36:2',
    ],
    [`{'id': 'x', 'a': 1, 'a': 2}`, 'ValidationException: Duplicate keys in tuple. Key: a under root at 1:55:3'],
    [
      `{'id': 'x', 'a': ${'['.repeat(33)}${']'.repeat(33)}}`,
      'ValidationException: Nesting Levels have exceeded supported limits',
    ],
  ])('INSERT refuses %s', async (item, wanted) => {
    expect(await refusal(films.execute(`INSERT INTO "partiql-notes" VALUE ${item}`))).toBe(wanted)
  })
})

describe('UPDATE', () => {
  test.each([
    [`SET "count" = "count" + 1 - 0.5`, { count: { N: '1.5' } }],
    [`SET "count" = 10 - "count"`, { count: { N: '9' } }],
    [`SET other = "count" SET map.a.c = 'x'`, { other: { N: '1' }, map: { M: { a: { M: { c: { S: 'x' } } } } } }],
    [`SET "set" = set_add("set", <<3>>)`, { set: { NS: ['1', '2', '3'] } }],
    [`SET "set" = set_delete("set", <<1>>)`, { set: { NS: ['2'] } }],
    [`SET fresh = set_add(fresh, <<'a'>>)`, { fresh: { SS: ['a'] } }],
    [`SET list = list_append(list, ['z'])`, { list: { L: [{ N: '1' }, { S: 'z' }] } }],
    [`SET list = list_append(if_not_exists(none, []), list)`, { list: { L: [{ N: '1' }] } }],
    [`SET a = 1, b = 2 REMOVE "count" REMOVE map`, { a: { N: '1' }, b: { N: '2' } }],
  ])('UPDATE changes exactly its attributes: %s', async (clauses, modified) => {
    const statement = `UPDATE "partiql-notes" ${clauses.replaceAll('list', '"list"').replaceAll('"list"_', 'list_')} WHERE id = 'n' RETURNING MODIFIED NEW *`
    expect(await films.items(statement)).toEqual([modified])
  })

  it('UPDATE returns the item or its modified attributes, before or after', async () => {
    const update = (returning: string) =>
      films.items(`UPDATE "partiql-notes" SET "count" = "count" + 1 WHERE id = 'n' RETURNING ${returning} *`)
    expect(await update('MODIFIED OLD')).toEqual([{ count: { N: '1' } }])
    expect(await update('ALL OLD')).toMatchObject([{ id: { S: 'n' }, count: { N: '2' } }])
    expect(await update('ALL NEW')).toMatchObject([{ id: { S: 'n' }, count: { N: '4' } }])
  })

  test.each([
    [`SET a = 1`, 'ValidationException: Where clause does not contain a mandatory equality on all key attributes'],
    [
      `SET a = 1 WHERE id IN ('n')`,
      'ValidationException: Where clause does not contain a mandatory equality on all key attributes',
    ],
    [
      `SET a = 1 WHERE id = 'n' OR a = 2`,
      'ValidationException: Where clause does not contain a mandatory equality on all key attributes',
    ],
    [
      `SET a = 1 WHERE id = 'n' AND id = 'm'`,
      'ValidationException: Multiple conditions on same key id. Only single item Update/Insert/Delete are supported',
    ],
    [
      `SET id = 'm' WHERE id = 'n'`,
      'ValidationException: One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key',
    ],
    [`SET a = 1 WHERE id = 'none'`, 'ConditionalCheckFailedException: The conditional request failed'],
    [`SET a = 1 WHERE id = 'n' AND "count" > 1`, 'ConditionalCheckFailedException: The conditional request failed'],
    [
      `SET a = none WHERE id = 'n'`,
      'ValidationException: The provided expression refers to an attribute that does not exist in the item',
    ],
    [
      `SET a.b = 1 WHERE id = 'n'`,
      'ValidationException: The document path provided in the update expression is invalid for update',
    ],
    [
      `SET "count" = set_add("count", <<1>>) WHERE id = 'n'`,
      'ValidationException: An operand in the update expression has an incorrect data type',
    ],
    [
      `SET a = set_add("set", <<1>>) WHERE id = 'n'`,
      'ValidationException: The first argument to SET_ADD must equal the assignment value at 1:32:7',
    ],
    [
      `SET a = 1 SET a.b = 2 WHERE id = 'n'`,
      'ValidationException: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
    ],
    [
      `SET a = "count" * 2 WHERE id = 'n'`,
      'ValidationException: Unsupported operator in Update Expression. Operator: *',
    ],
    [
      `SET a = "count" + 'x' WHERE id = 'n'`,
      'ValidationException: Incorrect operand type for operator or function; operator or function: +, operand type: S',
    ],
    [`SET a = MISSING WHERE id = 'n'`, 'ValidationException: MISSING must be compared using IS operator'],
  ])('UPDATE refuses %s', async (clauses, wanted) => {
    expect(await refusal(films.execute(`UPDATE "partiql-notes" ${clauses}`))).toBe(wanted)
  })

  it('UPDATE returns the item that failed its condition if requested', async () => {
    const statement = `UPDATE "partiql-notes" SET a = 1 WHERE id = 'n' AND "count" = 7`
    const { body } = await films.execute(statement, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })
    expect(body.Item).toMatchObject({ id: { S: 'n' }, count: { N: '1' } })
  })
})

describe('DELETE', () => {
  it('DELETE deletes a single item, also a missing one, and returns it', async () => {
    const statement = `DELETE FROM "partiql-films" WHERE "year" = 1999 AND maker = 'Denis' RETURNING ALL OLD *`
    expect(await films.items(statement)).toMatchObject([{ title: { S: 'Beau Travail' } }])
    expect(await films.items(statement)).toEqual([])
  })

  it('DELETE of a missing item succeeds, whatever its condition is', async () => {
    const statement = `DELETE FROM "partiql-notes" WHERE id = 'none' AND "count" = 7`
    expect(await films.execute(statement)).toEqual({ status: 200, body: { Items: [] } })
    const { status } = await films.ask('ExecuteTransaction', { TransactStatements: [{ Statement: statement }] })
    expect(status).toBe(200)
  })

  it('DELETE refuses a WHERE clause without the full key, and a false condition', async () => {
    expect(await refusal(films.execute(`DELETE FROM "partiql-films" WHERE maker = 'Denis'`))).toMatch(
      'mandatory equality',
    )
    expect(await refusal(films.execute(`DELETE FROM "partiql-notes" WHERE id = 'n' AND "count" = 7`))).toMatch(
      'ConditionalCheckFailed',
    )
  })
})
