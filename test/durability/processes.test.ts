/** Several processes on one store at the same time. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'

const incrementer = fileURLToPath(new URL('incrementer.mjs', import.meta.url))
const path = mkdtempSync(join(tmpdir(), 'partita-processes-'))
const key = { pk: 'counter' }
const run = promisify(execFile)

afterAll(() => rmSync(path, { recursive: true, force: true }))

it('64 increments at a time from 4 processes, each on condition of the old value, lose nothing', async () => {
  const store = embedded({ path, sweepInterval: 0 })
  await store.createTable({ name: 'counters', key: { partition: { name: 'pk', type: 'S' } } })
  await store.write({ kind: 'put', table: 'counters', item: { ...key, n: 0 } })
  await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [incrementer, path, '16', '3'])))
  const { item } = await store.get({ table: 'counters', key, consistent: true })
  expect(item?.n).toBe(64 * 3)
  await store.close()
})
