/** Concurrent transactions: each is isolated from the others, whatever they do to the rows that it reads and writes. */
import { beforeAll, expect, it } from 'vitest'
import { add } from '../../packages/partita/src/model/index.js'
import { codes, ending, together, valuesOf } from './ending.js'
import { type Db, describeEachArenaAndMongoDB, fresh, freshNumber, meeting, type Tx } from './races/arena.js'

describeEachArenaAndMongoDB('races of transactions', arena => {
  const { insist, consistent } = arena
  let db: Db
  beforeAll(() => {
    db = arena.db
  })

  it('markers stay consistent while rows swap and claim values of each other', async () => {
    const name = fresh()
    const id = (n: number) => `${name}-${n % 6}`
    await together(6, i =>
      insist(() => db.Account.create({ accountId: id(i), email: `${id(i)}@x.org`, handle: id(i), label: id(i) })),
    )
    let racing = true
    const reader = (async () => {
      for (let i = 0; racing; i++) {
        const found = await insist(() => db.Account.findBy({ handle: id(i) }))
        if (found) expect(found.handle).toBe(id(i))
      }
    })()
    const claims = together<unknown>(32, i => {
      const key = { accountId: id(i) }
      const wanted = id(i * 7 + Math.floor(i / 6))
      return [
        () => insist(() => db.Account.update(key, { handle: i % 5 ? wanted : null })),
        () => insist(() => db.Account.update(key, { label: wanted, region: i % 4 ? 'north' : 'south' })),
        async () => {
          const record = await insist(() => db.Account.get(key))
          if (!record) throw new Error('The row is gone')
          record.handle = wanted
          return insist(() => record.save())
        },
        () => insist(() => db.transaction(tx => swapHandles(tx, id(i), id(i + 1 + Math.floor(i / 12))))),
      ][i % 4]!()
    })
    const ended = await claims
    racing = false
    await reader
    const { ok, UniqueViolation, Conflict = 0, ...others } = codes(ended)
    expect(others).toEqual({})
    expect(ok).toBeGreaterThan(0)
    expect(Conflict, 'only transactions may give up').toBeLessThanOrEqual(8)
    await consistent()
    const rows = await insist(() => db.Account.getMany(Array.from({ length: 6 }, (_, i) => ({ accountId: id(i) }))))
    for (const row of rows) {
      if (row?.handle !== undefined) {
        const { handle } = row
        expect((await insist(() => db.Account.findBy({ handle })))?.accountId).toBe(row.accountId)
      }
    }
  })

  it('one transaction swaps the unique values of two rows', async () => {
    const [one, two] = [fresh(), fresh()]
    await insist(() => db.Account.create({ accountId: one, email: `${one}@x.org`, handle: one }))
    await insist(() => db.Account.create({ accountId: two, email: `${two}@x.org`, handle: two }))
    await insist(() => db.transaction(tx => swapHandles(tx, one, two)))
    expect((await insist(() => db.Account.findBy({ handle: one })))?.accountId).toBe(two)
    expect((await insist(() => db.Account.findBy({ handle: two })))?.accountId).toBe(one)
    await consistent()
  })

  it('two doctors who see each other on call cannot both leave', async () => {
    await together(8, async () => {
      const week = freshNumber()
      for (const doctor of ['ada', 'bob']) await insist(() => db.Shift.create({ week, doctor }))
      const met = meeting(2)
      const leave = (doctor: string) =>
        insist(() =>
          db.transaction(async tx => {
            const shifts = await Promise.all(['ada', 'bob'].map(it => tx.Shift.get({ week, doctor: it })))
            await met()
            if (shifts.every(shift => shift?.onCall)) await tx.Shift.update({ week, doctor }, { onCall: false })
          }),
        )
      await Promise.all([leave('ada'), leave('bob')])
      const shifts = await insist(() => db.Shift.query.key({ week }, { consistent: true }).all())
      expect(shifts.filter(shift => shift.onCall).length).toBe(1)
    }).then(valuesOf)
    await consistent()
  })

  it('two transactions that each see the row of the other missing cannot both create one', async () => {
    await together(8, async () => {
      const week = freshNumber()
      const met = meeting(2)
      const claim = (mine: string, theirs: string) =>
        insist(() =>
          db.transaction(async tx => {
            const other = await tx.Shift.get({ week, doctor: theirs })
            await met()
            if (!other) await tx.Shift.create({ week, doctor: mine })
          }),
        )
      await Promise.all([claim('ada', 'bob'), claim('bob', 'ada')])
      expect((await insist(() => db.Shift.query.key({ week }, { consistent: true }).all())).length).toBe(1)
    }).then(valuesOf)
    await consistent()
  })

  it('a read by a unique value is guarded in a transaction, whether or not it found a row', async () => {
    await together(4, async () => {
      const name = fresh()
      const handle = name
      const met = meeting(2)
      // Each transaction creates a row with the handle only if no row has it.
      const take = (mine: string) =>
        insist(() =>
          db.transaction(async tx => {
            const holder = await tx.Account.findBy({ handle })
            await met()
            if (holder) return false
            await tx.Account.create({ accountId: `${name}-${mine}`, email: `${name}-${mine}@x.org`, handle })
            return true
          }),
        )
      expect((await Promise.all([take('a'), take('b')])).filter(Boolean).length).toBe(1)
    }).then(valuesOf)
    await consistent()
  })

  it('calls of one transaction can run concurrently', async () => {
    const [one, two] = [fresh(), fresh()]
    const created = insist(() =>
      db.transaction(tx =>
        Promise.all([one, two].map(accountId => tx.Account.create({ accountId, email: `${one}@x.org` }))),
      ),
    )
    expect(await ending(created)).toMatchObject({ error: { code: 'UniqueViolation' } })
    expect(await insist(() => db.Account.getMany([{ accountId: one }, { accountId: two }]))).toEqual([
      undefined,
      undefined,
    ])

    await insist(() => db.Account.create({ accountId: one, email: `${one}@x.org` }))
    const key = { accountId: one }
    await insist(() =>
      db.transaction(async tx => {
        const adding = [1, 2, 3].map(amount =>
          tx.Account.update(key, { balance: add(amount), tags: add(`t${amount}`) }),
        )
        await Promise.all([...adding, tx.Account.update(key, { label: two }), tx.Account.update(key, { level: 5 })])
      }),
    )
    const row = await insist(() => db.Account.get(key, { consistent: true }))
    expect(row).toMatchObject({ balance: 6, tags: new Set(['t1', 't2', 't3']), label: two, level: 5 })
    await consistent()
  })

  it('a create of an existing row is refused, even if the transaction deletes it afterwards', async () => {
    const key = { week: freshNumber(), doctor: 'ada' }
    await insist(() => db.Shift.create(key))
    const call = insist(() =>
      db.transaction(async tx => {
        await tx.Shift.create(key)
        await tx.Shift.delete(key)
      }),
    )
    expect(await ending(call)).toMatchObject({ error: { code: 'AlreadyExists' } })
  })

  it('a value is found at every moment while it moves between rows', async () => {
    const ids = [fresh(), fresh()] as const
    const [handle] = ids
    for (const accountId of ids) await insist(() => db.Account.create({ accountId, email: `${accountId}@x.org` }))
    await insist(() => db.Account.update({ accountId: ids[0] }, { handle }))
    let moving = true
    const readers = together(2, async () => {
      for (let reads = 0; moving || reads < 3; reads++) {
        const found = await insist(() => db.Account.findBy({ handle }, { consistent: true }))
        if (found?.handle !== handle) throw new Error('The value was not found')
      }
    })
    for (let i = 0; i < 12; i++) {
      const [from, to] = i % 2 ? [ids[1], ids[0]] : ids
      await insist(() =>
        db.transaction(async tx => {
          await tx.Account.update({ accountId: from }, { handle: null })
          await tx.Account.update({ accountId: to }, { handle })
        }),
      )
    }
    moving = false
    valuesOf(await readers)
    await consistent()
  })

  it('concurrent transactions number rows by a shared counter without gaps', async () => {
    const book = fresh()
    await insist(() => db.Account.create({ accountId: book, email: `${book}@x.org` }))
    const open = (text: string) =>
      insist(() =>
        db.transaction(
          async tx => {
            const { balance } = await tx.Account.update({ accountId: book }, { balance: add(1) })
            return tx.Entry.create({ book, line: balance, text })
          },
          { attempts: 50 },
        ),
      )
    const entries = valuesOf(await together(16, i => open(`${book}-${i}`)))
    const lines = Array.from({ length: 16 }, (_, i) => i + 1)
    expect(entries.map(it => it.line).sort((a, b) => a - b)).toEqual(lines)
    const rows = await insist(() => db.Entry.query.key({ book }, { consistent: true }).all())
    expect(rows.map(it => [it.line, it.text])).toEqual(
      lines.map(line => [line, entries.find(it => it.line === line)?.text]),
    )
    await consistent()
  })

  it('each transaction takes a different free value, the next one that it finds', async () => {
    const name = fresh()
    const claim = (i: number) =>
      insist(() =>
        db.transaction(
          async tx => {
            let n = 0
            while (await tx.Account.findBy({ handle: `${name}-${n}` })) n++
            return tx.Account.create({
              accountId: `${name}-by-${i}`,
              email: `${name}-${i}@x.org`,
              handle: `${name}-${n}`,
            })
          },
          { attempts: 50 },
        ),
      )
    const made = valuesOf(await together(8, claim))
    expect(made.map(it => it.handle).sort()).toEqual(Array.from({ length: 8 }, (_, n) => `${name}-${n}`))
    await consistent()
  })

  it('concurrent read-modify-write transactions lose no change', async () => {
    const key = { week: freshNumber(), doctor: 'ada' }
    await insist(() => db.Shift.create(key))
    await together(6, async i => {
      for (let turn = 0; turn < 3; turn++) {
        await insist(() =>
          db.transaction(async tx => {
            const shift = await tx.Shift.get(key)
            if (!shift) throw new Error('The row is gone')
            if (i % 2) return void (await tx.Shift.update(key, { hours: shift.hours + 1 }))
            shift.hours += 1
            await shift.save()
          }),
        )
      }
    }).then(valuesOf)
    expect(await insist(() => db.Shift.get(key, { consistent: true }))).toMatchObject({ hours: 18, version: 19 })
    await consistent()
  })

  it('concurrent transfers between rows keep the total', async () => {
    const name = fresh()
    const ids = [0, 1, 2, 3].map(i => `${name}-${i}`)
    await together(4, i =>
      insist(() => db.Account.create({ accountId: ids[i]!, email: `${ids[i]}@x.org`, balance: 10 })),
    )
    await together(10, i =>
      insist(() =>
        db.transaction(
          async tx => {
            const [from, to] = [ids[i % 4]!, ids[(i + 1 + (i % 3)) % 4]!]
            const source = await tx.Account.get({ accountId: from })
            if (!source || source.balance < 4) return
            await tx.Account.update({ accountId: from }, { balance: add(-4) })
            await tx.Account.update({ accountId: to }, { balance: add(4) })
          },
          { attempts: 50 },
        ),
      ),
    ).then(valuesOf)
    const rows = await insist(() =>
      db.Account.getMany(
        ids.map(accountId => ({ accountId })),
        { consistent: true },
      ),
    )
    expect(rows.reduce((sum, row) => sum + (row?.balance ?? 0), 0)).toBe(40)
    expect(rows.every(row => row && row.balance >= 0)).toBe(true)
    await consistent()
  })
})

async function swapHandles(tx: Tx, one: string, two: string): Promise<void> {
  if (one === two) return
  const first = await tx.Account.get({ accountId: one })
  const second = await tx.Account.get({ accountId: two })
  if (!first || !second) throw new Error('A row is gone')
  const [handle, other] = [first.handle, second.handle]
  await tx.Account.update({ accountId: one }, { handle: other ?? null })
  await tx.Account.update({ accountId: two }, { handle: handle ?? null })
}
