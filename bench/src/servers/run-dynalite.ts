/**
 * dynalite, in memory, in its own process like the other servers. It prints its URL to stdout and exits when stdin
 * ends, so that a killed bench leaves no server behind.
 */
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'

const server = dynalite({ createTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.stdin.resume().on('end', () => process.exit(0))
