/** The request that resets an in-memory store to its initial state, and clients that may not send it. */

import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { memory } from 'partita/embedded'
import { createServer, type ServerOptions } from 'partita/wire'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openServedStore } from '../../packages/cli/src/serve/served-store.js'
import { folder } from '../cli/in-process.js'
import { send, startServer } from '../wire/server.js'
import { sign } from '../wire/signer.js'

const TARGET = { 'x-amz-target': 'Partita.Reset' }
/** What `curl -X POST` sends. */
const BARE = { ...TARGET, 'content-type': undefined, 'x-amz-date': undefined, authorization: undefined }

async function countingServer(options: ServerOptions = {}) {
  const store = memory()
  let resets = 0
  const server = createServer(store, {
    port: 0,
    reset: async () => {
      resets++
    },
    ...options,
  })
  const endpoint = await server.listen()
  onTestFinished(async () => {
    await server.close()
    await store.close()
  })
  return { endpoint: endpoint.replace('localhost', '127.0.0.1'), resets: () => resets }
}

describe('a reset', () => {
  it('a reset restores the seed and the fault sequence, and clients never see a partial state', async () => {
    const at = folder()
    const key = { AttributeName: 'id', KeyType: 'HASH' }
    const table = {
      TableName: 'notes',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [key],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }
    const item = { TableName: 'notes', Item: { id: { S: 'n1' } } }
    writeFileSync(at('seed.json'), JSON.stringify([table, item]))
    const { store, reset } = await openServedStore({
      source: { path: undefined, readOnly: false },
      faults: { throttle: 0.5, seed: 3 },
      seed: at('seed.json'),
      region: 'us-east-1',
      signal: new AbortController().signal,
      onSeeded: () => undefined,
    })
    const server = createServer(store, { port: 0, ...(reset && { reset }) })
    const endpoint = await server.listen()
    onTestFinished(async () => {
      await server.close()
      await store.close()
    })
    const run = async () => {
      const statuses: number[] = []
      for (let i = 0; i < 20; i++) statuses.push((await send(endpoint)).status)
      return statuses
    }
    const first = await run()
    expect([first.includes(200), first.includes(400)]).toEqual([true, true])
    expect(await send(endpoint, { headers: BARE, body: '' })).toMatchObject({ status: 200, text: '{}' })
    expect(await run()).toEqual(first)
    const deletion = { headers: { 'x-amz-target': 'DynamoDB_20120810.DeleteTable' }, body: '{"TableName":"notes"}' }
    expect((await send(endpoint, deletion)).status).toBe(200)
    writeFileSync(at('seed.json'), 'nonsense')
    const failed = await send(endpoint, { headers: BARE, body: '' })
    expect(failed.status).toBe(500)
    expect(failed.text).toMatch(/seed\.json, line 1 contains something other than JSON objects/)
    expect(await store.listTables()).toEqual([])
    writeFileSync(at('seed.json'), JSON.stringify([table, item]))
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(endpoint, { headers: BARE, body: '' })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await run()).toEqual(first)
  })

  it('the fetch of Node, which is not a browser, may send a reset', async () => {
    const { endpoint, resets } = await countingServer()
    const { status } = await fetch(endpoint, { method: 'POST', headers: TARGET })
    expect([status, resets()]).toEqual([200, 1])
  })

  it('a reset is an unknown operation if the server does not offer it', async () => {
    const { endpoint } = await startServer()
    const { status, text } = await send(endpoint, { headers: TARGET, body: '{}' })
    expect({ status, text }).toMatchObject({ status: 400, text: expect.stringMatching(/UnknownOperationException/) })
  })
})

describe('a reset is refused', () => {
  it.each([
    [{ origin: 'http://localhost:3000' }],
    [{ origin: 'null' }],
    [{ origin: 'https://example.com' }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'x-forwarded-for': '10.0.0.1' }],
    [{ forwarded: 'for=10.0.0.1' }],
    [{ via: '1.1 proxy' }],
    [{ 'x-real-ip': '10.0.0.1' }],
    [{ 'x-forwarded-host': 'example.com' }],
    [{ host: 'example.com' }],
  ])('a page or a proxy may not send a reset: %j', async headers => {
    const { endpoint, resets } = await countingServer()
    const { status, text } = await send(endpoint, { headers: { ...BARE, ...headers }, body: '' })
    expect([400, 403]).toContain(status)
    expect(text).toMatch(/AccessDeniedException/)
    expect(resets()).toBe(0)
  })

  it('a read-only server with a reset is refused when it is created', () => {
    const options = { readOnly: true, reset: async () => undefined }
    expect(() => createServer(memory(), options)).toThrow(/reset.*cannot reset its store/)
  })

  it('a form, another method or another path resets nothing', async () => {
    const { endpoint, resets } = await countingServer()
    const form = { 'content-type': 'text/plain', 'x-amz-target': undefined, authorization: undefined }
    await send(endpoint, { headers: form, body: 'X-Amz-Target=Partita.Reset' })
    for (const method of ['GET', 'PUT', 'HEAD', 'OPTIONS']) await send(endpoint, { method, headers: BARE, body: '' })
    await send(endpoint, { path: '/reset', headers: BARE, body: '' })
    expect(resets()).toBe(0)
  })

  it('a server with keys resets only for a request with a valid signature', async () => {
    const { endpoint, resets } = await countingServer({ keys: { AKID: 'secret' } })
    const { host } = new URL(endpoint)
    const signed = (secret: string, target = 'Partita.Reset') =>
      sign({ id: 'AKID', secret, region: 'us-east-1', host, body: '', headers: { 'x-amz-target': target } })
    for (const headers of [BARE, { ...TARGET }, { ...TARGET, ...signed('other') }]) {
      expect((await send(endpoint, { headers, body: '' })).status).not.toBe(200)
    }
    // Signed for another operation.
    const other = { ...TARGET, ...signed('secret', 'DynamoDB_20120810.ListTables') }
    expect((await send(endpoint, { headers: other, body: '' })).status).not.toBe(200)
    expect(resets()).toBe(0)
    const good = { ...TARGET, ...signed('secret') }
    expect((await send(endpoint, { headers: { ...good, origin: 'http://localhost' }, body: '' })).status).toBe(400)
    expect(resets()).toBe(0)
    expect((await send(endpoint, { headers: good, body: '' })).status).toBe(200)
    expect(resets()).toBe(1)
  })

  const outside = Object.values(networkInterfaces())
    .flat()
    .find(it => it && !it.internal && it.family === 'IPv4')?.address
  it.skipIf(!outside)('another machine may not send a reset, even with a valid signature', async () => {
    const { endpoint, resets } = await countingServer({ keys: { AKID: 'secret' }, host: '0.0.0.0' })
    const host = new URL(endpoint).host.replace('127.0.0.1', outside as string)
    const headers = sign({ id: 'AKID', secret: 'secret', region: 'us-east-1', host, body: '', headers: TARGET })
    const { status, text } = await send(`http://${host}`, { headers: { ...TARGET, ...headers }, body: '' })
    expect({ status, text }).toMatchObject({ status: 400, text: expect.stringMatching(/on the machine of the server/) })
    expect(resets()).toBe(0)
  })
})
