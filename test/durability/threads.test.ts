/** Worker threads that open the store of their process. */
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'

type Durability = 'durable' | 'relaxed'

const table = 'items'
const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
let path: string

beforeEach(() => {
  path = mkdtempSync(join(root, 'partita-threads-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

async function open(durability: Durability) {
  const store = embedded({ path, durability, sweepInterval: 0 })
  await store.createTable({ name: table, key: { partition: { name: 'id', type: 'S' } } })
  return store
}

/** Opens and closes the store in another thread. @returns the error, if there is one. */
async function openInThread(durability: Durability): Promise<unknown> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    import('partita/embedded')
      .then(({ embedded }) => embedded({ ...workerData, sweepInterval: 0 }).close())
      .then(() => parentPort.postMessage(undefined))
      .catch(({ code, message }) => parentPort.postMessage({ code, message }))`,
    { eval: true, workerData: { path, durability } },
  )
  const ended = once(worker, 'exit')
  const [error] = await once(worker, 'message')
  expect(await ended).toEqual([0])
  return error
}

it.each<[Durability, Durability]>([
  ['relaxed', 'durable'],
  ['durable', 'relaxed'],
])('a store that is open as %s cannot be opened as %s in another thread of the process', async (first, second) => {
  const store = await open(first)
  expect(await openInThread(first)).toBeUndefined()
  expect(await openInThread(second)).toEqual({
    code: 'StoreUnusable',
    message: expect.stringContaining(`with durability '${first}'`),
  })
  await store.write({ kind: 'put', table, item: { id: 'still' } })
  await store.close()
  await (await open(second)).close()
})

it.runIf(process.platform === 'linux')(
  'a store whose process has lost its locks opens again only once no thread has it open',
  async () => {
    const store = await open('durable')
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads')
      import('partita/embedded').then(({ embedded }) => {
        const store = embedded({ ...workerData, sweepInterval: 0 })
        parentPort.once('message', () => store.close())
        parentPort.postMessage('begun')
      })`,
      { eval: true, workerData: { path, durability: 'durable' } },
    )
    await once(worker, 'message')
    cpSync(path, `${path}-copy`, { recursive: true })
    rmSync(`${path}-copy`, { recursive: true })
    await store.close()
    await expect(open('durable')).rejects.toMatchObject({ message: expect.stringContaining('lost its locks') })
    const ended = once(worker, 'exit')
    worker.postMessage('close')
    await ended
    const again = await open('durable')
    await again.write({ kind: 'put', table, item: { id: 'again' } })
    await again.close()
  },
)
