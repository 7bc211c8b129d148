// Opens a store that may be damaged, reads all of it and writes to it, in its own process, which a damaged one could crash.
// Prints the outcome as JSON.
import { embedded } from 'partita/embedded'

const [path] = process.argv.slice(2)
const say = it => process.stdout.write(`${JSON.stringify(it)}\n`)
try {
  const store = embedded({ path, sweepInterval: 0 })
  const { ok, tables, differences } = await store.verify()
  for (let i = 0; i < 50; i++) {
    await store.write({ kind: 'put', table: 'copied', item: { id: `k${i}`, version: 0, group: 'g', filler: 'x' } })
  }
  await store.close()
  say({ ok, items: tables[0]?.items, differences: differences.slice(0, 3) })
} catch (error) {
  say({ code: error.code, reason: error.details?.reason, message: error.message })
}
