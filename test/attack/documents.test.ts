/** Documents from a client: names with a meaning in JavaScript, read-only parts, and errors of bounded size. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, type Database, f, model } from '../../packages/partita/src/index.js'
import { SingleTable } from '../../packages/partita/src/table/index.js'
import { failure } from '../store-contract/fixtures.js'

const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const
const Row = model('Row', {
  fields: {
    id: f.string(),
    text: f.string().default(''),
    rec: f.record(f.string()).default({}),
    maps: f.record(f.map({ role: f.string().readonly(), n: f.number().optional() })).default({}),
    json: f.json().optional(),
    any: f.schema(anything as never).optional(),
    list: f.list(f.string()).default([]),
    profile: f.map({ city: f.string().optional(), role: f.string().readonly() }).optional(),
  },
  key: 'id',
})
const store = memory()
let db: Database<{ Row: typeof Row }>
beforeAll(async () => {
  db = await connect({ store, models: { Row } })
})
afterAll(() => store.close())
beforeEach(() =>
  db.Row.put({ id: '1', json: { a: {} }, maps: { x: { role: 'user' } }, profile: { role: 'user' } } as never),
)

it.each([
  '{"rec":{"__proto__":"x"}}',
  '{"rec.__proto__":"x"}',
  '{"json":{"__proto__":{"x":1}}}',
  '{"json":{"a":[{"__proto__":1}]}}',
  '{"json.__proto__":1}',
  '{"json.a.__proto__":1}',
  '{"any":{"__proto__":1}}',
  '{"any.__proto__":1}',
  '{"maps":{"__proto__":{"role":"x"}}}',
  '{"maps.__proto__":{"role":"x"}}',
  '{"__proto__":{"text":"x"}}',
  '{"profile":{"__proto__":{"role":"x"}}}',
])('__proto__ is refused in a document and in a path: %s', async text => {
  expect((await failure(db.Row.update({ id: '1' }, JSON.parse(text)))).code).toBe('ValidationFailed')
  expect(({} as { x?: unknown }).x).toBeUndefined()
  const row = await db.Row.get({ id: '1' })
  if (row) row.text = 'new'
  await row?.save()
  await db.Row.put({ ...row } as never)
})

it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  '%s is an ordinary name in a document and in a path',
  async name => {
    await db.Row.update({ id: '1' }, { rec: { [name]: 'a' }, json: { [name]: 1 } })
    await db.Row.update({ id: '1' }, { [`rec.${name}`]: 'b', [`json.${name}`]: 2 } as never)
    const row = await db.Row.get({ id: '1' })
    expect(Object.entries(row?.rec ?? {})).toEqual([[name, 'b']])
    expect(Object.entries(row?.json as object)).toEqual([[name, 2]])
    expect(await db.Row.query.key({ id: '1' }, { where: { [`rec.${name}`]: 'b' } as never }).count()).toBe(1)
    expect((await db.Row.put({ ...row } as never)).rec).toEqual({ [name]: 'b' })
  },
)

it.each([
  '{"profile.role":"admin"}',
  '{"profile":{"role":"root"}}',
  '{"profile":{}}',
  '{"profile":null}',
  '{"maps.x.role":"admin"}',
  '{"maps.x":{"role":"admin"}}',
  '{"maps":{"x":{"role":"admin"}}}',
])('an update cannot change a read-only field of a document: %s', async text => {
  const body = JSON.parse(text)
  expect((await failure(db.Row.update({ id: '1' }, body))).code).toBe('ValidationFailed')
  const inTransaction = db.transaction(tx => tx.Row.update({ id: '1' }, body))
  expect((await failure(inTransaction)).code).toBe('ValidationFailed')
  const row = await db.Row.get({ id: '1' })
  expect([row?.profile?.role, row?.maps.x?.role]).toEqual(['user', 'user'])
})

it('an error lists 100 issues, counts the others, and is of bounded length', async () => {
  const many = (name: string, it: unknown) => Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [name + i, it]))
  const long = 'x'.repeat(100_000)
  const failing = [
    () => db.Row.create({ id: '2', ...many('k', 1) } as never),
    () => db.Row.put({ id: '2', ...many('k', long) } as never),
    () => db.Row.update({ id: '1' }, many('k', 1) as never),
    () => db.Row.update({ id: '1' }, many('rec.k', 1) as never),
    () => db.Row.update({ id: '1' }, { rec: many('k', 1) } as never),
    () => db.Row.update({ id: '1' }, { profile: { role: 'user', ...many('k', 1) } } as never),
    () => db.Row.create({ id: '2', list: Array(5000).fill(1) } as never),
    () => db.Row.get({ id: '1', ...many('k', 1) } as never),
    () => db.Row.query.key({ id: '1', ...many('k', 1) } as never).all(),
  ]
  for (const fail of failing) {
    const { code, message, details } = await failure(fail())
    const { issues, more } = details as { readonly issues: readonly unknown[]; readonly more: number }
    expect(code, String(fail)).toBe('ValidationFailed')
    expect(message.length, String(fail)).toBeLessThan(20_000)
    expect([issues.length, more], String(fail)).toEqual([100, 4900])
    expect(message).toMatch(/; and \d+ more$/)
  }
  for (const input of [{ [long]: 1 }, { id: 5, text: long.split('') }, { id: '2', rec: { [long]: 1 } }]) {
    const error = await failure(db.Row.create(input as never))
    expect(error.message.length).toBeLessThan(1000)
    expect(JSON.stringify(error.details).length).toBeLessThan(2000)
  }
})

it('documents nested 50,000 levels deep are refused everywhere', async () => {
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as never
  const row = await db.Row.get({ id: '1' })
  for (const call of [
    () => db.Row.create({ id: '2', json: deep }),
    () => db.Row.create({ id: '2', any: deep } as never),
    () => db.Row.create({ id: '2', text: deep }),
    () => db.Row.update({ id: '1' }, { json: deep }),
    () => db.Row.update({ id: '1' }, { 'json.a': deep }),
    () => db.Row.query.key({ id: '1' }, { where: { json: { $eq: deep } } }).all(),
    () => db.Row.query.key({ id: '1' }, { where: { json: { $contains: deep } } as never }).all(),
    () => Object.assign(row as object, { json: deep }) && (row as NonNullable<typeof row>).save(),
  ]) {
    expect((await failure(call() as Promise<unknown>)).code, String(call)).toBe('ValidationFailed')
  }
})

it('SingleTable refuses items that are not plain objects', async () => {
  const table = new SingleTable({ store, table: 'single', partitionKey: 'pk', rangeKey: 'sk' })
  const key = { partitionKey: 'p', rangeKey: 'r' }
  for (const it of [
    null,
    5,
    'text',
    true,
    [],
    ['a'],
    new Map([['a', 1]]),
    new Set(),
    new Date(),
    new Uint8Array(2),
    () => 1,
  ]) {
    const item = it as never
    for (const call of [
      () => table.create({ key, item }),
      () => table.batchWrite([{ create: { key, item } }]),
      () => table.transaction([{ create: { key, item } }]),
      () => table.update({ ...key, values: item, mustExist: false }),
      () => table.create({ key: item, item: {} }),
    ]) {
      expect((await failure(call())).code).toBe('ValidationFailed')
    }
  }
  expect(await table.get(key)).toBeUndefined()
  class Point {
    x = 1
  }
  await table.create({ key, item: new Point() })
  expect(await table.get(key)).toEqual({ x: 1 })
})
