/** Inherited permissions after the key of a parent is used again: by another row, which must not receive the old children. */
import { connect, f, inherit, model, PartitaError } from 'partita'
import { beforeEach, expect, it } from 'vitest'
import type { Item } from '../../../packages/partita/src/value/value.js'
import { describeEachStore } from '../../stores.js'

const HOUR = 3_600_000
const Project = model('Project', {
  fields: { id: f.string(), ownerId: f.string(), name: f.string().optional(), expires: f.ttl().optional() },
  key: 'id',
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ ownerId: String(actor) }),
      enforce: ({ ownerId }, { actor }) => ownerId === actor,
    },
  },
})
const Folder = model('Folder', {
  fields: { id: f.string(), projectId: f.ref('Project') },
  key: 'id',
  indexes: { byProject: { on: 'gsi1', pk: 'P#{projectId}', sk: '{id}' } },
  rules: { permissions: inherit('projectId') },
})
const Document = model('Document', {
  fields: { id: f.string(), folderId: f.ref('Folder').optional(), text: f.string().optional() },
  key: 'id',
  rules: { permissions: inherit('folderId') },
})
const models = { Project, Folder, Document }

describeEachStore('Inherited permissions', tested => {
  // In the future, so that no row expires by the clock of a server.
  let now = Date.now() + 10 * HOUR
  let table: string
  let db: Awaited<ReturnType<typeof open>>
  const open = () => connect({ models, store: tested.store, table, createTable: true, clock: () => now })
  const as = (actor: string) => db.scope({ actor })
  const system = () => db.scope({ system: 'test' })
  beforeEach(async () => {
    table = tested.tableName()
    db = await open()
    await as('ann').Project.create({ id: 'p', ownerId: 'ann', expires: new Date(now + HOUR) })
    await as('ann').Folder.create({ id: 'f', projectId: 'p' })
    await as('ann').Document.create({ id: 'd', folderId: 'f' })
  })
  const codeOf = (write: Promise<unknown>) =>
    write.then(
      () => undefined,
      error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
    )
  const seenBy = async (actor: string) => [
    (await as(actor).Folder.get({ id: 'f' }, { consistent: true }))?.id,
    (await as(actor).Document.get({ id: 'd' }, { consistent: true }))?.id,
    ...(await as(actor).Folder.query.byProject({ projectId: 'p' }).all()).map(({ id }) => id),
  ]
  const nothing = [undefined, undefined]

  it.each<[string, () => Promise<unknown>]>([
    [
      'has expired',
      async () => {
        now += 2 * HOUR
      },
    ],
    ['was deleted', () => as('ann').Project.delete({ id: 'p' })],
  ])('a row is not handed over to the next row with the key of its parent, which %s', async (_, end) => {
    expect(await seenBy('ann')).toEqual(['f', 'd', 'f'])
    await end()
    expect(await seenBy('ann')).toEqual(nothing)
    await as('eve').Project.create({ id: 'p', ownerId: 'eve' })
    expect(await seenBy('eve')).toEqual(nothing)
    expect(await as('eve').Folder.delete({ id: 'f' })).toBeUndefined()
    expect(await codeOf(as('eve').Document.update({ id: 'd' }, { text: 'eve' }))).toBe('NotFound')
    expect(await codeOf(as('eve').Folder.put({ id: 'f', projectId: 'p' }))).toBe('PermissionDenied')
    expect(await codeOf(as('eve').Document.create({ id: 'new', folderId: 'f' }))).toBe('PermissionDenied')
    await as('eve').Folder.create({ id: 'f2', projectId: 'p' })
    expect((await as('eve').Folder.query.byProject({ projectId: 'p' }).all()).map(({ id }) => id)).toEqual(['f2'])
    // The program itself still sees the former rows, and may give them to the new one.
    await system().Project.create({ id: 'q', ownerId: 'ann' })
    await system().Folder.update({ id: 'f' }, { projectId: 'q' })
    expect((await as('ann').Document.get({ id: 'd' }, { consistent: true }))?.id).toBe('d')
    await system().Folder.update({ id: 'f' }, { projectId: 'p' })
    expect((await as('eve').Document.get({ id: 'd' }, { consistent: true }))?.id).toBe('d')
  })

  it('a row stays with its parent through updates, puts, and transactions that create both', async () => {
    await as('ann').Project.update({ id: 'p' }, { name: 'Updated' })
    await as('ann').Project.put({ id: 'p', ownerId: 'ann', name: 'Put' })
    await as('ann').Folder.put({ id: 'f', projectId: 'p' })
    await as('ann').Document.update({ id: 'd' }, { text: 'Updated' })
    expect(await seenBy('ann')).toEqual(['f', 'd', 'f'])
    await as('ann').transaction(async tx => {
      await tx.Project.create({ id: 'p2', ownerId: 'ann' })
      await tx.Folder.update({ id: 'f' }, { projectId: 'p2' })
      await tx.Folder.create({ id: 'g', projectId: 'p2' })
      await tx.Document.create({ id: 'e', folderId: 'g' })
    })
    expect((await as('ann').Document.getMany([{ id: 'd' }, { id: 'e' }])).map(document => document?.id)).toEqual([
      'd',
      'e',
    ])
    await as('ann').Document.update({ id: 'e' }, { folderId: 'f' })
    expect((await as('ann').Document.get({ id: 'e' }, { consistent: true }))?.folderId).toBe('f')
    await system().Document.create({ id: 'system', folderId: 'f' })
    expect((await as('ann').Document.get({ id: 'system' }, { consistent: true }))?.id).toBe('system')
  })

  it('a row belongs to whatever row has the key if another tool wrote it', async () => {
    const row: Item = { pk: 'Folder#tool', sk: 'Folder', _type: 'Folder', id: 'tool', projectId: 'p' }
    await tested.store.write({ kind: 'put', table, item: row })
    expect((await as('ann').Folder.get({ id: 'tool' }, { consistent: true }))?.id).toBe('tool')
  })
})
