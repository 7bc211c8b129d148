/** References and limits of fields. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, inherit, model, PartitaError } from 'partita'
import { beforeAll, expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { watch } from '../../watched-store.js'
import { describeEachEngine } from '../engines.js'
import { CHAIN, Project, roles, User, Workspace } from './models.js'
import { readsOf, violationsOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

const Page = model('Page', {
  fields: {
    id: f.string(),
    title: f.string().optional(),
    authorId: f.string().optional(),
    editors: f.list(f.string()).default([]),
    contact: f.string().optional(),
    projectId: f.string().optional(),
    memberId: f.string().optional(),
    /** Both a user and a member of the workspace. */
    reviewerId: f.string().optional(),
    previousId: f.string().optional(),
    guardedId: f.ref('Project', { guard: true }).optional(),
    tasks: f.list(f.map({ userId: f.string().optional() })).default([]),
    memberIds: f.list(f.string()).default([]),
    invitedEmails: f.list(f.string()).default([]),
  },
  key: 'id',
  rules: {
    permissions: 'http',
    references: {
      authorId: 'User._id',
      editors: 'User._id',
      contact: 'User.email,alias',
      memberId: CHAIN,
      reviewerId: ['User._id', CHAIN],
      previousId: 'Page._id',
      'tasks.userId': 'User._id',
    },
    limits: { invitedEmails: 'User(memberIds)._id->email' },
    hooks: {
      preProcess(page) {
        page.invitedEmails = page.invitedEmails.map(email => email.trim().toLowerCase())
      },
    },
  },
})
/** Projects that their owner alone can read, and notes that refer to them. */
const Vault = model('Vault', {
  fields: { vaultId: f.string(), owner: f.string() },
  key: 'vaultId',
  softDelete: true,
  rules: { permissions: { conditions: ({ actor }) => ({ owner: String(actor) }), enforce: () => true } },
})
const Note = model('Note', {
  fields: { id: f.string(), vaultId: f.ref('Vault'), copyOf: f.ref('Vault').optional() },
  key: 'id',
  rules: { permissions: inherit('vaultId'), references: { copyOf: 'Vault._id' } },
})

