/** Active records on Cloudflare Workers: the README's Worker as it stands, and concurrent requests of tenants. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { connect, f, model } from 'partita'
import { dynamodb } from 'partita/dynamodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { configuration, obstacleToWorkerd, type Running, start } from '../workerd/runtime.js'
import { type ActiveRecordProject, makeProject } from './project.js'
import { block } from './readme.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const servers = inject('servers')
const server = servers.find(({ name }) => name === 'dynamodb-local') ?? servers.find(({ name }) => name === 'dynoxide')
const obstacle = server ? obstacleToWorkerd() : 'It needs a running DynamoDB server'
if (obstacle !== undefined) {
  // A run with selected servers may skip this suite.
  const isSkipped = !server && process.env.PARTITA_TEST_SERVERS !== undefined
  if (process.env.CI === 'true' && !isSkipped) throw new Error(`CI=true requires workerd. ${obstacle}`)
  console.warn(`Skipping the suite of active records on workerd. ${obstacle}`)
}

const USER = '01JZ0000000000000000000000'
const User = model('User', {
  fields: { userId: f.ulid(), name: f.string(), email: f.email() },
  key: { pk: 'u#{userId}', sk: 'u' },
  unique: { uniqueEmail: ['email'] },
  indexes: { any: { on: 'gsi2', pk: 'ANY#{email}' } },
})

/** What the README leaves out: the connection, and where the id comes from. */
const SET_UP = `import { env } from 'cloudflare:workers'
import { dynamodb } from 'partita/dynamodb'
import { initModels } from 'partita/active-record'
import { User } from './models/user.js'
import { Post } from './models/post.js'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
initModels({
  store: dynamodb({ endpoint: env.ENDPOINT, region: 'local', credentials }),
  table: env.TABLE,
  models: { User, Post },
})
globalThis.userId = '${USER}'
`

/** Each request writes and reads as its tenant, waits for the others in between, and reports what it saw. */
const REQUESTS = `import './set-up.js'
import { getBatchContextCapacity, runWithBatchContext, TenantContext } from 'partita/active-record'
import { User } from './models/user.js'
import { Post } from './models/post.js'

let arrived = 0
export default {
  fetch(request) {
    const { searchParams } = new URL(request.url)
    const [tenant, people] = [searchParams.get('tenant'), Number(searchParams.get('people'))]
    return TenantContext.runWithTenant(tenant, () => runWithBatchContext(async () => {
      const user = new User({ userId: '${USER}', name: tenant, email: 'same@example.com' })
      await user.save()
      await new Post({ userId: user, title: 'Of ' + tenant, content: 'x' }).save()
      arrived++
      while (arrived < people) await new Promise(resolve => setTimeout(resolve, 1))
      const [found, again, byEmail] = await Promise.all([User.find('${USER}'), User.find('${USER}'), User.findByEmail('same@example.com')])
      const { items } = await found.queryPosts()
      const author = await items[0].getUser()
      return Response.json({
        names: [found, again, byEmail, author].map(({ name }) => name),
        titles: items.map(({ title }) => title),
        tenant: TenantContext.getCurrentTenant(),
        reads: getBatchContextCapacity().read,
      })
    }))
  },
}
`

describe.skipIf(obstacle !== undefined)('active records on workerd', () => {
  const table = `active-record-workerd-${process.pid}-${Date.now().toString(36)}`
  const endpoint = server?.url ?? ''
  let store: ReturnType<typeof dynamodb>
  let project: ActiveRecordProject
  const running: Running[] = []

  beforeAll(async () => {
    store = dynamodb({ endpoint, region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
    const db = await connect({ models: { User }, store, table, createTable: true })
    await db.User.create({ userId: USER, name: 'Ada', email: 'ada@example.com' })
    await db.close()
    project = makeProject('esm')
    await project.generate(block('relations.yaml'))
    project.write('set-up.js', SET_UP)
    project.write('config.capnp', configuration({ ENDPOINT: endpoint, TABLE: table }))
  })
  afterAll(async () => {
    for (const worker of running) await worker.stop()
    project?.remove()
    await store?.close()
  })

  const serve = async (code: string): Promise<string> => {
    project.write('source.js', code)
    await build({
      absWorkingDir: project.folder,
      entryPoints: ['source.js'],
      outfile: join(project.folder, 'worker.js'),
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      external: ['cloudflare:*', 'node:*'],
      nodePaths: [join(root, 'node_modules')],
      logLevel: 'silent',
    })
    const worker = await start(project.folder)
    running.push(worker)
    return worker.url
  }

  it("the README's Worker answers with the fields of the row", async () => {
    const code = `import './set-up.js'\n${block('worker.js').replace('"dynamo-bao"', '"partita/active-record"')}`
    const response = await fetch(await serve(code))
    const text = await response.text()
    expect(JSON.parse(text)).toEqual({ userId: USER, name: 'Ada', email: 'ada@example.com' })
  })

  it('concurrent requests of several tenants each see their own rows only', async () => {
    const url = await serve(REQUESTS)
    const tenants = ['acme', 'globex', 'umbrella']
    const answers = await Promise.all(
      tenants.map(async tenant => {
        const response = await fetch(`${url}?tenant=${tenant}&people=${tenants.length}`)
        return JSON.parse(await response.text())
      }),
    )
    for (const [i, tenant] of tenants.entries()) {
      expect(answers[i]).toMatchObject({
        names: [tenant, tenant, tenant, tenant],
        titles: [`Of ${tenant}`],
        tenant,
      })
      expect(answers[i].reads).toBeGreaterThan(0)
      expect(answers[i].reads).toBe(answers[0].reads)
    }
  })
})
