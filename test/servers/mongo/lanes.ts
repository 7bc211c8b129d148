/** The MongoDB servers that the suites run on, and what each of them cannot judge. */
import { inject } from 'vitest'
import type { Supports } from '../../../packages/partita/src/testing/index.js'
import { type MemoryMongo, startMemoryMongo } from './memory/server.js'

export type MongoServerName = 'jongodb' | 'mongod' | 'mongodb-uri'

/** A MongoDB server that the run started, or was given. */
export interface MongoServer {
  readonly name: MongoServerName
  /** A `mongodb` URL, as started or as the user gave it. */
  readonly url: string
}

/** A server that the suites skip, and why. */
export interface MissingMongoServer {
  readonly name: MongoServerName
  readonly reason: string
}

/** All servers of a run: those that were started, and those that were not. */
export interface MongoServers {
  readonly running: readonly MongoServer[]
  readonly missing: readonly MissingMongoServer[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    mongoServers: MongoServers
  }
}

/** One server to run a suite on. */
export interface MongoLane {
  readonly name: string
  /** What the store lacks on this server. */
  readonly supports: Supports
  /** Why the server cannot carry the store, if it cannot. It may still carry programs of Mongoose. */
  readonly withoutStore?: string
  /** The URL of a database on it; every lane of one run uses the same database. */
  url(database?: string): Promise<string>
}

/** MongoDB's own limits, on every server. */
const MONGODB: Supports = {
  // Decimal128 has 34 digits, DynamoDB's numbers 38.
  digits38: false,
}

/** Servers that lack commands which the store sends, and which have no substitute. */
const WITHOUT_STORE: Readonly<Partial<Record<MongoServerName, string>>> = {
  jongodb: 'jongodb has no create, drop, dropIndexes and listCollections, and no findAndModify that removes',
}

const DATABASE = 'partita-test'

let memoryServer: Promise<MemoryMongo> | undefined

/** Our own server, in memory, in this process; it starts with the first suite that uses it, and ends with the process. */
function memoryUrl(): Promise<string> {
  memoryServer ??= startMemoryMongo()
  return memoryServer.then(({ url }) => url)
}

/** The MongoDB servers of this run. Our own server is always among them, and has write conflicts. */
export function mongoServers(): readonly MongoLane[] {
  const started = inject('mongoServers').running.map(({ name, url }) => ({ name, url: () => Promise.resolve(url) }))
  return [{ name: 'mongo-memory', url: memoryUrl } as const, ...started].map(({ name, url }) => ({
    name,
    supports: MONGODB,
    withoutStore: name === 'mongo-memory' ? undefined : WITHOUT_STORE[name],
    url: async database => databaseUrl(await url(), database ?? DATABASE),
  }))
}

/** The servers that this run skips, for suites that say so. */
export function missingMongoServers(): readonly MissingMongoServer[] {
  return inject('mongoServers').missing
}

/** The URL with a database, which replaces the one it has. */
export function databaseUrl(url: string, database: string): string {
  const [, hosts = '', options = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(url) ?? []
  return `${hosts}/${database}${options}`
}
