// Writes to a store continuously, so that copies are made under load: transactions that change several items and an
// index. Prints a line once it has begun.
import { embedded } from 'partita/embedded'

const [path] = process.argv.slice(2)
const store = embedded({ path, sweepInterval: 0 })
const table = 'copied'
const item = (key, version) => ({
  id: `k${key}`,
  version,
  group: `g${version % 50}`,
  filler: String(version % 10).repeat(200 + ((version * 131 + key * 977) % 6000)),
})

process.stdout.write('begun\n')
for (let version = 1; ; version++) {
  const keys = Array.from({ length: 20 }, (_, i) => (version * 20 + i * 7) % 2000)
  await store.transactWrite({ writes: keys.map(key => ({ kind: 'put', table, item: item(key, version) })) })
  // Yields to timers and signals.
  if (version % 20 === 0) await new Promise(resolve => setImmediate(resolve))
}
