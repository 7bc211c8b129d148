import { expect, it } from 'vitest'
import { ValidationError } from '../../errors/errors.js'
import type { Store } from '../../store/store.js'
import type { Environment } from '../types/databases.js'
import { resolveDatabases } from './databases.js'

const embedded = (id: string, path = `./${id}`) => ({ id, type: 'embedded', connectionDetails: { path } })
const reused = (id: string, reuseId: string, type = 'embedded') => ({ id, type, connectionDetails: { reuseId } })

function issuesOf(databases: unknown, environment: Environment = {}): string[] {
  try {
    resolveDatabases(databases, environment, undefined)
  } catch (error) {
    if (error instanceof ValidationError)
      return error.details.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    throw error
  }
  return []
}

it('databases that reuse a store have one root and each a table of its own', () => {
  const [primary, secondary, tertiary, other] = resolveDatabases(
    [
      embedded('primary'),
      reused('secondary', 'primary'),
      { id: 'tertiary', type: 'embedded', connectionDetails: { reuseId: 'secondary', table: 'third' } },
      embedded('other'),
    ],
    {},
    undefined,
  )
  expect(secondary?.root).toBe(primary?.root)
  expect(tertiary?.root).toBe(primary?.root)
  expect(other?.root).not.toBe(primary?.root)
  expect([primary, secondary, tertiary, other].map(it => [it?.table.database, it?.table.name])).toEqual([
    ['primary', 'primary'],
    ['secondary', 'secondary'],
    ['tertiary', 'third'],
    ['other', 'other'],
  ])
})

it('a database can reuse one that is listed after it', () => {
  const [first, second] = resolveDatabases([reused('a', 'b'), embedded('b')], {}, undefined)
  expect(first?.root).toBe(second?.root)
})

it('a database has its own layout, or else the layout of all', () => {
  const [own, shared] = resolveDatabases(
    [{ ...embedded('own'), layout: { pk: 'PK' } }, embedded('shared')],
    {},
    { pk: 'hash' },
  )
  expect([own?.table.pk, shared?.table.pk]).toEqual(['PK', 'hash'])
})

const store = { transactWrite() {} } as unknown as Store

it.each<[string, unknown, string]>([
  ['an empty list', [], 'databases is []; it is a list of at least one database'],
  ['a list that is none', { id: 'a' }, 'databases is '],
  ['a database that is none', ['primary'], 'databases.0 is "primary"; it is an object'],
  [
    'an unknown option',
    [{ ...embedded('a'), replicaSet: 'x' }],
    'databases.0.replicaSet is not an option of a database',
  ],
  ['an id with spaces', [embedded('a b', './a')], 'databases.0.id is "a b"; it consists of'],
  ['the name of a prototype as an id', [embedded('__proto__', './a')], 'databases.0.id is "__proto__"; it consists of'],
  ['a missing id', [{ ...embedded('a'), id: undefined }], 'databases.0.id is undefined; it consists of'],
  ['a duplicate id', [embedded('a'), embedded('a', './b')], 'databases.1.id is a, the id of another database too'],
  [
    'an engine without a store',
    [{ ...embedded('a'), type: 'postgres' }],
    'databases.0.type is "postgres"; the types are embedded, dynamodb, mongo-db, store',
  ],
  ['an unknown type', [{ ...embedded('a'), type: 'toString' }], 'databases.0.type is "toString"; the types are'],
  [
    'an unknown reuseId',
    [embedded('a'), reused('b', 'c')],
    'databases.1.connectionDetails.reuseId is c, which is not a database; there are a, b',
  ],
  [
    'a member of every object as a reuseId',
    [embedded('a'), reused('b', 'constructor')],
    'databases.1.connectionDetails.reuseId is constructor, which is not a database',
  ],
  ['an empty reuseId', [reused('a', '')], 'databases.0.connectionDetails.reuseId is ""; it is the id'],
  [
    'a database that reuses itself',
    [reused('a', 'a')],
    'databases.0.connectionDetails.reuseId leads in a circle: a, a',
  ],
  [
    'a circle',
    [reused('a', 'b'), reused('b', 'c'), reused('c', 'a')],
    'databases.0.connectionDetails.reuseId leads in a circle: a, b, c, a',
  ],
  [
    'another type than that of the store',
    [embedded('a'), reused('b', 'a', 'dynamodb')],
    'databases.1.type is dynamodb, but the store is that of a, which is embedded',
  ],
  [
    'other keys beside reuseId',
    [embedded('a'), { ...embedded('b'), connectionDetails: { reuseId: 'a', path: './b' } }],
    'databases.1.connectionDetails.path cannot be combined with reuseId',
  ],
  [
    'two databases on one table',
    [embedded('a'), { ...embedded('b'), connectionDetails: { reuseId: 'a', table: 'a' } }],
    'databases.1.connectionDetails.table is a, the table of a in the same store',
  ],
  [
    'a folder twice',
    [embedded('a'), embedded('b', './a')],
    "databases.1.connectionDetails connects to the store of a a second time; use { reuseId: 'a' }",
  ],
  [
    'a store twice',
    [
      { id: 'a', type: 'store', connectionDetails: { store } },
      { id: 'b', type: 'store', connectionDetails: { store } },
    ],
    'databases.1.connectionDetails connects to the store of a',
  ],
  [
    'a missing path',
    [{ ...embedded('a'), connectionDetails: {} }],
    'databases.0.connectionDetails.path is undefined; it is the path of a folder',
  ],
  [
    'an option of another type',
    [{ ...embedded('a'), connectionDetails: { path: './a', region: 'x' } }],
    'databases.0.connectionDetails.region is not understood for embedded; there are path, readOnly, table, reuseId',
  ],
  [
    'a readOnly that is not a boolean',
    [{ ...embedded('a'), connectionDetails: { path: './a', readOnly: 'yes' } }],
    'databases.0.connectionDetails.readOnly is "yes"; it is true or false',
  ],
  [
    'credentials in an endpoint',
    [{ id: 'a', type: 'dynamodb', connectionDetails: { endpoint: 'http://me:secret@host:8000' } }],
    'databases.0.connectionDetails.endpoint is not an http or https URL',
  ],
  [
    'a timeout of 0',
    [{ id: 'a', type: 'dynamodb', connectionDetails: { deadline: '0' } }],
    'databases.0.connectionDetails.deadline is "0"; it is a number of milliseconds',
  ],
  [
    'a store that is none',
    [{ id: 'a', type: 'store', connectionDetails: { store: {} } }],
    'databases.0.connectionDetails.store is {}; it is a store or a store URL',
  ],
  ['missing details', [{ id: 'a', type: 'embedded' }], 'databases.0.connectionDetails is undefined; it is an object'],
  [
    'an own member __proto__',
    [{ ...embedded('a'), connectionDetails: JSON.parse('{"path":"./a","__proto__":{"readOnly":true}}') }],
    'databases.0.connectionDetails.__proto__ is not understood',
  ],
])('the databases option refuses %s', (_, databases, message) => {
  expect(issuesOf(databases)[0]).toContain(message)
})

