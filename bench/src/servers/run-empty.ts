/**
 * A server that does only HTTP: the minimum cost of a server on Node's `http`. Started with `--port` like the others.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => {
    response.writeHead(200, ['Content-Type', 'application/x-amz-json-1.0', 'Content-Length', '2'])
    response.end('{}', 'latin1')
  })
})
server.listen(Number(process.argv[3]), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
)
if (process.argv.includes('--with-parent')) process.stdin.resume().on('end', () => process.exit(0))
