/** Unique constraints: their markers agree with the rows, also under concurrent writes. */
import { connect, type Database, f, type Item, model, type PartitaError, unset } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { everyItem, faultsOf } from '../consistency.js'
import { operations, type WatchedStore, watch } from '../watched-store.js'

const Member = model('Member', {
  fields: {
    id: f.string(),
    name: f.string().default('member'),
    email: f.email().optional(),
    number: f.integer().optional(),
    born: f.date().optional(),
    isChair: f.boolean().optional(),
    mentor: f.ref('Member').optional(),
    site: f.string().optional(),
    desk: f.integer().optional(),
    until: f.ttl().optional(),
  },
  key: { pk: 'MEMBER#{id}' },
  unique: {
    email: { fields: ['email'], lower: true, trim: true },
    number: ['number'],
    born: ['born'],
    chair: ['isChair'],
    mentor: ['mentor'],
    place: ['site', 'desk'],
  },
})

const models = { Member }
const failsWith = (code: string, details: object = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) })
const taken = (constraint: string, ...fields: string[]) =>
  failsWith('UniqueViolation', { model: 'Member', constraint, fields })

describeEachStore('unique constraints', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let seen: WatchedStore
  let table: string
  let now = Date.now()
  let db: Database<typeof models>
  let ids = 0

  beforeAll(async () => {
    seen = watch(tested.store)
    table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true, clock: () => now })
  })

  const fresh = () => `m${++ids}`
  /** The markers that name a row. */
  const markersOf = async (id: string): Promise<Item[]> =>
    (await everyItem({ store: tested.store, table })).filter(
      it => it._type === 'UNIQUE' && (it.owner as Item).pk === `MEMBER#${id}`,
    )
  async function outcomes(work: readonly Promise<unknown>[]): Promise<string[]> {
    const settled = await Promise.allSettled(work)
    return settled.map(it => (it.status === 'fulfilled' ? 'done' : (it.reason as PartitaError).code))
  }

  absent([26], 'concurrent writes of unique values leave no marker of a value that lost', async () => {
    const id = fresh()
    await db.Member.create({ id })
    const emails = Array.from({ length: 6 }, (_, i) => `${id}.${i}@example.com`)
    const copies = await Promise.all(emails.map(() => db.Member.get({ id })))
    const ended = await outcomes(
      copies.map((copy, i) => {
        if (!copy || i % 2) return db.Member.update({ id }, { email: emails[i] })
        copy.email = emails[i]
        return copy.save()
      }),
    )
    expect(new Set(ended)).toEqual(new Set(['done']))
    const { email } = (await db.Member.get({ id }, { consistent: true })) ?? {}
    expect((await markersOf(id)).map(it => it.pk)).toEqual([`UNIQUE#Member#email#${email}`])
    for (const other of emails.filter(it => it !== email)) {
      expect(await db.Member.findBy({ email: other })).toBe(undefined)
      await db.Member.create({ id: fresh(), email: other })
    }
  })

  absent([27], 'the values of an expired row are free', async () => {
    const [id, other] = [fresh(), fresh()]
    const email = `${id}@example.com`
    await db.Member.create({ id, email, until: new Date(now + 5000) })
    const [marker] = await markersOf(id)
    expect(marker?.ttl).toBe(Math.floor((now + 5000) / 1000))
    await expect(db.Member.create({ id: other, email })).rejects.toEqual(taken('email', 'email'))
    // The expiry of the marker follows that of its row.
    await db.Member.update({ id }, { until: new Date(now + 7000) })
    expect((await markersOf(id))[0]?.ttl).toBe(Math.floor((now + 7000) / 1000))
    now += 8000
    expect(await db.Member.findBy({ email })).toBe(undefined)
    await db.Member.create({ id: other, email })
    expect(await db.Member.findBy({ email })).toMatchObject({ id: other })
    // Creating the expired row again must not claim the value again.
    await db.Member.create({ id })
    await db.Member.delete({ id })
    expect(await db.Member.findBy({ email })).toMatchObject({ id: other })
    await db.Member.update({ id: other }, { until: new Date(now + 5000) })
    await db.Member.update({ id: other }, { until: null })
    now += 8000
    await expect(db.Member.create({ id, email })).rejects.toEqual(taken('email', 'email'))
  })

  absent([28], 'a delete that races with another write reports its result', async () => {
    for (let round = 0; round < 3; round++) {
      const id = fresh()
      const emails = [`${id}@a.example`, `${id}@b.example`] as const
      await db.Member.create({ id, email: emails[0] })
      const [deleted, updated] = await outcomes([
        db.Member.delete({ id }),
        db.Member.update({ id }, { email: emails[1] }),
      ])
      expect(deleted).toBe('done')
      expect(['done', 'NotFound']).toContain(updated)
      expect(await markersOf(id)).toEqual([])
      for (const email of emails) expect(await db.Member.findBy({ email })).toBe(undefined)
    }
    const id = fresh()
    await db.Member.create({ id, email: `${id}@example.com`, number: ids })
    const deletes = await Promise.all([1, 2, 3].map(() => db.Member.delete({ id })))
    const [gone, ...more] = deletes.filter(it => it !== undefined)
    expect(gone).toMatchObject({ id, number: ids })
    expect(more).toEqual([])
  })

  absent([29], 'rows are found by values of every kind, normalised as the constraint defines', async () => {
    const [id, other] = [fresh(), fresh()]
    const born = new Date(Date.UTC(1815, 11, 10))
    await db.Member.create({ id, born, number: 0, isChair: false, mentor: 'x#y', email: ' Ada@Example.COM '.trim() })
    expect(await db.Member.findBy({ born: new Date(born) })).toMatchObject({ id })
    expect(await db.Member.findBy({ number: 0 })).toMatchObject({ id, number: 0 })
    expect(await db.Member.findBy({ isChair: false })).toMatchObject({ id })
    expect(await db.Member.findBy({ mentor: 'x#y' })).toMatchObject({ id })
    expect(await db.Member.findBy({ email: 'ADA@example.com' })).toMatchObject({ id, email: 'Ada@Example.COM' })
    expect(await db.Member.findBy({ isChair: true })).toBe(undefined)
    const claims = [
      [{ born: new Date(born) }, taken('born', 'born')],
      [{ number: 0 }, taken('number', 'number')],
      [{ isChair: false }, taken('chair', 'isChair')],
      [{ mentor: 'x#y' }, taken('mentor', 'mentor')],
      [{ email: 'ada@example.com' }, taken('email', 'email')],
    ] as const
    for (const [claim, violation] of claims) {
      await expect(db.Member.create({ id: other, ...claim })).rejects.toEqual(violation)
    }
    // A different spelling of the row's own value is the same value.
    expect((await db.Member.update({ id }, { email: 'ada@example.com' })).email).toBe('ada@example.com')
    await db.Member.update({ id }, { number: 1, isChair: null })
    await db.Member.create({ id: other, number: 0, isChair: false })
    for (const wrong of [
      { email: null },
      { email: undefined },
      {},
      { name: 'member' },
      { site: 'x' },
      { number: 0, email: 'a@b.c' },
    ]) {
      await expect(db.Member.findBy(wrong as never)).rejects.toEqual(failsWith('ValidationFailed'))
    }
  })

  absent([30], 'unique writes are one transaction without reads, and errors name the conflict', async () => {
    const id = fresh()
    const row = { id, email: `${id}@example.com`, number: 1000 + ids }
    seen.calls = []
    await db.run({}, async scope => {
      await scope.Member.create(row)
      expect(scope.capacity).toMatchObject({ read: 0, write: expect.any(Number) })
      expect(scope.capacity.write).toBeGreaterThanOrEqual(3)
    })
    expect(operations(seen)).toEqual(['transactWrite'])
    await expect(db.Member.create({ ...row, id: fresh(), email: 'free@example.com' })).rejects.toEqual(
      taken('number', 'number'),
    )
    await expect(db.Member.create({ id, email: 'free@example.com' })).rejects.toEqual(failsWith('AlreadyExists'))
    await db.Member.create({ id: fresh(), email: 'other@example.com' })
    const claim = { email: 'other@example.com' }
    await expect(db.Member.update({ id }, claim)).rejects.toEqual(taken('email', 'email'))
    await expect(db.Member.update({ id }, { email: 'free@example.com' }, { if: { name: 'x' } })).rejects.toEqual(
      failsWith('ConditionFailed'),
    )
    await expect(db.Member.update({ id: 'nobody' }, claim)).rejects.toEqual(failsWith('NotFound'))
    expect(await db.Member.findBy({ email: row.email })).toMatchObject(row)
    expect(await db.Member.findBy({ email: 'free@example.com' })).toBe(undefined)
    // A loaded record knows its values, so saving it needs no read.
    const loaded = await db.Member.get({ id })
    seen.calls = []
    if (loaded) loaded.email = 'free@example.com'
    await loaded?.save()
    expect(operations(seen)).toEqual(['transactWrite'])
    // An update that touches no constraint is a single write.
    seen.calls = []
    await db.Member.update({ id }, { name: 'renamed' })
    expect(operations(seen)).toEqual(['write'])
  })

  absent([31], 'rows and markers are found by the type of the model, whatever its name in the code', async () => {
    const fields = { id: f.string(), email: f.email(), friend: f.string().optional() }
    const shape = { fields, key: { pk: 'PERSON#{id}' }, unique: { email: ['email'] }, type: 'person' } as const
    const before = await connect({ models: { Person: model('Person', shape) }, store: seen.store, table })
    await before.Person.create({ id: '31', email: 'thirty-one@example.com' })
    const after = await connect({ models: { A: model('A', shape) }, store: seen.store, table })
    expect(await after.A.findBy({ email: 'thirty-one@example.com' })).toMatchObject({ id: '31' })
    await after.A.update({ id: '31' }, { email: 'new@example.com' })
    await after.A.delete({ id: '31' })
    await before.Person.create({ id: '32', email: 'thirty-one@example.com' })
    const walked = []
    for await (const row of after.A.iterate()) walked.push(row.id)
    expect(walked).toEqual(['32'])
    await after.A.delete({ id: '32' })
  })

  absent([32], 'one of many concurrent creates succeeds, and several fields form one value', async () => {
    const names = Array.from({ length: 8 }, fresh)
    const email = `${names[0]}@example.com`
    const ended = await outcomes(names.map(id => db.Member.create({ id, email })))
    expect(ended.sort()).toEqual([...Array(7).fill('UniqueViolation'), 'done'])

    const [a, b, c] = [fresh(), fresh(), fresh()]
    await db.Member.create({ id: a, site: 'x#1', desk: 1 })
    await db.Member.create({ id: b, site: 'x', desk: 11 })
    await db.Member.create({ id: c, site: 'x#1' })
    expect(await db.Member.findBy({ site: 'x#1', desk: 1 })).toMatchObject({ id: a })
    // An incomplete value claims nothing; the second field completes it.
    await expect(db.Member.update({ id: c }, { desk: 1 })).rejects.toEqual(taken('place', 'site', 'desk'))
    await db.Member.update({ id: c }, { desk: 2 })
    await expect(db.Member.update({ id: a }, { desk: 2 })).rejects.toEqual(taken('place', 'site', 'desk'))
    await db.Member.update({ id: c }, { site: null })
    expect(await markersOf(c)).toEqual([])
    await db.Member.update({ id: a }, { desk: 2 })
    expect((await markersOf(a)).map(it => it.pk)).toHaveLength(1)
  })

  it('values are released when they are cleared or their row is deleted, and put moves them', async () => {
    const [id, other] = [fresh(), fresh()]
    const email = `${id}@example.com`
    const row = await db.Member.create({ id, email, desk: 3, site: id })
    row.email = undefined
    await row.save()
    await db.Member.create({ id: other, email })
    await expect(row.update({ email })).rejects.toEqual(taken('email', 'email'))
    await db.Member.update({ id: other }, { email: unset() })
    await row.update({ email })
    await expect(db.Member.put({ id: other, site: id, desk: 3 })).rejects.toEqual(taken('place', 'site', 'desk'))
    await db.Member.put({ id, email, number: 77 })
    await db.Member.put({ id: other, site: id, desk: 3 })
    await row.delete()
    expect(await db.Member.findBy({ email })).toBe(undefined)
    expect(await db.Member.findBy({ number: 77 })).toBe(undefined)
  })

  it('markers never appear in results', async () => {
    const id = fresh()
    await db.Member.create({ id, email: `${id}@example.com` })
    for await (const row of db.Member.iterate()) expect(row.name).toBeTypeOf('string')
    const [marker] = await markersOf(id)
    expect(marker).toMatchObject({ sk: 'UNIQUE', owner: { pk: `MEMBER#${id}`, sk: 'Member' } })
    expect(Object.keys(marker ?? {}).sort()).toEqual(['_rev', '_type', 'owner', 'pk', 'sk'])
    expect(() => db.decodeKey(String(marker?.pk), 'UNIQUE')).toThrow(failsWith('ValidationFailed'))
  })

  it('the markers agree with the rows', async () => {
    expect(await faultsOf({ store: tested.store, table, models, now })).toEqual([])
  })

  allAccountedFor()
})
