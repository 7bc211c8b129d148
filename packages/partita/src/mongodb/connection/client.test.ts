/** Options of the store, which are checked before anything is sent. */
import { MongoClient } from 'mongodb'
import { expect, it } from 'vitest'
import { ValidationError } from '../../errors/errors.js'
import { type MongoDBOptions, openClient } from './client.js'

const client = new MongoClient('mongodb://localhost:1')

function messageOf(options: MongoDBOptions): string {
  try {
    openClient(options)
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return (error as Error).message
  }
  return ''
}

it.each<[string, MongoDBOptions, string]>([
  ['nothing', {}, 'url: is missing'],
  ['a client without a database', { client }, 'database: is missing; a client needs the name'],
  ['a client of another kind', { client: {} as MongoClient, database: 'a' }, 'client: is not a MongoClient'],
  ['a client and a URL', { client, url: 'mongodb://a/b', database: 'b' }, 'pass either the client or a URL'],
  ['a URL without a database', { url: 'mongodb://localhost:27017' }, 'has no database'],
  ['a URL of another engine', { url: 'memory:' }, 'is not a URL that begins with mongodb:'],
  ['an invalid database', { client, database: 'a/b' }, '"a/b" is not a valid name of a database'],
  ['a deadline of 0', { client, database: 'a', deadline: 0 }, 'deadline: is 0'],
  ['an unknown option', { client, database: 'a', dedline: 1 } as MongoDBOptions, 'dedline: is not an option here'],
  ['no options at all', undefined as never, 'not an object of options'],
  ['an unknown option of the driver', { url: 'mongodb://a/b?nonsense=1' }, 'option nonsense is not supported'],
  ['an option that the driver ignores', { url: 'mongodb://a/b?timeoutMs=9' }, 'has the option timeoutMs, which has no'],
  ['a port that is none', { url: 'mongodb://a:99999/b' }, 'is rejected by the driver'],
])('The options are refused with %s', (_, options, message) => {
  expect(messageOf(options)).toContain(message)
})

it.each([
  'mongodb://ada:s3cret@a:99999/b',
  'mongodb://ada:s3cret%zz@a/b',
  'mongodb://ada:s3cret@a,b/c?nonsense=s3cret',
  'mongodb://a/b?tlsCertificateKeyFilePassword=s3cret&tls=maybe',
  'mongodb+srv://ada:s3cret@a.b.example.com:27017/b',
])('The error for %s repeats no secret', url => {
  const message = messageOf({ url })
  expect(message).toContain('is rejected by the driver')
  expect(message).not.toContain('s3cret')
})

it('The client of a URL has its options, and time limits shorter than those of a call', () => {
  const { client: own, owned, database } = openClient({ url: 'mongodb://a:1,b:2/shop?replicaSet=rs1&maxPoolSize=7' })
  expect({ owned, database }).toEqual({ owned: true, database: 'shop' })
  const { replicaSet, maxPoolSize, serverSelectionTimeoutMS, appName, retryWrites } = own.options
  expect({ replicaSet, maxPoolSize, serverSelectionTimeoutMS, appName, retryWrites }).toEqual({
    replicaSet: 'rs1',
    maxPoolSize: 7,
    serverSelectionTimeoutMS: 10_000,
    appName: 'partita',
    retryWrites: true,
  })
  const given = openClient({ url: 'mongodb://a/b?appName=shop&serverSelectionTimeoutMS=500', database: 'other' })
  expect(given.database).toBe('other')
  expect([given.client.options.appName, given.client.options.serverSelectionTimeoutMS]).toEqual(['shop', 500])
})

it('A client of the program is used as it is, and is not closed by the store', () => {
  expect(openClient({ client, database: 'shop' })).toEqual({ client, owned: false, database: 'shop' })
})
