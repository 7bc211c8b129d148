/** A store that a child process writes to continuously, and copies of it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { embedded } from '../../packages/partita/src/embedded/index.js'

export const ITEMS = 2000
const writer = fileURLToPath(new URL('copying.mjs', import.meta.url))
const opener = fileURLToPath(new URL('opener.mjs', import.meta.url))
const run = promisify(execFile)

export interface WrittenStore {
  readonly folder: string
  readonly path: string
  readonly writer: ChildProcess
  end(): Promise<void>
}

export interface Opening {
  readonly ok?: boolean
  readonly items?: number
  readonly differences?: readonly unknown[]
  readonly code?: string
  readonly reason?: string
  readonly message?: string
}

export async function writtenStore(): Promise<WrittenStore> {
  const folder = mkdtempSync(join(tmpdir(), 'partita-copies-'))
  const path = join(folder, 'store')
  const table = 'copied'
  const store = embedded({ path, sweepInterval: 0 })
  const text = { type: 'S' } as const
  await store.createTable({
    name: table,
    key: { partition: { name: 'id', ...text } },
    globalIndexes: { byGroup: { partition: { name: 'group', ...text } } },
  })
  const item = (i: number) => ({ id: `k${i}`, version: 0, group: 'g0', filler: '0'.repeat(3000) })
  await store.batchWrite({ writes: Array.from({ length: ITEMS }, (_, i) => ({ kind: 'put', table, item: item(i) })) })
  await store.close()
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  const end = async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, path, writer: child, end }
}

/** @returns what a process reports that opens the copy. Rejects if a signal ends that process. */
export async function opened(path: string): Promise<Opening> {
  const { stdout } = await run(process.execPath, [opener, path])
  return JSON.parse(stdout)
}
