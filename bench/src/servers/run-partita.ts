/**
 * Partita's own server, in memory like the others: says its URL on stdout in a line of its own, and ends when stdin does.
 */
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'

console.log(await createServer(memory(), { port: 0 }).listen())
process.stdin.resume().on('end', () => process.exit(0))
