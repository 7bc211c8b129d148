/** Processes that exit while a write is in flight. They end, and others can write. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type EmbeddedStore, embedded } from '../../packages/partita/src/embedded/index.js'

const writer = fileURLToPath(new URL('exiting-writer.mjs', import.meta.url))
let path: string
let store: EmbeddedStore

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'partita-exits-'))
  store = embedded({ path, sweepInterval: 0 })
  await store.createTable({ name: 'items', key: { partition: { name: 'id', type: 'S' } } })
})
afterEach(async () => {
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

async function outcomeOf(when: 'at once' | 'later', how: 'exit' | 'throw') {
  const child = spawn(process.execPath, [writer, path, when, how], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', text => {
    stderr += text
  })
  const [code, signal] = await once(child, 'close')
  return { code, signal, stderr }
}

const canWrite = () => store.write({ kind: 'put', table: 'items', item: { id: 'after' } })

it('a process that exits before the commit of its write has begun keeps its exit code', async () => {
  expect(await outcomeOf('at once', 'exit')).toEqual({ code: 3, signal: null, stderr: '' })
  await canWrite()
})

it.each(['exit', 'throw'] as const)('a process whose commit waits for it is killed, and says why (%s)', async how => {
  const { code, signal, stderr } = await outcomeOf('later', how)
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  expect(stderr).toMatch(/partita: .* killed; await all writes or close the store first\n$/)
  if (how === 'throw') expect(stderr).toContain('Error: thrown')
  await canWrite()
})
