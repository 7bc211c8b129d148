/** Tests the library without Node: bundled as for Cloudflare, in its runtime workerd, with a DynamoDB server. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { connect, type Database } from 'partita'
import { dynamodb } from 'partita/dynamodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as present from '../../packages/partita/src/embedded/index.js'
import * as absent from '../../packages/partita/src/embedded/unsupported.js'
import { models } from './models.js'
import { configuration, obstacleToWorkerd, type Running, start } from './runtime.js'

const USER = '01JZ0000000000000000000000'
const servers = inject('servers')
const server = servers.find(({ name }) => name === 'dynamodb-local') ?? servers.find(({ name }) => name === 'dynoxide')
const obstacle = server ? obstacleToWorkerd() : 'It needs a running DynamoDB server'
if (obstacle !== undefined) {
  // A run with selected servers may skip this suite.
  const isSkipped = !server && process.env.PARTITA_TEST_SERVERS !== undefined
  if (process.env.CI === 'true' && !isSkipped) throw new Error(`CI=true requires workerd. ${obstacle}`)
  console.warn(`Skipping the suite on workerd. ${obstacle}`)
}

it('the substitute for the embedded engine exports the same names', () => {
  expect(Object.keys(absent)).toEqual(Object.keys(present))
})

describe.skipIf(obstacle !== undefined)('on workerd', () => {
  const table = `partita-workerd-${process.pid}-${Date.now().toString(36)}`
  const endpoint = server?.url ?? ''
  let store: ReturnType<typeof dynamodb>
  /** The same models and table, opened from Node. */
  let db: Database<typeof models>
  let bundle: Bundle
  let folder: string
  let workerd: Running | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'partita-workerd-'))
    store = dynamodb({ endpoint, region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
    db = await connect({ models, store, table, createTable: true })
    bundle = await bundleWorker(join(folder, 'worker.js'))
    writeFileSync(join(folder, 'config.capnp'), configuration({ ENDPOINT: endpoint, TABLE: table }))
    workerd = await start(folder)
  })

  afterAll(async () => {
    await workerd?.stop()
    rmSync(folder, { recursive: true, force: true })
    if ((await store.listTables()).includes(table)) await store.deleteTable(table)
    await store.close()
  })

  async function ask(route: string, tenant?: string, body?: object): Promise<Answer> {
    const [method = '', path = ''] = route.split(' ')
    const headers = new Headers(tenant === undefined ? [] : [['tenant', tenant]])
    const response = await fetch(`${workerd?.url}${path}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
    })
    const text = await response.text()
    if (!response.headers.get('content-type')?.includes('json')) throw new Error(`${route}: ${response.status} ${text}`)
    return JSON.parse(text)
  }

  it('the bundle contains neither LMDB nor the embedded engine, without any setting to exclude them', () => {
    expect(bundle.inputs.filter(path => /lmdb|msgpackr|dist\/embedded\//.test(path))).toEqual([
      'packages/partita/dist/embedded/unsupported.js',
    ])
    expect(bundle.text).not.toMatch(/\blmdb\b/i)
    expect(bundle.imports).toEqual(['cloudflare:workers', 'node:async_hooks'])
  })

  it('opening the embedded engine reports what to use instead', async () => {
    expect((await ask('GET /embedded', 'acme')).error).toEqual({
      code: 'StoreUnusable',
      message: expect.stringContaining("such as dynamodb({ region, credentials }) from 'partita/dynamodb'"),
    })
  })

  it('a request that is aborted leaves nothing behind that other requests would wait for', async () => {
    expect((await ask('POST /cut-off', undefined, { name: 'Gone', email: 'gone@example.com' })).answer).toBe(
      'AbortError',
    )
    const { answer } = await ask('POST /users', 'cut off', { name: 'Ada', email: 'ada@example.com' })
    expect(answer).toMatchObject({ name: 'Ada' })
  })

  it('a row that one request writes is read by the next request and by Node', async () => {
    const { answer: written } = await ask('POST /users', 'reader', { name: 'Ada', email: 'ada@example.com' })
    expect(written).toMatchObject({ name: 'Ada', email: 'ada@example.com', role: 'member', visits: 0 })
    const { userId } = written as { userId: string }
    expect((await ask(`GET /user?id=${userId}`, 'reader')).answer).toEqual(written)
    expect((await ask('GET /holder?email=ada@example.com', 'reader')).answer).toEqual(written)
    const onNode = await db.run({ tenant: 'reader' }, () => db.User.get({ userId }))
    expect(JSON.parse(JSON.stringify(onNode))).toEqual(written)
  })

  it('transactions of concurrent requests are all applied', async () => {
    const { answer } = await ask('POST /users', 'visitor', { name: 'Ada', email: 'ada@example.com' })
    const { userId } = answer as { userId: string }
    await Promise.all(Array.from({ length: 6 }, () => ask(`POST /visit?id=${userId}`, 'visitor')))
    expect((await ask(`GET /user?id=${userId}`, 'visitor')).answer).toMatchObject({ visits: 6 })
  })

  it('concurrent requests of two tenants and one without a tenant each stay in their own scope', async () => {
    // The same key and the same unique value: the second create succeeds only if tenants are separate.
    for (const name of ['Ada', 'Alan']) {
      const tenant = `${name}'s`
      const { answer } = await ask('POST /users', tenant, { userId: USER, name, email: 'same@example.com' })
      expect(answer).toMatchObject({ userId: USER, name })
    }
    const meet = (tenant?: string) => ask(`GET /meeting?name=${table}&people=3&id=${USER}`, tenant)
    const [ada, alan, nobody] = await Promise.all([meet("Ada's"), meet("Alan's"), meet()])
    const sees = (name: string) => ({ tenant: `${name}'s`, user: name, members: [name], all: [name] })
    expect(ada.answer).toEqual([sees('Ada'), sees('Ada'), sees('Ada')])
    expect(alan.answer).toEqual([sees('Alan'), sees('Alan'), sees('Alan')])
    expect(nobody.answer).toEqual(['TenantRequired', 'TenantRequired', 'TenantRequired'])
    // In different isolates they would wait for each other forever.
    expect(new Set([ada, alan, nobody].map(({ isolate }) => isolate)).size).toBe(1)
  })

  it('each of 40 concurrent requests gets its own response', async () => {
    const people = Array.from({ length: 40 }, (_, n) => ({ tenant: `many-${n % 2}`, name: `Person ${n}` }))
    const created = await Promise.all(
      people.map(({ tenant, name }, n) => ask('POST /users', tenant, { name, email: `${n}@example.com` })),
    )
    const read = await Promise.all(people.map(({ tenant }, n) => ask(`GET /holder?email=${n}@example.com`, tenant)))
    const elsewhere = await Promise.all(
      people.map((_, n) => ask(`GET /holder?email=${n}@example.com`, `many-${(n + 1) % 2}`)),
    )
    expect(created.map(({ answer }) => (answer as { name: string }).name)).toEqual(people.map(({ name }) => name))
    expect(read.map(({ answer }) => answer)).toEqual(created.map(({ answer }) => answer))
    expect(elsewhere.map(({ answer }) => answer)).toEqual(people.map(() => undefined))
  })
})

interface Answer {
  /** The isolate of the runtime that answered. */
  readonly isolate: string
  readonly answer?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

interface Bundle {
  /** Its inputs, as paths from the root of the repository. */
  readonly inputs: string[]
  /** The modules that it imports from the runtime. */
  readonly imports: string[]
  readonly text: string
}

/** Uses the settings of wrangler, Cloudflare's tool, and the output of `npm run build`. */
async function bundleWorker(outfile: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: ['test/workerd/worker.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    // The runtime's own modules.
    external: ['cloudflare:*', 'node:*'],
    metafile: true,
    logLevel: 'silent',
  })
  const [output] = Object.values(metafile.outputs)
  const imports = output?.imports.map(({ path }) => path) ?? []
  return {
    inputs: Object.keys(output?.inputs ?? {}),
    imports: [...new Set(imports)].sort(),
    text: readFileSync(outfile, 'utf8'),
  }
}
