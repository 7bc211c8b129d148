// Reads a store continuously, so that it is killed in the middle of a read.
import { embedded } from 'partita/embedded'

const [path] = process.argv.slice(2)
const store = embedded({ path, sweepInterval: 0 })
await store.scan({ table: 'items' })
process.stdout.write('begun\n')
for (;;) await store.scan({ table: 'items' })
