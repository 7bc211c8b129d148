/** The data commands on models and on plain tables, on the embedded engine, our server and DynamoDB Local. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, openStore } from '../../packages/partita/src/index.js'
import { createServer } from '../../packages/partita/src/wire/index.js'
import { Draft, Post, Reply, User } from './data-models.js'
import { call, callWith, failure } from './in-process.js'

const MODELS = fileURLToPath(new URL('data-models.ts', import.meta.url))
const TABLE = `data-${process.pid}`
const PLAIN = `plain-${process.pid}`

interface OpenEngine {
  readonly url: string
  close(): Promise<void>
}

interface Engine {
  readonly name: string
  open(): Promise<OpenEngine>
}

const served = (endpoint: string) => `${endpoint.replace(/^http/, 'dynamodb')}?region=local`

const ENGINES: readonly Engine[] = [
  {
    name: 'the embedded engine',
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'partita-data-'))
      return { url: `embedded:${folder}`, close: async () => rmSync(folder, { recursive: true, force: true }) }
    },
  },
  {
    name: 'our server',
    open: async () => {
      const store = memory()
      const server = createServer(store, { port: 0 })
      const url = served(await server.listen())
      return {
        url,
        close: async () => {
          await server.close()
          await store.close()
        },
      }
    },
  },
  ...inject('servers')
    .filter(({ name }) => name === 'dynamodb-local')
    .map(({ name, url }) => ({ name, open: async () => ({ url: served(url), close: async () => undefined }) })),
]

const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}`

describe.each(ENGINES)('data commands on $name', ({ open }) => {
  let engine: OpenEngine
  let onModels: string[]
  let onTable: string[]

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
    engine = await open()
    onModels = ['--store', engine.url, '--table', TABLE, '--models', MODELS]
    onTable = ['--store', engine.url, '--table', PLAIN]
    const db = await connect({
      models: { User, Post, Draft, Reply },
      store: engine.url,
      table: TABLE,
      createTable: true,
    })
    await db.User.create({ userId: 'ada', name: 'Ada', email: 'Ada@example.com' })
    for (let n = 1; n <= 12; n++) {
      const title = n % 3 === 0 ? `Notes ${n}` : `Letter ${n}`
      await db.Post.create({ postId: `p${n}`, authorId: 'ada', title, views: n, createdAt: new Date(day(n)) })
    }
    await db.close()
    const store = await openStore(engine.url)
    const key = { partition: { name: 'pk', type: 'S' }, sort: { name: 'n', type: 'N' } } as const
    const byKind = { partition: { name: 'kind', type: 'S' }, sort: { name: 'at', type: 'S' } } as const
    await store.createTable({ name: PLAIN, key, globalIndexes: { byKind } })
    for (let n = 1; n <= 9; n++) {
      const item = { pk: 'a', n, kind: n % 2 ? 'odd' : 'even', at: day(n), size: n * 10, label: `label ${n}` }
      await store.write({ kind: 'put', table: PLAIN, item })
    }
    await store.close()
  })

  afterAll(async () => {
    const store = await openStore(engine.url)
    for (const table of [TABLE, PLAIN]) await store.deleteTable(table)
    await store.close()
    await engine.close()
    vi.unstubAllEnvs()
  })

  async function data(...args: string[]): Promise<ReturnType<typeof JSON.parse>> {
    const { stdout, stderr } = await call(...args, '--json')
    const { ok, data } = JSON.parse(stdout)
    if (!ok) throw new Error(`${args.join(' ')} failed: ${stdout} ${stderr}`)
    return data
  }

  async function lines(...args: string[]): Promise<ReturnType<typeof JSON.parse>[]> {
    const { stdout, code, stderr } = await call(...args)
    if (code !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
    return stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]))
  }

  it('put stores every kind of field exactly, and get and find print it', async () => {
    const row = {
      ...{ userId: 'u 1#', name: 'x=y "z"', email: 'u1@example.com', role: 'admin', logins: 0, isActive: true },
      balance: { $number: '12345678901234567890.123' },
      big: { $number: '12345678901234567890123456789012345678' },
      photo: { $bytes: 'AQI=' },
      tags: { $set: ['a', 'b'] },
      scores: [1, 2.5],
      address: { city: 'Lyon', since: '2020-01-31T00:00:00.000Z' },
      extra: { n: [1, { deep: null }] },
      createdAt: '2026-01-31T10:00:00.000Z',
    }
    const stored = await data(
      ...['put', 'User', 'userId=u 1#', 'name=x=y "z"', 'email=u1@example.com', 'role=admin', 'isActive=true'],
      ...['balance=12345678901234567890.123', 'big=12345678901234567890123456789012345678', 'photo=AQI='],
      ...['tags=["b","a"]', 'scores=[1,2.5]', 'address={"city":"Lyon","since":"2020-01-31"}'],
      ...['extra={"n":[1,{"deep":null}]}', 'createdAt=2026-01-31T12:00:00+02:00', ...onModels],
    )
    expect(stored).toEqual(row)
    expect(await data('get', 'User', 'userId=u 1#', '--consistent', ...onModels)).toEqual(row)
    expect(await data('find', 'User', 'email=U1@EXAMPLE.COM', ...onModels)).toEqual(row)
    expect(await data('get', 'User', 'userId=u 1#', '--select', 'name', '--select', 'role', ...onModels)).toEqual({
      name: 'x=y "z"',
      role: 'admin',
    })
  })

  it('the printed row of get can be put again, and nothing changes', async () => {
    await data('put', 'User', 'userId=r', 'name=R', 'email=r@example.com', 'balance=0.1', 'tags=["a"]', ...onModels)
    const { stdout: before } = await call('get', 'User', 'userId=r', ...onModels)
    expect((await callWith(before, 'put', 'User', '--stdin', ...onModels)).code).toBe(0)
    expect((await call('get', 'User', 'userId=r', '--consistent', ...onModels)).stdout).toBe(before)
  })

  it('update changes fields, adds and takes away, and writes only if its condition holds', async () => {
    await data('put', 'User', 'userId=c', 'name=C', 'email=c@example.com', 'tags=["a","b"]', ...onModels)
    const changes = ['name=Grace', 'logins+=2', 'tags-=a', 'scores+=7', 'extra={"a":{"b":1}}', 'balance=1.5']
    await data('update', 'User', 'userId=c', ...changes, ...onModels)
    const row = await data(
      'update',
      'User',
      'userId=c',
      'balance-=0.25',
      'extra.a.b:=[2]',
      '--if',
      'name=Grace',
      ...onModels,
    )
    expect(row).toMatchObject({ name: 'Grace', logins: 2, tags: { $set: ['b'] }, scores: [7], balance: 1.25 })
    expect(row.extra).toEqual({ a: { b: [2] } })
    const refused = await failure('update', 'User', 'userId=c', 'name=X', '--if', 'logins>2', ...onModels)
    expect(refused.code).toBe('ConditionFailed')
    expect((await data('update', 'User', 'userId=c', '--unset', 'extra', ...onModels)).extra).toBeUndefined()
    expect((await failure('update', 'User', 'userId=nobody', 'name=X', ...onModels)).code).toBe('NotFound')
  })

  it('delete prints the last state of the row, and fails for a row that does not exist', async () => {
    await data('put', 'User', 'userId=d', 'name=D', 'email=d@example.com', ...onModels)
    expect(await data('delete', 'User', 'userId=d', '--dry-run', ...onModels)).toMatchObject({ name: 'D' })
    expect(await data('delete', 'User', 'userId=d', ...onModels)).toMatchObject({ name: 'D' })
    expect((await failure('delete', 'User', 'userId=d', ...onModels)).code).toBe('NotFound')
    expect(await failure('get', 'User', 'userId=d', ...onModels)).toMatchObject({
      code: 'NotFound',
      message: 'User has no row with userId=d',
    })
  })

  it('a soft-deleted row is found with --with-deleted, and purged only after a confirmation', async () => {
    await data('put', 'Draft', 'draftId=1', 'text=x', ...onModels)
    await data('delete', 'Draft', 'draftId=1', ...onModels)
    expect((await failure('get', 'Draft', 'draftId=1', ...onModels)).code).toBe('NotFound')
    expect(await data('get', 'Draft', 'draftId=1', '--with-deleted', ...onModels)).toMatchObject({ text: 'x' })
    expect(await data('count', 'Draft', '--with-deleted', ...onModels)).toEqual({ rows: 1 })
    expect((await call('delete', 'Draft', 'draftId=1', '--purge', ...onModels)).code).toBe(4)
    expect(await data('delete', 'Draft', 'draftId=1', '--purge', '--yes', ...onModels)).toMatchObject({ text: 'x' })
    expect(await data('count', 'Draft', '--with-deleted', ...onModels)).toEqual({ rows: 0 })
  })

  it('query reads a range of an index, filters it, and orders it', async () => {
    const range = ['query', 'Post.byAuthor', 'authorId=ada']
    const ids = async (...args: string[]) => (await lines(...range, ...args, ...onModels)).map(({ postId }) => postId)
    expect(await ids(`createdAt>=${day(4)}`, `createdAt<${day(7)}`)).toEqual(['p4', 'p5', 'p6'])
    expect(await ids(`createdAt>${day(10)}`, '--desc')).toEqual(['p12', 'p11'])
    expect(await ids('--where', 'title~Notes', '--limit', '2')).toEqual(['p3', 'p6'])
    expect(await ids('--where', 'title~Notes', '--where', 'views>6')).toEqual(['p9', 'p12'])
    expect(await ids('--where', '{"views":{"$in":[2,3]}}')).toEqual(['p2', 'p3'])
    expect(await ids('--where', 'views>100')).toEqual([])
    expect(await data('count', 'Post.byAuthor', 'authorId=ada', '--where', 'title^=Let', ...onModels)).toEqual({
      rows: 8,
    })
  })

  it('query prints the command for the next page, and all pages together are all rows', async () => {
    const pages: string[][] = []
    let args = ['query', 'Post.byAuthor', 'authorId=ada', '--where', 'title~Letter', '--limit', '3', ...onModels]
    while (args.length > 0) {
      const { stdout, stderr } = await call(...args)
      pages.push(stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line).postId])))
      const next = /there is more: partita (.*)/.exec(stderr)?.[1]
      args =
        next === undefined ? [] : next.split(' ').map(word => word.replace(/^'(.*)'$/, '$1').replace(/='(.*)'$/, '=$1'))
    }
    expect(pages.flat()).toEqual(['p1', 'p2', 'p4', 'p5', 'p7', 'p8', 'p10', 'p11'])
    expect(Math.max(...pages.map(page => page.length))).toBe(3)
  })

  it('the envelope of a page has the cursor of the next one', async () => {
    const args = ['query', 'Post.byAuthor', 'authorId=ada', '--select', 'postId', '--json', ...onModels]
    const first = JSON.parse((await call(...args, '--limit', '10')).stdout)
    expect(first.data).toHaveLength(10)
    const second = JSON.parse((await call(...args, '--limit', '10', '--after', first.cursor)).stdout)
    expect(second).toEqual({ ok: true, data: [{ postId: 'p11' }, { postId: 'p12' }] })
    const all = JSON.parse((await call(...args, '--all')).stdout)
    expect(all.data).toEqual([...first.data, ...second.data])
    expect((await call(...args, '--all', '--limit', '5')).code).toBe(2)
    expect(await failure(...args, '--after', 'forged')).toMatchObject({ code: 'InvalidCursor' })
  })

  it('list reads all rows of a model in pages that its filter does not shorten', async () => {
    expect(new Set((await lines('list', 'Post', '--all', ...onModels)).map(({ postId }) => postId)).size).toBe(12)
    const where = ['list', 'Post', '--where', 'title~Letter', '--json', ...onModels]
    const seen: string[] = []
    let after: string[] = []
    for (let page = 0; page < 10; page++) {
      const { data, cursor } = JSON.parse((await call(...where, '--limit', '3', ...after)).stdout)
      seen.push(...data.map(({ postId }: { postId: string }) => postId))
      if (cursor === undefined) break
      expect(data).toHaveLength(3)
      after = ['--after', cursor]
    }
    expect(seen.sort()).toEqual(['p1', 'p10', 'p11', 'p2', 'p4', 'p5', 'p7', 'p8'])
    expect(await data('count', 'Post', '--where', 'title~Notes', ...onModels)).toEqual({ rows: 4 })
  })

  it('relations are loaded with a row', async () => {
    const { posts } = await data('get', 'User', 'userId=ada', '--with', 'posts.author', ...onModels)
    expect(posts).toHaveLength(12)
    expect(posts[0].author).toMatchObject({ userId: 'ada' })
  })

  it('a tenant has its own rows', async () => {
    const tenant = ['--tenant', 'acme', ...onModels]
    await data('put', 'Post', 'postId=t', 'authorId=ada', 'title=T', `createdAt=${day(1)}`, ...tenant)
    expect(await data('get', 'Post', 'postId=t', ...tenant)).toMatchObject({ title: 'T' })
    expect((await failure('get', 'Post', 'postId=t', ...onModels)).code).toBe('NotFound')
    expect((await failure('get', 'Post', 'postId=p1', ...tenant)).code).toBe('NotFound')
    expect(await data('count', 'Post', ...tenant)).toEqual({ rows: 1 })
    expect(await data('delete', 'Post', 'postId=t', ...tenant)).toMatchObject({ title: 'T' })
  })

  it('explain prints the request of a query', async () => {
    const explained = await data(
      'explain',
      'Post.byAuthor',
      'authorId=ada',
      '--where',
      'title~Notes',
      '--limit',
      '20',
      ...onModels,
    )
    expect(explained).toMatchObject({ model: 'Post', index: 'gsi1', filter: 'contains(title,"Notes")' })
    expect(explained.capacity.rows).toBe(20)
    expect(await data('explain', '--index', 'byKind', 'kind=odd', 'at^=2026', '--where', 'size>5', ...onTable)).toEqual(
      {
        ...{ table: PLAIN, index: 'byKind', order: 'asc', consistent: false },
        keyCondition: 'kind="odd" AND begins_with(at,"2026")',
        filter: 'size>"5" OR size>5',
      },
    )
  })

  it('the same commands work on a table without models', async () => {
    expect(await data('put', 'pk=b', 'n=12345678901234567890', 'zip=01234', 'views:=5', ...onTable)).toEqual({
      ...{ pk: 'b', n: { $number: '12345678901234567890' }, zip: '01234', views: 5 },
    })
    const key = ['pk=b', 'n=12345678901234567890']
    expect(
      await data('update', ...key, 'views+=2', 'tags+=x', '--unset', 'zip', '--if', 'views=5', ...onTable),
    ).toEqual({
      ...{ pk: 'b', n: { $number: '12345678901234567890' }, views: 7, tags: { $set: ['x'] } },
    })
    expect((await failure('put', ...key, '--create', ...onTable)).code).toBe('ConditionFailed')
    expect((await failure('update', ...key, 'views+=1', '--if', 'views=5', ...onTable)).code).toBe('ConditionFailed')
    expect((await failure('update', 'pk=nobody', 'n=1', 'a=b', ...onTable)).code).toBe('NotFound')
    expect(await data('delete', ...key, ...onTable)).toMatchObject({ views: 7 })
    expect((await failure('get', ...key, ...onTable)).code).toBe('NotFound')
  })

  it('a table without models is queried, listed and counted by pages', async () => {
    const numbers = async (...args: string[]) => (await lines(...args, ...onTable)).map(({ n }) => n)
    expect(await numbers('query', 'pk=a', 'n>=3', 'n<=5')).toEqual([3, 4, 5])
    expect(await numbers('query', 'pk=a', '--desc', '--limit', '2')).toEqual([9, 8])
    expect(await numbers('query', '--index', 'byKind', 'kind=odd', `at>${day(4)}`)).toEqual([5, 7, 9])
    expect(await numbers('query', 'pk=a', '--where', 'size>50', '--where', 'label!~7')).toEqual([6, 8, 9])
    expect((await numbers('list', '--where', 'kind=even')).sort()).toEqual([2, 4, 6, 8])
    expect(await data('count', ...onTable)).toEqual({ rows: 9 })
    expect(await data('count', 'pk=a', 'n<4', ...onTable)).toEqual({ rows: 3 })
    for (const args of [
      ['query', 'pk=a'],
      ['list'],
      ['query', '--index', 'byKind', 'kind=odd', '--desc'],
      ['list', '--index', 'byKind'],
    ]) {
      const every = JSON.parse((await call(...args, '--all', '--json', ...onTable)).stdout).data
      const paged: unknown[] = []
      let after: string[] = []
      for (let page = 0; page < 12; page++) {
        const { data, cursor } = JSON.parse(
          (await call(...args, '--limit', '2', '--json', ...after, ...onTable)).stdout,
        )
        paged.push(...data)
        if (cursor === undefined) break
        after = ['--after', cursor]
      }
      expect(paged).toEqual(every)
    }
  })

  it('a cursor of another query is refused', async () => {
    const { cursor } = JSON.parse((await call('query', 'pk=a', '--limit', '2', '--json', ...onTable)).stdout)
    const other = await failure('query', 'pk=b', '--after', cursor, ...onTable)
    expect(other).toMatchObject({ code: 'Usage', message: expect.stringContaining('not a cursor of this query') })
    expect((await failure('list', '--after', '%%%', ...onTable)).code).toBe('Usage')
  })

  it('a wrong argument is refused before anything is written', async () => {
    const count = await data('count', 'User', ...onModels)
    const wrong = await failure(
      'put',
      'User',
      'userId=w',
      'name=',
      'email=nobody',
      'balance=1,5',
      'nothing=1',
      ...onModels,
    )
    expect(wrong.code).toBe('ValidationFailed')
    expect(await call('put', 'User', 'userId=w', 'userId=v', ...onModels)).toMatchObject({ code: 2, stdout: '' })
    expect(await call('put', 'Usr', 'userId=w', ...onModels)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean User?'),
    })
    expect(await call('query', 'Post.byAuthr', 'authorId=a', ...onModels)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Post has no index byAuthr; did you mean byAuthor?'),
    })
    expect((await call('get', 'Post.byAuthor', 'authorId=a', ...onModels)).stderr).toContain(
      'get takes a model, not an index',
    )
    expect((await call('get', 'pk=a', ...onTable)).stderr).toContain(
      `an item of ${PLAIN} is named by its key: pk=... n=...`,
    )
    expect((await call('get', 'pk=a', 'n=1', '--tenant', 'x', ...onTable)).code).toBe(2)
    expect(await data('count', 'User', ...onModels)).toEqual(count)
  })
})

it('decode prints the model, the tenant and the fields of a stored key, without a store', async () => {
  const { stdout, stderr } = await call('decode', 'T#acme#USER#u%201%23', 'User', '--models', MODELS)
  expect(JSON.parse(stdout)).toEqual({ model: 'User', tenant: 'acme', fields: { userId: 'u 1#' } })
  expect(stderr).toBe('')
  expect((await failure('decode', 'NOTHING#1', 'x', '--models', MODELS)).code).toBe('ValidationFailed')
})
