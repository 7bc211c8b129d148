/** Calls outside a transaction, made in its function or after it. */
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'
import { fresh } from './races/arena.js'
import { type Db, issuesOn } from './races/issues.js'

describeEachStore('calls outside a transaction', tested => {
  const issues = issuesOn(tested)
  const { addRepo } = issues
  let db: Db
  beforeAll(() => {
    db = issues.db
  })

  const namesTx = { code: 'ValidationFailed', message: expect.stringMatching(/\btx\b/) }

  it('calls on the database inside the function of a transaction are refused, by whatever path', async () => {
    const id = await addRepo()
    const outside = await db.Repo.get({ id })
    const scope = db.scope({ actor: 'ada', loader: true })
    await scope.Repo.get({ id })
    const query = db.Issue.query.key({ repo: id })
    if (!outside) throw new Error('The row is gone')
    outside.issues = 9
    const calls: Record<string, () => Promise<unknown>> = {
      get: () => db.Repo.get({ id }),
      'get of a part': () => db.Repo.get({ id }, { select: ['issues'] }),
      getMany: () => db.Repo.getMany([{ id }]),
      findBy: () => db.Issue.findBy({ slug: id }),
      create: () => db.Repo.create({ id: 'past' }),
      put: () => db.Repo.put({ id: 'past' }),
      update: () => db.Repo.update({ id }, { issues: 9 }),
      delete: () => db.Repo.delete({ id }),
      batch: () => db.batch(batch => batch.Repo.delete({ id })),
      query: () => db.Issue.query.key({ repo: id }).page(),
      'a query made before': () => query.all(),
      count: () => query.count(),
      walk: () => db.Repo.iterate().batches()[Symbol.asyncIterator]().next(),
      save: () => outside.save(),
      'update of a record': () => outside.update({ issues: 9 }),
      'delete of a record': () => outside.delete(),
      reload: () => outside.reload(),
      'a scope, of what it remembers': () => scope.Repo.get({ id }),
      'a function in a scope': () => db.run({ actor: 'bob' }, inner => inner.Repo.get({ id })),
      'another transaction': () => db.transaction(async inner => void (await inner.Repo.get({ id }))),
    }
    for (const [name, call] of Object.entries(calls)) {
      const run = db.transaction(async tx => {
        await tx.Repo.update({ id }, { issues: 7 })
        await call()
      })
      await expect(run, name).rejects.toMatchObject(namesTx)
    }
    expect(await db.Repo.get({ id }, { consistent: true })).toMatchObject({ issues: 0 })
    expect(await db.Repo.get({ id: 'past' }, { consistent: true })).toBeUndefined()
  })

  it('calls wrapped in outside() run immediately', async () => {
    const id = await addRepo()
    const call = db.transaction(async tx => {
      await tx.Repo.update({ id }, { issues: 7 })
      const nested = db.outside(() => db.transaction(inner => inner.Repo.create({ id: `${id}-outside` })))
      expect((await nested).issues).toBe(0)
      expect((await db.outside(() => db.Repo.get({ id })))?.issues).toBe(0)
      throw new Error('given up')
    })
    await expect(call).rejects.toThrow('given up')
    expect(await db.Repo.get({ id: `${id}-outside` }, { consistent: true })).toBeDefined()
  })

  it('calls after the end of the transaction succeed, also in work that it started', async () => {
    const id = await addRepo()
    let later: Promise<unknown> | undefined
    let end: () => void = () => undefined
    const ended = new Promise<void>(resolve => {
      end = resolve
    })
    await db.run({ actor: 'ada' }, () =>
      db.transaction(async tx => {
        later = ended.then(() => db.Repo.get({ id }))
        return tx.Repo.get({ id })
      }),
    )
    end()
    expect(await later).toMatchObject({ id })
  })

  it('a transaction with writes that were not awaited fails, and none of their errors is unhandled', async () => {
    const [id, other] = [await addRepo(), await addRepo()]
    const call = db.transaction(async tx => {
      await tx.Repo.update({ id }, { issues: 7 })
      for (const each of [id, other]) {
        void (async () => {
          await tx.Repo.update({ id: each }, { isOpen: false })
          await tx.Repo.update({ id: each }, { issues: 8 })
        })()
      }
    })
    await expect(call).rejects.toMatchObject({
      code: 'ValidationFailed',
      message: expect.stringMatching(/await.*\btx\b/),
    })
    expect((await db.Repo.getMany([{ id }, { id: other }])).map(it => [it?.issues, it?.isOpen])).toEqual([
      [0, true],
      [0, true],
    ])
  })

  it('a write that was not awaited fails the transaction from its first step on, also a save of a record', async () => {
    const id = await addRepo()
    const made = db.transaction(async tx => void tx.Repo.create({ id: fresh() }))
    await expect(made).rejects.toMatchObject({ code: 'ValidationFailed' })
    const saved = db.transaction(async tx => {
      const repo = await tx.Repo.get({ id })
      if (!repo) throw new Error('The row is gone')
      repo.issues = 3
      void repo.save()
    })
    await expect(saved).rejects.toMatchObject({ code: 'ValidationFailed' })
    expect((await db.Repo.get({ id }, { consistent: true }))?.issues).toBe(0)
  })

  it('work that outlives its transaction may call the database, also while another transaction runs', async () => {
    const id = await addRepo()
    const [ended, other] = [gate(), gate()]
    const running = db.transaction(async tx => {
      await tx.Repo.get({ id })
      await other.opened
    })
    const started = await db.transaction(async tx => {
      await tx.Repo.get({ id })
      return { late: ended.opened.then(() => db.Repo.get({ id })) }
    })
    ended.open()
    expect(await started.late).toMatchObject({ id })
    other.open()
    await running
  })
})

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open }
}
