/** Starts servers, each in its own process, on a free port of this machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ServerProcess } from './process.js'

export interface ServerProgram {
  readonly name: string
  /** A program that prints its URL to stdout and exits when stdin ends. */
  readonly program: URL
  readonly transactions: boolean
}

const suites = new URL('../../../test/servers/', import.meta.url)

/** The DynamoDB emulators. */
const EMULATORS: readonly ServerProgram[] = [
  { name: 'DynamoDB Local', program: new URL('run-dynamodb-local.mjs', suites), transactions: true },
  { name: 'dynalite', program: new URL('run-dynalite.js', import.meta.url), transactions: false },
  { name: 'dynoxide', program: new URL('run-dynoxide.mjs', suites), transactions: true },
]

export const SERVER_NAMES: readonly string[] = EMULATORS.map(({ name }) => name)

export const PARTITA_SERVER: ServerProgram = {
  name: 'Partita',
  program: new URL('run-partita.js', import.meta.url),
  transactions: true,
}

/** Answers every request with an empty map. */
export const EMPTY_SERVER: ServerProgram = {
  name: 'empty node:http',
  program: new URL('run-empty.js', import.meta.url),
  transactions: true,
}

export interface RunningServer {
  readonly name: string
  readonly url: string
  readonly transactions: boolean
  readonly process: ServerProcess
  stop(): void
}

/** Starts the emulators and the given servers. For an emulator that cannot start, it prints the reason. */
export async function startServers(...others: readonly ServerProgram[]): Promise<RunningServer[]> {
  const programs = [...others, ...EMULATORS]
  const started = await Promise.allSettled(programs.map(startServer))
  return started.flatMap((outcome, i) => {
    if (outcome.status === 'fulfilled') return [outcome.value]
    console.log(`Without ${programs[i]?.name}: ${outcome.reason.message}`)
    return []
  })
}

/** Starts one server. Rejects with the reason if it ends before it is ready. */
export function startServer({ name, program, transactions }: ServerProgram): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const args = [fileURLToPath(program), '--port', '0', '--with-parent']
    const child: ChildProcess = spawn(process.execPath, args, { stdio: 'pipe' })
    let complaint = ''
    child.stderr?.on('data', chunk => {
      complaint += chunk
    })
    child.stdout?.once('data', chunk => {
      const url = String(chunk).trim()
      resolve({ name, url, transactions, process: new ServerProcess(child.pid!), stop: () => void child.stdin?.end() })
    })
    child.on('error', reject)
    child.on('exit', code => reject(new Error(complaint.trim() || `it exited with code ${code}`)))
  })
}
