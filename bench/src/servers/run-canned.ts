/**
 * Servers with canned responses in a process of their own, so that the CPU time of the clients is measured alone. The first
 * argument is a file with the responses of each server; the URLs are printed in its order. It exits when stdin ends.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { operationOf } from '../canned.js'
import type { CannedAnswers } from '../mappers/recording.js'

const TYPE = ['Content-Type', 'application/x-amz-json-1.0'] as const

function serve({ operations, metadata }: CannedAnswers): Promise<string> {
  const bodies = new Map(Object.entries(operations).map(([name, text]) => [name, Buffer.from(text)]))
  const aboutTable = Buffer.from(metadata)
  const server = createServer((request, response) => {
    let asksForMetadata = false
    request.on('data', (chunk: Buffer) => {
      asksForMetadata ||= chunk.includes('PARTITA#PARTS')
    })
    request.on('end', () => {
      const name = operationOf(request.headers['x-amz-target'] as string)
      const body = asksForMetadata ? aboutTable : bodies.get(name)
      response.writeHead(body ? 200 : 500, [...TYPE, 'Content-Length', String(body?.length ?? 0)])
      response.end(body)
    })
  })
  // A pause between two rounds must not close connections.
  server.keepAliveTimeout = 600_000
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}

const served: readonly CannedAnswers[] = JSON.parse(readFileSync(process.argv[2] as string, 'utf8'))
console.log(JSON.stringify(await Promise.all(served.map(serve))))
process.stdin.resume().on('end', () => process.exit(0))
