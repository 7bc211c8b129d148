/** Whatever statement a client sends, the answer is a result or a refusal. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Films } from './films.js'

let films: Films
beforeAll(async () => {
  films = await Films.open()
})
afterAll(() => films.close())

const WORDS =
  `SELECT INSERT INTO UPDATE DELETE FROM WHERE SET REMOVE VALUE RETURNING ALL MODIFIED OLD NEW AND OR NOT IN BETWEEN IS
  MISSING NULL TRUE ORDER BY ASC DESC EXISTS LIKE "partiql-films" "partiql-notes" maker "year" title id "count" map list
  __proto__ constructor size( contains( begins_with( attribute_type( attribute_exists( set_add( set_delete( list_append(
  if_not_exists( ( ) [ ] { } << >> , . : ; = <> < <= > >= + - * / || ? @ 'Varda' 'n' 'id' 'S' '' 0 1 1962 1.5 1e3 1e400 -1
  \`1\` " ' -- /*`.split(/\s+/)

const BEGINNINGS = [
  '',
  'SELECT * FROM "partiql-films" WHERE',
  'SELECT * FROM "partiql-films" WHERE maker = \'Varda\' AND',
  'SELECT',
  'INSERT INTO "partiql-notes" VALUE {',
  'UPDATE "partiql-notes" SET',
  'UPDATE "partiql-notes" SET list =',
  'DELETE FROM "partiql-notes" WHERE id = \'n\' AND',
  'EXISTS(SELECT * FROM "partiql-notes" WHERE id = \'n\' AND',
]
const ENDS = ['', ')', '}', " WHERE id = 'n'", " WHERE id = 'n' RETURNING MODIFIED NEW *"]

const statement = fc
  .tuple(
    fc.constantFrom(...BEGINNINGS),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 14 }),
    fc.constantFrom(...ENDS),
  )
  .map(([beginning, words, end]) => `${beginning} ${words.join(' ')}${end}`)

const values = [{ S: 'n' }, { N: '1' }, { NS: ['1', '2'] }, { L: [] }, { M: {} }, { NULL: true }, { B: 'aGk=' }]
const parameters = fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 4 })

test('no statement causes an internal error', async () => {
  await fc.assert(
    fc.asyncProperty(statement, parameters, async (Statement, Parameters) => {
      const one = { Statement, Parameters }
      const answers = [
        await films.ask('ExecuteStatement', one),
        await films.ask('BatchExecuteStatement', { Statements: [one] }),
        await films.ask('ExecuteTransaction', { TransactStatements: [one] }),
      ]
      for (const { status, body } of answers) {
        expect([200, 400]).toContain(status)
        expect(JSON.stringify(body)).not.toContain('InternalServerError')
      }
    }),
    { numRuns: 1000 },
  )
})
