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

async function serve(place: Workplace, ...args: string[]) {
  const { child, ended } = place.start('serve', '--port', '0', ...args)
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
  it('serves what the library wrote, while another process uses it', async () => {
    const place = workplace()
    const path = join(place.folder, 'data')
    await makeNotes(path)
    const { endpoint, child, ended, said } = await serve(place, '--path', path)
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

  it('serves the store that PARTITA_STORE names', async () => {
    const place = workplace()
    await makeNotes(join(place.folder, 'store'))
    const { endpoint } = await serve(place)
    expect((await get(clientOf(endpoint), 'n1')).Item).toBeDefined()
  })

  it('serves an empty store in memory, and leaves nothing behind', async () => {
    const place = workplace()
    const { endpoint, child, ended } = await serve(place, '--memory', '--json')
    const { ok, data } = JSON.parse(endpoint)
    expect({ ok, region: data.region }).toEqual({ ok: true, region: 'us-east-1' })
    await expect(get(clientOf(data.endpoint), 'n1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(place.folder)).toEqual([])
  })

  it('lets only those in who have a key, and shows no secret', async () => {
    const place = workplace()
    await makeNotes(join(place.folder, 'store'))
    const { endpoint, said } = await serve(place, '--key', 'AKID:a:b', '--key', 'other:c', '--host', '0.0.0.0')
    const url = endpoint.replace('localhost', '127.0.0.1')
    expect((await get(clientOf(url, 'a:b'), 'n1')).Item).toBeDefined()
    await expect(get(clientOf(url, 'c'), 'n1')).rejects.toMatchObject({ name: 'InvalidSignatureException' })
    expect(said()).not.toContain('a:b')
  })

  it('refuses writes where it only reads', async () => {
    const place = workplace()
    await makeNotes(join(place.folder, 'store'))
    const { endpoint } = await serve(place, '--read-only')
    expect((await get(clientOf(endpoint), 'n1')).Item).toBeDefined()
    await expect(put(clientOf(endpoint), 'n2')).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it('stops when its stdin ends, if told so', async () => {
    const { child, ended } = await serve(workplace(), '--stop-with-stdin')
    child.stdin?.end()
    expect(await ended).toMatchObject({ code: 0 })
  })

  it('goes on without a stdin', async () => {
    const place = workplace()
    const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--memory'], {
      cwd: place.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    started.push(child)
    const [line] = await once(child.stdout, 'data')
    await expect(get(clientOf(String(line).trim()), 'n1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    expect(child.exitCode).toBeNull()
  })
})

describe('partita serve, stopped by SIGTERM with writes under way', () => {
  it('has everything on disk that it acknowledged', async () => {
    const place = workplace()
    const path = join(place.folder, 'data')
    await makeNotes(path)
    const { endpoint, child, ended } = await serve(place, '--path', path)
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
    // What is there is served again as it is.
    const again = await serve(place, '--path', path)
    const { Count } = await clientOf(again.endpoint).send(new ScanCommand({ TableName: 'notes', Select: 'COUNT' }))
    expect(Count).toBeGreaterThan(500)
  })
})

describe('a call of partita serve that cannot be followed', () => {
  it.each([
    [['--port', '65536'], /--port.*whole number from 0 to 65535/],
    [['--port', 'http'], /--port.*whole number/],
    [['--memory', '--path', 'x'], /--path or --memory/],
    [['--memory', '--read-only'], /--read-only would serve nothing/],
    [['--path', ''], /--path is empty/],
    [['--key', 'abc'], /id:secret/],
    [['--key', ':abc'], /id:secret/],
    [['--key', 'abc:'], /id:secret/],
    [['--key', 'a/b:c'], /invalid key: an id has letters/],
    [['--key', 'a:b', '--key', 'a:c'], /two keys have the same id/],
    [['--faults', 'x=1'], /--faults.*throttle, conflict, unprocessed/],
    [['--faults', 'throttle=2'], /chances from 0 to 1/],
    [['--faults', 'throttle=0.1,throttle=0.2'], /throttle is given twice/],
    [['--faults', 'indexDelay=0.5'], /--faults/],
    [['--region', 'eu west'], /"eu west" is no region/],
    [['--host', '0.0.0.0'], /other machines.*--key-file or PARTITA_KEYS/],
    [['--prot', '1'], /unknown option '--prot'.*--port/],
    [['data'], /too many arguments/],
  ])('is refused with exit code 2, and nothing is made: %j', async (args, message) => {
    const place = workplace()
    const { code, stdout, stderr } = await place.run('serve', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(readdirSync(place.folder)).toEqual([])
  })

  it('is refused where PARTITA_STORE is on another machine', async () => {
    const place = workplace()
    place.env.PARTITA_STORE = 'dynamodb://eu-west-1'
    const { code, stderr } = await place.run('serve')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: PARTITA_STORE is "dynamodb://eu-west-1", which is not a store on this machine; use --path or --memory\n',
    })
  })

  it('is refused with exit code 1 where the port is in use', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const place = workplace()
    const { code, stdout, stderr } = await place.run('serve', '--memory', '--port', String(port))
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: cannot listen on 127.0.0.1:${port}: the port is in use; give another --port\n`,
    })
    const { error } = await place.json('serve', '--memory', '--port', String(port))
    expect(error).toMatchObject({ code: 'CannotListen', details: { port } })
    other.close()
  })

  it('is refused with exit code 1 where the path is not usable', async () => {
    const place = workplace()
    writeFileSync(join(place.folder, 'file'), 'text')
    const { code, stderr } = await place.run('serve', '--path', 'file', '--port', '0')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: The store's path .*file is a file.*\n$/)
    const absent = await place.run('serve', '--path', 'absent', '--port', '0', '--read-only')
    expect(absent).toEqual({ code: 1, stdout: '', stderr: 'error: there is no store at absent to read from\n' })
    expect(existsSync(join(place.folder, 'absent'))).toBe(false)
  })
})
