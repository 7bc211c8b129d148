/** What the start of the built server loads and leaves behind. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { MAIN } from './partita.js'

const keepsCode = 'flushCompileCache' in nodeModule
if (!keepsCode) console.warn('Skipped: this version of Node keeps no compiled code')

/** Prints the modules of Node that are loaded when the server prints its first line. */
const PROGRAM = `
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = () => write(JSON.stringify(process.moduleLoadList), () => process.exit())
process.argv = [process.execPath, 'partita', 'serve', '--memory', '--port', '0']
await import('${pathToFileURL(MAIN).href}')
`

/** Prints the modules that Node's own server loads, which are more in later versions. */
const EMPTY = `
import 'node:http'
console.log(JSON.stringify(process.moduleLoadList))
`

it('A server listens before it loads the modules of Node that requests need', () => {
  const ofEmpty = loadedBy(EMPTY)
  const loaded = loadedBy(PROGRAM)
  expect(loaded).toContain('NativeModule http')
  const late = ['crypto', 'zlib', 'v8', 'worker_threads'].map(name => `NativeModule ${name}`)
  expect(late.filter(name => loaded.includes(name) && !ofEmpty.includes(name))).toEqual([])
})

it.skipIf(!keepsCode)('A server that is killed has kept its compiled code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'partita-code-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env = { ...process.env, NODE_COMPILE_CACHE: folder }
  const server = spawn(process.execPath, [MAIN, 'serve', '--memory', '--port', '0'], { env, stdio: 'pipe' })
  const ended = once(server, 'exit')
  try {
    await vi.waitFor(() => expect(filesIn(folder)).toBeGreaterThan(0), { timeout: 20_000 })
  } finally {
    server.kill('SIGKILL')
    await ended
  }
})

function filesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).length
}

function loadedBy(program: string): readonly string[] {
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', stdio: 'pipe' }),
  )
}
