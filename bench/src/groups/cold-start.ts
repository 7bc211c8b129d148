/** The time from the start of a server's process to its first response. */
import { type ChildProcess, spawn } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Figures } from '../measure.js'
import { Connection } from '../raw/connection.js'
import { requestBytes } from '../raw/requests.js'
import { serverCommands } from '../servers/command.js'
import { figure, printTable } from '../table.js'

const ROUNDS = 7
/** Milliseconds between two attempts to reach a starting server. */
const ATTEMPT_INTERVAL = 2
const MOST_MILLISECONDS = 60_000
const LIST_TABLES = requestBytes('ListTables', {})

export async function measureColdStart(): Promise<void> {
  const commands: { readonly name: string; readonly port: number; readonly line: readonly string[] }[] = []
  for (const { name, at } of await serverCommands()) {
    const port = await freePort()
    try {
      commands.push({ name, port, line: at(port) })
    } catch (error) {
      console.log(`Without ${name}: ${(error as Error).message}`)
    }
  }
  const figures = new Figures()
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, port, line } of commands) figures.add(name, await startOnce(name, line, port))
  }
  const rows = commands.map(({ name }) => [name, figure(figures.median(name))])
  printTable(
    'Servers: milliseconds from start to first answer, medians of interleaved starts',
    [['server', 'start'], ...rows],
    true,
  )
}

async function startOnce(name: string, [program, ...args]: readonly string[], port: number): Promise<number> {
  const start = performance.now()
  const child = spawn(program as string, args, { stdio: 'ignore' })
  const ended = new Promise(resolve => child.once('exit', resolve))
  try {
    for (;;) {
      if (await answers(port)) return performance.now() - start
      if (hasFailed(child) || performance.now() - start > MOST_MILLISECONDS) throw new Error(`${name} does not start`)
      await wait(ATTEMPT_INTERVAL)
    }
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

function hasFailed({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function answers(port: number): Promise<boolean> {
  const connection = new Connection(port)
  try {
    await connection.send(LIST_TABLES)
    return true
  } catch {
    return false
  } finally {
    connection.close()
  }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
