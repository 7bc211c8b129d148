/** Starts the DynamoDB servers that the suites run on, once for the whole run, and stops them at its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import type { ServerName } from './limits.js'

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
  return stop
}

function start(name: keyof typeof PROGRAMS, running: ChildProcess[]): Promise<TestServer> {
  return new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL(PROGRAMS[name], import.meta.url))
    const child = spawn(process.execPath, [program, '--port', '0', '--with-parent'], { stdio: 'pipe' })
    running.push(child)
    let complaint = ''
    child.stderr.on('data', chunk => {
      complaint += chunk
    })
    child.stdout.once('data', chunk => resolve({ name, url: String(chunk).trim() }))
    child.on('error', reject)
    child.on('exit', () => reject(new Error(complaint.trim())))
  })
}