describeEachEngine('References and limits', tested => {
  const open = () =>
    connect({
      models: { User, Workspace, Project, Page, Vault, Note },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  let ids = 0
  const id = () => `d${++ids}`
  const create = (fields: object) => violationsOf(db.Page.create({ id: id(), ...fields }))
  beforeAll(async () => {
    db = await open()
    await db.Workspace.create({ workspaceId: 'w1', userRoles: roles('u1', 'ghost') })
    await db.Project.create({ projectId: 'p1', workspaceId: 'w1' })
    await db.Project.create({ projectId: 'gone', workspaceId: 'w1' })
    await db.Project.delete({ projectId: 'gone' })
    await db.User.create({ userId: 'u1', email: 'a@x', alias: 'ann' })
    await db.User.create({ userId: 'u2', email: 'b@x', alias: 'ben' })
    await db.User.create({ userId: 'u3' })
    await db.User.create({ userId: 'gone', email: 'gone@x' })
    await db.User.delete({ userId: 'gone' })
  })

  holds([20], 'a direct reference has the value of any of its paths in a row that exists', async () => {
    expect(await create({ authorId: 'u1', contact: 'a@x' })).toEqual([])
    expect(await create({ contact: 'ben' })).toEqual([])
    expect(await create({ authorId: 'absent', contact: 'u1' })).toEqual(['references authorId', 'references contact'])
  })

  holds([21], 'every element of a list is a reference', async () => {
    expect(await create({ editors: ['u1', 'u2'] })).toEqual([])
    expect(await create({ editors: ['u1', 'x', 'u2', 'y'] })).toEqual(['references editors.1', 'references editors.3'])
  })

  holds([22], 'several references of one field must all hold', async () => {
    expect(await create({ projectId: 'p1', reviewerId: 'u1' })).toEqual([])
    // A member who is no user, a user who is no member.
    expect(await create({ projectId: 'p1', reviewerId: 'ghost' })).toEqual(['references reviewerId'])
    expect(await create({ projectId: 'p1', reviewerId: 'u2' })).toEqual(['references reviewerId'])
    expect(await create({ projectId: 'p1', reviewerId: 'x' })).toHaveLength(2)
  })

  holds([23], 'soft-deleted rows are not referred to', async () => {
    expect(await create({ authorId: 'gone' })).toEqual(['references authorId'])
    expect(await create({ contact: 'gone@x' })).toEqual(['references contact'])
  })

  holds([24], 'a list may name a row twice', async () => {
    expect(await create({ editors: ['u1', 'u1', 'u2', 'u1'], tasks: [{ userId: 'u1' }, { userId: 'u1' }] })).toEqual([])
  })

  holds([25], 'missing, null and empty values are not checked, and cost no read', async () => {
    const reads = await readsOf(db, () => db.Page.create({ id: id(), editors: [], tasks: [{}] }))
    expect(reads).not.toContain('batchGet')
    expect(await violationsOf(db.Page.put({ id: id(), authorId: undefined }))).toEqual([])
  })

  holds([26], 'a value is refused if its chain has nothing to start from', async () => {
    for (const projectId of [undefined, 'absent', 'gone']) {
      expect(await create({ memberId: 'u1', ...(projectId && { projectId }) })).toEqual(['references memberId'])
    }
  })

  holds([27], 'the constraints of all parts of a document are one set of queries', async () => {
    const tasks = Array.from({ length: 30 }, (_, i) => ({ userId: `u${(i % 2) + 1}` }))
    const reads = await readsOf(db, () => db.Page.create({ id: id(), authorId: 'u1', editors: ['u1', 'u2'], tasks }))
    // The user of authorId is looked up first; a value is looked up once.
    expect(reads.filter(read => read === 'batchGet').length).toBeLessThanOrEqual(2)
  })

  holds([28], 'a reference is checked again when the field or the start of its chain changes', async () => {
    const key = { id: id() }
    await db.Page.create({ ...key, projectId: 'p1', memberId: 'u1' })
    expect(await violationsOf(db.Page.update(key, { projectId: 'gone' }))).toEqual(['references memberId'])
    expect(await violationsOf(db.Page.update(key, { memberId: 'u2' }))).toEqual(['references memberId'])
    expect(await readsOf(db, () => db.Page.update(key, { title: 'x' }))).not.toContain('batchGet')
  })

  holds([29], 'a row counts from its creation in the transaction to its deletion in the transaction', async () => {
    await db.transaction(async tx => {
      await tx.User.create({ userId: 'new', email: 'new@x', alias: 'new' })
      await tx.Page.create({ id: id(), authorId: 'new', contact: 'new@x', editors: ['u1', 'new'] })
      await tx.User.update({ userId: 'new' }, { alias: 'renamed' })
      await tx.Page.create({ id: id(), contact: 'renamed' })
    })
    const late = db.transaction(async tx => {
      await tx.User.delete({ userId: 'new' })
      await tx.Page.create({ id: id(), authorId: 'new' })
    })
    expect(await violationsOf(late)).toEqual(['references authorId'])
  })

  holds([30], 'a row may refer to itself', async () => {
    const own = id()
    expect(await violationsOf(db.Page.create({ id: own, previousId: own }))).toEqual([])
    expect(await create({ previousId: 'another' })).toEqual(['references previousId'])
  })

  holds([31], 'a guarded ref is refused if its row is deleted between the check and the commit', async () => {
    await db.Project.create({ projectId: 'late', workspaceId: 'w1' })
    let runs = 0
    const late = db.transaction(async tx => {
      await tx.Page.create({ id: 'orphan', guardedId: 'late' })
      if (++runs === 1) await db.outside(() => db.Project.delete({ projectId: 'late' }))
    })
    expect(await violationsOf(late)).toEqual(['references guardedId'])
    expect(await db.Page.get({ id: 'orphan' }, { consistent: true })).toBeUndefined()
  })

  holds([32], 'all violations are reported at once, each with its rule, path, value and query', async () => {
    const broken = db.Page.create({
      id: id(),
      authorId: 'x',
      editors: ['y'],
      guardedId: 'z',
      memberIds: ['u1'],
      invitedEmails: ['a@x'],
    })
    const error = await broken.catch(error => error)
    expect(await violationsOf(broken)).toEqual([
      'limits invitedEmails.0',
      'references authorId',
      'references editors.0',
      'references guardedId',
    ])
    const author =
      PartitaError.is(error, 'RuleViolated') && error.details.violations.find(it => it.path[0] === 'authorId')
    expect(author).toEqual({
      rule: 'references',
      path: ['authorId'],
      value: 'x',
      message: '"x" is not among the values of User._id',
    })
  })

  holds([33], 'an absent row, a deleted row and an absent start give the same answer', async () => {
    const answer = (fields: object) =>
      db.Page.create({ id: 'same', memberId: 'u1', ...fields }).then(
        () => 'created',
        error => JSON.stringify([error.message, error.code, error.details]),
      )
    const answers = [await answer({ projectId: 'gone' }), await answer({ projectId: 'absent' }), await answer({})]
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('RuleViolated')
  })

  holds([34], 'integrity does not depend on the viewer, who learns nothing about parents that are hidden', async () => {
    const system = db.scope({ system: 'test data' })
    await system.Vault.create({ vaultId: 'v1', owner: 'ann' })
    await system.Vault.create({ vaultId: 'v2', owner: 'ben' })
    const ann = db.scope({ actor: 'ann' })
    // The lookup runs without the permissions of ann.
    expect(await violationsOf(ann.Note.create({ id: id(), vaultId: 'v1', copyOf: 'v2' }))).toEqual([])
    const answers = await Promise.all(
      ['v2', 'absent'].map(vaultId =>
        ann.Note.create({ id: 'hidden', vaultId, copyOf: 'x' }).then(
          () => 'created',
          error => JSON.stringify([error.message, error.code, error.details]),
        ),
      ),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('PermissionDenied')
  })

  holds([35], 'a limit refuses each value that its query finds, and an empty result refuses none', async () => {
    const invitedEmails = ['c@x', 'a@x', 'd@x', 'b@x']
    expect(await create({ memberIds: ['u1', 'u2'], invitedEmails })).toEqual([
      'limits invitedEmails.1',
      'limits invitedEmails.3',
    ])
    expect(await create({ memberIds: [], invitedEmails })).toEqual([])
    expect(await create({ memberIds: ['u3', 'absent'], invitedEmails })).toEqual([])
  })

  holds([36], 'a limit is one query, and is checked when either side changes', async () => {
    const key = { id: id() }
    const reads = await readsOf(db, () => db.Page.create({ ...key, memberIds: ['u2'], invitedEmails: ['a@x'] }))
    expect(reads.filter(read => read === 'batchGet')).toHaveLength(1)
    expect(await violationsOf(db.Page.update(key, { memberIds: ['u2', 'u1'] }))).toEqual(['limits invitedEmails.0'])
    expect(await violationsOf(db.Page.update(key, { invitedEmails: ['b@x'] }))).toEqual(['limits invitedEmails.0'])
    expect(await violationsOf(db.Page.update(key, { title: 'x' }))).toEqual([])
  })

  holds([37], 'the address of a deleted member may be invited again', async () => {
    await db.User.create({ userId: 'leaver', email: 'leaver@x' })
    const page = { memberIds: ['leaver'], invitedEmails: ['leaver@x'] }
    expect(await create(page)).toEqual(['limits invitedEmails.0'])
    await db.User.delete({ userId: 'leaver' })
    expect(await create(page)).toEqual([])
  })

  holds([82], 'constraints that do not depend on each other are looked up at the same time', async () => {
    const watched = watch(tested.store)
    let [inFlight, most] = [0, 0]
    watched.before = async ({ operation }) => {
      if (operation !== 'batchGet' && operation !== 'query') return
      most = Math.max(most, ++inFlight)
      await new Promise(resolve => setTimeout(resolve, 20))
      inFlight--
    }
    const table = tested.tableName()
    const slow = await connect({
      models: { User, Workspace, Project, Page, Vault, Note },
      store: watched.store,
      table,
      createTable: true,
    })
    await slow.User.create({ userId: 'u1', email: 'a@x', alias: 'ann' })
    await slow.Page.create({ id: 'first', authorId: 'u1', contact: 'ann', previousId: 'first' })
    expect(most).toBeGreaterThanOrEqual(2)
    await slow.close()
  })

  holds([38], 'a value that preProcess writes in one form is limited in that form', async () => {
    expect(await create({ memberIds: ['u1'], invitedEmails: [' A@X '] })).toEqual(['limits invitedEmails.0'])
  })
})

allAccountedFor()
