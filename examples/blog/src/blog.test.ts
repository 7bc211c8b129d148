import { add, UniqueViolationError } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../test/stores.js'
import { newcomers, promote, removeAuthor } from './authors.js'
import { type Blog, openBlog } from './database.js'
import { postsWith, publish, removePost } from './posts.js'
import { tell } from './story.js'
import { postsPaged, tagPost, tagsPaged } from './tags.js'

describeEachStore('the blog', tested => {
  let db: Blog
  // Each row has another time, so that lists sorted by time have one order.
  let time = Date.now()
  const clock = () => time++
  let people = 0

  const author = (name = 'Somebody') => db.User.create({ name, email: `author${++people}@example.com` })

  beforeAll(async () => {
    db = await openBlog({ store: tested.store, table: tested.tableName(), clock })
  })

  it('the program prints its story, also a second time on the same table', async () => {
    const table = tested.tableName()
    const storyLines = async () => {
      const lines: string[] = []
      const mine = await openBlog({ store: tested.store, table, clock })
      await tell(mine, line => lines.push(line))
      await mine.close()
      return lines
    }
    const story = [
      'Now there is: Ada, a member.',
      'Another Ada cannot have the same address.',
      'Admins who came this week: Ada.',
      'Ada has written 3 posts.',
      '  On numbers',
      '  More notes',
      '  Notes',
      'With "another" in their text: More notes.',
      'Posts under "mathematics", two at a time:',
      '  Notes, More notes',
      '  On numbers',
      'Tags of "Notes", three at a time:',
      '  mathematics, engines, Analytical',
      '  letters',
      'All posts of all authors: More notes, Notes, On numbers.',
      expect.stringMatching(/^All this used [1-9][\d.]* read units and [1-9]\d* write units\.$/),
    ]
    expect(await storyLines()).toEqual(['Is there an author of this e-mail address? No.', ...story])
    const again = await storyLines()
    expect(again[0]).toBe('Is there an author of this e-mail address? Yes; she is deleted, with her posts.')
    // The tags exist already, and keep their order.
    expect(again.slice(1)).toEqual(story)
  })

  it('a first program runs', async () => {
    const lastWeek = new Date(time - 7 * 86_400_000)
    const ada = await db.User.create({ name: 'Ada', email: 'ada@example.com' })
    await db.Post.create({ userId: ada.userId, title: 'Notes', content: '...' })
    const again = await db.User.findBy({ email: 'ada@example.com' })
    expect({ ...again }).toEqual({
      userId: ada.userId,
      name: 'Ada',
      email: 'ada@example.com',
      role: 'member',
      createdAt: ada.createdAt,
      postCount: 0,
    })
    const titles = []
    for await (const post of ada.posts({ where: { title: { $contains: 'N' } }, order: 'desc' })) titles.push(post.title)
    expect(titles).toEqual(['Notes'])
    const page = await db.User.query.byRole({ role: 'member', createdAt: { $gte: lastWeek } }, { limit: 20 }).page()
    expect(page.items.map(({ userId }) => userId)).toContain(ada.userId)

    const { userId } = ada
    const renamed = () => db.User.update({ userId }, { name: 'Ada L.', postCount: add(1) }, { if: { role: 'admin' } })
    await expect(renamed()).rejects.toMatchObject({ code: 'ConditionFailed' })
    await db.User.update({ userId }, { role: 'admin' })
    expect(await renamed()).toMatchObject({ name: 'Ada L.', postCount: 1 })
    await db.transaction(async tx => {
      const u = await tx.User.get({ userId })
      await tx.Post.create({ userId, title: `By ${u?.name}`, content: '...' })
    })
    expect((await ada.posts().all()).map(({ title }) => title)).toEqual(['Notes', 'By Ada L.'])
  })

  it('an author is found by e-mail address, which is unique', async () => {
    const ada = await author()
    expect(await db.User.findBy({ email: ada.email })).toEqual(ada)
    expect(await db.User.findBy({ email: 'nobody@example.com' })).toBeUndefined()
    const taken = db.User.create({ name: 'Another', email: ada.email })
    await expect(taken).rejects.toThrow(UniqueViolationError)
    await expect(taken).rejects.toMatchObject({ details: { model: 'User', constraint: 'email', fields: ['email'] } })
  })

  it('only one of many concurrent users gets an address', async () => {
    const email = 'wanted@example.com'
    const attempts = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) => db.User.create({ name: `User ${i}`, email })),
    )
    const [won, ...more] = attempts.flatMap(it => (it.status === 'fulfilled' ? [it.value] : []))
    expect(more).toEqual([])
    expect(await db.User.findBy({ email })).toMatchObject({ userId: won?.userId })
    const codes = attempts.flatMap(it => (it.status === 'rejected' ? [it.reason.code] : []))
    expect(new Set(codes)).toEqual(new Set(['UniqueViolation']))
  })

  it('an author is deleted with all posts, and the address can be used again at once', async () => {
    const ada = await author()
    const post = await publish(db, ada.userId, { title: 'Notes', content: '...' })
    const tag = await tagPost(db, post, 'short-lived')
    const existing = await db.User.findBy({ email: ada.email })
    if (existing) await removeAuthor(db, existing)
    expect(await db.User.findBy({ email: ada.email })).toBeUndefined()
    expect(await db.Post.get({ postId: post.postId })).toBeUndefined()
    expect(await db.PostTag.query.byTag({ tagId: tag.tagId }).all()).toEqual([])
    const anew = await db.User.create({ name: 'Ada', email: ada.email })
    expect(anew.userId).not.toBe(ada.userId)
  })

  it('the posts of an author are counted when many are published concurrently', async () => {
    const ada = await author()
    await Promise.all(Array.from({ length: 6 }, (_, i) => publish(db, ada.userId, { title: `${i}`, content: '' })))
    expect(await ada.reload()).toMatchObject({ postCount: 6 })
    expect(await ada.posts().count()).toBe(6)
    await expect(publish(db, '01ARZ3NDEKTSV4RRFFQ69G5FAV', { title: '', content: '' })).rejects.toMatchObject({
      code: 'NotFound',
    })
  })

  it('the posts of an author are listed by time and filtered by their text', async () => {
    const ada = await author()
    for (const content of ['This is a test post', 'This is another test post', 'And another']) {
      await publish(db, ada.userId, { title: content, content })
    }
    const titles = (posts: { title: string }[]) => posts.map(({ title }) => title)
    expect(titles(await ada.posts({ order: 'desc', limit: 2 }).all())).toEqual([
      'And another',
      'This is another test post',
    ])
    expect(titles(await postsWith(ada, 'another'))).toEqual(['And another', 'This is another test post'])
    expect(await postsWith(ada, 'nowhere')).toEqual([])
  })

  it('a member is promoted only once', async () => {
    const ada = await author('Promoted')
    await promote(ada)
    expect(ada.role).toBe('admin')
    await expect(promote(ada)).rejects.toMatchObject({ code: 'ConditionFailed' })
    const { items } = await newcomers(db, 'admin', new Date(time))
    expect(items.map(({ name }) => name)).toContain('Promoted')
  })

  it('saving a post that has changed since it was read is a conflict', async () => {
    const ada = await author()
    const mine = await publish(db, ada.userId, { title: 'Notes', content: 'One' })
    const theirs = await db.Post.get({ postId: mine.postId })
    mine.content = 'Two'
    await mine.save()
    expect(mine.version).toBe(2)
    if (theirs) theirs.content = 'Three'
    await expect(theirs?.save()).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('the posts of a tag and the tags of a post are read in pages', async () => {
    const ada = await author()
    const posts = []
    for (let i = 0; i < 5; i++) posts.push(await publish(db, ada.userId, { title: `Post ${i}`, content: '' }))
    const [first] = posts
    if (!first) throw new Error('There are five')
    for (const post of posts) await tagPost(db, post, 'Paged')
    for (const name of ['second', 'third', 'fourth']) await tagPost(db, first, name)
    const tag = await tagPost(db, first, 'paged')

    const pages: string[][] = []
    for await (const page of postsPaged(tag, 2)) pages.push(page.map(({ title }) => title))
    expect(pages.filter(page => page.length > 0)).toEqual([['Post 0', 'Post 1'], ['Post 2', 'Post 3'], ['Post 4']])
    const tags: string[][] = []
    for await (const page of tagsPaged(first, 3)) tags.push(page.map(({ name }) => name))
    expect(tags.filter(page => page.length > 0)).toEqual([['Paged', 'second', 'third'], ['fourth']])

    await removePost(db, first)
    expect((await tag.posts().all()).map(({ title }) => title)).toEqual(['Post 1', 'Post 2', 'Post 3', 'Post 4'])
  })

  it('a tag is created once when many posts create it concurrently', async () => {
    const ada = await author()
    const posts = await Promise.all(
      Array.from({ length: 5 }, (_, i) => publish(db, ada.userId, { title: `${i}`, content: '' })),
    )
    const tags = await Promise.all(posts.map(post => tagPost(db, post, 'at once')))
    const [tag] = tags
    expect(new Set(tags.map(({ tagId }) => tagId)).size).toBe(1)
    expect(await tag?.posts().all()).toHaveLength(5)
  })

  it('posts are loaded with their authors and tags, without a read for each', async () => {
    const [ada, bob] = [await author('Ada'), await author('Bob')]
    for (const { userId } of [ada, bob, ada]) {
      await tagPost(db, await publish(db, userId, { title: 'T', content: '' }), 'with')
    }
    const posts = await db.Post.query.byAuthor({ userId: ada.userId }, { with: { author: true, tags: true } }).all()
    expect(posts.map(post => [post.author?.name, post.tags.map(({ name }) => name)])).toEqual([
      ['Ada', ['with']],
      ['Ada', ['with']],
    ])
  })

  it('an iteration returns all posts in batches, and the scope counts the consumed capacity', async () => {
    const mine = await openBlog({ store: tested.store, table: tested.tableName(), clock })
    const ada = await mine.User.create({ name: 'Ada', email: 'ada@example.com' })
    const titles = Array.from({ length: 25 }, (_, i) => `Post ${String(i).padStart(2, '0')}`)
    await Promise.all(titles.map(title => mine.Post.create({ userId: ada.userId, title, content: '' })))
    await mine.run({}, async scope => {
      const walked: string[] = []
      for await (const { items } of mine.Post.iterate({ batchSize: 10 }).batches()) {
        expect(items.length).toBeLessThanOrEqual(10)
        walked.push(...items.map(({ title }) => title))
      }
      expect(walked.sort()).toEqual(titles)
      expect(scope.capacity.read).toBeGreaterThan(25 * 0.5)
      expect(scope.capacity.write).toBe(0)
    })
    await mine.close()
  })
})
