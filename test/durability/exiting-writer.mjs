// Exits while a write is in flight: at once, or when lmdb's thread waits for the work of the commit.
import { embedded } from 'partita/embedded'

const [path, when, how] = process.argv.slice(2)
const store = embedded({ path, sweepInterval: 0 })
const exit = () => {
  if (how === 'throw') throw new Error('thrown')
  process.exit(3)
}
void store.write({ kind: 'put', table: 'items', item: { id: 'in flight' } })
if (when === 'later') {
  // lmdb's thread begins in the immediate that the write queues. This one comes next, before any event.
  for (let i = 0; i < 100; i++) await undefined
  setImmediate(exit)
} else exit()
