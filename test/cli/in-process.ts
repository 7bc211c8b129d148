/** Runs the `partita` command in the process of the test, with its own streams: much faster than in a child process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { onTestFinished } from 'vitest'
import { run } from '../../packages/cli/src/program.js'
import { Output } from '../../packages/cli/src/terminal/output.js'
import type { Outcome } from './partita.js'

/** @param input the stdin of the command. */
export async function callWith(input: string | Uint8Array, ...args: string[]): Promise<Outcome> {
  const [stdin, data, screen] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(input)
  let [stdout, stderr] = ['', '']
  data.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  screen.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const code = await run(args, { input: stdin, screen, output: new Output(data, screen) })
  return { code, stdout, stderr }
}

export function call(...args: string[]): Promise<Outcome> {
  return callWith('', ...args)
}

/** The error of a command, as printed by `--json`. */
export async function failure(...args: string[]): Promise<{ code: string; message: string; details: object }> {
  const { stdout, stderr } = await call(...args, '--json')
  const { ok, error } = JSON.parse(stdout || `{"ok":"nothing was printed, and ${stderr}"}`)
  if (ok !== false) throw new Error(`the command did not fail: ${stdout}${stderr}`)
  return error
}

/** A folder that is removed after the test. @returns a function that resolves names in it. */
export function folder(): (name: string) => string {
  const path = mkdtempSync(join(tmpdir(), 'partita-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return name => join(path, name)
}
