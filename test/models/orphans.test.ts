/** Markers that a program without the constraint left behind. They block no write and find no row. */
import { beforeEach, expect, it } from 'vitest'
import { connect, f, model } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'
import { faultsOf } from './consistency.js'
import { codes, together } from './ending.js'
import { watch } from './watched-store.js'

const fields = { id: f.string(), email: f.string(), seat: f.string().optional() }
const older = { User: model('User', { fields, key: 'id' }) }
const newer = { User: model('User', { fields, key: 'id', unique: { email: ['email'], seat: ['seat'] } }) }

describeEachStore('a marker whose row does not hold its value', tested => {
  let table = ''
  const connected = (store = tested.store) => connect({ models: newer, store, table, createTable: true })
  let db: Awaited<ReturnType<typeof connected>>
  let before: Awaited<ReturnType<typeof connectedOlder>>
  const connectedOlder = () => connect({ models: older, store: tested.store, table })
  const consistent = async () => expect(await faultsOf({ store: tested.store, table, models: newer })).toEqual([])

  beforeEach(async () => {
    table = tested.tableName()
    db = await connected()
    before = await connectedOlder()
    await db.User.create({ id: 'owner', email: 'x', seat: '1' })
  })

  it.each(['deleted', 'changed'])(
    'an orphaned marker does not block a create after an older program %s the row',
    async how => {
      if (how === 'deleted') await before.User.delete({ id: 'owner' })
      else await before.User.put({ id: 'owner', email: 'y', seat: '2' })
      expect(await db.User.findBy({ email: 'x' })).toBeUndefined()
      await db.User.create({ id: 'a', email: 'x' })
      await db.User.put({ id: 'b', email: 'z', seat: '1' })
      expect((await db.User.findBy({ email: 'x' }))?.id).toBe('a')
      expect((await db.User.findBy({ seat: '1' }))?.id).toBe('b')
      await db.User.reindex()
      await consistent()
    },
  )

  it('updates and transactions take over an orphaned marker', async () => {
    await db.User.create({ id: 'other', email: 'y', seat: '2' })
    await before.User.delete({ id: 'owner' })
    await before.User.delete({ id: 'other' })
    await db.User.create({ id: 'a', email: 'a' })
    await db.User.update({ id: 'a' }, { email: 'x' })
    let runs = 0
    await db.transaction(
      async tx => {
        runs++
        await tx.User.create({ id: 'b', email: 'y' })
        await tx.User.update({ id: 'a' }, { seat: '2' })
      },
      { attempts: 1 },
    )
    expect(runs).toBe(1)
    // This transaction reads the markers first.
    await db.transaction(async tx => {
      if (!(await tx.User.findBy({ seat: '1' }))) await tx.User.create({ id: 'c', email: 'c', seat: '1' })
    })
    expect((await db.User.findBy({ seat: '1' }))?.id).toBe('c')
    await consistent()
  })

  it('exactly one of 64 concurrent claims takes over an orphaned marker', async () => {
    await before.User.delete({ id: 'owner' })
    const ended = await together(64, i =>
      i % 2
        ? db.User.create({ id: `u${i}`, email: 'x' })
        : db.transaction(tx => tx.User.create({ id: `u${i}`, email: 'x' })),
    )
    const { ok, UniqueViolation = 0, Conflict = 0 } = codes(ended)
    expect(ok).toBe(1)
    expect(UniqueViolation + Conflict).toBe(63)
    expect(await db.User.findBy({ seat: '1' })).toBeUndefined()
    await db.User.create({ id: 'seated', email: 'seated', seat: '1' })
    await consistent()
  })

  it.each(['alone', 'in a transaction'])(
    'a marker is not taken over if its row has the value again meanwhile, %s',
    async how => {
      await before.User.put({ id: 'owner', email: 'y' })
      const watched = watch(tested.store)
      const slow = await connected(watched.store)
      let looks = 0
      watched.before = async call => {
        // After the read of the row, before the write that overwrites its marker.
        const isTakeover =
          call.operation === 'transactWrite' && call.request.writes.some(({ kind }) => kind === 'check')
        if (isTakeover && looks++ === 0) await before.User.put({ id: 'owner', email: 'x' })
      }
      const create = () =>
        how === 'alone'
          ? slow.User.create({ id: 'thief', email: 'x' })
          : slow.transaction(tx => tx.User.create({ id: 'thief', email: 'x' }))
      await expect(create()).rejects.toMatchObject({ code: 'UniqueViolation' })
      expect(looks).toBeGreaterThan(0)
      expect((await db.User.findBy({ email: 'x' }))?.id).toBe('owner')
    },
  )

  it('a marker blocks other rows while its row has the value', async () => {
    await expect(db.User.create({ id: 'a', email: 'x' })).rejects.toMatchObject({ code: 'UniqueViolation' })
    await expect(db.transaction(tx => tx.User.create({ id: 'a', email: 'x' }))).rejects.toMatchObject({
      code: 'UniqueViolation',
    })
    await consistent()
  })

  it.each(['alone', 'in a transaction'])(
    'a marker stays when another row with the same value is deleted or changed %s',
    async how => {
      for (const id of ['second', 'third']) await before.User.create({ id, email: 'x', seat: id })
      const writes = (rows: Pick<typeof db, 'User'>) => [
        () => rows.User.delete({ id: 'second' }),
        () => rows.User.update({ id: 'third' }, { email: 'y' }),
      ]
      if (how === 'alone') for (const write of writes(db)) await write()
      else await db.transaction(async tx => void (await Promise.all(writes(tx as never).map(write => write()))))
      expect((await db.User.findBy({ email: 'x' }))?.id).toBe('owner')
      await expect(db.User.create({ id: 'a', email: 'x' })).rejects.toMatchObject({ code: 'UniqueViolation' })
    },
  )
})
