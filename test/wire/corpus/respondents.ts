/** The servers that answer the corpus: Partita's wire in this process, and others over HTTP. */

import { Agent, request } from 'node:http'
import { engineStore } from '../../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../../packages/partita/src/embedded/index.js'
import { answer, type Wire } from '../../../packages/partita/src/wire/dispatch.js'
import type { TestServer } from '../../servers/global-setup.js'
import type { ServerName } from '../../servers/limits.js'

export interface Answered {
  readonly status: number
  readonly body: string
}

export interface Respondent {
  readonly name: ServerName | 'partita'
  /** The region in the ARNs that it returns and accepts. */
  readonly region: string
  ask(operation: string, body: string): Promise<Answered>
  close(): Promise<void>
}

const STREAMS = new Set(['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'])

export function targetOf(operation: string): string {
  return `${STREAMS.has(operation) ? 'DynamoDBStreams' : 'DynamoDB'}_20120810.${operation}`
}

export function partita(): Respondent {
  const store = engineStore(memory())
  const wire: Wire = { store, region: 'us-east-1', now: Date.now }
  return {
    name: 'partita',
    region: wire.region,
    ask: async (operation, body) => answer(wire, targetOf(operation), body),
    close: () => store.close(),
  }
}

const REGIONS: { readonly [name in ServerName]?: string } = { 'dynamodb-local': 'ddblocal', dynoxide: 'dynoxide' }

export function overHttp({ name, url }: TestServer): Respondent {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const authorization = `AWS4-HMAC-SHA256 Credential=corpus/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`
  return {
    name,
    region: REGIONS[name] ?? 'us-east-1',
    ask: (operation, body) =>
      new Promise((resolve, reject) => {
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': Buffer.byteLength(body),
          'x-amz-target': targetOf(operation),
          'x-amz-date': '20260101T000000Z',
          authorization,
        }
        const outgoing = request(url, { method: 'POST', agent, headers }, response => {
          const chunks: Buffer[] = []
          response.on('data', chunk => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
          )
        })
        outgoing.on('error', reject)
        outgoing.end(body)
      }),
    close: async () => agent.destroy(),
  }
}
