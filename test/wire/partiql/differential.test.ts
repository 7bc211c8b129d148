/** The same statements over the wire and on AWS's own server. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Ask, Films, type Json, prepare, TABLES } from './films.js'

const local = inject('servers').find(({ name }) => name === 'dynamodb-local')

/** Statements whose answers must be the same, in this order. */
const SHARED = [
  `SELECT * FROM "partiql-films" WHERE maker = 'Varda'`,
  `SELECT maker, "year", facts.minutes, "cast"[1] FROM "partiql-films" WHERE maker = 'Varda' ORDER BY maker, "year" DESC`,
  `SELECT * FROM "partiql-films" WHERE maker IN ('Varda', 'Denis', 'Akerman') AND "year" IN (1962, 1999)`,
  `SELECT * FROM "partiql-films" WHERE maker = 'Varda' AND "year" >= 1985 AND title <> 'x' AND size(title) > 3`,
  `SELECT title FROM "partiql-films"."byTitle" WHERE maker = 'Varda' AND begins_with(title, 'V')`,
  `SELECT * FROM "partiql-films" WHERE facts.minutes NOT BETWEEN 80 AND 100`,
  `SELECT * FROM "partiql-films" WHERE "cast" IS LIST AND NOT (prize IS MISSING OR prize = 1)`,
  `SELECT * FROM "partiql-films" WHERE 'drama' = genre AND contains("cast", 'Meril')`,
  `SELECT * FROM "partiql-films" WHERE facts.tags = <<'new wave', 'paris'>>`,
  `SELECT * FROM "partiql-films" WHERE title > TRUE`,
  `SELECT * FROM "partiql-films" WHERE "year" > 'x'`,
  `SELECT * FROM "partiql-films" WHERE title BETWEEN 'b' AND 'a'`,
  `SELECT * FROM "partiql-films" WHERE title`,
  `SELECT title, title FROM "partiql-films"`,
  `SELECT maker.a FROM "partiql-films"`,
  `INSERT INTO "partiql-films" VALUE {'maker': 'Reichardt', 'year': 2008, 'title': 'Wendy and Lucy', 'genre': ''}`,
  `INSERT INTO "partiql-films" VALUE {'maker': 'Reichardt', 'year': 2008, 'title': 'Wendy and Lucy', 'n': 1e-3}`,
  `SELECT * FROM "partiql-films" WHERE maker = 'Reichardt'`,
  `UPDATE "partiql-films" SET n = n + 1.5 SET t = title SET l = [1, {'a': <<'x'>>}] WHERE maker = 'Reichardt' AND "year" = 2008 RETURNING ALL NEW *`,
  `UPDATE "partiql-films" SET l[1].b = 'c' SET l[9] = 2 REMOVE l[0] WHERE maker = 'Reichardt' AND "year" = 2008 AND n > 1 RETURNING ALL NEW *`,
  `UPDATE "partiql-films" SET n = 0 REMOVE t WHERE maker = 'Reichardt' AND "year" = 2008 RETURNING MODIFIED OLD *`,
  `DELETE FROM "partiql-films" WHERE maker = 'Reichardt' AND "year" = 2008 AND n = 1`,
  `DELETE FROM "partiql-films" WHERE maker = 'Reichardt' AND "year" = 2008 AND n = 0 RETURNING ALL OLD *`,
]

describe.skipIf(!local)("compared with AWS's own server", () => {
  const target: Ask = async (operation, input) => {
    const response = await fetch(String(local?.url), {
      method: 'POST',
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=partiql/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
    })
    return { status: response.status, body: await response.json() }
  }
  const drop = async () => {
    for (const { TableName } of TABLES) await target('DeleteTable', { TableName })
  }

  let films: Films
  beforeAll(async () => {
    films = await Films.open()
    await drop()
    await prepare(target)
  })
  afterAll(async () => {
    await drop()
    await films.close()
  })

  it('every statement has the same answer', async () => {
    for (const Statement of SHARED) {
      const [own, theirs] = [await films.execute(Statement), await target('ExecuteStatement', { Statement })]
      expect(comparable(own.body), Statement).toEqual(comparable(theirs.body))
    }
  })
})

/** What two servers must agree on: items, with sorted sets, and the text of a refusal. */
function comparable({ Items, message: small, Message = small }: Json): Json {
  if (!Items) return Message
  const sets = (_: string, value: Json) =>
    value?.SS || value?.NS ? { set: [...(value.SS ?? value.NS)].sort() } : value
  const sorted = (item: Json) => Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
  return Items.map((item: Json) => JSON.stringify(sorted(item), sets)).sort()
}
