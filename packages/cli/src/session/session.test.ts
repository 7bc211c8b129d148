import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { connect, f, model } from 'partita'
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../context.js'
import { Output } from '../terminal/output.js'
import { requireConfirm } from './confirm.js'
import { withModels } from './model-session.js'
import { withStore } from './store-session.js'

let folder: string
let said: string
let context: Context

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-session-'))
  said = ''
  const screen = new PassThrough()
  screen.on('data', text => {
    said += text
  })
  context = { input: new PassThrough(), screen, output: new Output(new PassThrough(), screen) }
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const User = model('User', {
  fields: { id: f.string(), email: f.string() },
  key: { pk: 'USER#{id}' },
  rules: { permissions: { conditions: () => false, enforce: () => false } },
})

async function project() {
  const store = `embedded:${join(folder, 'store')}`
  await using db = await connect({ models: { User }, store })
  await db.run({ system: 'set-up' }, () => db.User.create({ id: 'u1', email: 'a@b.c' }))
  await db.run({ system: 'set-up', tenant: 't1' }, () => db.User.create({ id: 'u1', email: 'tenant' }))
  const models = join(folder, 'models.mjs')
  const library = new URL('../../../partita/dist/index.js', import.meta.url)
  writeFileSync(
    models,
    `import { f, model } from '${library}'
    export const User = model('User', { fields: { id: f.string(), email: f.string() }, key: { pk: 'USER#{id}' },
      rules: { permissions: { conditions: () => false, enforce: () => false } } })`,
  )
  return { store, models }
}

describe('withStore opens a store for one call', () => {
  it('one line on stderr says which store and table are used', async () => {
    const store = `embedded:${join(folder, 'new')}`
    const tables = await withStore({ store, table: 'app' }, context, ({ store }) => store.listTables(), {
      create: true,
    })
    expect(tables).toEqual([])
    expect(said).toBe(`using ${store}, table app\n`)
  })

  it('an embedded store that does not exist is an error, and is not created', async () => {
    const path = join(folder, 'mistyped')
    await expect(withStore({ store: `embedded:${path}` }, context, async () => 1)).rejects.toThrow(
      `there is no store at ${path}`,
    )
    expect(existsSync(path)).toBe(false)
    expect(said).toBe('')
  })

  it('the store is closed after the work, also after an error of it', async () => {
    let closed: Promise<unknown> | undefined
    const work = withStore({ store: 'memory:' }, context, async ({ store }) => {
      closed = new Promise(resolve => setImmediate(() => resolve(store.listTables().catch(error => error.code))))
      throw new Error('failed')
    })
    await expect(work).rejects.toThrow('failed')
    expect(await closed).toBe('Unavailable')
  })

  it('the profile applies to the call alone', async () => {
    const { AWS_PROFILE } = process.env
    const during = await withStore({ store: 'memory:', profile: 'prod' }, context, async () => process.env.AWS_PROFILE)
    expect(during).toBe('prod')
    expect(process.env.AWS_PROFILE).toBe(AWS_PROFILE)
  })
})

describe('withModels connects the models of the project', () => {
  it('rows are read in the scope of the tenant, and permissions do not hide them', async () => {
    const options = await project()
    const read = (more: object) =>
      withModels({ ...options, ...more }, context, ({ repository }) => repository('User').get({ id: 'u1' }))
    expect(await read({})).toMatchObject({ email: 'a@b.c' })
    expect(await read({ tenant: 't1' })).toMatchObject({ email: 'tenant' })
    expect(await read({ tenant: 't2' })).toBeUndefined()
  })

  it('a table that does not exist is an error, and is not created', async () => {
    const options = await project()
    const work = withModels({ ...options, table: 'mistyped' }, context, async () => 1)
    await expect(work).rejects.toMatchObject({
      code: 'TableNotFound',
      message: expect.stringMatching(/no table mistyped.*partita table create/),
    })
    expect(await withStore(options, context, ({ store }) => store.listTables())).toEqual(['partita'])
  })

  it('on DynamoDB the first call says that the table does not exist, and none is created', async () => {
    const { models } = await project()
    const store = memory()
    const server = createServer(store, { port: 0 })
    try {
      const url = `dynamodb://${new URL(await server.listen()).host}?region=local`
      const work = withModels({ store: url, table: 'mistyped', models }, context, ({ repository }) =>
        repository('User').get({ id: 'u1' }),
      )
      const message = expect.stringMatching(/^there is no table mistyped in dynamodb:\S+; .*partita table create/)
      await expect(work).rejects.toMatchObject({ code: 'TableNotFound', message })
      expect(await store.listTables()).toEqual([])
    } finally {
      await server.close()
      await store.close()
    }
  })

  it('an unknown model is a usage error that names the nearest', async () => {
    const options = await project()
    const work = withModels(options, context, async ({ repository }) => repository('user'))
    await expect(work).rejects.toMatchObject({
      code: 'Usage',
      message: expect.stringMatching(/no model user; did you mean User\?/),
    })
  })

  it('a call without models says where they can be named', async () => {
    const work = withModels({ store: 'memory:' }, context, async () => 1)
    await expect(work).rejects.toMatchObject({
      code: 'Usage',
      message: expect.stringMatching(/--models, PARTITA_MODELS/),
    })
  })
})

describe('requireConfirm asks before something is destroyed', () => {
  const confirm = (isAws: boolean, options: object) =>
    requireConfirm({ table: 'app', isAws }, options, 'Delete app', context)

  it('a real AWS account requires the name of the table, and --yes is not enough', async () => {
    await expect(confirm(true, { yes: true })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/--confirm app/),
    })
    await expect(confirm(true, { yes: true, confirm: 'apps' })).rejects.toMatchObject({ exitCode: 4 })
    await expect(confirm(true, { confirm: 'app' })).resolves.toBeUndefined()
  })

  it('elsewhere --yes or the name of the table is enough, and a wrong name is not', async () => {
    await expect(confirm(false, { yes: true })).resolves.toBeUndefined()
    await expect(confirm(false, { confirm: 'app' })).resolves.toBeUndefined()
    await expect(confirm(false, { yes: true, confirm: 'apps' })).rejects.toMatchObject({ exitCode: 4 })
    await expect(confirm(false, {})).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/no terminal to ask on/),
    })
  })
})