it('reports the mistakes of all databases at once', () => {
  expect(
    issuesOf([
      { ...embedded('a'), type: 'x' },
      { ...embedded('b'), connectionDetails: {} },
    ]),
  ).toHaveLength(2)
})

it('an error never repeats the credentials of an endpoint', () => {
  const details = { endpoint: `\${ENDPOINT}` }
  const [message] = issuesOf([{ id: 'a', type: 'dynamodb', connectionDetails: details }], {
    ENDPOINT: 'http://me:secret@x',
  })
  expect(message).not.toContain('secret')
})

it('fills in placeholders from the environment', () => {
  const path = `\${ROOT}/\${environment.NAME}-\${gestalt.environment.STAGE}`
  const [database] = resolveDatabases(
    [{ id: 'a', type: 'embedded', connectionDetails: { path: './x', table: path } }],
    { ROOT: '/data', NAME: `\${STAGE}`, STAGE: 'test' },
    undefined,
  )
  // The value of NAME is inserted as it is: values are not searched for placeholders.
  expect(database?.table.name).toBe(`/data/\${STAGE}-test`)
})

it.each([
  [`\${HOST}`, `has the placeholder \${HOST}, but the environment variable HOST is not set`],
  [`\${EMPTY}`, `has the placeholder \${EMPTY}, but the environment variable EMPTY is not set`],
  [`\${toString}`, `has the placeholder \${toString}, but the environment variable toString is not set`],
  [`\${__proto__}`, `has the placeholder \${__proto__}, but the environment variable __proto__ is not set`],
  [`\${gestalt.environment.constructor}`, 'but the environment variable constructor is not set'],
  [`\${process.exit(1)}`, `has the placeholder \${process.exit(1)}, which is not \${NAME}`],
  [`\${1 + 1}`, `has the placeholder \${1 + 1}, which is not \${NAME}`],
  [`\${A.B}`, `has the placeholder \${A.B}, which is not \${NAME}`],
  [`\${}`, `has the placeholder \${}, which is not \${NAME}`],
  [`\${ HOME }`, `has the placeholder \${ HOME }, which is not \${NAME}`],
  [`./data/\${HOST`, 'has a placeholder without its closing brace at offset 7'],
])('the placeholder in %s is refused', (path, message) => {
  expect(issuesOf([embedded('a', path)], { EMPTY: '', A: 'a' })).toEqual([
    expect.stringContaining(`databases.0.connectionDetails.path ${message.startsWith('but') ? '' : message}`),
  ])
  expect(issuesOf([embedded('a', path)], { EMPTY: '', A: 'a' })[0]).toContain(message)
})

it('reads numbers and flags from texts, as the environment has only texts', () => {
  const databases = [
    {
      id: 'a',
      type: 'dynamodb',
      connectionDetails: { endpoint: `http://\${HOST}:\${PORT}`, deadline: `\${DEADLINE}` },
    },
    { id: 'b', type: 'embedded', connectionDetails: { path: './b', readOnly: `\${READ_ONLY}` } },
  ]
  const environment = { HOST: 'localhost', PORT: '8000', DEADLINE: '5000', READ_ONLY: 'false' }
  expect(issuesOf(databases, environment)).toEqual([])
  expect(issuesOf(databases, { ...environment, DEADLINE: 'soon' })).toHaveLength(1)
})
