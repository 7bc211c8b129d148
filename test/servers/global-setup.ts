/** Starts the servers that the suites run on, once for the whole run, and stops them at its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import type { ServerName } from './limits.js'
import type { MissingMongoServer, MongoServer, MongoServers } from './mongo/lanes.js'

export interface TestServer {
  readonly name: ServerName
  /** An `http` address, or for `custom` the store URL as the user gave it. */
  readonly url: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: TestServer[]
  }
}

const PROGRAMS = { 'dynamodb-local': 'run-dynamodb-local.mjs', dynoxide: 'run-dynoxide.mjs' } as const

export default async function setup(project: TestProject): Promise<() => void> {
  const running: ChildProcess[] = []
  const stop = () => {
    // The programs end with their stdin, also when this process is killed and never gets here.
    for (const child of running) child.stdin?.end()
  }
  // PARTITA_TEST_SERVERS names the servers to start, separated by commas; `none` starts none. Default: all.
  const wanted = process.env.PARTITA_TEST_SERVERS?.split(',')
  const names = (Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]).filter(name => wanted?.includes(name) ?? true)
  const started = await Promise.allSettled(names.map(name => start(name, running)))
  const servers: TestServer[] = []
  for (const [i, outcome] of started.entries()) {
    if (outcome.status === 'fulfilled') servers.push(outcome.value)
    else if (process.env.CI === 'true') {
      stop()
      throw new Error(`CI=true requires ${names[i]}. ${outcome.reason.message}`)
    } else console.warn(`Skipping the suites on ${names[i]}. ${outcome.reason.message}`)
  }
  const custom = process.env.PARTITA_TEST_DYNAMODB
  if (custom) servers.push({ name: 'custom', url: custom })
  project.provide('servers', servers)
  project.provide('mongoServers', await startMongo(running))
  return stop
}

/**
 * jongodb, which starts in a tenth of a second, in every run; a mongod of this machine if MONGOMS_SYSTEM_BINARY names it,
 * and the replica set that MONGODB_URI names. A server that a variable names must run.
 */
async function startMongo(running: ChildProcess[]): Promise<MongoServers> {
  const { MONGODB_URI, MONGOMS_SYSTEM_BINARY, CI } = process.env
  const servers: MongoServer[] = []
  const missing: MissingMongoServer[] = []
  try {
    servers.push({ name: 'jongodb', url: await run('mongo/run-jongodb.mjs', running) })
  } catch (error) {
    if (CI === 'true' && process.platform === 'linux' && process.arch === 'x64') throw error
    missing.push({ name: 'jongodb', reason: (error as Error).message })
  }
  if (MONGOMS_SYSTEM_BINARY) servers.push({ name: 'mongod', url: await run('mongo/run-mongod.mjs', running) })
  else missing.push({ name: 'mongod', reason: 'MONGOMS_SYSTEM_BINARY names no mongod' })
  if (MONGODB_URI) servers.push({ name: 'mongodb-uri', url: MONGODB_URI })
  else missing.push({ name: 'mongodb-uri', reason: 'MONGODB_URI names no replica set' })
  return { running: servers, missing }
}

async function start(name: keyof typeof PROGRAMS, running: ChildProcess[]): Promise<TestServer> {
  return { name, url: await run(PROGRAMS[name], running) }
}

/** Runs the program of a server, and resolves to the URL that it prints. */
function run(file: string, running: ChildProcess[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL(file, import.meta.url))
    const child = spawn(process.execPath, [program, '--port', '0', '--with-parent'], { stdio: 'pipe' })
    running.push(child)
    let complaint = ''
    child.stderr.on('data', chunk => {
      complaint += chunk
    })
    child.stdout.once('data', chunk => resolve(String(chunk).trim()))
    child.on('error', reject)
    child.on('exit', () => reject(new Error(complaint.trim())))
  })
}
