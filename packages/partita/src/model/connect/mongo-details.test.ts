/** Databases on MongoDB: their URLs, names and tables. */
import { expect, it } from 'vitest'
import { ValidationError } from '../../errors/errors.js'
import type { Environment } from '../types/databases.js'
import { resolveDatabases } from './databases.js'
import { mongoLocation } from './mongo-details.js'

const mongo = (id: string, connectionDetails: object) => ({ id, type: 'mongo-db', connectionDetails })

/** The location of one database, or the messages of what is wrong with it. */
function locationOf(details: Readonly<Record<string, unknown>>, id = 'shop') {
  const messages: string[] = []
  const location = mongoLocation(details, id, (path, message) => void messages.push(`${path.join('.')} ${message}`))
  return location ?? messages
}

function issuesOf(databases: unknown, environment: Environment = {}): string[] {
  try {
    resolveDatabases(databases, environment, undefined)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return error.details.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  }
  return []
}

it('databases that reuse a connection are other databases of the same servers', () => {
  const resolved = resolveDatabases(
    [
      mongo('primary', { host: `\${gestalt.environment.DATABASE_HOST}`, port: 27017, replicaSet: 'local' }),
      mongo('secondary', { reuseId: 'primary' }),
      mongo('tertiary', { reuseId: 'primary' }),
      mongo('archive', { reuseId: 'secondary', database: 'old', table: 'rows' }),
      mongo('beside', { reuseId: 'primary', database: 'primary' }),
    ],
    { DATABASE_HOST: 'db.example.com' },
    undefined,
  )
  expect(new Set(resolved.map(({ root }) => root)).size).toBe(1)
  expect(resolved.map(({ table }) => table.name)).toEqual([
    'primary',
    'secondary/secondary',
    'tertiary/tertiary',
    'old/rows',
    'beside',
  ])
})

it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['a host', { host: 'localhost' }, 'mongodb://localhost:27017/shop'],
  ['a port as text', { host: '::1', port: '1' }, 'host is "::1"; it is the name'],
  ['an address', { host: '[::1]', port: '1' }, 'mongodb://[::1]:1/shop'],
  [
    'a replica set, TLS and a database',
    { host: 'a', replicaSet: 'rs/0', tls: 'true', database: 'orders' },
    'mongodb://a:27017/orders?replicaSet=rs%2F0&tls=true',
  ],
  [
    'a user, who is known to admin',
    { host: 'a', username: 'a:b', password: 'p@ss/' },
    'mongodb://a%3Ab:p%40ss%2F@a:27017/shop?authSource=admin',
  ],
  [
    'a user of another database',
    { host: 'a', username: 'ada', password: 'x', authSource: 'users' },
    'mongodb://ada:x@a:27017/shop?authSource=users',
  ],
  ['a URL with a database', { url: 'mongodb://a,b/other?replicaSet=rs0' }, 'mongodb://a,b/other?replicaSet=rs0'],
  ['a URL without a database', { url: 'mongodb+srv://a.example.com' }, 'mongodb+srv://a.example.com/shop'],
  [
    'a URL with a user and without a database',
    { url: 'mongodb://ada:x@a/?tls=true' },
    'mongodb://ada:x@a/shop?tls=true&authSource=admin',
  ],
  [
    'a URL whose database knows the user, and another database',
    { url: 'mongodb://ada:x@a/users', database: 'orders' },
    'mongodb://ada:x@a/orders?authSource=users',
  ],
  [
    'a URL that names how to authenticate',
    { url: 'mongodb://ada:x@a/?authMechanism=MONGODB-X509' },
    'mongodb://ada:x@a/shop?authMechanism=MONGODB-X509',
  ],
])('connectionDetails with %s are a URL of the driver', (_, details, expected) => {
  const found = locationOf(details)
  expect(Array.isArray(found) ? found[0] : found.url).toContain(expected)
})

it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['no host', {}, 'host is undefined'],
  ['a host with a port', { host: 'a:1' }, 'host is "a:1"; it is the name or address of one host, without a port'],
  ['options in a host', { host: 'a/admin?tls=false' }, 'host is'],
  ['a port of 0', { host: 'a', port: 0 }, 'port is 0'],
  ['a port that is no number', { host: 'a', port: '27017x' }, 'port is "27017x"'],
  ['a user without a password', { host: 'a', username: 'ada' }, 'password is missing'],
  ['a URL and a host', { url: 'mongodb://a', host: 'a' }, 'host is part of the URL'],
  ['another scheme', { url: 'https://a' }, 'url is not a URL that begins with mongodb://'],
  ['a database with a slash', { host: 'a', database: 'a/b' }, 'database is "a/b"'],
  ['a database with a dollar', { host: 'a', database: '$a' }, 'database is "$a"'],
  ['a tls that is no boolean', { host: 'a', tls: 'yes' }, 'tls is "yes"'],
])('connectionDetails with %s are refused', (_, details, message) => {
  expect(locationOf(details)).toEqual([expect.stringContaining(message)])
})

it('an id that MongoDB does not allow as a name needs a database', () => {
  expect(issuesOf([mongo('a.b', { host: 'a' })])[0]).toContain('so the database needs a name of its own here')
  expect(issuesOf([mongo('a.b', { host: 'a', database: 'ab' })])).toEqual([])
})

it('a table with a slash is refused, as it would be in another database', () => {
  expect(issuesOf([mongo('a', { host: 'a', table: 'admin/users' })])[0]).toContain('it has a slash')
})

it('the same servers twice are one connection, and secrets are never repeated', () => {
  const issues = issuesOf([
    mongo('a', { url: 'mongodb://ada:s3cret@a/x' }),
    mongo('b', { url: 'mongodb://ada:s3cret@a/y' }),
    mongo('c', { url: 'mongo://ada:s3cret@a/y' }),
    mongo('d', { host: 'a', username: 'ada', password: ['s3cret'] }),
  ]).concat(
    issuesOf([mongo('a', { url: 'mongodb://ada:s3cret@a/x' }), mongo('b', { url: 'mongodb://ada:s3cret@a/y' })]),
  )
  expect(issues).toContain(
    "databases.1.connectionDetails connects to the store of a a second time; use { reuseId: 'a' }",
  )
  expect(issues.length).toBe(3)
  expect(issues.join()).not.toContain('s3cret')
})
