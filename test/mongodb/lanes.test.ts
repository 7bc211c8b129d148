/** The MongoDB servers of the suites. */
import { MongoClient } from 'mongodb'
import { expect, it } from 'vitest'
import { databaseUrl, mongoServers } from '../servers/mongo/lanes.js'

it.each(mongoServers())('$name is a replica set that stores documents', async ({ url }) => {
  const client = await MongoClient.connect(await url(), { serverSelectionTimeoutMS: 5_000 })
  try {
    const { setName } = await client.db().command({ hello: 1 })
    expect(setName).toBeTypeOf('string')
    const collection = client.db().collection<{ _id: string; n: number }>(`lanes-${crypto.randomUUID()}`)
    await collection.insertOne({ _id: 'a', n: 1 })
    expect(await collection.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 1 })
    await collection.deleteMany({})
  } finally {
    await client.close()
  }
})

it('The URL of a lane names the database and keeps hosts, passwords and options', () => {
  expect(databaseUrl('mongodb://u:p%40@a:1,b:2/?replicaSet=rs0', 'd')).toBe('mongodb://u:p%40@a:1,b:2/d?replicaSet=rs0')
  expect(databaseUrl('mongodb+srv://host/other', 'd')).toBe('mongodb+srv://host/d')
})
