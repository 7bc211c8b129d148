/** Permissions of models and of their children. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, inherit, model } from 'partita'
import { beforeAll, beforeEach, expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { describeEachEngine } from '../engines.js'
import { codeOf, readsOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

/** What the permissions answer; each test can set its own. */
const answers: { conditions?: () => unknown; enforce?: () => unknown; asked: number } = { asked: 0 }

const Space = model('Space', {
  fields: { id: f.string(), members: f.set(f.string()), name: f.string().default('') },
  key: 'id',
  indexes: { byName: { on: 'gsi1', pk: 'SPACES#{name}', sk: '{id}' } },
  rules: {
    permissions: {
      conditions: ({ actor }) =>
        answers.conditions ? answers.conditions() : { members: { $contains: String(actor) } },
      enforce(space, { actor }) {
        answers.asked++
        return (answers.enforce ? answers.enforce() : space.members.has(String(actor))) as boolean
      },
    },
  },
})
const Project = model('Project', {
  fields: { id: f.string(), spaceId: f.ref('Space') },
  key: 'id',
  indexes: { bySpace: { on: 'gsi1', pk: 'PROJECTS#{spaceId}', sk: '{id}' } },
  rules: { permissions: inherit('spaceId') },
})
const Document = model('Document', {
  fields: { id: f.string(), projectId: f.ref('Project'), title: f.string().default('') },
  key: 'id',
  indexes: { byProject: { on: 'gsi1', pk: 'DOCUMENTS#{projectId}', sk: '{id}' } },
  rules: { permissions: inherit('projectId') },
})
const Open = model('Open', { fields: { id: f.string() }, key: 'id', rules: { permissions: 'http' } })

