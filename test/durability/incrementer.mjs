// One of several processes that increment one number, each step with a condition on the value that it read.
import { embedded } from 'partita/embedded'

const [path, tasks, steps] = process.argv.slice(2)
const store = embedded({ path, sweepInterval: 0 })
const key = { pk: 'counter' }
const count = { kind: 'path', path: ['n'] }
const value = it => ({ kind: 'value', value: it })

async function task() {
  for (let step = 0; step < Number(steps); ) {
    const { item } = await store.get({ table: 'counters', key, consistent: true })
    try {
      await store.write({
        kind: 'update',
        table: 'counters',
        key,
        update: { set: [{ path: ['n'], value: value(item.n + 1) }], remove: [], add: [], delete: [] },
        condition: { kind: 'compare', comparator: '=', left: count, right: value(item.n) },
      })
      step++
    } catch (error) {
      if (error.code !== 'ConditionFailed') throw error
    }
  }
}

await Promise.all(Array.from({ length: Number(tasks) }, task))
await store.close()
