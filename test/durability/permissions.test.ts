/** Processes that may read a store, but write to none of its files. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'

const reader = fileURLToPath(new URL('unpermitted-reader.mjs', import.meta.url))
const table = 'items'
let path: string

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'partita-permissions-'))
  await write('a')
})
afterEach(() => {
  permit(0o755, 0o644)
  rmSync(path, { recursive: true, force: true })
})

async function write(id: string): Promise<void> {
  const store = embedded({ path, sweepInterval: 0 })
  await store.createTable({ name: table, key: { partition: { name: 'id', type: 'S' } } })
  await store.write({ kind: 'put', table, item: { id } })
  await store.close()
}

function permit(folder: number, files: number): void {
  chmodSync(path, folder)
  for (const name of readdirSync(path)) chmodSync(join(path, name), files)
}

/** Starts a reader. `said` returns its next line. */
function start() {
  const child = spawn(process.execPath, [reader, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const said = async () => JSON.parse((await lines.next()).value as string)
  return { child, said, ended: once(child, 'close') }
}

// Windows has no such permissions.
const isUnix = process.platform !== 'win32'

it.runIf(isUnix)('a user who may not write to the lock file cannot open the store, and is sent to chmod', async () => {
  permit(0o555, 0o444)
  const { said, ended } = start()
  expect(await said()).toEqual({ code: 'StoreUnusable', message: expect.stringMatching(/chmod o\+w \S+lock\.mdb/) })
  expect(await ended).toEqual([0, null])
})

it.runIf(isUnix)('a user who may write to the lock file alone reads beside writers', async () => {
  permit(0o555, 0o444)
  chmodSync(join(path, 'lock.mdb'), 0o666)
  const { child, said, ended } = start()
  expect(await said()).toBe(1)
  permit(0o755, 0o666)
  await write('b')
  child.stdin.write('.')
  expect(await said()).toBe(2)
  child.stdin.end()
  expect(await ended).toEqual([0, null])
})

it.runIf(isUnix)('a reader without a lock file refuses to read once another process uses the store', async () => {
  rmSync(join(path, 'lock.mdb'))
  permit(0o555, 0o444)
  const { child, said, ended } = start()
  expect(await said()).toBe(1)
  child.stdin.write('.')
  expect(await said()).toBe(1)
  permit(0o755, 0o644)
  await write('b')
  child.stdin.write('.')
  expect(await said()).toEqual({ code: 'Unavailable', message: expect.stringContaining('lock file') })
  child.stdin.end()
  expect(await ended).toEqual([0, null])
})