describeEachEngine('The permissions of a workspace', tested => {
  const open = () =>
    connect({
      models: { Space, Project, Document, Open },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  let ann: ReturnType<typeof db.scope>
  let eve: ReturnType<typeof db.scope>
  beforeAll(async () => {
    db = await open()
    ann = db.scope({ actor: 'ann' })
    eve = db.scope({ actor: 'eve' })
    const system = db.scope({ system: 'test data' })
    for (let n = 0; n < 9; n++) {
      // Every third space is one of ann's.
      await system.Space.create({ id: `s${n}`, members: [n % 3 === 0 ? 'ann' : 'ben'], name: 'same' })
    }
    await system.Project.create({ id: 'p0', spaceId: 's0' })
    for (let n = 0; n < 5; n++) await system.Document.create({ id: `d${n}`, projectId: 'p0' })
  })
  beforeEach(() => {
    delete answers.conditions
    delete answers.enforce
    answers.asked = 0
  })

  holds([63], 'conditions apply to gets, queries, counts, pages, iteration, updates and deletes', async () => {
    expect(await ann.Space.get({ id: 's1' })).toBeUndefined()
    expect(await ann.Space.query.byName({ name: 'same' }).count()).toBe(3)
    expect((await ann.Space.query.byName({ name: 'same' }).all()).map(({ id }) => id)).toEqual(['s0', 's3', 's6'])
    const paged: string[] = []
    let after: string | undefined
    do {
      const page = await ann.Space.query.byName({ name: 'same' }, { limit: 2, after }).page()
      paged.push(...page.items.map(({ id }) => id))
      after = page.cursor
    } while (after !== undefined)
    expect(paged).toEqual(['s0', 's3', 's6'])
    const iterated: string[] = []
    for await (const { id } of ann.Space.iterate()) iterated.push(id)
    expect(iterated.sort()).toEqual(['s0', 's3', 's6'])
    expect(await codeOf(ann.Space.update({ id: 's1' }, { name: 'x' }))).toBe('NotFound')
    expect(await ann.Space.delete({ id: 's1' })).toBeUndefined()
    expect(await db.scope({ system: 'check' }).Space.get({ id: 's1' })).toMatchObject({ name: 'same' })
  })

  holds([64], 'the filter of a caller is added to the conditions and cannot replace them', async () => {
    const where = { members: { $contains: 'ben' } }
    expect(await ann.Space.query.byName({ name: 'same' }, { where }).all()).toEqual([])
    const either = { $or: [{ members: { $contains: 'ben' } }, { members: { $contains: 'ann' } }] }
    expect(await ann.Space.query.byName({ name: 'same' }, { where: either }).all()).toHaveLength(3)
  })

  holds([65], 'false shows nothing and true everything, and nothing else stands for either', async () => {
    const count = () => ann.Space.query.byName({ name: 'same' }).count()
    answers.conditions = () => false
    expect(await count()).toBe(0)
    answers.conditions = () => true
    expect(await count()).toBe(9)
    for (const answer of [undefined, null, 1, 'true', []]) {
      answers.conditions = () => answer
      expect(await codeOf(count()), String(answer)).toBe('ValidationFailed')
    }
  })

  holds([66], 'a write needs exactly true, awaited; all else denies it', async () => {
    for (const answer of [undefined, null, false, 1, 'true', {}, Promise.resolve('true'), Promise.resolve()]) {
      answers.enforce = () => answer
      expect(await codeOf(ann.Space.update({ id: 's0' }, { name: 'x' }))).toBe('PermissionDenied')
    }
    answers.enforce = () => {
      throw new Error('the directory is down')
    }
    await expect(ann.Space.update({ id: 's0' }, { name: 'x' })).rejects.toThrow('the directory is down')
    answers.enforce = () => Promise.resolve(true)
    expect(await ann.Space.update({ id: 's0' }, { name: 'same' })).toMatchObject({ id: 's0', name: 'same' })
  })

  holds([67], 'children have the permissions of their parent, read once for all of them', async () => {
    const reads = await readsOf(db, async () => {
      expect(await ann.Document.query.byProject({ projectId: 'p0' }).all()).toHaveLength(5)
    })
    expect(reads).toEqual(['query', 'batchGet', 'batchGet'])
    expect(await eve.Document.query.byProject({ projectId: 'p0' }).all()).toEqual([])
    expect(await eve.Document.get({ id: 'd0' })).toBeUndefined()
    expect(await codeOf(eve.Document.create({ id: 'd9', projectId: 'p0' }))).toBe('PermissionDenied')
    expect(await codeOf(ann.Document.update({ id: 'd0' }, { title: 'x' }))).toBe('done')
    expect(answers.asked).toBeGreaterThan(0)
  })

  holds([68], 'a model that leaves permissions to the HTTP layer says so', async () => {
    expect(await codeOf(db.scope({}).Open.create({ id: '1' }))).toBe('done')
    expect(await db.scope({}).Open.get({ id: '1' })).toBeDefined()
  })

  holds([69], 'a membership that ends between the check and the commit ends the write', async () => {
    const system = db.scope({ system: 'test data' })
    await system.Space.create({ id: 'left', members: ['ann', 'eve'] })
    await system.Project.create({ id: 'of left', spaceId: 'left' })
    for (const write of [
      () => eve.Space.update({ id: 'left' }, { name: 'mine' }),
      () => eve.Document.create({ id: 'mine', projectId: 'of left' }),
    ]) {
      await system.Space.update({ id: 'left' }, { members: ['ann', 'eve'] })
      let removed = false
      answers.enforce = async () => {
        if (removed) return false
        removed = true
        await db.outside(() => system.Space.update({ id: 'left' }, { members: ['ann'] }))
        return true
      }
      expect(['PermissionDenied', 'NotFound']).toContain(await codeOf(write()))
    }
    expect(await system.Space.get({ id: 'left' })).toMatchObject({ name: '' })
    expect(await system.Document.get({ id: 'mine' })).toBeUndefined()
  })

  holds([70], 'nobody acts without an actor, and the program itself only with a reason', async () => {
    for (const nobody of [db, db.scope({}), db.scope({ actor: null })]) {
      expect(await nobody.Space.get({ id: 's0' })).toBeUndefined()
      expect(await codeOf(nobody.Document.create({ id: 'x', projectId: 'p0' }))).toBe('PermissionDenied')
    }
    expect(() => db.scope({ system: ' ' })).toThrow(/say why/)
    expect(await db.scope({ system: 'export' }).Space.query.byName({ name: 'same' }).count()).toBe(9)
  })
})

holds([71], 'connect refuses rules that do not say who may do what', async () => {
  for (const permissions of [undefined, {}, { conditions: () => true }, { enforce: true }, true, 'none', null]) {
    const Silent = model('Silent', {
      fields: { id: f.string() },
      key: 'id',
      rules: { permissions: permissions as 'http' },
    })
    expect(await codeOf(connect({ models: { Silent }, store: 'memory:' }))).toBe('ValidationFailed')
  }
})

allAccountedFor()
