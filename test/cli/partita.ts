/**
 * Runs the `partita` command in a folder and on a store of its own: in the process of the test, or as the built command
 * in a child process, which requires `npm run build`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { callWith } from './in-process.js'

export const MAIN = fileURLToPath(new URL('../../packages/cli/bin/partita.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Workplace {
  /** A folder that is removed after the test. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** The line on stderr of a command on items that says which store it uses. */
  readonly using: string
  /** Starts the built command in a process of its own. `ended` resolves to its outcome. */
  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Outcome> }
  /** Runs the built command in a process of its own to its end, without a terminal and with an empty stdin. */
  runBuilt(...args: string[]): Promise<Outcome>
  /**
   * Runs the command to its end in this process, which saves half a second of the processor: without a terminal and with
   * an empty stdin. One call at a time, as it changes the current folder and the environment.
   */
  run(...args: string[]): Promise<Outcome>
  /** Like `run`, with a text on stdin. */
  pipe(input: string | Uint8Array, ...args: string[]): Promise<Outcome>
  /** Like `run`, with `--json`. Returns the printed envelope. */
  json(...args: string[]): Promise<Envelope>
}

interface Envelope {
  readonly ok: boolean
  // biome-ignore lint/suspicious/noExplicitAny: each command has its own data, which the tests compare as a whole
  readonly data?: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly error?: any
}

export function workplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'partita-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARTITA_')))
  const env = { ...inherited, PARTITA_STORE: `embedded:${join(folder, 'store')}` }
  const using = `using ${env.PARTITA_STORE}, table partita-items\n`
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    // A command may end before it has read all of its input, which closes the pipe.
    child.stdin.on('error', () => undefined)
    const ended = new Promise<Outcome>(resolve => {
      child.on('close', code => resolve({ code, stdout, stderr }))
    })
    return { child, ended }
  }
  const runBuilt = (...args: string[]) => {
    const { child, ended } = start(...args)
    child.stdin?.end()
    return ended
  }
  const pipe = async (input: string | Uint8Array, ...args: string[]) => {
    const outside = { folder: process.cwd(), env: process.env }
    process.chdir(folder)
    process.env = env
    try {
      return await callWith(input, ...args)
    } finally {
      process.chdir(outside.folder)
      process.env = outside.env
    }
  }
  const run = (...args: string[]) => pipe('', ...args)
  const json = async (...args: string[]) => {
    const { stdout, stderr } = await run(...args, '--json')
    if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`no envelope on stdout: ${JSON.stringify({ stdout, stderr })}`)
    return JSON.parse(stdout)
  }
  return { folder, env, using, start, runBuilt, run, pipe, json }
}
