/** Asset fields: uploads within limits, rows that refer to them, and the sweep. */
import { connect, f, model, PartitaError } from 'partita'
import { type AssetStore, memoryAssets, newAssetId } from 'partita/assets'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'
import { watch } from '../watched-store.js'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 1)

const Member = model('Member', {
  fields: {
    id: f.string(),
    avatar: f.asset({ types: ['image/*'], max: 1000 }).optional(),
    files: f.list(f.map({ title: f.string(), file: f.asset({ max: 5000 }) })).default([]),
    byName: f.record(f.asset({ min: 0 })).optional(),
    note: f.json().optional(),
  },
  key: 'id',
  softDelete: true,
})
/** Written by a program that does not know the model `Member`. */
const Other = model('Other', { fields: { id: f.string(), text: f.string() }, key: 'id' })
/** The same rows under other rules. */
const Stricter = model('Member', {
  fields: { ...Member.definition.fields, avatar: f.asset({ types: ['image/png'], max: 10 }).optional() },
  key: 'id',
  softDelete: true,
})

const png = { type: 'image/png' } as const
const bytes = (size: number) => new Uint8Array(size).fill(7)

async function read(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of chunks) size += chunk.byteLength
  return size
}

describeEachStore('A model with asset fields', tested => {
  let now = START
  let assets: AssetStore
  let table = ''
  const open = () =>
    connect({
      models: { Member, Other },
      store: tested.store,
      table: (table = tested.tableName()),
      createTable: true,
      clock: () => now,
      assets,
    })
  let db: Awaited<ReturnType<typeof open>>
  let ids = 0
  const next = () => `m${++ids}`
  beforeEach(async () => {
    now = START
    assets = memoryAssets()
    db = await open()
  })

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      error =>
        PartitaError.is(error, 'RuleViolated')
          ? error.details.violations.map(it => `${it.rule} ${it.path.join('.')}`).join()
          : error.code,
    )
  const count = async () => {
    let found = 0
    for await (const _ of assets.list()) found++
    return found
  }

  it('stores the bytes, then a row that refers to them, and reads both', async () => {
    const avatar = await db.assets.upload('Member.avatar', bytes(900), { type: 'IMAGE/PNG', name: 'ada.png' })
    expect(avatar).toEqual({
      id: expect.any(String),
      type: 'image/png',
      size: 900,
      sha256: expect.any(String),
      name: 'ada.png',
    })
    const id = next()
    const created = await db.Member.create({ id, avatar })
    expect(created.avatar).toEqual(avatar)
    const row = await db.Member.get({ id }, { consistent: true })
    expect(row?.avatar).toEqual(avatar)
    expect(await read(db.assets.open(row?.avatar as typeof avatar))).toBe(900)
  })

  it('rows take assets in lists, maps and records, by create, put, update, save and in a transaction', async () => {
    const id = next()
    const file = await db.assets.upload('Member.files.file', bytes(5000), { type: 'text/plain; charset=utf-8' })
    const empty = await db.assets.upload('Member.byName', bytes(0), { type: 'a/b' })
    await db.Member.create({ id, files: [{ title: 'a', file }] })
    await db.Member.update({ id }, { byName: { x: empty } })
    const row = await db.Member.get({ id }, { consistent: true })
    if (!row) throw new Error('It is missing')
    row.files.push({ title: 'b', file })
    await row.save()
    await db.transaction(async tx => {
      const again = await tx.Member.get({ id })
      await tx.Member.put({ id, files: again?.files, byName: { y: empty } })
    })
    expect((await db.Member.get({ id }, { consistent: true }))?.toJSON()).toMatchObject({
      files: [
        { title: 'a', file },
        { title: 'b', file },
      ],
      byName: { y: empty },
    })
  })

  it('create refuses a row whose asset was never uploaded, was deleted, or is described wrongly', async () => {
    const avatar = await db.assets.upload('Member.avatar', bytes(900), png)
    const other = await db.assets.upload('Member.avatar', bytes(800), png)
    const create = (changed: object) => codeOf(db.Member.create({ id: next(), avatar: { ...avatar, ...changed } }))
    expect(await create({ id: newAssetId(now) })).toBe('assets avatar')
    expect(await create({ id: other.id })).toBe('assets avatar')
    expect(await create({ size: 901 })).toBe('assets avatar')
    expect(await create({ sha256: other.sha256 })).toBe('assets avatar')
    expect(await create({ type: 'text/html' })).toBe('assets avatar')
    expect(await create({ id: '../../etc/passwd' })).toBe('ValidationFailed')
    expect(await create({ type: 'image/png\r\nx: y' })).toBe('ValidationFailed')
    expect(await create({ url: 'https://example.com' })).toBe('ValidationFailed')
    await assets.delete(avatar.id)
    expect(await create({})).toBe('assets avatar')
  })

  it('a field refuses an asset that was uploaded for a field with other limits', async () => {
    const file = await db.assets.upload('Member.files.file', bytes(5000), png)
    expect(await codeOf(db.Member.create({ id: next(), avatar: file }))).toBe('assets avatar')
    expect(
      await codeOf(
        db.Member.create({
          id: next(),
          files: [
            { title: 'a', file },
            { title: 'b', file: { ...file, size: 4000 } },
          ],
        }),
      ),
    ).toBe('assets files.1.file')
  })

  it('an upload that is 12 hours old is refused in another row, and kept in a row that has it', async () => {
    const id = next()
    const avatar = await db.assets.upload('Member.avatar', bytes(900), png)
    now += 12 * HOUR - 1
    await db.Member.create({ id, avatar })
    now += 1
    expect(await codeOf(db.Member.create({ id: next(), avatar }))).toBe('assets avatar')
    expect(await codeOf(db.Member.update({ id }, { files: [{ title: 'x', file: avatar }] }))).toBe('done')
    const row = await db.Member.update({ id }, { avatar: { ...avatar, name: 'renamed.png' } })
    expect(row.avatar?.name).toBe('renamed.png')
    await db.Member.delete({ id })
    now += 1000 * HOUR
    await db.Member.restore({ id })
    await db.Member.put({ id, avatar })
  })

  it('a transaction that began in time and commits too late is refused', async () => {
    const id = next()
    const avatar = await db.assets.upload('Member.avatar', bytes(900), png)
    const late = db.transaction(async tx => {
      await tx.Member.create({ id, avatar })
      now += 12 * HOUR
    })
    expect(await codeOf(late)).toBe('assets avatar')
    expect(await db.Member.get({ id }, { consistent: true })).toBeUndefined()
  })

  it('a row keeps its assets after the limits of their field have changed', async () => {
    const id = next()
    const avatar = await db.assets.upload('Member.avatar', bytes(900), { type: 'image/gif' })
    await db.Member.create({ id, avatar })
    const stricter = await connect({
      models: { Member: Stricter },
      store: tested.store,
      table,
      clock: () => now,
      assets,
    })
    await stricter.Member.put({ id, avatar, note: 'kept' })
    expect(await codeOf(stricter.Member.create({ id: next(), avatar }))).toBe('assets avatar')
    expect(await codeOf(stricter.assets.upload('Member.avatar', bytes(5), { type: 'image/gif' }))).toBe(
      'ValidationFailed',
    )
    await stricter.close()
  })

  describe('the sweep', () => {
    it('the sweep deletes what no row refers to once it is a day old, and nothing that a row refers to', async () => {
      const [kept, dropped, orphan, file] = (await Promise.all(
        Array.from({ length: 4 }, () => db.assets.upload('Member.avatar', bytes(9), png)),
      )) as [Avatar, Avatar, Avatar, Avatar]
      const id = next()
      await db.Member.create({ id, avatar: dropped, files: [{ title: 'f', file }] })
      await db.Member.update({ id }, { avatar: kept })
      now += 24 * HOUR
      expect(await db.assets.sweep()).toMatchObject({ assets: 4, deleted: 0 })
      now += 1
      const young = await db.assets.upload('Member.avatar', bytes(9), png)
      expect(await db.assets.sweep({ dryRun: true })).toMatchObject({ deleted: 2, deletedBytes: 18, unfinished: 0 })
      expect(await count()).toBe(5)
      const result = await db.assets.sweep()
      expect(result).toMatchObject({ assets: 5, bytes: 45, deleted: 2, deletedBytes: 18 })
      expect(result.listed.map(it => it.id).sort()).toEqual([dropped.id, orphan.id].sort())
      for (const asset of [kept, file, young]) expect(await read(db.assets.open(asset))).toBe(9)
      await expect(read(db.assets.open(orphan))).rejects.toMatchObject({ code: 'AssetUnreadable' })
    })

    it('sees rows of all tenants, soft-deleted rows, rows of unknown models and ids in any value', async () => {
      const upload = () => db.assets.upload('Member.avatar', bytes(9), png)
      const all = (await Promise.all(Array.from({ length: 5 }, upload))) as [Avatar, Avatar, Avatar, Avatar, Avatar]
      const [a, b, c, d] = all
      await db.scope({ tenant: 'acme' }).Member.create({ id: next(), avatar: a })
      const id = next()
      await db.Member.create({ id, avatar: b })
      await db.Member.delete({ id })
      await db.Other.create({ id: next(), text: c.id })
      await db.Member.create({ id: next(), note: { deep: [{ [d.id]: 1 }] } })
      now += 25 * HOUR
      const other = await connect({
        models: { Other },
        store: tested.store,
        table,
        tenancy: 'required',
        clock: () => now,
        assets,
      })
      expect(await other.assets.sweep()).toMatchObject({ assets: 5, deleted: 1 })
      await other.close()
      await db.Member.purge({ id })
      expect(await db.assets.sweep()).toMatchObject({ assets: 4, deleted: 1 })
      await expect(read(db.assets.open(b))).rejects.toMatchObject({ code: 'AssetUnreadable' })
    })

    it('the sweep never deletes an asset whose row commits as late as it can, while sweeps run', async () => {
      const watched = watch(tested.store)
      const late = await connect({ models: { Member }, store: watched.store, table, clock: () => now, assets })
      let deleted = 0
      for (let round = 0; round < 10; round++) {
        const avatar = await db.assets.upload('Member.avatar', bytes(9), png)
        const begun = now
        const id = next()
        now = begun + 12 * HOUR - 1
        watched.before = async ({ operation }) => {
          if (operation !== 'transactWrite' && operation !== 'write') return
          // The commit is in flight until the grace period ends, and reaches the store while a sweep runs.
          now = begun + 24 * HOUR
          deleted += (await db.assets.sweep()).deleted
          void db.assets.sweep()
        }
        await late.Member.create({ id, avatar })
        watched.before = undefined
        now = begun + 24 * HOUR + 1
        deleted += (await db.assets.sweep()).deleted
        expect(await read(db.assets.open(avatar))).toBe(9)
      }
      expect(deleted).toBe(0)
      await late.close()
    })

    it('the sweep requires a system scope if a model has permissions', async () => {
      const fields = { id: f.string(), file: f.asset() }
      const rules = { permissions: { conditions: () => false, enforce: () => true } }
      const Secret = model('Secret', { fields, key: 'id', rules })
      const secret = await connect({ models: { Secret }, store: tested.store, table, clock: () => now, assets })
      const file = await secret.assets.upload('Secret.file', bytes(9), png)
      await secret.scope({ system: 'set-up' }).Secret.create({ id: next(), file })
      now += 25 * HOUR
      await expect(secret.assets.sweep()).rejects.toThrow('call it on db.scope({ system:')
      expect(await secret.scope({ system: 'sweep' }).assets.sweep()).toMatchObject({ assets: 1, deleted: 0 })
      await secret.close()
    })

    it('the sweep refuses a shorter grace period, a transaction and a tenant, and stops at its signal', async () => {
      expect(await codeOf(db.assets.sweep({ grace: 86_399 }))).toBe('ValidationFailed')
      expect(await codeOf(db.scope({ tenant: 'acme' }).assets.sweep())).toBe('ValidationFailed')
      expect(await codeOf(db.transaction(async () => void (await db.assets.sweep())))).toBe('ValidationFailed')
      const aborted = AbortSignal.abort(new Error('stopped'))
      await db.assets.upload('Member.avatar', bytes(9), png)
      await expect(db.assets.sweep({ signal: aborted })).rejects.toThrow('stopped')
    })
  })
})

type Avatar = Awaited<ReturnType<AssetStore['put']>> & { readonly type: string }
