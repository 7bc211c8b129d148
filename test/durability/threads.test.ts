/** Worker threads that open the store of their process. */
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'

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

/** Starts a thread that runs `work` with the store and posts its error code, or that it has begun. */
async function thread(durability: Durability, work: string): Promise<{ worker: Worker; said: unknown }> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    import('partita/embedded').then(async ({ embedded }) => {
      const store = embedded({ ...workerData, sweepInterval: 0 })
      const put = (id, n) => store.write({ kind: 'put', table: '${table}', item: { id, n } })
      parentPort.postMessage('begun')
      ${work}
    }).catch(({ code, message }) => parentPort.postMessage({ code, message }))`,
    { eval: true, workerData: { path, durability } },
  )
  const [said] = await once(worker, 'message')
  return { worker, said }
}

it.each<[Durability, Durability]>([
  ['relaxed', 'durable'],
  ['durable', 'relaxed'],
])('a store that is open as %s cannot be opened as %s in another thread of the process', async (first, second) => {
  const store = await open(first)
  const { worker, said } = await thread(second, 'await store.close()')
  expect(said).toEqual({ code: 'StoreUnusable', message: expect.stringContaining(`with durability '${first}'`) })
  await worker.terminate()
  await store.write({ kind: 'put', table, item: { id: 'still' } })
  await store.close()
  await (await open(second)).close()
})

it.each<Durability>(['durable', 'relaxed'])(
  'a thread that is terminated while it writes ends, and other threads continue (%s)',
  async durability => {
    const store = await open(durability)
    const dice = new Dice(seed)
    for (let n = 0; n < 3; n++) {
      const { worker } = await thread(durability, 'for (let n = 0; ; n++) await put("own", n)')
      await setTimeout(dice.below(20))
      expect(await worker.terminate()).toBe(1)
      await store.write({ kind: 'put', table, item: { id: 'main', n } })
      const { item } = await store.get({ table, key: { id: 'main' }, consistent: true })
      expect(item?.n).toBe(n)
    }
    expect((await store.verify()).differences).toEqual([])
    await store.close()
  },
)

it.runIf(process.platform === 'linux')(
  'a store whose process has lost its locks opens again only once no thread has it open',
  async () => {
    const store = await open('durable')
    const { worker, said } = await thread('durable', 'parentPort.ref()')
    expect(said).toBe('begun')
    cpSync(path, `${path}-copy`, { recursive: true })
    rmSync(`${path}-copy`, { recursive: true })
    await store.close()
    await expect(open('durable')).rejects.toMatchObject({ message: expect.stringContaining('lost its locks') })
    await worker.terminate()
    const again = await open('durable')
    await again.write({ kind: 'put', table, item: { id: 'again' } })
    await again.close()
  },
)
