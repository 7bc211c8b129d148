import { describe, expect, test } from 'vitest'
import { parseStatement } from './parse.js'

const MALFORMED = "Statement wasn't well formed, can't be processed: "

describe('text that is not PartiQL', () => {
  test.each([
    ['SELEC * FROM music', 'Expected data manipulation'],
    ['', 'Expected data manipulation'],
    ['SELECT FROM music', 'Cannot have empty SELECT list'],
    ['SELECT * music', 'Expected FROM after SELECT list'],
    ['SELECT * FROM', 'Unexpected term'],
    ['SELECT *, a FROM music', 'Expected FROM after SELECT list'],
    ['SELECT a,, b FROM music', 'Unexpected term'],
    ['SELECT date FROM music', 'Unexpected keyword'],
    ['SELECT * FROM music WHERE', 'Unexpected term'],
    ['SELECT * FROM music WHERE a =', 'Unexpected term'],
    ['SELECT * FROM music WHERE a BETWEEN 1', 'Expected AND'],
    ['SELECT * FROM music WHERE a IN ()', 'Unexpected term'],
    ['SELECT * FROM music WHERE a NOT 1', 'Unexpected keyword'],
    ['SELECT * FROM music WHERE a IS ?', 'Expected type name'],
    ['SELECT * FROM music WHERE (a = 1', "Expected ')'"],
    ['SELECT * FROM music WHERE a = 1 b = 2', 'Unexpected token after expression'],
    ['SELECT * FROM music; SELECT * FROM music', 'Unexpected token after semicolon. (Only one query is allowed.)'],
    ["INSERT music VALUE {'a': 1}", 'Expected INTO'],
    ["INSERT INTO music VALUE {'a': 1} ON CONFLICT DO NOTHING", 'Unexpected token after expression'],
    ["INSERT INTO music VALUE {'a' 1}", "Expected ':'"],
    ['UPDATE music WHERE a = 1', 'Expected data manipulation'],
    ['UPDATE music SET WHERE a = 1', 'Expected identifier for simple path'],
    ["UPDATE music SET 'a' = 1 WHERE a = 1", 'Expected identifier for simple path'],
    ['UPDATE music REMOVE a, b WHERE c = 1', 'Unexpected token after expression'],
    ['DELETE music WHERE a = 1', 'Expected FROM'],
    ['EXISTS(DELETE FROM music)', 'Expected SELECT'],
  ])('the statement is refused as malformed: %s', (statement, message) => {
    expect(() => parseStatement(statement)).toThrow(MALFORMED + message)
  })
})

describe('PartiQL that DynamoDB does not support', () => {
  test.each([
    ['SELECT DISTINCT a FROM music', 'Unsupported token in expression: DISTINCT'],
    ['SELECT VALUE a FROM music', "Select projection doesn't support value or pivot keywords"],
    ['SELECT a AS b FROM music', 'Aliasing is not supported'],
    ['SELECT a FROM music m', 'Aliasing is not supported'],
    ['SELECT a FROM music, films', 'Only select from a single table or index is supported.'],
    ['SELECT a FROM "music"."index"."more"', 'A path may contain at most 2 components in the FROM clause'],
    ["SELECT a FROM 'music'", 'Unexpected from source'],
    ['SELECT a FROM (SELECT * FROM music)', 'Unexpected from source'],
    ['SELECT a FROM music LIMIT 1', 'Unsupported clause: LIMIT at 1:27:1'],
    ['SELECT a FROM music GROUP BY a', 'Unsupported clause: GROUP BY'],
    ['SELECT a FROM music WHERE a = (SELECT b FROM films)', 'Unsupported token in expression: SELECT at 1:32:6'],
    ['SELECT a FROM music WHERE a.* = 1', 'Unpivot path component like a.*.b are not supported at 1:29:1'],
    ['SELECT a FROM music WHERE a[-1] = 1', 'List index is not within the allowable range; index: [-1] at 1:30:1'],
    ['SELECT a FROM music WHERE a[?] = 1', 'Unexpected path component at 1:29:1'],
    ["INSERT INTO music VALUES ('a')", 'Unsupported operation: InsertOp'],
    ['INSERT INTO music VALUE ?', 'Unsupported format in item expression.'],
    ["INSERT INTO music VALUE {'a': 1} RETURNING ALL OLD *", 'RETURNING is not supported in INSERT'],
    ["INSERT INTO music.byYear VALUE {'a': 1}", 'FROM clause may only contain a single table name'],
    ['UPDATE music.byYear SET a = 1 WHERE b = 1', 'This operation is not supported on an index'],
    ['UPDATE music SET a = 1 WHERE b = 1 RETURNING ALL NEW a', "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD )"],
    ['DELETE FROM music WHERE a = 1 RETURNING ALL NEW *', 'Only RETURNING ALL OLD * is allowed in DELETE statements.'],
    ['CREATE TABLE music', 'Unsupported operation: CreateTable'],
  ])('the statement is refused as unsupported: %s', (statement, message) => {
    expect(() => parseStatement(statement)).toThrow(message)
  })
})

describe('limits for untrusted statements', () => {
  const where = (condition: string) => `SELECT a FROM music WHERE ${condition}`
  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
  test.each([
    ['parentheses', where(`${'('.repeat(4000)}a = 1${')'.repeat(4000)}`), 'Nesting Levels have exceeded'],
    ['lists', where(`a = ${deep('[', ']', 4000)}`), 'Nesting Levels have exceeded'],
    ['maps', where(`a = ${"{'a':".repeat(1500)}1${'}'.repeat(1500)}`), 'Nesting Levels have exceeded'],
    ['functions', where(`a = ${'f('.repeat(2500)}1${')'.repeat(2500)}`), 'Nesting Levels have exceeded'],
    ['NOT', where(`${'NOT '.repeat(2000)}a = 1`), 'Nesting Levels have exceeded'],
    ['signs', where(`a = ${'- '.repeat(4000)}b`), 'Nesting Levels have exceeded'],
    ['conditions', where(Array(301).fill('a = 1').join(' OR ')), 'too many operators; operator count: 301'],
    ['sums', `UPDATE music SET a = b${' + 1'.repeat(301)} WHERE c = 1`, 'too many operators; operator count: 301'],
    ['members of an IN', where(`a IN (${Array(101).fill(1)})`), 'too many operands; number of operands: 101'],
    ['steps of a path', where(`a${'.b'.repeat(40)} = 1`), 'too many nesting levels; nesting levels: 41'],
  ])('too many %s are refused', (_, statement, message) => {
    expect(() => parseStatement(statement)).toThrow(message)
  })
})

test('AND binds tighter than OR, NOT tighter than AND, and comparisons tightest', () => {
  const statement = parseStatement('SELECT * FROM music WHERE NOT a = 1 AND b = 2 OR c = 3')
  const shape = (term: unknown): unknown => {
    const { kind, name, operands } = term as { kind: string; name: string; operands: unknown[] }
    return kind === 'call' ? [name, ...operands.map(shape)] : kind
  }
  expect(statement.kind === 'select' && shape(statement.where)).toEqual([
    'or',
    ['and', ['not', ['=', 'path', 'literal']], ['=', 'path', 'literal']],
    ['=', 'path', 'literal'],
  ])
})
