/** Runs the published programs for SingleTable on every store. Only their setup is changed. */
import { beforeAll, expect, it } from 'vitest'
import { CommentService, PostService, UserService } from './single-table-patterns/blog.js'
import { SessionService } from './single-table-patterns/sessions.js'
import { type AppTable, setUp } from './single-table-patterns/set-up.js'
import { describeEachStore } from './stores.js'

const DAY = 86_400_000

describeEachStore('the single-table patterns', tested => {
  let table: AppTable
  let users: UserService
  let posts: PostService
  let comments: CommentService
  let sessions: SessionService
  let time = Date.now()

  beforeAll(async () => {
    table = setUp(tested.store, tested.tableName(), () => time)
    await table.createTable()
    users = new UserService(table)
    posts = new PostService(table)
    comments = new CommentService(table)
    sessions = new SessionService(table, () => time)
  })

  it('users are created and found by id, email and username', async () => {
    const ada = await users.createUser({ username: 'ada', email: 'ada@example.com', name: 'Ada' })
    const grace = await users.createUser({ username: 'grace', email: 'grace@example.com', name: 'Grace' })
    expect(await users.getUserById(ada.userId)).toEqual(ada)
    expect(await users.getUserByEmail('ada@example.com')).toEqual(ada)
    expect(await users.getUserByUsername('grace')).toEqual(grace)
    expect(await users.getUserById('nobody')).toBeNull()
    expect(await users.getUserByEmail('nobody@example.com')).toBeNull()
  })

  it('users are updated, and their posts are counted', async () => {
    const user = await users.createUser({ username: 'alan', email: 'alan@example.com', name: 'Alan' })
    await users.updateUser(user.userId, { bio: 'Builds machines', avatarUrl: undefined })
    await users.incrementPostCount(user.userId)
    await users.incrementPostCount(user.userId)
    const updated = await users.getUserById(user.userId)
    expect(updated).toEqual({ ...user, bio: 'Builds machines', postCount: 2, updatedAt: expect.any(String) })
    await expect(users.updateUser('nobody', { name: 'Ghost' })).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('a post is written with its tags, published only once, and its views are counted', async () => {
    const user = await users.createUser({ username: 'johndoe', email: 'john@example.com', name: 'John Doe' })
    const { userId, username } = user
    const draft = { userId, username, title: 'My First Post', content: 'Hello.' }
    const post = await posts.createPost({ ...draft, tags: ['introduction', 'hello-world'] })
    expect(post).toMatchObject({ status: 'draft', viewCount: 0 })
    expect(await posts.getPost(post.postId)).toEqual(post)
    expect(await users.getUserById(userId)).toMatchObject({ postCount: 1 })

    await posts.publishPost(post.postId, userId)
    expect(await posts.getPost(post.postId)).toMatchObject({ status: 'published' })
    await expect(posts.publishPost(post.postId, userId)).rejects.toMatchObject({ code: 'ConditionFailed' })

    expect(await posts.incrementViewCount(post.postId, userId)).toBe(1)
    expect(await posts.incrementViewCount(post.postId, userId)).toBe(2)
    expect((await posts.getPostsByTag('introduction')).map(tag => tag.postTitle)).toEqual(['My First Post'])
    expect(await posts.getPostsByTag('intro')).toEqual([])
  })

  it('a post without an existing author is not written, not even in part', async () => {
    const missing = { userId: 'nobody', username: 'nobody', title: 'Lost', content: '', tags: ['lost'] }
    await expect(posts.createPost(missing)).rejects.toMatchObject({ code: 'TransactionFailed' })
    expect(await posts.getPostsByTag('lost')).toEqual([])
    expect(await posts.getUserPosts('nobody')).toEqual([])
  })

  it('posts are listed newest first, up to a limit', async () => {
    const { userId, username } = await users.createUser({ username: 'pat', email: 'pat@example.com', name: 'Pat' })
    const written = []
    for (const title of ['one', 'two', 'three']) {
      written.push(await posts.createPost({ userId, username, title, content: title }))
    }
    expect((await posts.getUserPosts(userId)).map(post => post.title)).toEqual(['three', 'two', 'one'])
    expect((await posts.getUserPosts(userId, 2)).map(post => post.title)).toEqual(['three', 'two'])
  })

  it('comments are listed by post and by user, and only the author can delete one', async () => {
    const comment = { postId: 'p1', userId: 'u1', username: 'u1', content: 'Great!' }
    const first = await comments.addComment(comment)
    const second = await comments.addComment({ ...comment, userId: 'u2', username: 'u2' })
    expect((await comments.getPostComments('p1')).map(it => it.commentId)).toEqual([first.commentId, second.commentId])
    expect((await comments.getUserComments('u2')).map(it => it.commentId)).toEqual([second.commentId])
    await expect(comments.deleteComment('p1', first.commentId, 'u2')).rejects.toMatchObject({ code: 'ConditionFailed' })
    await comments.deleteComment('p1', first.commentId, 'u1')
    expect(await comments.getPostComments('p1')).toEqual([second])
  })

  it('an active session is extended, and an expired session is hidden', async () => {
    const session = await sessions.createSession('u9', { theme: 'dark' })
    time += 0.75 * DAY
    expect(await sessions.getSession(session.sessionId)).toEqual(session)
    time += 0.75 * DAY
    await sessions.updateSessionData(session.sessionId, { theme: 'light' })
    expect(await sessions.getUserSessions('u9')).toMatchObject([{ data: { theme: 'light' } }])
    time += 1.01 * DAY
    expect(await sessions.getSession(session.sessionId)).toBeNull()
    expect(await sessions.getUserSessions('u9')).toEqual([])
    await expect(sessions.updateSessionData(session.sessionId, {})).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('an update after the deletion of a session does not recreate part of it', async () => {
    const session = await sessions.createSession('u10')
    await sessions.deleteSession(session.sessionId)
    await expect(sessions.updateSessionData(session.sessionId, { theme: 'x' })).rejects.toMatchObject({
      code: 'NotFound',
    })
    expect(await table.get({ partitionKey: ['SESSION', session.sessionId], rangeKey: '#DATA' })).toBeUndefined()
    expect(await sessions.getUserSessions('u10')).toEqual([])
  })
})
