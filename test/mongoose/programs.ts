/** Programs that use Mongoose with the plugin, on every MongoDB server of the run. */
import mongoose, { type Connection, type Mongoose, Schema } from 'mongoose'
import { goodies } from 'partita/mongoose'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { mongoServers } from '../servers/mongo/lanes.js'

/** Mongoose with a connection to a database of its own. */
export interface Program {
  readonly mongoose: Mongoose
  readonly connection: Connection
  /** The commands that the database has received. */
  readonly commands: { readonly name: string; readonly collection: string }[]
}

/** What some servers lack. */
export interface ServerSupport {
  /** Whether an update can name an element of an array. */
  readonly elements: boolean
  /** Whether transactions conflict. */
  readonly conflicts: boolean
}

/** Runs suites on all servers, which give each program a database that is empty. */
export function describeOnMongo(
  title: string,
  suites: (start: () => Promise<Program>, supports: ServerSupport) => void,
): void {
  describe.each(mongoServers())(`${title} on $name`, ({ name, url }) => {
    let client: mongoose.mongo.MongoClient
    let count = 0
    beforeAll(async () => {
      // The driver of Mongoose, which can be another version than that of the library.
      client = await mongoose.mongo.MongoClient.connect(await url('mongoose'), {
        monitorCommands: true,
        // After the driver has lost sight of a server, Mongoose keeps the calls on databases of `useDb` until the next
        // heartbeat, at most 10 seconds: the driver's usual 10 seconds between two heartbeats are too long for that.
        heartbeatFrequencyMS: 2_000,
      })
      client.setMaxListeners(0)
    })
    afterAll(() => client.close())
    const isComplete = name !== 'jongodb'
    suites(async () => program(client, `mongoose-${process.pid}-${Date.now()}-${count++}`), {
      elements: isComplete,
      conflicts: isComplete,
    })
  })
}

function program(client: mongoose.mongo.MongoClient, database: string): Program {
  const instance = new mongoose.Mongoose()
  // Collections and indexes are made when a test asks for them: most need none.
  for (const option of ['autoCreate', 'autoIndex'] as const) instance.set(option, false)
  const connection = instance.createConnection().setClient(client).useDb(database, { useCache: true })
  const commands: Program['commands'] = []
  client.on('commandStarted', ({ commandName, databaseName, command }) => {
    if (databaseName.startsWith(database))
      commands.push({ name: commandName, collection: String(command[commandName]) })
  })
  return { mongoose: instance, connection, commands }
}

/**
 * Opens another database of the same client. Mongoose opens none at once while it has lost sight of the server, as on a busy
 * machine, and then models cannot be defined on it.
 */
export async function otherDatabase({ connection }: Program, suffix: string): Promise<Connection> {
  await expect.poll(() => connection.readyState).toBe(mongoose.STATES.connected)
  return connection.useDb(`${connection.name}-${suffix}`, { useCache: true })
}

/** Creates the collections that transactions write to, and indexes. */
export async function ready({ connection }: Program): Promise<void> {
  await Promise.all(Object.values(connection.models).map(model => model.createIndexes()))
}

/** A schema with the plugin, whose documents have no types: tests change them in ways that types refuse. */
export function plugged(paths: object, options: object = {}): Schema {
  const schema = new Schema(paths as never, options) as Schema
  schema.plugin(goodies)
  return schema
}

/** What an error of Mongoose says, by path; undefined if the call succeeded. */
export async function refused(call: Promise<unknown>): Promise<Record<string, string> | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!(error instanceof mongoose.Error.ValidationError)) throw error
    return Object.fromEntries(Object.entries(error.errors).map(([path, { message }]) => [path, message]))
  }
}
