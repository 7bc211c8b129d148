/** Shows the blog in use. It can run any number of times on the same table. */
import { UniqueViolationError } from 'partita'
import { newcomers, promote, removeAuthor } from './authors.js'
import type { Author, Blog, BlogPost } from './database.js'
import { postsWith, publish } from './posts.js'
import { postsPaged, tagPost, tagsPaged } from './tags.js'

type Print = (line: string) => void

const EMAIL = 'ada@example.com'

export async function tell(db: Blog, print: Print): Promise<void> {
  await db.run({ actor: 'the story' }, async scope => {
    const ada = await tellOfAuthors(db, print)
    const posts = await tellOfPosts(db, ada, print)
    await tellOfTags(db, posts, print)
    await tellOfEverything(db, print)
    print(`All this used ${scope.capacity.read} read units and ${scope.capacity.write} write units.`)
  })
}

async function tellOfAuthors(db: Blog, print: Print): Promise<Author> {
  const existing = await db.User.findBy({ email: EMAIL })
  print(`Is there an author of this e-mail address? ${existing ? 'Yes; she is deleted, with her posts' : 'No'}.`)
  if (existing) await removeAuthor(db, existing)

  await db.User.create({ name: 'Ada', email: EMAIL })
  const ada = await db.User.findBy({ email: EMAIL })
  if (!ada) throw new Error('What was created is there')
  print(`Now there is: ${ada.name}, a ${ada.role}.`)

  await db.User.create({ name: 'Another Ada', email: EMAIL }).catch((error: unknown) => {
    if (!(error instanceof UniqueViolationError)) throw error
    print('Another Ada cannot have the same address.')
  })

  await promote(ada)
  const { items } = await newcomers(db, 'admin', new Date())
  print(`Admins who came this week: ${items.map(({ name }) => name).join(', ')}.`)
  return ada
}

async function tellOfPosts(db: Blog, ada: Author, print: Print): Promise<BlogPost[]> {
  const posts = [
    await publish(db, ada.userId, { title: 'Notes', content: 'This is a post on engines.' }),
    await publish(db, ada.userId, { title: 'More notes', content: 'This is another post on engines.' }),
    await publish(db, ada.userId, { title: 'On numbers', content: 'This one is about Bernoulli.' }),
  ]
  await ada.reload()
  print(`${ada.name} has written ${ada.postCount} posts.`)
  for await (const { title } of ada.posts({ order: 'desc' })) print(`  ${title}`)
  const found = await postsWith(ada, 'another')
  print(`With "another" in their text: ${found.map(({ title }) => title).join(', ')}.`)
  return posts
}

async function tellOfTags(db: Blog, posts: readonly BlogPost[], print: Print): Promise<void> {
  const [notes] = posts
  if (!notes) return
  for (const post of posts) await tagPost(db, post, 'mathematics')
  for (const name of ['engines', 'Analytical', 'letters']) await tagPost(db, notes, name)
  const mathematics = await tagPost(db, notes, 'Mathematics')

  print(`Posts under "${mathematics.name}", two at a time:`)
  for await (const page of postsPaged(mathematics, 2)) print(`  ${page.map(({ title }) => title).join(', ')}`)
  print(`Tags of "${notes.title}", three at a time:`)
  for await (const page of tagsPaged(notes, 3)) print(`  ${page.map(({ name }) => name).join(', ')}`)
}

async function tellOfEverything(db: Blog, print: Print): Promise<void> {
  const titles: string[] = []
  for await (const { items } of db.Post.iterate({ batchSize: 100 }).batches()) {
    for (const { title } of items) titles.push(title)
  }
  print(`All posts of all authors: ${titles.sort().join(', ')}.`)
}
