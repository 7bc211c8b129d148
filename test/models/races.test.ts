/** Many concurrent writers: the guarantees of unique values, indexes, counters and versions hold. */
import { beforeAll, expect, it } from 'vitest'
import { add } from '../../packages/partita/src/model/index.js'
import { eventually } from '../store-contract/fixtures.js'
import { codes, together, valuesOf } from './ending.js'
import { type Db, describeEachArena, fresh, freshNumber, untilDone } from './races/arena.js'

const WRITERS = 64
const SOME = 16

describeEachArena('races of models', arena => {
  const { insist, consistent } = arena
  let db: Db
  beforeAll(() => {
    db = arena.db
  })

  it(`one of ${WRITERS} concurrent creates with the same e-mail succeeds`, async () => {
    const name = fresh()
    const ended = await together(WRITERS, i =>
      insist(() => db.Account.create({ accountId: `${name}-${i}`, email: i % 2 ? `${name}@x.org` : `${name}@X.ORG` })),
    )
    expect(codes(ended)).toEqual({ ok: 1, UniqueViolation: WRITERS - 1 })
    for (const it of ended) {
      if ('error' in it)
        expect(it.error.details).toMatchObject({ model: 'Account', constraint: 'email', fields: ['email'] })
    }
    const winner = ended.find(it => 'value' in it)
    const found = await insist(() => db.Account.findBy({ email: `${name}@x.org` }))
    expect(found?.accountId).toBe(winner && 'value' in winner && winner.value.accountId)
    await consistent()
  })

  it(`one of ${SOME} concurrent creates with the same key succeeds, and the others leave no marker`, async () => {
    const name = fresh()
    const ended = await together(SOME, i =>
      insist(() => db.Account.create({ accountId: name, email: `${name}-${i}@x.org`, handle: `${name}-${i}` })),
    )
    expect(codes(ended)).toEqual({ ok: 1, AlreadyExists: SOME - 1 })
    const free = await together(SOME, i => insist(() => db.Account.findBy({ email: `${name}-${i}@x.org` })))
    expect(free.filter(it => 'value' in it && it.value).length).toBe(1)
    await consistent()
  })

  it('one create replaces an expired row, whose unique values are free again', async () => {
    const name = fresh()
    const expires = new Date(arena.now() + 5000)
    await insist(() => db.Account.create({ accountId: name, email: `${name}@x.org`, handle: name, expires }))
    arena.pass(6000)
    const ended = await together(SOME, i => {
      // Half of them claim the key of the expired row, the other half only its e-mail.
      const accountId = i % 2 ? name : `${name}-${i}`
      return insist(() => db.Account.create({ accountId, email: `${name}@x.org`, handle: `${name}-${i}` }))
    })
    const { ok, UniqueViolation = 0, AlreadyExists = 0, ...others } = codes(ended)
    expect(others).toEqual({})
    expect(ok).toBe(1)
    expect(UniqueViolation + AlreadyExists).toBe(SOME - 1)
    await consistent()
  })

  it(`${WRITERS} concurrent creates and deletes of one row keep its markers consistent`, async () => {
    const name = fresh()
    const create = () => db.Account.create({ accountId: name, email: `${name}@x.org`, handle: name, label: name })
    await insist(create)
    const ended = await together<unknown>(WRITERS, i =>
      i % 2 ? insist(() => db.Account.delete({ accountId: name })) : insist(create),
    )
    const { ok: _, AlreadyExists = 0, UniqueViolation = 0, ...others } = codes(ended)
    expect(others).toEqual({})
    const created = 1 + WRITERS / 2 - AlreadyExists - UniqueViolation
    const deleted = ended.filter((it, i) => i % 2 === 1 && 'value' in it && it.value !== undefined).length
    const row = await insist(() => db.Account.get({ accountId: name }, { consistent: true }))
    expect(created - deleted).toBe(row ? 1 : 0)
    await consistent()
    await insist(() => db.Account.delete({ accountId: name }))
    await insist(create)
    await consistent()
  })

  it(`one of ${SOME} concurrent deletes returns the row`, async () => {
    const name = fresh()
    await insist(() => db.Account.create({ accountId: name, email: `${name}@x.org`, handle: name }))
    const ended = await together(SOME, () => insist(() => db.Account.delete({ accountId: name })))
    expect(codes(ended)).toEqual({ ok: SOME })
    expect(ended.filter(it => 'value' in it && it.value?.accountId === name).length).toBe(1)
    await consistent()
  })

  it('concurrent additions to a counter are all applied', async () => {
    const name = fresh()
    const key = { accountId: name }
    await insist(() => db.Account.create({ ...key, email: `${name}@x.org`, balance: 1000 }))
    const ended = await together<unknown>(32, i =>
      [
        () => insist(() => db.Account.update(key, { balance: add(i) })),
        async () => {
          const record = await insist(() => db.Account.get(key))
          if (!record) throw new Error('The row is gone')
          record.balance += i
          record.tags.add(`t${i}`)
          await insist(() => record.save())
        },
        () => insist(() => db.Account.update(key, { balance: add(i), tags: add(`t${i}`), level: i })),
        () => insist(() => db.transaction(tx => tx.Account.update(key, { balance: add(i) }), { attempts: 100 })),
      ][i % 4]!(),
    )
    expect(codes(ended)).toEqual({ ok: 32 })
    const row = await insist(() => db.Account.get(key, { consistent: true }))
    expect(row?.balance).toBe(1000 + (31 * 32) / 2)
    const odd = Array.from({ length: 32 }, (_, i) => i).filter(i => i % 4 === 1 || i % 4 === 2)
    expect([...(row?.tags ?? [])].sort()).toEqual(odd.map(i => `t${i}`).sort())
    await consistent()
  })

  it('members that others add to a set are kept if a record clears the set', async () => {
    const name = fresh()
    const key = { accountId: name }
    await insist(() => db.Account.create({ ...key, email: `${name}@x.org`, tags: ['old', 'older'] }))
    const [emptied, filled] = [await insist(() => db.Account.get(key)), await insist(() => db.Account.get(key))]
    if (!emptied || !filled) throw new Error('The row is gone')
    await insist(() => db.Account.update(key, { tags: add('new') }))
    emptied.tags.clear()
    await insist(() => emptied.save())
    expect(emptied.tags).toEqual(new Set(['new']))
    filled.tags.add('more')
    await insist(() => filled.save())
    expect((await insist(() => db.Account.get(key, { consistent: true })))?.tags).toEqual(new Set(['new', 'more']))
  })

  it('an index key stays consistent if its fields are changed concurrently, with and without unique fields', async () => {
    const name = fresh()
    // The fields of byPlace are also unique, so their writes are guarded as a whole. Those of bySide are not.
    for (const [i, changes] of [placeChanges(name), sideChanges].entries()) {
      const key = { accountId: `${name}-${i}` }
      await insist(() => db.Account.create({ ...key, email: `${key.accountId}@x.org`, label: key.accountId, floor: 1 }))
      const ended = await together<unknown>(16, async n => {
        const change = changes(n)
        if (n % 4) return insist(() => db.Account.update(key, change))
        const record = await insist(() => db.Account.get(key))
        if (!record) throw new Error('The row is gone')
        Object.assign(record, change)
        return insist(() => record.save())
      })
      expect(codes(ended)).toEqual({ ok: 16 })
      await consistent()
      const row = await insist(() => db.Account.get(key, { consistent: true }))
      if (!row) throw new Error('The row is gone')
      const { region, label, side, floor } = row
      await eventually(async () => {
        const ofPlace = label === undefined ? [] : await insist(() => db.Account.query.byPlace({ region, label }).all())
        expect(ofPlace.map(it => it.level)).toEqual(label === undefined ? [] : [row.level])
        const onSide = floor === undefined ? [] : await insist(() => db.Account.query.bySide({ side, floor }).all())
        expect(onSide.filter(it => it.accountId === key.accountId).length).toBe(
          floor === undefined || row.note === '' ? 0 : 1,
        )
      })
    }
  })

  it('concurrent puts with unique values keep the markers consistent', async () => {
    const name = fresh()
    const ended = await together(32, i =>
      insist(() =>
        db.Account.put({
          accountId: `${name}-${i % 5}`,
          email: `${name}-${i % 7}@x.org`,
          ...(i % 3 && { handle: `${name}-${i % 4}` }),
        }),
      ),
    )
    const { ok, UniqueViolation: _, ...others } = codes(ended)
    expect(others).toEqual({})
    expect(ok).toBeGreaterThan(0)
    await consistent()
  })

  it('one of many concurrent saves of the same version succeeds', async () => {
    const key = { week: freshNumber(), doctor: 'ada' }
    await insist(() => db.Shift.create(key))
    const records = await Promise.all(Array.from({ length: 16 }, () => insist(() => db.Shift.get(key))))
    // Without `insist`, as this test expects conflicts. The version of the row shows that only one save was applied.
    const ended = await together(16, async i => {
      const record = records[i]
      if (!record) throw new Error('The row is gone')
      record.hours = i + 1
      return untilDone(() => record.save(), ['Throttled'])
    })
    const { ok, Conflict, ...others } = codes(ended)
    expect(others).toEqual({})
    const row = await insist(() => db.Shift.get(key, { consistent: true }))
    expect({ ok, Conflict, version: row?.version }).toEqual({ ok: 1, Conflict: 15, version: 2 })
  })

  it('one of many concurrent saves with ifUnchanged succeeds', async () => {
    const name = fresh()
    const key = { accountId: name }
    await insist(() => db.Account.create({ ...key, email: `${name}@x.org` }))
    const records = await Promise.all(Array.from({ length: 16 }, () => insist(() => db.Account.get(key))))
    const ended = await together(16, async i => {
      const record = records[i]
      if (!record) throw new Error('The row is gone')
      record.note = `by ${i}`
      return untilDone(() => record.save({ ifUnchanged: true }), ['Throttled'])
    })
    expect(codes(ended)).toEqual({ ok: 1, Conflict: 15 })
    await consistent()
  })

  it('overlapping batches write and delete every row', async () => {
    const book = fresh()
    await together(4, i =>
      insist(() =>
        db.batch(batch => {
          for (let line = 0; line < 60; line++) batch.Entry.put({ book, line: i * 30 + line, text: `${book}-${i}` })
        }),
      ),
    ).then(valuesOf)
    await insist(() =>
      db.batch(batch => {
        for (let line = 0; line < 60; line++) batch.Entry.delete({ book, line: line * 2 })
      }),
    )
    const rows = await insist(() => db.Entry.query.key({ book }, { consistent: true }).all())
    const left = Array.from({ length: 150 }, (_, line) => line).filter(line => line % 2 === 1 || line >= 120)
    expect(rows.map(row => row.line)).toEqual(left)
    await consistent()
    await eventually(async () => {
      const texts = [0, 1, 2, 3].map(i => `${book}-${i}`)
      const found = await Promise.all(texts.map(text => insist(() => db.Entry.query.byText({ text }).all())))
      expect(found.flat().length).toBe(left.length)
      for (const [i, some] of found.entries()) expect(some.every(row => row.text === texts[i])).toBe(true)
    })
  })
})

const placeChanges = (name: string) => (n: number) =>
  [{ label: `${name}-${n}` }, { level: n / 4 - 5 }, { region: n % 2 ? 'north' : 'south' } as const][n % 3]!

const sideChanges = (n: number) =>
  [{ floor: n }, { level: n / 4 - 5 }, { side: n % 3 ? 'left' : 'right' } as const, { note: `by ${n}` }][
    (n + Math.floor(n / 4)) % 4
  ]!
