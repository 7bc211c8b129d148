// Opens a store for reading as a user who may write to none of its files, and reads at each byte of its standard input.
// Prints a JSON line for the opening and for each read: the number of items, or the error.
import { embedded } from 'partita/embedded'

const [path] = process.argv.slice(2)
const NOBODY = 65534
const say = it => process.stdout.write(`${JSON.stringify(it)}\n`)
const report = ({ code, message }) => say({ code, message })
if (process.getuid() === 0) process.setuid(NOBODY)
try {
  const store = embedded({ path, readOnly: true })
  const read = () => store.scan({ table: 'items', consistent: true }).then(({ items }) => say(items.length), report)
  await read()
  process.stdin.on('data', read)
  process.stdin.on('end', () => store.close())
} catch (error) {
  report(error)
}
