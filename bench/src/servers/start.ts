/** Starts the servers that DynamoDB is emulated by, each in a process of its own, on a free port of this machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface ServerProgram {
  readonly name: string
  /** A program that says its URL on stdout and ends with its stdin. */
  readonly program: URL
  readonly transactions: boolean
}

const suites = new URL('../../../test/servers/', import.meta.url)

const PROGRAMS: readonly ServerProgram[] = [
  { name: 'DynamoDB Local', program: new URL('run-dynamodb-local.mjs', suites), transactions: true },
  { name: 'dynalite', program: new URL('run-dynalite.js', import.meta.url), transactions: false },
  { name: 'dynoxide', program: new URL('run-dynoxide.mjs', suites), transactions: true },
]

export const SERVER_NAMES: readonly string[] = PROGRAMS.map(({ name }) => name)

export interface RunningServer {
  readonly name: string
  readonly url: string
  readonly transactions: boolean
  stop(): void
}

/** Those that can start; of the others it prints why they cannot. */
export async function startServers(): Promise<RunningServer[]> {
  const started = await Promise.allSettled(PROGRAMS.map(start))
  return started.flatMap((outcome, i) => {
    if (outcome.status === 'fulfilled') return [outcome.value]
    console.log(`Without ${PROGRAMS[i]?.name}: ${outcome.reason.message}`)
    return []
  })
}

function start({ name, program, transactions }: ServerProgram): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const args = [fileURLToPath(program), '--port', '0', '--with-parent']
    const child: ChildProcess = spawn(process.execPath, args, { stdio: 'pipe' })
    let complaint = ''
    child.stderr?.on('data', chunk => {
      complaint += chunk
    })
    child.stdout?.once('data', chunk => {
      resolve({ name, url: String(chunk).trim(), transactions, stop: () => void child.stdin?.end() })
    })
    child.on('error', reject)
    child.on('exit', code => reject(new Error(complaint.trim() || `it ended with code ${code}`)))
  })
}
