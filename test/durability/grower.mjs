// One of several processes that make the file of the store grow, and print each write that was acknowledged.
import { embedded } from 'partita/embedded'

const [path, name, count] = process.argv.slice(2)
const store = embedded({ path, sweepInterval: 0 })
for (let i = 0; i < Number(count); i++) {
  const item = { pk: `${name}${i}`, sk: 's', filler: 'x'.repeat(50_000) }
  await store.write({ kind: 'put', table: 'growing', item })
  process.stdout.write(`${item.pk}\n`)
}
await store.close()
