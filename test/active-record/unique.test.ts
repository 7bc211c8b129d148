/** Problems of DynamoBao with unique constraints, which classes of active records do not have. */
import { exceptions } from 'partita/active-record'
import { expect } from 'vitest'
import { knownProblems } from '../known-problems/known-problems.js'
import { everyItem } from '../models/consistency.js'
import { operations } from '../models/watched-store.js'
import { describeEachStore } from '../stores.js'
import { connectedClasses, SIMILAR_STORES } from './classes.js'

describeEachStore(
  'unique constraints',
  tested => {
    const { absent, allAccountedFor } = knownProblems('dynamo-bao-records', import.meta.url)
    let now = Date.now()
    const made = connectedClasses(tested, { clock: () => now })
    const { User, Post, Session, fresh } = made
    const findByEmail = (email: string) => User.findByUniqueConstraint('uniqueEmail', email)
    const failsWith = (code: string) => expect.objectContaining({ code })

    absent([26], 'concurrent writes of unique values leave no marker of a value that lost', async () => {
      const { userId } = await User.create({ userId: fresh(), name: 'Ada' })
      const emails = Array.from({ length: 5 }, (_, i) => `${userId}.${i}@example.com`)
      await Promise.all(
        emails.map(async email => {
          const copy = await User.find(userId)
          if (!copy.exists()) throw new Error('The row is missing')
          copy.email = email
          await copy.save()
        }),
      )
      const { email: winner } = (await User.find(userId)) as InstanceType<typeof User>
      for (const email of emails.filter(it => it !== winner)) {
        expect((await findByEmail(email)).exists()).toBe(false)
        await User.create({ userId: fresh(), name: 'Eve', email })
      }
      expect(await findByEmail(winner as string)).toMatchObject({ userId })
    })

    absent([27], 'the unique values of an expired row are free', async () => {
      const token = fresh()
      await Session.create({ id: fresh(), token, ttl: now + 5000 })
      await expect(Session.create({ id: fresh(), token })).rejects.toEqual(failsWith('UniqueViolation'))
      now += 10_000
      expect((await Session.findByUniqueConstraint('uniqueToken', token)).exists()).toBe(false)
      await Session.create({ id: fresh(), token })
    })

    absent([28], 'a delete that races writes and other deletes ends in a typed error or is the only one', async () => {
      const { userId } = await User.create({ userId: fresh(), name: 'Ada', email: `${fresh()}@example.com` })
      const ended = await Promise.allSettled([
        User.delete(userId),
        User.delete(userId),
        User.update(userId, { email: `${fresh()}@example.com` }),
      ])
      expect(ended.slice(0, 2).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const it of ended) if (it.status === 'rejected') expect(it.reason).toBeInstanceOf(exceptions.BaoError)
      expect((await User.find(userId)).exists()).toBe(false)
    })

    absent([29], 'a unique date is found in every form, and a falsy value is one too', async () => {
      const born = new Date(Date.UTC(1815, 11, 10) + made.seen.calls.length)
      const { userId } = await User.create({ userId: fresh(), name: 'Ada', born: born.toISOString() })
      for (const form of [born, born.toISOString(), born.getTime()]) {
        expect(await User.findByUniqueConstraint('uniqueBorn', form)).toMatchObject({ userId })
      }
      await expect(User.create({ userId: fresh(), name: 'Eve', born })).rejects.toEqual(failsWith('UniqueViolation'))
      const epoch = await User.create({ userId: fresh(), name: 'Zero', born: 0 })
      expect(await User.findByUniqueConstraint('uniqueBorn', 0)).toMatchObject({ userId: epoch.userId })
      await epoch.delete()
      await expect(User.findByUniqueConstraint('uniqueBorn', null)).rejects.toEqual(failsWith('ValidationFailed'))
      await expect(User.findByUniqueConstraint('uniqueName', 'Ada')).rejects.toThrow(/uniqueEmail, uniqueBorn/)
    })

    absent([30], 'a unique write is one request, counted in full, and its error names the constraint', async () => {
      made.seen.calls = []
      const user = new User({ userId: fresh(), name: 'Ada', email: `${fresh()}@example.com` })
      await user.save()
      expect(operations(made.seen)).toEqual(['transactWrite'])
      expect(user.getNumericConsumedCapacity('write')).toBeGreaterThanOrEqual(2)
      expect(user.getNumericConsumedCapacity('read')).toBe(0)
      expect(user.getConsumedCapacity()).toMatchObject([{ operation: 'transactWrite' }])
      const taken = await User.create({ userId: fresh(), name: 'Eve', email: user.email }).catch(error => error)
      expect(taken).toMatchObject({
        code: 'UniqueViolation',
        details: { constraint: 'uniqueEmail', fields: ['email'] },
      })
      expect(taken).toBeInstanceOf(exceptions.ConditionalError)
    })

    absent([31], 'what is stored does not depend on the names of classes', async () => {
      const Renamed = class A extends User {}
      const user = await Renamed.create({ userId: fresh(), name: 'Ada', email: `${fresh()}@example.com` })
      expect(await findByEmail(user.email as string)).toMatchObject({ userId: user.userId })
      const items = await everyItem({ store: tested.store, table: made.manager.tableName })
      const own = items.filter(item => JSON.stringify(item).includes(user.userId))
      expect(own.some(({ _type }) => _type === 'User')).toBe(true)
      expect(JSON.stringify(own)).not.toContain('"A"')
      await user.delete()
      expect((await findByEmail(user.email as string)).exists()).toBe(false)
    })

    absent([32], 'writes that conflict are retried, and a transaction with a token commits once', async () => {
      const users = await Promise.all(
        Array.from({ length: 8 }, () => User.create({ userId: fresh(), name: 'Ada', email: `${fresh()}@example.com` })),
      )
      expect(new Set(users.map(({ email }) => email)).size).toBe(8)
      const db = await made.manager.database<typeof made.models>()
      const token = fresh()
      const [postId, userId] = [fresh(), fresh()]
      for (const _ of [1, 2]) {
        await db.transaction(
          async tx => {
            await tx.Post.create({ postId, userId, title: 't' })
            await tx.User.create({ userId, name: 'Ada', tags: [] })
          },
          { token },
        )
      }
      expect([(await Post.find(postId)).exists(), (await User.find(userId)).exists()]).toEqual([true, true])
    })

    allAccountedFor()
  },
  SIMILAR_STORES,
)
