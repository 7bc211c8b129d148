/** Several processes on one store at the same time. */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { embedded } from '../../packages/partita/src/embedded/index.js'

const grower = fileURLToPath(new URL('grower.mjs', import.meta.url))
const incrementer = fileURLToPath(new URL('incrementer.mjs', import.meta.url))
const path = mkdtempSync(join(tmpdir(), 'partita-processes-'))
const key = { pk: 'counter' }
const run = promisify(execFile)

afterAll(() => rmSync(path, { recursive: true, force: true }))

it('64 concurrent conditional increments from 4 processes lose no update', async () => {
  const store = embedded({ path, sweepInterval: 0 })
  await store.createTable({ name: 'counters', key: { partition: { name: 'pk', type: 'S' } } })
  await store.write({ kind: 'put', table: 'counters', item: { ...key, n: 0 } })
  await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [incrementer, path, '16', '3'])))
  const read = async () => (await store.get({ table: 'counters', key, consistent: true })).item?.n
  const found = [await read()]
  if (found[0] !== 64 * 3) {
    // Distinguishes a lost write from a stale read: a stale read sees the value later, or after another write.
    await new Promise(resolve => setTimeout(resolve, 200))
    found.push(await read())
    await store.write({ kind: 'put', table: 'counters', item: { pk: 'another' } })
    found.push(await read())
  }
  expect(found).toEqual([64 * 3])
  await store.close()
})

it('a stream contains the writes of all processes once and in order while it is being read', async () => {
  const path = mkdtempSync(join(tmpdir(), 'partita-processes-'))
  const store = engineStore(embedded({ path, sweepInterval: 0 }))
  const definition = { name: 'counters', key: { partition: { name: 'pk', type: 'S' } } } as const
  await store.createTable(definition, { stream: 'NEW_IMAGE' })
  const id = store.table('counters')?.stream?.id as number
  await store.write({ kind: 'put', table: 'counters', item: { ...key, n: 0 } })
  let isOver = false
  const counting = Promise.all(
    Array.from({ length: 3 }, () => run(process.execPath, [incrementer, path, '8', '4'])),
  ).finally(() => {
    isOver = true
  })
  const values: unknown[] = []
  for (let from = 0, wasOver = false; !wasOver; ) {
    wasOver = isOver
    const page = store.readStream(id, from, 7)
    values.push(...(page?.changes ?? []).map(({ newImage }) => newImage?.n))
    from = page?.next as number
    wasOver &&= page?.changes.length === 0
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await counting
  expect(values).toEqual(Array.from({ length: 3 * 8 * 4 + 1 }, (_, n) => n))
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

it('a consistent read sees what another process acknowledged while the file grows', async () => {
  const store = embedded({ path, sweepInterval: 0 })
  const text = { type: 'S' } as const
  await store.createTable({
    name: 'growing',
    key: { partition: { name: 'pk', ...text }, sort: { name: 'sk', ...text } },
  })
  const missing: string[] = []
  let seen = 0
  const watch = async (name: string) => {
    const child = spawn(process.execPath, [grower, path, name, '150'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    let rest = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const pk of lines) {
        const { item } = await store.get({ table: 'growing', key: { pk, sk: 's' }, consistent: true })
        seen++
        if (!item) missing.push(pk)
      }
    }
    expect(await ended).toEqual([0, null])
  }
  await Promise.all(['a', 'b', 'c'].map(watch))
  expect(missing).toEqual([])
  expect(seen).toBe(450)
  expect(await store.describeTable('growing')).toMatchObject({ itemCount: 450 })
  await store.close()
})
