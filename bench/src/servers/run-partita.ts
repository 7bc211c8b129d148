/** Partita's server, in memory like the others. It prints its URL to stdout and exits when stdin ends. */
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'

console.log(await createServer(memory(), { port: 0 }).listen())
process.stdin.resume().on('end', () => process.exit(0))
