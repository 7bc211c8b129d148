/** Records of transactions that were rolled back. */
import { beforeAll, expect, it } from 'vitest'
import { add } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'
import { type Db, issueOf, issuesOn, type Tx } from './races/issues.js'

describeEachStore('records of a transaction that is rolled back', tested => {
  const issues = issuesOn(tested)
  const { addRepo } = issues
  let db: Db
  beforeAll(() => {
    db = issues.db
  })

  /** Runs a transaction that throws at its end. Returns the result of the function. */
  async function rolledBack<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    let given: { value: T } | undefined
    const call = db.transaction(async tx => {
      given = { value: await run(tx) }
      throw new Error('given up')
    })
    await expect(call).rejects.toThrow('given up')
    if (!given) throw new Error('The function did not finish')
    return given.value
  }

  it('records have each change unsaved again, exactly once', async () => {
    const id = await addRepo()
    const key = { repo: id, number: 1 }
    await db.Issue.create({ ...issueOf(id), labels: ['old'], note: 'note', votes: 1 })
    const record = await rolledBack(async tx => {
      const issue = await tx.Issue.get(key)
      if (!issue) throw new Error('The row is gone')
      Object.assign(issue, { title: 'saved', votes: issue.votes + 2 })
      issue.labels.add('new')
      delete issue.note
      await issue.save()
      issue.votes += 4
      issue.labels.delete('old')
      await issue.save()
      await issue.update({ title: 'updated', votes: add(100) })
      issue.votes += 8
      return issue
    })
    const expected = { title: 'saved', votes: 15, labels: new Set(['new']), version: 1 }
    expect(record).toMatchObject(expected)
    expect(record).not.toHaveProperty('note')
    const stored = await db.Issue.get(key, { consistent: true })
    expect(stored).toMatchObject({ title: 'as it was', votes: 1, labels: new Set(['old']), note: 'note' })
    expect(record.updatedAt).toEqual(stored?.updatedAt)
    await record.save()
    const saved = await db.Issue.get(key, { consistent: true })
    expect({ ...saved }).toEqual({ ...record })
    expect(saved).toMatchObject({ ...expected, version: 2 })
  })

  it('records show the stored values of fields that only the transaction changed', async () => {
    const id = await addRepo()
    const key = { repo: id, number: 1 }
    const before = { ...(await db.Issue.create(issueOf(id))) }
    const records = await rolledBack(async tx => [
      await tx.Issue.update(key, { title: 'never', votes: add(3) }),
      await tx.Issue.get(key),
      await tx.Issue.put({ ...issueOf(id), title: 'neither' }),
      await tx.Issue.delete(key),
    ])
    for (const record of records) {
      expect({ ...record }).toEqual(before)
      await record?.save()
    }
    expect({ ...(await db.Issue.get(key, { consistent: true })) }).toEqual(before)
  })

  it('records that the transaction created do not exist', async () => {
    const id = await addRepo()
    const made = await rolledBack(tx => tx.Issue.create(issueOf(id)))
    await expect(made.save()).rejects.toMatchObject({ code: 'NotFound', details: { model: 'Issue' } })
    // A row that another program creates with the same key does not belong to this record.
    await db.Issue.create({ ...issueOf(id), title: 'theirs' })
    made.title = 'mine'
    await expect(made.save()).rejects.toMatchObject({ code: 'NotFound' })
    await expect(made.update({ title: 'mine' })).rejects.toMatchObject({ code: 'NotFound' })
    await expect(made.delete()).rejects.toMatchObject({ code: 'NotFound' })
    expect(await made.reload()).toMatchObject({ title: 'theirs' })
    made.title = 'mine'
    await made.save()
    expect(await db.Issue.get({ repo: id, number: 1 }, { consistent: true })).toMatchObject({ title: 'mine' })
  })

  it('records are reset before the function runs again', async () => {
    const id = await addRepo()
    const records: { issues: number; isOpen: boolean; save(): Promise<unknown> }[] = []
    await db.transaction(async tx => {
      const repo = await tx.Repo.get({ id })
      if (!repo) throw new Error('The row is gone')
      if (records.push(repo) === 1) await db.outside(() => db.Repo.update({ id }, { issues: add(10) }))
      repo.issues += 1
      await repo.save()
    })
    expect(records.map(it => it.issues)).toEqual([1, 11])
    await records[0]?.save()
    expect((await db.Repo.get({ id }, { consistent: true }))?.issues).toBe(12)
  })

  it('records keep the written values if the transaction commits', async () => {
    const id = await addRepo()
    const repo = await db.transaction(async tx => {
      const it = await tx.Repo.get({ id })
      if (!it) throw new Error('The row is gone')
      it.issues += 5
      return it.save()
    })
    await repo.save()
    expect((await db.Repo.get({ id }, { consistent: true }))?.issues).toBe(5)
  })
})
