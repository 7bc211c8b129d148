/** `partita serve` as its users run it: the real command, the real SDK, real signals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'
import { MAIN, type Workplace, workplace } from '../cli/partita.js'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

async function serve(workspace: Workplace, ...args: string[]) {
  const { child, ended } = workspace.start('serve', '--port', '0', ...args)
  started.push(child)
  let said = ''
  child.stderr?.on('data', text => {
    said += text
  })
  const [line] = await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data'),
    ended.then(it => [it.stderr]),
  ])
  return { child, ended, endpoint: String(line).trim(), said: () => said }
}

function clientOf(endpoint: string, secretAccessKey = 'any'): DynamoDBClient {
  const credentials = { accessKeyId: 'AKID', secretAccessKey }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  onTestFinished(() => client.destroy())
  return client
}

async function makeNotes(path: string): Promise<void> {
  const store = embedded({ path })
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'by the library' } })
  await store.close()
}

const get = (client: DynamoDBClient, id: string) =>
  client.send(new GetItemCommand({ TableName: 'notes', Key: { id: { S: id } }, ConsistentRead: true }))
const put = (client: DynamoDBClient, id: string) =>
  client.send(new PutItemCommand({ TableName: 'notes', Item: { id: { S: id }, text: { S: 'over the wire' } } }))

describe('partita serve', () => {
  it('serve gives access to a store that the library wrote, while another process uses it', async () => {
    const workspace = workplace()
    const path = join(workspace.folder, 'data')
    await makeNotes(path)
    const { endpoint, child, ended, said } = await serve(workspace, '--path', path)
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const client = clientOf(endpoint)
    expect((await get(client, 'n1')).Item?.text).toEqual({ S: 'by the library' })
    const store = embedded({ path })
    await store.write({ kind: 'put', table: 'notes', item: { id: 'n2' } })
    expect((await get(client, 'n2')).Item).toBeDefined()
    await put(client, 'n3')
    expect((await store.get({ table: 'notes', key: { id: 'n3' }, consistent: true })).item).toBeDefined()
    await store.close()
    expect(said()).toMatch(
      /^serving .*data; for any AWS SDK: AWS_ENDPOINT_URL_DYNAMODB=(http:\S+) AWS_ENDPOINT_URL_DYNAMODB_STREAMS=\1 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any\n$/,
    )
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 0 })
  })

  it('serve uses the store in PARTITA_STORE', async () => {
    const workspace = workplace()
    await makeNotes(join(workspace.folder, 'store'))
    const { endpoint } = await serve(workspace)
    expect((await get(clientOf(endpoint), 'n1')).Item).toBeDefined()
  })

  it('serve --memory starts with an empty store and leaves nothing behind', async () => {
    const workspace = workplace()
    const { endpoint, child, ended } = await serve(workspace, '--memory', '--json')
    const { ok, data } = JSON.parse(endpoint)
    expect({ ok, region: data.region }).toEqual({ ok: true, region: 'us-east-1' })
    await expect(get(clientOf(data.endpoint), 'n1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(workspace.folder)).toEqual([])
  })

  it('serve with keys admits only clients with a key, and prints no secret', async () => {
    const workspace = workplace()
    await makeNotes(join(workspace.folder, 'store'))
    const { endpoint, said } = await serve(workspace, '--key', 'AKID:a:b', '--key', 'other:c', '--host', '0.0.0.0')
    const url = endpoint.replace('localhost', '127.0.0.1')
    expect((await get(clientOf(url, 'a:b'), 'n1')).Item).toBeDefined()
    await expect(get(clientOf(url, 'c'), 'n1')).rejects.toMatchObject({ name: 'InvalidSignatureException' })
    expect(said()).not.toContain('a:b')
  })

  it('serve --read-only refuses writes', async () => {
    const workspace = workplace()
    await makeNotes(join(workspace.folder, 'store'))
    const { endpoint } = await serve(workspace, '--read-only')
    expect((await get(clientOf(endpoint), 'n1')).Item).toBeDefined()
    await expect(put(clientOf(endpoint), 'n2')).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it('serve --stop-with-stdin stops when its stdin ends', async () => {
    const { child, ended } = await serve(workplace(), '--stop-with-stdin')
    child.stdin?.end()
    expect(await ended).toMatchObject({ code: 0 })
  })

  it('serve keeps running without a stdin', async () => {
    const workspace = workplace()
    const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--memory'], {
      cwd: workspace.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    started.push(child)
    const [line] = await once(child.stdout, 'data')
    await expect(get(clientOf(String(line).trim()), 'n1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    expect(child.exitCode).toBeNull()
  })
})

describe('partita serve, stopped by SIGTERM with writes in flight', () => {
  it('every acknowledged write is on disk', async () => {
    const workspace = workplace()
    const path = join(workspace.folder, 'data')
    await makeNotes(path)
    const { endpoint, child, ended } = await serve(workspace, '--path', path)
    const clients = Array.from({ length: 4 }, () => clientOf(endpoint))
    const acknowledged: string[] = []
    let stopped = false
    const writers = Array.from({ length: 32 }, async (_, writer) => {
      for (let i = 0; !stopped; i++) {
        const id = `w${writer}-${i}`
        await put(clients[writer % 4] as DynamoDBClient, id).then(
          () => acknowledged.push(id),
          () => {
            stopped = true
          },
        )
        if (acknowledged.length === 500) child.kill('SIGTERM')
      }
    })
    const [outcome] = await Promise.all([ended, ...writers])
    expect(outcome.code).toBe(0)
    expect(acknowledged.length).toBeGreaterThanOrEqual(500)
    const store = embedded({ path })
    const missing: string[] = []
    for (const id of acknowledged) if (!(await store.get({ table: 'notes', key: { id } })).item) missing.push(id)
    await store.close()
    expect(missing).toEqual([])
    // The store can be served again.
    const again = await serve(workspace, '--path', path)
    const { Count } = await clientOf(again.endpoint).send(new ScanCommand({ TableName: 'notes', Select: 'COUNT' }))
    expect(Count).toBeGreaterThan(500)
  })
})

describe('an invalid call of partita serve', () => {
  it.each([
    [['--port', '65536'], /--port.*whole number from 0 to 65535/],
    [['--port', 'http'], /--port.*whole number/],
    [['--memory', '--path', 'x'], /--path or --memory/],
    [['--memory', '--read-only'], /--read-only would serve nothing/],
    [['--path', ''], /--path is empty/],
    [['--key', 'abc'], /id:secret/],
    [['--key', ':abc'], /id:secret/],
    [['--key', 'abc:'], /id:secret/],
    [['--key', 'a/b:c'], /invalid key: an id contains letters/],
    [['--key', 'a:b', '--key', 'a:c'], /two keys have the same id/],
    [['--faults', 'x=1'], /--faults.*throttle, conflict, unprocessed/],
    [['--faults', 'throttle=2'], /chances from 0 to 1/],
    [['--faults', 'throttle=0.1,throttle=0.2'], /throttle is given twice/],
    [['--faults', 'indexDelay=0.5'], /--faults/],
    [['--region', 'eu west'], /"eu west" is not a region/],
    [['--host', '0.0.0.0'], /other machines.*--key-file or PARTITA_KEYS/],
    [['--prot', '1'], /unknown option '--prot'.*--port/],
    [['data'], /too many arguments/],
  ])('the call is refused with exit code 2, and no file is created: %j', async (args, message) => {
    const workspace = workplace()
    const { code, stdout, stderr } = await workspace.run('serve', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(readdirSync(workspace.folder)).toEqual([])
  })

  it('a PARTITA_STORE on another machine is refused', async () => {
    const workspace = workplace()
    workspace.env.PARTITA_STORE = 'dynamodb://eu-west-1'
    const { code, stderr } = await workspace.run('serve')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: PARTITA_STORE is "dynamodb://eu-west-1", which is not a store on this machine; use --path or --memory\n',
    })
  })

  it('a port in use is refused with exit code 1', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const workspace = workplace()
    const { code, stdout, stderr } = await workspace.run('serve', '--memory', '--port', String(port))
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: cannot listen on 127.0.0.1:${port}: the port is in use; give another --port\n`,
    })
    const { error } = await workspace.json('serve', '--memory', '--port', String(port))
    expect(error).toMatchObject({ code: 'CannotListen', details: { port } })
    other.close()
  })

  it('an unusable path is refused with exit code 1', async () => {
    const workspace = workplace()
    writeFileSync(join(workspace.folder, 'file'), 'text')
    const { code, stderr } = await workspace.run('serve', '--path', 'file', '--port', '0')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: The store's path .*file is a file.*\n$/)
    const absent = await workspace.run('serve', '--path', 'absent', '--port', '0', '--read-only')
    expect(absent).toEqual({ code: 1, stdout: '', stderr: 'error: there is no store at absent to read from\n' })
    expect(existsSync(join(workspace.folder, 'absent'))).toBe(false)
  })
})
