/** Eventually consistent reads are stale here. No write, and no search by a unique value, may depend on them. */
import { beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { add, connect, f, model } from '../../packages/partita/src/index.js'
import { faultsOf } from './consistency.js'
import { fresh } from './races/arena.js'
import { type StaleStore, staleStore } from './stale-store.js'

const Account = model('Account', {
  fields: {
    id: f.string(),
    handle: f.string().optional(),
    region: f.enum('north', 'south').default('north'),
    rank: f.integer().default(0),
    hits: f.counter(),
    tags: f.set(f.string()).default([]),
  },
  key: 'id',
  unique: { handle: ['handle'] },
  indexes: { byRegion: { on: 'gsi1', pk: 'REGION#{region}', sk: '{rank}' } },
})
const Shift = model('Shift', {
  fields: { id: f.string(), hours: f.integer().default(0), version: f.version() },
  key: 'id',
})
const models = { Account, Shift }

describe('a store whose reads are stale', () => {
  const engine = memory()
  let stale: StaleStore
  let db: Awaited<ReturnType<typeof open>>
  let table = ''
  const open = () => connect({ models, store: stale.store, table })
  beforeEach(async () => {
    stale = staleStore(engine)
    table = `stale-${fresh()}`
    db = await open()
    return async () => {
      expect(await faultsOf({ store: engine, table, models })).toEqual([])
      await db.close()
    }
  })

  it('eventually consistent reads are stale', async () => {
    await db.Account.create({ id: 'a' })
    expect(await db.Account.get({ id: 'a' })).toBeUndefined()
    expect(await db.Account.getMany([{ id: 'a' }])).toEqual([undefined])
    expect(await db.Account.get({ id: 'a' }, { consistent: true })).toBeDefined()
  })

  it.each([false, true])('findBy finds a value at the row that it moved to, with a loader: %s', async loader => {
    await db.Account.create({ id: 'from', handle: 'h' })
    await db.Account.create({ id: 'to' })
    await db.transaction(async tx => {
      await tx.Account.update({ id: 'from' }, { handle: null })
      await tx.Account.update({ id: 'to' }, { handle: 'h' })
    })
    // The stale marker names the row that held the value. That row is written again, so its first read is current and
    // no longer contains the value.
    await db.Account.update({ id: 'from' }, { rank: 1 })
    await db.run({ loader }, async scope => {
      expect(await scope.Account.findBy({ handle: 'h' })).toMatchObject({ id: 'to' })
    })
    expect(await db.Account.findBy({ handle: 'h' }, { consistent: true })).toMatchObject({ id: 'to' })
  })

  it.each([false, true])(
    'findBy finds a value at a row that becomes visible after its marker, with a loader: %s',
    async loader => {
      await db.Account.create({ id: 'a' })
      await db.Account.update({ id: 'a' }, { handle: 'h' })
      stale.isStale = ({ pk }) => !String(pk).startsWith('UNIQUE#')
      await db.run({ loader }, async scope => {
        expect(await scope.Account.findBy({ handle: 'h' })).toMatchObject({ id: 'a', handle: 'h' })
        expect(await scope.Account.get({ id: 'a' })).toMatchObject(loader ? { handle: 'h' } : { id: 'a' })
      })
    },
  )

  it('stale records never make an index, a marker, a set or a counter inconsistent', async () => {
    await db.Account.create({ id: 'a', handle: 'one', tags: ['x'] })
    await db.Account.update({ id: 'a' }, { handle: 'two', region: 'south', rank: 5, hits: add(1), tags: add('y') })
    const record = await db.Account.get({ id: 'a' })
    if (!record) throw new Error('The row is gone')
    expect(record.handle).toBe('one')
    record.rank = 7
    record.hits += 1
    record.tags.add('z')
    record.tags.delete('x')
    await record.save()
    expect(record).toMatchObject({ handle: 'two', region: 'south', rank: 7, hits: 2, tags: new Set(['y', 'z']) })
    await record.update({ handle: 'three' })
    expect(await db.Account.findBy({ handle: 'two' }, { consistent: true })).toBeUndefined()
    const late = await db.Account.get({ id: 'a' })
    await late?.delete()
    expect(await db.Account.findBy({ handle: 'three' }, { consistent: true })).toBeUndefined()
  })

  it('writes of a record with a stale version are refused', async () => {
    await db.Shift.create({ id: 's' })
    await db.Shift.update({ id: 's' }, { hours: 1 })
    const late = await db.Shift.get({ id: 's' })
    if (!late) throw new Error('The row is gone')
    late.hours = 9
    await expect(late.save()).rejects.toMatchObject({ code: 'Conflict' })
    await expect(late.update({ hours: 9 })).rejects.toMatchObject({ code: 'Conflict' })
    await expect(late.delete()).rejects.toMatchObject({ code: 'Conflict' })
    await late.reload()
    expect(late).toMatchObject({ hours: 1, version: 2 })
  })

  it('transactions read the current rows', async () => {
    await db.Account.create({ id: 'a', handle: 'h' })
    await db.Account.update({ id: 'a' }, { hits: add(1) })
    let runs = 0
    await db.transaction(async tx => {
      runs++
      const [row, [again], byHandle] = [
        await tx.Account.get({ id: 'a' }),
        await tx.Account.getMany([{ id: 'a' }]),
        await tx.Account.findBy({ handle: 'h' }),
      ]
      expect([row?.hits, again?.hits, byHandle?.hits]).toEqual([1, 1, 1])
      await tx.Account.update({ id: 'a' }, { hits: add(row?.hits ?? 0) })
    })
    expect([runs, (await db.Account.get({ id: 'a' }, { consistent: true }))?.hits]).toEqual([1, 2])
  })
})
