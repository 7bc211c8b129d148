/** Clients that send requests and do not read the responses, so that an unbounded server would run out of memory. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { requestText, send } from '../wire/server.js'

const MB = 1024 * 1024

/** Starts a server in its own process, with a small heap. */
async function startSmall(megabytes: number): Promise<{ port: number; alive: () => boolean }> {
  const program = `
    import { memory } from 'partita/embedded'
    import { createServer } from 'partita/wire'
    const store = memory()
    await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
    for (const id of ['a', 'b', 'c']) {
      await store.write({ kind: 'put', table: 'notes', item: { id, text: '\\u0001'.repeat(380000) } })
    }
    console.log(await createServer(store, { port: 0, limits: { answerBytes: 64 * 1024 * 1024 } }).listen())`
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${megabytes}`, '--input-type=module', '--eval', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'ignore'] },
  )
  onTestFinished(() => void child.kill())
  const [line] = await once(child.stdout, 'data')
  return {
    port: Number(new URL(String(line).trim()).port),
    alive: () => child.exitCode === null && child.signalCode === null,
  }
}

it('clients that do not read their responses do not fill the memory of the server', async () => {
  const { port, alive } = await startSmall(128)
  const scan = requestText('{"TableName":"notes"}', 'DynamoDB_20120810.Scan')
  const sockets: Socket[] = []
  for (let i = 0; i < 60; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.pause()
    socket.write(scan)
    sockets.push(socket)
  }
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  // Other clients are served meanwhile.
  for (let i = 0; i < 5; i++) expect((await send(`http://127.0.0.1:${port}`)).status).toBe(200)
  const reader = await send(`http://127.0.0.1:${port}`, {
    body: '{"TableName":"notes"}',
    headers: { 'x-amz-target': 'DynamoDB_20120810.Scan' },
  })
  expect(reader.text.length).toBeGreaterThan(6 * MB)
  expect(alive()).toBe(true)
  for (const socket of sockets) socket.destroy()
})
