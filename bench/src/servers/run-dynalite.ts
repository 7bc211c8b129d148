/**
 * dynalite, in memory, in a process of its own like the other servers: says its URL on stdout in a line of its own, and
 * ends when stdin does, so that a bench that is killed leaves no server behind.
 */
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'

const server = dynalite({ createTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.stdin.resume().on('end', () => process.exit(0))
