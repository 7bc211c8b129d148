/** Programs that use Mongoose with the plugin, on every MongoDB server of the run. */
import mongoose, { type Connection, type Mongoose } from 'mongoose'
import { afterAll, describe } from 'vitest'
import { mongoServers } from '../servers/mongo/lanes.js'

/** Mongoose with a connection to a database of its own. */
export interface Program {
  /** Mongoose's classes of schemas are those of the package. */
  readonly mongoose: Mongoose
  readonly connection: Connection
  /** The commands sent since, without those of the connection itself. */
  readonly commands: { readonly name: string; readonly collection: string }[]
}

/** Runs suites on all servers, which give each test a database that is empty. */
export function describeOnMongo(title: string, suites: (start: () => Promise<Program>) => void): void {
  describe.each(mongoServers())(`${title} on $name`, ({ url }) => {
    const databases: Program[] = []
    let count = 0
    const start = async () => {
      const program = await openProgram(await url(`mongoose-${process.pid}-${Date.now()}-${count++}`))
      databases.push(program)
      return program
    }
    afterAll(async () => {
      for (const { connection } of databases) await connection.close()
    })
    suites(start)
  })
}

async function openProgram(url: string): Promise<Program> {
  const instance = new mongoose.Mongoose()
  const connection = await instance.createConnection(url, { monitorCommands: true, autoCreate: false }).asPromise()
  const commands: Program['commands'] = []
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    commands.push({ name: commandName, collection: String(command[commandName]) })
  })
  return { mongoose: instance, connection, commands }
}

/** Creates the collections and indexes, which transactions need to exist. */
export async function ready({ connection }: Program): Promise<void> {
  await Promise.all(Object.values(connection.models).map(model => model.init()))
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
