/** Errors of a transaction that conflicts with another writer. */
import { beforeAll, expect, it } from 'vitest'
import { add } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'
import { fresh } from './races/arena.js'
import { type Db, issueOf, issuesOn, type Tx } from './races/issues.js'

describeEachStore('refusals in transactions', tested => {
  const issues = issuesOn(tested)
  const { addRepo } = issues
  let db: Db
  beforeAll(() => {
    db = issues.db
  })

  it('the function runs again if the row to create exists and a row it read has changed', async () => {
    const id = await addRepo()
    let runs = 0
    const made = await db.transaction(async tx => {
      const { issues } = await tx.Repo.update({ id }, { issues: add(1) })
      if (++runs === 1) {
        await db.outside(() => db.Repo.update({ id }, { issues: add(1) }))
        await db.outside(() => db.Issue.create(issueOf(id, 1)))
      }
      return tx.Issue.create(issueOf(id, issues))
    })
    expect([runs, made.number]).toEqual([2, 2])
  })

  it('the function runs again if the value to claim is taken and a row it read has changed', async () => {
    const id = await addRepo()
    let runs = 0
    const made = await db.transaction(async tx => {
      const repo = await tx.Repo.get({ id })
      const slug = `${id}-${repo?.issues}`
      if (++runs === 1) {
        await db.outside(() => db.Issue.create({ ...issueOf(id, 8), slug }))
        await db.outside(() => db.Repo.update({ id }, { issues: add(1) }))
      }
      return tx.Issue.create({ ...issueOf(id, 9), slug })
    })
    expect([runs, made.slug]).toEqual([2, `${id}-1`])
  })

  it.each(['create', 'condition', 'value', 'update of nothing'] as const)(
    'the function runs again after an error that was based on outdated rows: %s',
    async what => {
      const id = await addRepo()
      const taken = await db.Issue.create({ ...issueOf(id, 1), slug: id })
      const key = { repo: id, number: 1 }
      let runs = 0
      const change = async (tx: Tx) => {
        if (what === 'create') return tx.Issue.create(issueOf(id, 1))
        if (what === 'condition') return tx.Issue.update(key, { title: 'mine' }, { if: { title: 'theirs' } })
        if (what === 'value') return tx.Issue.create({ ...issueOf(id, 2), slug: id })
        return tx.Issue.update({ repo: id, number: 3 }, { title: 'mine' })
      }
      await db.transaction(async tx => {
        await tx.Issue.get(key)
        await tx.Issue.get({ repo: id, number: 3 })
        await tx.Issue.findBy({ slug: id })
        if (++runs === 1) {
          await db.outside(async () => {
            if (what === 'create') await taken.delete()
            if (what === 'condition') await db.Issue.update(key, { title: 'theirs' })
            if (what === 'value') await db.Issue.update(key, { slug: null })
            if (what === 'update of nothing') await db.Issue.create(issueOf(id, 3))
          })
        }
        await change(tx)
      })
      expect(runs).toBe(2)
    },
  )

  it.each([
    ['AlreadyExists', 'create'],
    ['ConditionFailed', 'condition'],
    ['UniqueViolation', 'value'],
    ['NotFound', 'update'],
  ] as const)('%s is thrown after one run if no row has changed', async (code, what) => {
    const id = await addRepo()
    await db.Issue.create({ ...issueOf(id, 1), slug: id })
    for (const isRead of [true, false]) {
      let runs = 0
      const call = db.transaction(async tx => {
        runs++
        if (isRead) await tx.Issue.getMany([1, 2, 3].map(number => ({ repo: id, number })))
        await tx.Repo.update({ id }, { issues: add(1) })
        if (what === 'create') await tx.Issue.create(issueOf(id, 1))
        if (what === 'condition') await tx.Issue.update({ repo: id, number: 1 }, { title: 'x' }, { if: { votes: 7 } })
        if (what === 'value') await tx.Issue.create({ ...issueOf(id, 2), slug: id })
        if (what === 'update') await tx.Issue.update({ repo: id, number: 3 }, { title: 'x' })
      })
      await expect(call).rejects.toMatchObject({ code, details: { model: 'Issue' } })
      expect([runs, (await db.Repo.get({ id }, { consistent: true }))?.issues]).toEqual([1, 0])
    }
  })

  it('an error that the function catches leaves its reads guarded', async () => {
    const id = await addRepo()
    const key = { repo: id, number: 1 }
    const taken = await db.Issue.create(issueOf(id, 1))
    let runs = 0
    const result = await db.transaction(async tx => {
      await tx.Issue.get(key)
      if (++runs === 1) await db.outside(() => taken.delete())
      const code = await tx.Issue.create(issueOf(id, 1)).then(
        () => 'created',
        error => error.code,
      )
      await tx.Repo.update({ id }, { issues: add(1) })
      return code
    })
    expect([runs, result]).toEqual([2, 'created'])
  })

  it('an error of the program is thrown unchanged if the rows it read have not changed', async () => {
    const id = await addRepo()
    const other = await addRepo()
    let runs = 0
    const move = db.transaction(async tx => {
      const first = await tx.Repo.get({ id })
      if (++runs === 1) {
        await db.outside(() => db.Repo.update({ id }, { isOpen: false }))
        await db.outside(() => db.Repo.update({ id: other }, { isOpen: false }))
      }
      const second = await tx.Repo.get({ id: other })
      // Both rows change together, so no program should see them differ.
      if (first?.isOpen !== second?.isOpen) throw new Error('seen apart')
      throw new Error(`both are ${first?.isOpen}`)
    })
    await expect(move).rejects.toThrow('both are false')
    expect(runs).toBe(2)
  })

  it('an error of the program is thrown at the last attempt', async () => {
    const id = await addRepo()
    const call = db.transaction(
      async tx => {
        await tx.Repo.get({ id })
        await db.outside(() => db.Repo.update({ id }, { issues: add(1) }))
        throw new Error('enough')
      },
      { attempts: 2 },
    )
    await expect(call).rejects.toThrow('enough')
  })

  it.each(['changed', 'deleted'])('the function runs again if a row that a query returned was %s', async how => {
    const id = await addRepo()
    await db.Issue.create(issueOf(id, 1))
    let runs = 0
    await db.transaction(async tx => {
      const titles = (await tx.Issue.query.key({ repo: id }).all()).map(({ title }) => title)
      if (++runs === 1) {
        const key = { repo: id, number: 1 }
        await db.outside(() => (how === 'deleted' ? db.Issue.delete(key) : db.Issue.update(key, { title: 'theirs' })))
      }
      await tx.Issue.create({ ...issueOf(id, 2), title: titles.join() })
    })
    const made = await db.Issue.get({ repo: id, number: 2 }, { consistent: true })
    expect([runs, made?.title]).toEqual([2, how === 'deleted' ? '' : 'theirs'])
  })

  it('a row is read once per attempt, so that it is the same throughout', async () => {
    const id = await addRepo()
    await db.transaction(async tx => {
      const before = await tx.Repo.get({ id })
      await db.outside(() => db.Repo.update({ id }, { issues: add(1) }))
      const [again] = await tx.Repo.getMany([{ id }])
      expect(again?.issues).toBe(before?.issues)
    })
  })

  it('the error of the last attempt names the row or value that others wrote', async () => {
    const id = await addRepo()
    const [key, slug] = [{ repo: id, number: 7 }, `${id}-slug`]
    await db.Issue.create(issueOf(id, 7))
    const byRow = db.transaction(
      async tx => {
        await tx.Issue.get(key)
        await db.outside(() => db.Issue.update(key, { title: fresh() }))
        await tx.Repo.update({ id }, { issues: add(1) })
      },
      { attempts: 2 },
    )
    await expect(byRow).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringMatching(/2 attempts.*Issue/),
      details: { model: 'Issue', key, attempts: 2 },
    })
    const byValue = db.transaction(
      async tx => {
        await tx.Issue.findBy({ slug })
        await db.outside(() => db.Issue.update(key, { slug }))
        await tx.Repo.update({ id }, { issues: add(1) })
      },
      { attempts: 1 },
    )
    await expect(byValue).rejects.toMatchObject({
      code: 'Conflict',
      details: { model: 'Issue', constraint: 'slug', fields: ['slug'], attempts: 1 },
    })
  })

  it('the item that exceeds the limit of a transaction is refused immediately', async () => {
    const id = await addRepo()
    let read = 0
    const call = db.transaction(async tx => {
      read = (await tx.Issue.getMany(Array.from({ length: 100 }, (_, number) => ({ repo: id, number })))).length
      await tx.Repo.get({ id })
      read++
    })
    await expect(call).rejects.toMatchObject({ code: 'LimitExceeded', details: { maximum: 100, actual: 101 } })
    expect(read).toBe(100)
  })
})
