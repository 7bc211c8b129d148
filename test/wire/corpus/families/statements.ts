/** PartiQL: single statements, batches and transactions. */
import { type Attributes, type Family, hashTable, indexedTable, n, rows, rowsOf, s } from '../family.js'

const HASH = 'zz.statements.hash'
const INDEXED = 'zz.statements.indexed'

const ITEMS: Attributes[] = [
  { id: s('a'), word: s('hello'), num: n(1), list: { L: [n(1), s('x')] }, map: { M: { in: s('deep') } } },
  { id: s('b'), word: s('there'), num: n(2), tags: { SS: ['x', 'y'] } },
]
const ENTRIES = ['1', '2', '3'].map(sk => ({ pk: s('p'), sk: s(sk), group: s('g'), rank: n(sk), num: n(sk) }))

const STATEMENTS = [
  `SELECT * FROM "${HASH}"`,
  `SELECT * FROM "${HASH}" WHERE id = 'a'`,
  `select * from "${HASH}" where id = 'a'`,
  `SELECT word, num FROM "${HASH}" WHERE id = 'a'`,
  `SELECT map FROM "${HASH}" WHERE id = 'a'`,
  `SELECT list[1] FROM "${HASH}" WHERE id = 'a'`,
  `SELECT none FROM "${HASH}" WHERE id = 'a'`,
  `SELECT * FROM "${HASH}" WHERE num > 1`,
  `SELECT * FROM "${HASH}" WHERE num >= 1 AND num < 2`,
  `SELECT * FROM "${HASH}" WHERE num BETWEEN 1 AND 2`,
  `SELECT * FROM "${HASH}" WHERE num IN (2, 3)`,
  `SELECT * FROM "${HASH}" WHERE id IN ['a', 'b']`,
  `SELECT * FROM "${HASH}" WHERE num = 1 OR num = 2`,
  `SELECT * FROM "${HASH}" WHERE NOT num = 1`,
  `SELECT * FROM "${HASH}" WHERE begins_with(word, 'he')`,
  `SELECT * FROM "${HASH}" WHERE contains(word, 'er')`,
  `SELECT * FROM "${HASH}" WHERE attribute_type(word, 'S')`,
  `SELECT * FROM "${HASH}" WHERE size(word) > 4`,
  `SELECT * FROM "${HASH}" WHERE tags IS MISSING`,
  `SELECT * FROM "${HASH}" WHERE tags IS NOT MISSING`,
  `SELECT * FROM "${HASH}" WHERE tags = <<'x', 'y'>>`,
  `SELECT * FROM "${INDEXED}" WHERE pk = 'p'`,
  `SELECT * FROM "${INDEXED}" WHERE pk = 'p' ORDER BY sk DESC`,
  `SELECT * FROM "${INDEXED}" WHERE pk = 'p' AND sk > '1'`,
  `SELECT * FROM "${INDEXED}"."byGroup" WHERE "group" = 'g' AND rank > 1`,
  `SELECT sk FROM "${INDEXED}"."groupKeys" WHERE "group" = 'g'`,
  `SELECT * FROM "${INDEXED}"."none" WHERE pk = 'p'`,
  `SELECT * FROM "zz.absent"`,
  `SELECT * FROM ${HASH}`,
  `SELECT FROM "${HASH}"`,
  `SELECT * FROM`,
  `SELECT * WHERE id = 'a'`,
  `SELECT * FROM "${HASH}" WHERE`,
  `SELECT * FROM "${HASH}" WHERE id =`,
  `SELECT * FROM "${HASH}" WHERE id = "a"`,
  `SELECT * FROM "${HASH}" WHERE id = 'a`,
  `SELECT * FROM "${HASH}" LIMIT 1`,
  `SELECT COUNT(*) FROM "${HASH}"`,
  `SELECT * FROM "${HASH}" ORDER BY num`,
  `SELECT * FROM "${HASH}" GROUP BY num`,
  `SELECT * FROM "${HASH}", "${INDEXED}"`,
  `INSERT INTO "${HASH}" VALUE {'id': 'n1', 'num': 5, 'word': 'new'}`,
  `INSERT INTO "${HASH}" VALUE {'id': 'n1', 'num': 5}`,
  `INSERT INTO "${HASH}" VALUE {'num': 5}`,
  `INSERT INTO "${HASH}" VALUE {'id': 5}`,
  `INSERT INTO "${HASH}" VALUE {'id': ''}`,
  `INSERT INTO "${HASH}" VALUE {'id': 'n2', 'l': [1, 'a', {'x': NULL}], 't': true, 's': <<1, 2>>}`,
  `INSERT INTO "${HASH}" VALUES {'id': 'n3'}`,
  `INSERT INTO "${HASH}" {'id': 'n3'}`,
  `UPDATE "${HASH}" SET num = 7 WHERE id = 'a'`,
  `UPDATE "${HASH}" SET num = num + 1 WHERE id = 'a'`,
  `UPDATE "${HASH}" SET num = 7 SET word = 'x' WHERE id = 'a'`,
  `UPDATE "${HASH}" SET num = 8 WHERE id = 'a' AND num = 1`,
  `UPDATE "${HASH}" SET num = 8 WHERE id = 'none'`,
  `UPDATE "${HASH}" REMOVE word WHERE id = 'a'`,
  `UPDATE "${HASH}" SET list = list_append(list, [3]) WHERE id = 'a'`,
  `UPDATE "${HASH}" SET tags = set_add(tags, <<'z'>>) WHERE id = 'b'`,
  `UPDATE "${HASH}" SET num = 9 WHERE id = 'a' RETURNING ALL NEW *`,
  `UPDATE "${HASH}" SET num = 9 WHERE id = 'a' RETURNING MODIFIED OLD *`,
  `UPDATE "${HASH}" SET num = 9`,
  `UPDATE "${HASH}" SET num = 9 WHERE num = 1`,
  `UPDATE "${HASH}" SET id = 'x' WHERE id = 'a'`,
  `UPDATE "${HASH}" WHERE id = 'a'`,
  `DELETE FROM "${HASH}" WHERE id = 'n2'`,
  `DELETE FROM "${HASH}" WHERE id = 'none'`,
  `DELETE FROM "${HASH}" WHERE id = 'b' AND num = 99`,
  `DELETE FROM "${HASH}" WHERE id = 'b' RETURNING ALL OLD *`,
  `DELETE FROM "${HASH}"`,
  `DELETE FROM "${HASH}" WHERE num = 1`,
  '',
  ' ',
  'hello',
  'DROP TABLE x',
]

