/** Queries in a transaction, which see its own writes. */
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'
import { type Db, issueOf, issuesOn } from './races/issues.js'

describeEachStore('queries in a transaction', tested => {
  const issues = issuesOn(tested)
  let db: Db
  beforeAll(() => {
    db = issues.db
  })

  const withIssues = async (...numbers: number[]) => {
    const repo = await issues.addRepo()
    for (const number of numbers) await db.Issue.create(issueOf(repo, number))
    return repo
  }
  const described = (rows: readonly { number: number; title: string }[]) =>
    rows.map(({ number, title }) => `${number} ${title}`)

  it('queries include rows that the transaction created, in order, and changed, and omit rows that it deleted', async () => {
    const repo = await withIssues(1, 3, 5)
    await db.transaction(async tx => {
      await tx.Issue.create(issueOf(repo, 2))
      await tx.Issue.update({ repo, number: 3 }, { title: 'changed' })
      await tx.Issue.delete({ repo, number: 5 })
      await tx.Issue.create(issueOf(repo, 6))
      const query = tx.Issue.query.key({ repo })
      expect(described(await query.all())).toEqual(['1 as it was', '2 as it was', '3 changed', '6 as it was'])
      expect(await query.count()).toBe(4)
      expect((await query.first())?.number).toBe(1)
      const last = tx.Issue.query.key({ repo }, { order: 'desc', limit: 2 })
      expect(described(await last.all())).toEqual(['6 as it was', '3 changed'])
      const some = tx.Issue.query.key({ repo, number: { $between: [2, 5] } })
      expect(described(await some.all())).toEqual(['2 as it was', '3 changed'])
    })
    expect(described(await db.Issue.query.key({ repo }, { consistent: true }).all())).toHaveLength(4)
  })

  it("queries apply their filter to the transaction's writes, and fill the page even if it deleted rows", async () => {
    const repo = await withIssues(1, 2, 3, 4)
    const other = await withIssues(9)
    await db.transaction(async tx => {
      await tx.Issue.delete({ repo, number: 1 })
      await tx.Issue.update({ repo, number: 2 }, { title: 'changed' })
      await tx.Issue.create({ ...issueOf(repo, 5), title: 'changed' })
      await tx.Issue.update({ repo: other, number: 9 }, { title: 'changed' })
      const changed = tx.Issue.query.key({ repo }, { where: { title: 'changed' } })
      expect(described(await changed.all())).toEqual(['2 changed', '5 changed'])
      const before = tx.Issue.query.key({ repo }, { where: { title: 'as it was' } })
      expect(described(await before.all())).toEqual(['3 as it was', '4 as it was'])
      const two = tx.Issue.query.key({ repo }, { limit: 2 })
      expect(described(await two.all())).toEqual(['2 changed', '3 as it was'])
    })
  })
})
