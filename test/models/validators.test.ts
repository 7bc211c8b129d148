/** Standard Schema validators run at any depth of a field and on every kind of write, and their output is stored. */
import { append, connect, f, ifNotExists, model, prepend, type StandardSchema } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'
import { bigintSchema } from './bigint-schema.js'

/** An asynchronous validator. */
function schema<Input, Output = Input>(check: (value: unknown) => Output | undefined): StandardSchema<Input, Output> {
  const validate = async (value: unknown) => {
    const output = check(value)
    return output === undefined ? { issues: [{ message: 'is not fine', path: ['kind'] }] } : { value: output }
  }
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

interface Shape {
  kind: string
  w: number
  sides?: number[]
}
const isShape = (value: unknown): value is Shape =>
  (value as Shape)?.kind === 'rect' && typeof (value as Shape).w === 'number'
const rect = f.schema(schema<Shape>(value => (isShape(value) ? value : undefined)))
const trimmed = f.schema(schema<string>(value => (typeof value === 'string' ? value.trim() : undefined)))
const hashed = schema<{ word: string; n: number }>(value => {
  const { word, n } = value as { word: string; n: number }
  return { word: `#${word}`, n }
})
const big = f.schema(bigintSchema)
const Board = model('Board', {
  fields: {
    id: f.string(),
    top: rect.optional(),
    list: f.list(rect).optional(),
    map: f.map({ shape: rect, label: trimmed.optional() }).optional(),
    record: f.record(rect).optional(),
    name: trimmed.default(' none '),
    secret: f.schema(hashed).optional(),
    amount: big.optional(),
    when: trimmed
      .transform<Date>({ encode: date => ` ${date.toISOString()} `, decode: text => new Date(text) })
      .optional(),
    profile: f.map({ city: f.string().optional(), role: f.string().readonly() }).optional(),
    level: f.enum('low', 'high').optional(),
  },
  key: 'id',
})

describeEachStore('validators', tested => {
  const open = () => connect({ models: { Board }, store: tested.store, table, createTable: true })
  let db: Awaited<ReturnType<typeof open>>
  let table: string
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
  })
  const fine = { kind: 'rect', w: 1 }
  const wrong = { kind: 'circle', w: 1 }
  const key = { id: 'a' }
  const full = { ...key, top: fine, list: [fine], map: { shape: fine }, record: { x: fine } }
  const refused = { code: 'ValidationFailed' }

  it('validators run on every kind of write, and errors have the path of each problem', async () => {
    const inputs = [
      [{ top: wrong }, ['top', 'kind']],
      [{ list: [fine, wrong] }, ['list', 1, 'kind']],
      [{ map: { shape: wrong } }, ['map', 'shape', 'kind']],
      [{ record: { x: wrong } }, ['record', 'x', 'kind']],
    ] as const
    for (const [input, path] of inputs) {
      const error = { ...refused, details: { issues: [{ path }] } }
      await expect(db.Board.create({ id: 'b', ...input })).rejects.toMatchObject(error)
      await expect(db.Board.put({ id: 'b', ...input })).rejects.toMatchObject(error)
      await expect(db.batch(batch => batch.Board.put({ id: 'b', ...input }))).rejects.toMatchObject(error)
      await db.Board.put(full)
      await expect(db.Board.update(key, input)).rejects.toMatchObject(error)
      await expect(db.transaction(tx => tx.Board.update(key, input))).rejects.toMatchObject(error)
      const row = await db.Board.get(key)
      await expect(Object.assign(row!, input).save()).rejects.toMatchObject(error)
    }
    const changes: Parameters<typeof db.Board.update>[1][] = [
      { 'top.kind': 'circle' },
      { 'list[0].kind': 'circle' },
      { list: append(wrong) },
      { list: prepend(wrong) },
      { 'map.shape': wrong },
      { 'record.y': ifNotExists(wrong) },
      { 'top.kind': ifNotExists('x'), 'top.w': 'wide' as never },
    ]
    for (const change of changes) {
      await expect(db.Board.update(key, change), JSON.stringify(change)).rejects.toMatchObject(refused)
      await expect(db.transaction(tx => tx.Board.update(key, change))).rejects.toMatchObject(refused)
    }
    expect(await db.Board.get(key, { consistent: true })).toMatchObject(full)
  })

  it('validators check the whole field when a part of it changes, also under concurrent updates', async () => {
    await db.Board.put(full)
    await Promise.all([db.Board.update(key, { 'top.w': 5 }), db.Board.update(key, { 'top.sides': [1] })])
    await db.Board.update(key, { 'top.sides': append(2), list: append(fine) })
    const row = (await db.Board.get(key, { consistent: true }))!
    expect([row.top, row.list]).toEqual([{ kind: 'rect', w: 5, sides: [1, 2] }, [fine, fine]])
    row.top!.w = 6
    row.list![1]!.w = 7
    await row.save()
    expect(await db.Board.get(key, { consistent: true })).toMatchObject({ top: { w: 6 }, list: [fine, { w: 7 }] })
  })

  it('the output of a validator is stored, and is never validated again', async () => {
    const made = await db.Board.create({ id: 'c', name: ' x ', map: { shape: fine, label: ' y ' } })
    expect([made.name, made.map?.label]).toEqual(['x', 'y'])
    expect((await db.Board.create({ id: 'd' })).name).toBe('none')
    const own = await db.Board.create({ id: 'e', secret: { word: 'w', n: 1 } })
    await expect(db.Board.update({ id: 'e' }, { 'secret.n': 2 })).rejects.toMatchObject(refused)
    own.name = 'other'
    await own.save()
    expect((await db.Board.get({ id: 'e' }))?.secret).toEqual({ word: '#w', n: 1 })
    const moment = new Date(5)
    await db.Board.create({ id: 'f', when: moment, amount: 5n })
    const other = await connect({ models: { Board }, store: tested.store, table })
    const read = await other.Board.get({ id: 'f' })
    expect([read?.when, read?.amount]).toEqual([moment, 5n])
  })

  it('read-only members of maps are kept, and enums are read strictly', async () => {
    const own = await db.Board.create({ id: 'g', profile: { role: 'user' } })
    const changes: object[] = [{ 'profile.role': 'x' }, { profile: { role: 'x' } }, { profile: null }]
    for (const change of changes) {
      await expect(db.Board.update({ id: 'g' }, change)).rejects.toMatchObject(refused)
      await expect(db.transaction(tx => tx.Board.update({ id: 'g' }, change))).rejects.toMatchObject(refused)
    }
    await db.Board.update({ id: 'g' }, { profile: { role: 'user', city: 'Lyon' } })
    own.profile!.role = 'x'
    await expect(own.save()).rejects.toMatchObject({ details: { issues: [{ path: ['profile', 'role'] }] } })
    const item = (await tested.store.get({ table, key: { pk: 'Board#g', sk: 'Board' } })).item
    await tested.store.write({ kind: 'put', table, item: { ...item, level: 'middle' } })
    await expect(db.Board.get({ id: 'g' })).rejects.toMatchObject({ code: 'Unreadable' })
  })
})
