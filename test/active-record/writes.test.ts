/** Problems of DynamoBao with saves, updates and values, which classes of active records do not have. */
import { expect, it } from 'vitest'
import { knownProblems } from '../known-problems/known-problems.js'
import { everyItem } from '../models/consistency.js'
import { pause } from '../models/watched-store.js'
import { describeEachStore } from '../stores.js'
import { connectedClasses, SIMILAR_STORES } from './classes.js'

describeEachStore(
  'saves and updates',
  tested => {
    const { absent, allAccountedFor } = knownProblems('dynamo-bao-records', import.meta.url)
    const start = Date.now()
    let now = start
    const made = connectedClasses(tested, { clock: () => now })
    const { User, Post, Session, Setting, fresh } = made
    type SavedUser = InstanceType<typeof User>

    const addUser = (more: object = {}) => User.create({ userId: fresh(), name: 'Ada', ...more })
    const read = async (id: string) => (await User.find(id)) as SavedUser
    const failsWith = (code: string) => expect.objectContaining({ code })

    absent([7], 'fields that are named like placeholders or keys change nothing but themselves', async () => {
      const user = await addUser({ n1: 'one', pk: 'key' })
      await User.update(user.userId, { n1: 'two' }, { condition: { name: 'Ada', pk: 'key' } })
      user.pk = 'other'
      await user.save({ condition: { n1: 'two' } })
      expect(await read(user.userId)).toMatchObject({ name: 'Ada', n1: 'two', pk: 'other' })
    })

    absent([8], 'a save never writes a row that is gone, and a new record never overwrites one', async () => {
      const user = await addUser()
      await User.delete(user.userId)
      user.name = 'Ghost'
      await expect(user.save()).rejects.toEqual(failsWith('NotFound'))
      expect((await User.find(user.userId)).exists()).toBe(false)
      const other = await addUser()
      const again = new User({ userId: other.userId, name: 'Eve' })
      await expect(again.save({ condition: { name: 'Ada' } })).rejects.toEqual(failsWith('ConditionFailed'))
      await expect(again.save({ condition: { bio: null } })).rejects.toEqual(failsWith('ConditionFailed'))
      await expect(again.save()).rejects.toEqual(failsWith('AlreadyExists'))
      expect(await read(other.userId)).toMatchObject({ name: 'Ada' })
    })

    absent([9], 'the key of a row never changes', async () => {
      const user = await addUser()
      const { userId } = user
      user.userId = fresh()
      await expect(user.save()).rejects.toEqual(failsWith('ValidationFailed'))
      await expect(User.update(userId, { userId: fresh() })).rejects.toEqual(failsWith('ValidationFailed'))
      expect(await User.update(userId, { userId, name: 'Eve' })).toMatchObject({ userId, name: 'Eve' })
    })

    absent([10], 'an amount as text is added by save and by update, whatever the counter is', async () => {
      const user = await addUser({ visits: 5 })
      const copies = await Promise.all([1, 2, 3].map(() => read(user.userId)))
      for (const copy of copies) Object.assign(copy, { visits: '+2' })
      await Promise.all(copies.map(copy => copy.save()))
      await User.update(user.userId, { visits: '-1' })
      expect(await read(user.userId)).toMatchObject({ visits: 10 })
      expect(copies.every(({ visits }) => typeof visits === 'number')).toBe(true)
      await expect(User.update(user.userId, { visits: 'many' as never })).rejects.toEqual(failsWith('ValidationFailed'))
    })

    absent([11], 'an amount as text never is a part of a key', async () => {
      const post = await Post.create({ postId: fresh(), userId: fresh(), title: 't', score: 1 })
      await expect(Post.update(post.postId, { score: '+1' as never })).rejects.toEqual(failsWith('ValidationFailed'))
      await User.update((await addUser()).userId, { visits: '+1' })
      expect(JSON.stringify(await everyItem({ store: tested.store, table: made.manager.tableName }))).not.toContain(
        '+1"',
      )
    })

    absent([12], 'changes made while a save is in flight stay', async () => {
      const user = await addUser({ tags: ['a'] })
      user.name = 'Eve'
      const saving = user.save()
      user.bio = 'Writes.'
      user.tags.add('b')
      await saving
      expect(user).toMatchObject({ name: 'Eve', bio: 'Writes.', tags: new Set(['a', 'b']) })
      await user.save()
      expect(await read(user.userId)).toMatchObject({ name: 'Eve', bio: 'Writes.', tags: new Set(['a', 'b']) })
    })

    absent([13], 'completing the keys of a row undoes no concurrent write', async () => {
      const user = await addUser()
      const old = await read(user.userId)
      await User.update(user.userId, { name: 'Eve', visits: '+3' })
      await old.save({ forceReindex: true })
      await User.update(user.userId, {}, { forceReindex: true })
      expect(await read(user.userId)).toMatchObject({ name: 'Eve', visits: 3 })
    })

    absent([14], 'the object that a record is made of is not changed', async () => {
      const data = Object.freeze({ userId: fresh(), name: 'Ada', tags: Object.freeze(['a']) as string[] })
      const user = await User.create(data)
      user.tags.add('b')
      expect(data).toEqual({ userId: data.userId, name: 'Ada', tags: ['a'] })
      expect((await new User({ ...data, userId: fresh() }).save()).tags).toEqual(new Set(['a']))
    })

    absent([15], 'a set that is added to and removed from keeps concurrent additions', async () => {
      const user = await addUser({ tags: ['a', 'b'] })
      const [one, other] = [await read(user.userId), await read(user.userId)]
      one.tags.delete('a')
      one.tags.add('c')
      other.tags.add('d')
      await Promise.all([one.save(), other.save()])
      expect((await read(user.userId)).tags).toEqual(new Set(['b', 'c', 'd']))
    })

    absent([16], 'an optional date can be absent, set in every form, and cleared', async () => {
      const user = await addUser()
      expect(user).not.toHaveProperty('born')
      for (const [i, born] of [new Date(1000 + made.seen.calls.length), '1815-12-10', 5_000_000].entries()) {
        user.born = born as Date
        await user.save()
        expect((await read(user.userId)).born, String(i)).toEqual(new Date(born))
      }
      user.born = null
      await user.save()
      expect(await read(user.userId)).not.toHaveProperty('born')
      await expect(User.update(user.userId, { born: 'not a date' })).rejects.toEqual(failsWith('ValidationFailed'))
    })

    absent([17], 'empty text is stored, and nothing is rounded', async () => {
      const user = await addUser({ name: '', bio: '' })
      expect(await read(user.userId)).toMatchObject({ name: '', bio: '' })
      const post = new Post({ postId: fresh(), userId: user, title: '', score: 0.1 })
      await post.save()
      expect(await Post.find(post.postId)).toMatchObject({ title: '', score: 0.1 })
    })

    absent([18, 55], 'a version is the same on each read, and guards saves', async () => {
      const { postId } = await Post.create({ postId: fresh(), userId: fresh(), title: 't' })
      const [first, second] = [await Post.find(postId), await Post.find(postId)]
      if (!first.exists() || !second.exists()) throw new Error('The row is missing')
      expect(first.version).toBe(second.version)
      first.title = 'first'
      await first.save({ condition: { version: first.version } })
      second.title = 'second'
      await expect(second.save()).rejects.toEqual(failsWith('Conflict'))
      const stale = Post.update(postId, { title: 'x' }, { condition: { version: second.version } })
      await expect(stale).rejects.toEqual(failsWith('ConditionFailed'))
      const unknown = { constraints: { mustExist: true } } as object
      await expect(second.save(unknown)).rejects.toThrow(/constraints: is not an option/)
    })

    absent([19], 'a record as JSON has its fields and nothing else', async () => {
      const user = await addUser({ tags: ['a'] })
      const { modifiedAt, ...rest } = JSON.parse(JSON.stringify(await User.find(user.userId)))
      expect(rest).toEqual({ userId: user.userId, name: 'Ada', visits: 0, tags: ['a'] })
      expect(new Date(modifiedAt)).toEqual(user.modifiedAt)
    })

    absent([53], 'values are checked before anything is sent, and the error names every wrong field', async () => {
      made.seen.calls = []
      const wrong = { userId: fresh(), name: {}, email: 'no address', visits: 1.5, born: 'never' } as object
      const error = await User.create(wrong).catch(error => error)
      const paths = error.details.issues.map(({ path }: { path: string[] }) => path[0])
      expect(paths.sort()).toEqual(['born', 'email', 'name', 'visits'])
      expect(made.seen.calls).toEqual([])
      expect(() => new User({ nmae: 'Ada' } as object)).toThrow(/nmae/)
      await expect(Setting.create({ name: 'x', value: 5 as never })).rejects.toEqual(failsWith('ValidationFailed'))
    })

    absent([54], 'an expiry is read in seconds, milliseconds and dates, and an expired row is absent', async () => {
      const at = Math.floor(now / 1000) + 100
      for (const ttl of [at, at * 1000, new Date(at * 1000), new Date(at * 1000).toISOString()]) {
        const session = await Session.create({ id: fresh(), token: fresh(), ttl })
        expect(session.ttl).toEqual(new Date(at * 1000))
        expect((await Session.find(session.id)).exists()).toBe(true)
        now = (at + 1) * 1000
        expect((await Session.find(session.id)).exists()).toBe(false)
        now = start
      }
    })

    it('a record that is deleted no longer exists, and bytes are read as a Buffer', async () => {
      const session = await Session.create({ id: fresh(), token: fresh(), data: new Uint8Array([1, 2, 3]) })
      expect(Buffer.isBuffer(session.data) && session.data.toString('hex')).toBe('010203')
      expect(session.hasChanges()).toBe(false)
      await session.delete()
      expect(session.exists()).toBe(false)
      await pause(0)
      await expect(session.delete()).rejects.toEqual(failsWith('NotFound'))
    })

    allAccountedFor()
  },
  SIMILAR_STORES,
)
