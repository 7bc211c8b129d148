// Opens and closes one store repeatedly, until its standard input ends.
import { embedded } from 'partita/embedded'

const [path, mode] = process.argv.slice(2)
let isOver = false
process.stdin.on('end', () => {
  isOver = true
})
process.stdin.resume()
process.stdout.write('begun\n')
while (!isOver) {
  const store = embedded({ path, readOnly: mode === 'readOnly', sweepInterval: 0 })
  await store.close()
  await new Promise(resolve => setImmediate(resolve))
}