const statements = rowsOf(
  'ExecuteStatement',
  STATEMENTS.map(Statement => [Statement, { Statement }] as const),
)

const execute = (Statement: string, ...Parameters: unknown[]) => ({
  Statement,
  ...(Parameters.length > 0 && { Parameters }),
})
const more = rows([
  ['parameters', 'ExecuteStatement', execute(`SELECT * FROM "${HASH}" WHERE id = ?`, s('a'))],
  ['too many parameters', 'ExecuteStatement', execute(`SELECT * FROM "${HASH}" WHERE id = ?`, s('a'), s('b'))],
  ['too few parameters', 'ExecuteStatement', execute(`SELECT * FROM "${HASH}" WHERE id = ? AND num = ?`, s('a'))],
  ['a parameter of another type', 'ExecuteStatement', execute(`SELECT * FROM "${HASH}" WHERE id = ?`, n(1))],
  ['no parameters', 'ExecuteStatement', { Statement: `SELECT * FROM "${HASH}"`, Parameters: [] }],
  ['a limit of nothing', 'ExecuteStatement', { Statement: `SELECT * FROM "${HASH}"`, Limit: 0 }],
  ['a wrong token', 'ExecuteStatement', { Statement: `SELECT * FROM "${HASH}"`, NextToken: 'x' }],
  ['no statement', 'ExecuteStatement', {}],
  ['a statement that is a number', 'ExecuteStatement', { Statement: 1 }],
  [
    'capacity',
    'ExecuteStatement',
    { Statement: `SELECT * FROM "${HASH}" WHERE id = 'a'`, ReturnConsumedCapacity: 'TOTAL' },
  ],
  [
    'an unknown enumeration value',
    'ExecuteStatement',
    { Statement: `SELECT * FROM "${HASH}" WHERE id = 'a'`, ReturnConsumedCapacity: 'X' },
  ],
  [
    'reads',
    'BatchExecuteStatement',
    {
      Statements: [
        execute(`SELECT * FROM "${HASH}" WHERE id = 'a'`),
        execute(`SELECT * FROM "${HASH}" WHERE id = 'none'`),
      ],
    },
  ],
  [
    'writes',
    'BatchExecuteStatement',
    {
      Statements: [
        execute(`INSERT INTO "${HASH}" VALUE {'id': 'c'}`),
        execute(`INSERT INTO "${HASH}" VALUE {'id': 'a'}`),
      ],
    },
  ],
  [
    'both',
    'BatchExecuteStatement',
    {
      Statements: [execute(`SELECT * FROM "${HASH}" WHERE id = 'a'`), execute(`DELETE FROM "${HASH}" WHERE id = 'x'`)],
    },
  ],
  ['a read without a key', 'BatchExecuteStatement', { Statements: [execute(`SELECT * FROM "${HASH}"`)] }],
  ['no statements', 'BatchExecuteStatement', { Statements: [] }],
  [
    '26 statements',
    'BatchExecuteStatement',
    { Statements: Array.from({ length: 26 }, () => execute(`SELECT * FROM "${HASH}" WHERE id = 'a'`)) },
  ],
  ['reads', 'ExecuteTransaction', { TransactStatements: [execute(`SELECT * FROM "${HASH}" WHERE id = 'a'`)] }],
  [
    'writes',
    'ExecuteTransaction',
    {
      TransactStatements: [
        execute(`INSERT INTO "${HASH}" VALUE {'id': 'd'}`),
        execute(`DELETE FROM "${HASH}" WHERE id = 'none'`),
      ],
    },
  ],
  [
    'a write that fails',
    'ExecuteTransaction',
    {
      TransactStatements: [
        execute(`INSERT INTO "${HASH}" VALUE {'id': 'e'}`),
        execute(`INSERT INTO "${HASH}" VALUE {'id': 'a'}`),
      ],
    },
  ],
  [
    'both',
    'ExecuteTransaction',
    {
      TransactStatements: [
        execute(`SELECT * FROM "${HASH}" WHERE id = 'a'`),
        execute(`DELETE FROM "${HASH}" WHERE id = 'x'`),
      ],
    },
  ],
  ['no statements', 'ExecuteTransaction', { TransactStatements: [] }],
])

export const STATEMENT_FAMILY: Family = {
  name: 'PartiQL',
  tables: [hashTable(HASH), indexedTable(INDEXED)],
  items: { [HASH]: ITEMS, [INDEXED]: ENTRIES },
  requests: [...statements, ...more],
}
