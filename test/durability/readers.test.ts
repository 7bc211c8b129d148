/** Reading processes that are killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'

const reader = fileURLToPath(new URL('stuck-reader.mjs', import.meta.url))
const table = 'items'

it('upkeep frees the pages that a killed reader held, and the file stops growing', async () => {
  const path = mkdtempSync(join(tmpdir(), 'partita-readers-'))
  const store = embedded({ path, sweepInterval: 0 })
  try {
    await store.createTable({ name: table, key: { partition: { name: 'id', type: 'S' } } })
    const round = (n: number) => {
      const item = (i: number) => ({ id: `${i}`, n, filler: 'x'.repeat(50_000) })
      return store.batchWrite({ writes: Array.from({ length: 25 }, (_, i) => ({ kind: 'put', table, item: item(i) })) })
    }
    const sizeAfter = async (rounds: number) => {
      for (let n = 0; n < rounds; n++) await round(n)
      return statSync(join(path, 'data.mdb')).size
    }
    await sizeAfter(5)
    const child = spawn(process.execPath, [reader, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await ended
    const kept = await sizeAfter(10)
    expect(await sizeAfter(10), 'the dead reader holds overwritten pages').toBeGreaterThan(kept)
    await store.sweep()
    const freed = await sizeAfter(10)
    expect(await sizeAfter(40)).toBe(freed)
  } finally {
    await store.close()
    rmSync(path, { recursive: true, force: true })
  }
})
