// A program on every store that this machine offers. Prints what came of it.
import { add, connect, f, many, model } from 'partita'
import { embedded, memory } from 'partita/embedded'
import { createServer } from 'partita/wire'

const User = model('User', {
  fields: { userId: f.ulid().auto(), email: f.email(), posts: f.counter() },
  key: 'userId',
  unique: { email: ['email'] },
  relations: { articles: many('Post', 'byUser') },
})
const Post = model('Post', {
  fields: { postId: f.ulid().auto(), userId: f.ref('User'), createdAt: f.createdAt() },
  key: 'postId',
  indexes: { byUser: { on: 'gsi1', pk: 'USER#{userId}', sk: 'POST#{createdAt}' } },
})

for (const store of [memory(), embedded({ path: process.argv[2] })]) {
  const db = await connect({ models: { User, Post }, store })
  const { userId } = await db.User.create({ email: 'ada@example.com' })
  await db.transaction(async tx => {
    await tx.Post.create({ userId })
    await tx.User.update({ userId }, { posts: add(1) })
  })
  const again = await db.User.create({ email: 'ada@example.com' }).catch(error => error.code)
  await Promise.all(Array.from({ length: 100 }, () => db.Post.create({ userId })))
  const user = await db.User.findBy({ email: 'ada@example.com' }, { with: { articles: { limit: 1000 } } })
  console.log(again, user.posts, user.articles.length)
  await db.close()
}

// The server takes over Node's sockets, in ways that Bun's do not offer.
if (process.versions.bun) {
  try {
    createServer(memory(), { port: 0 })
  } catch (error) {
    console.log(error.code, error.message.includes('requestHandler'))
  }
} else {
  const server = createServer(memory(), { port: 0 })
  const url = await server.listen()
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
      'x-amz-date': '20260101T000000Z',
    },
    body: '{}',
  })
  console.log(answer.status, await answer.text())
  await server.close()
}
