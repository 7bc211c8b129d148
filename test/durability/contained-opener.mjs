// Opens a store, writes and reads, prints its process id or the error, and closes the store when its standard input ends.
import { embedded } from 'partita/embedded'

const [path] = process.argv.slice(2)
const say = it => process.stdout.write(JSON.stringify(it))
try {
  const store = embedded({ path, sweepInterval: 0 })
  await store.createTable({ name: 'items', key: { partition: { name: 'id', type: 'S' } } })
  await store.write({ kind: 'put', table: 'items', item: { id: 'a' } })
  await store.get({ table: 'items', key: { id: 'a' }, consistent: true })
  say({ pid: process.pid })
  process.stdin.on('end', () => void store.close())
  process.stdin.resume()
} catch ({ code, message }) {
  say({ code, message })
}
