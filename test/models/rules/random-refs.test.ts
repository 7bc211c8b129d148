/** Random writes of rows that refer to each other, alone, at once and in transactions: counts, markers and refs stay right. */
import { connect, f, model, PartitaError } from 'partita'
import { consistency } from 'partita/testing'
import { expect, it } from 'vitest'
import { seed } from '../../seeded.js'
import { describeEachStore } from '../../stores.js'
import { faultsOf } from '../consistency.js'
import { Dice } from '../random/dice.js'

const Folder = model('Folder', {
  fields: {
    id: f.string(),
    parentId: f.ref('Folder', { onDelete: 'cascade' }).optional(),
    folders: f.countOf('Folder.parentId'),
    files: f.countOf('File.folderId'),
  },
  key: 'id',
  indexes: { byParent: { on: 'gsi1', pk: 'PARENT#{parentId}', sk: '{id}' } },
})
const Tag = model('Tag', { fields: { id: f.string(), files: f.countOf('File.tagId') }, key: 'id', softDelete: true })
const File = model('File', {
  fields: {
    id: f.string(),
    folderId: f.ref('Folder', { onDelete: 'cascade' }),
    tagId: f.ref('Tag', { onDelete: 'setNull' }).optional(),
    name: f.string().optional(),
  },
  key: 'id',
  unique: { name: ['name'] },
  indexes: { byFolder: { on: 'gsi1', pk: 'FOLDER#{folderId}' }, byTag: { on: 'gsi2', pk: 'TAG#{tagId}', sk: '{id}' } },
  softDelete: true,
})
const Share = model('Share', {
  fields: { id: f.string(), folderId: f.ref('Folder', { onDelete: 'restrict' }) },
  key: 'id',
})
const models = { Folder, Tag, File, Share }
type Db = Awaited<ReturnType<typeof connect<typeof models>>>
type Target = Pick<Db, keyof typeof models>

/** What a write may meet: rows that are missing, deleted, referred to or in the way, and other writers. */
const EXPECTED = ['RuleViolated', 'NotFound', 'AlreadyExists', 'UniqueViolation', 'Conflict']

/** One random write. */
function write(db: Target, dice: Dice): Promise<unknown> {
  const [folder, other] = [`d${dice.below(6)}`, `d${dice.below(6)}`]
  const [file, tag, share] = [`f${dice.below(8)}`, `t${dice.below(3)}`, `s${dice.below(3)}`]
  const name = dice.chance(50) ? { name: `n${dice.below(4)}` } : {}
  return dice.pick<() => Promise<unknown>>([
    () => db.Folder.create({ id: folder, ...(dice.chance(50) && { parentId: other }) }),
    () => db.Folder.put({ id: folder }),
    () => db.Folder.update({ id: folder }, { parentId: dice.chance(30) ? null : other }),
    () => db.Folder.delete({ id: folder }),
    () => db.Tag.create({ id: tag }),
    () => db.Tag.delete({ id: tag }),
    () => (dice.chance(50) ? db.Tag.restore({ id: tag }) : db.Tag.purge({ id: tag })),
    () => db.File.create({ id: file, folderId: folder, ...(dice.chance(50) && { tagId: tag }), ...name }),
    () => db.File.put({ id: file, folderId: folder, ...name }),
    () => db.File.update({ id: file }, { folderId: folder, tagId: dice.chance(30) ? null : tag, ...name }),
    () => db.File.delete({ id: file }),
    () => (dice.chance(50) ? db.File.restore({ id: file }) : db.File.purge({ id: file })),
    () => db.Share.put({ id: share, folderId: folder }),
    () => db.Share.delete({ id: share }),
  ])()
}

/** Whether the write took effect. */
async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof PartitaError && EXPECTED.includes(error.code)) return false
    throw error
  }
}

describeEachStore('Rows that refer to each other', tested => {
  const turns = tested.name === 'memory' || tested.name === 'embedded' ? 150 : 30

  it(`counts, unique markers and refs are right after ${turns} random turns, from seed ${seed}`, async () => {
    const table = tested.tableName()
    const db = await connect({ models, store: tested.store, table, createTable: true })
    const dice = new Dice(seed)
    let [done, refused] = [0, 0]
    for (let turn = 0; turn < turns; turn++) {
      const works = dice.pick<() => (() => Promise<unknown>)[]>([
        () => [() => write(db, dice)],
        () => [1, 2, 3].map(() => () => write(db, dice)),
        () => [
          () =>
            db.transaction(async tx => {
              for (let i = 0; i <= dice.below(4); i++) await attempt(() => write(tx as unknown as Target, dice))
            }),
        ],
      ])()
      for (const isDone of await Promise.all(works.map(attempt))) {
        if (isDone) done++
        else refused++
      }
      if (turn % 10 < 9) continue
      expect(await faultsOf({ store: tested.store, table, models }), `after turn ${turn}`).toEqual([])
    }
    expect((await consistency(db)).inconsistencies).toEqual([])
    expect(await missingParents(db)).toEqual([])
    expect(done).toBeGreaterThan(turns / 3)
    expect(refused).toBeGreaterThan(0)
  })
})

/** Refs of rows that are not soft-deleted, to rows that do not exist. */
async function missingParents(db: Db): Promise<string[]> {
  const missing: string[] = []
  for await (const { id, parentId } of db.Folder.iterate())
    if (parentId !== undefined && !(await db.Folder.get({ id: parentId }, { consistent: true }))) missing.push(id)
  for await (const { id, folderId, tagId } of db.File.iterate()) {
    if (!(await db.Folder.get({ id: folderId }, { consistent: true }))) missing.push(id)
    if (tagId !== undefined && !(await db.Tag.get({ id: tagId }, { consistent: true }))) missing.push(id)
  }
  for await (const { id, folderId } of db.Share.iterate())
    if (!(await db.Folder.get({ id: folderId }, { consistent: true }))) missing.push(id)
  return missing
}
