/** What the errors of typical mistakes say: names that are nearly right, options in the wrong call, keys of another form. */
import { add, connect, decimal, f, many, model, one, through } from 'partita'
import { dynamodb } from 'partita/dynamodb'
import { embedded, memory } from 'partita/embedded'
import { createItems } from 'partita/items'
import { SingleTable } from 'partita/table'
import { createServer } from 'partita/wire'
import { expect, it } from 'vitest'

const User = model('User', {
  fields: { userId: f.string(), email: f.email(), address: f.map({ city: f.string() }).optional() },
  key: { pk: 'USER#{userId}' },
  unique: { email: ['email'] },
  relations: { posts: many('Post', 'byAuthor'), liked: through('Post', 'Like', 'key') },
  softDelete: true,
})
const Post = model('Post', {
  fields: { postId: f.string(), authorId: f.ref('User'), score: f.decimal().optional(), views: f.counter() },
  key: { pk: 'POST#{postId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'USER#{authorId}', sk: '{postId}' } },
  relations: { author: one('User', 'authorId') },
})
const Like = model('Like', {
  fields: { userId: f.ref('User'), postId: f.ref('Post') },
  key: { pk: 'LIKE#{userId}', sk: '{postId}' },
  relations: { post: one('Post', 'postId') },
})

/** A call as JavaScript allows it. */
// biome-ignore lint/suspicious/noExplicitAny: mistakes are what the types refuse
type Loose = any

async function opened() {
  const db = await connect({ models: { User, Post, Like }, store: memory() })
  const ada = await db.User.create({ userId: 'ada', email: 'ada@example.com' })
  return { db: db as Loose, ada: ada as Loose }
}

const says = (message: string | RegExp) => expect.objectContaining({ message: expect.stringMatching(message) })

it('a name that is nearly right is answered with the right one', async () => {
  const { db, ada } = await opened()
  const wrong: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [
      () => db.User.create({ userId: 'b', emial: 'b@example.com' }),
      /emial: is not a field of User; the fields are .*did you mean email\?/,
    ],
    [() => db.User.get({ userid: 'ada' }), /userid: is not a field of User; .*did you mean userId\?/],
    [
      () => db.User.get({ userId: 'ada' }, { consistant: true }),
      /consistant: is not an option here; .*did you mean consistent\?/,
    ],
    [
      () => db.User.get({ userId: 'ada' }, { with: { post: true } }),
      /post: is not a relation of User; it has posts, liked; did you mean posts\?/,
    ],
    [
      () => db.User.update({ userId: 'ada' }, { adress: { city: 'Lyon' } }),
      /is not a field of User; .*did you mean address\?/,
    ],
    [
      () => db.User.update({ userId: 'ada' }, { address: { ctiy: 'Lyon' } }),
      /address\.ctiy: is not a field here; the fields are city; did you mean city\?/,
    ],
    [
      () => db.User.update({ userId: 'ada' }, { 'address.town': 'Lyon' }),
      /"town" is not a field there; the fields are city$/,
    ],
    [
      () => db.Post.query.byAuthor({ autorId: 'ada' }).all(),
      /autorId: is not a field of the key of Post\.byAuthor; .*did you mean authorId\?/,
    ],
    [
      () => db.Post.query.byAuthor({ authorId: 'ada' }, { limt: 1 }).all(),
      /limt: is not an option here; .*did you mean limit\?/,
    ],
    [
      () => db.Post.query.byAuthor({ authorId: 'ada' }, { where: { veiws: 1 } }).all(),
      /"veiws" is not a field of Post; .*did you mean views\?/,
    ],
    [
      () => db.Post.query.byAuthor({ authorId: 'ada' }, { where: { views: { $gtt: 1 } } }).all(),
      /\$gtt: is not an operator here; .*did you mean \$gt\?/,
    ],
    [() => ada.posts({ ordre: 'desc' }).all(), /ordre: is not an option here; .*did you mean order\?/],
  ]
  for (const [call, message] of wrong) await expect(call()).rejects.toEqual(says(message))
  expect(() => model('User', { fields: { userId: f.string() }, key: { pk: 'U#{userID}' } } as Loose)).toThrow(
    /has \{userID\}, which is not a field of User; the fields are userId; did you mean userId\?/,
  )
  await db.close()
})

it('only the first unknown fields of an input are compared with the known ones', async () => {
  const { db } = await opened()
  const input = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`emai${i}`, 1]))
  const { issues } = await db.User.create(input).then(
    () => ({ issues: [] }),
    ({ details }: Loose) => details,
  )
  const compared = issues.filter(({ message }: Loose) => message.includes('did you mean'))
  expect([issues.length, compared.length]).toEqual([52, 10])
  await db.close()
})

it('options of a query in the call that runs it are refused, also where no row can be found', async () => {
  const { db, ada } = await opened()
  const query = () => db.Post.query.byAuthor({ authorId: 'ada' })
  for (const method of ['page', 'all', 'first', 'count', 'explain']) {
    await expect(query()[method]({ limit: 5 })).rejects.toEqual(
      says(`^${method}\\(\\) takes no arguments; give options to the query itself, .*; the options are where, limit,`),
    )
    await expect(ada.liked()[method]({ limit: 5 })).rejects.toEqual(
      says(/takes no arguments.*options are limit, order,/),
    )
    await expect(query()[method](undefined)).resolves.not.toThrow()
  }
  await expect(query().page({ limti: 5 })).rejects.toEqual(says(/did you mean limit\?$/))
  await expect(query().first(1)).rejects.toEqual(says(/^first\(\) takes no arguments/))
  await expect(db.User.history({ userId: 'ada' }).page({ limit: 5 })).rejects.toEqual(
    says(/^page\(\) takes no arguments/),
  )
  await expect(
    db.transaction((tx: Loose) => tx.Post.query.byAuthor({ authorId: 'ada' }).all({ limit: 1 })),
  ).rejects.toEqual(says(/^all\(\) takes no arguments/))
  await db.close()
})

it('restore and purge of a row that is not deleted say so, and leave it as it is', async () => {
  const { db } = await opened()
  for (const method of ['restore', 'purge']) {
    await expect(db.User[method]({ userId: 'ada' })).rejects.toEqual(
      expect.objectContaining({
        code: 'NotFound',
        message: expect.stringMatching(/^The User .* is there and not deleted; /),
      }),
    )
    await expect(db.User[method]({ userId: 'bob' })).rejects.toEqual(says(/^There is no User/))
  }
  expect(await db.User.get({ userId: 'ada' })).toMatchObject({ email: 'ada@example.com' })
  await db.close()
})

it('a key that is not an object is answered with its form', async () => {
  const { db } = await opened()
  await expect(db.User.get('ada')).rejects.toEqual(says(/^is "ada"; pass the key of User as an object: \{ userId \}$/))
  await expect(db.Like.get('ada')).rejects.toEqual(says(/pass the key of Like as an object: \{ userId, postId \}$/))
  await db.close()
})

it('a sum with too many digits is printed without an exponent of zero', async () => {
  const { db } = await opened()
  await db.Post.create({ postId: 'p', authorId: 'ada', score: decimal('9e40') })
  await expect(db.Post.update({ postId: 'p' }, { score: add(1) })).rejects.toEqual(
    says(/^(?:score: )?90{39}1 has 41 significant digits; a number may have 38/),
  )
  await db.close()
})

it('a definition or connection of another shape is answered with the right one', async () => {
  const fields = { id: f.string(), email: f.string() }
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [
      () => model('User', { feilds: fields, key: 'id' } as Loose),
      /feilds: is not a part of a model; .*did you mean fields\?/,
    ],
    [() => model('User', { fields, key: 'idd' } as Loose), /"idd" is not a field; .*did you mean id\?/],
    [
      () => model('User', { fields, key: 'id', unique: { email: 'email' } } as Loose),
      /is "email"; give a list of fields, such as/,
    ],
    [
      () => model('User', { fields: { id: f.enum(['a'] as Loose) }, key: 'id' }),
      /has the values \[\["a"\]\]; pass texts to f\.enum/,
    ],
    [() => f.list('string' as Loose), /f\.list takes fields, such as f\.string\(\), not "string"/],
    [() => f.map({ city: 'string' } as Loose), /f\.map takes fields, .* not "string"/],
  ]
  for (const [call, message] of wrong) expect(call).toThrow(message)
  const open = connect as Loose
  const models = { User, Post, Like }
  await expect(open()).rejects.toEqual(says(/^is undefined, not an object of options$/))
  await expect(open({ models: [User] })).rejects.toEqual(says(/^models: are a list; pass an object with their names/))
  await expect(open({ models, store: {} })).rejects.toEqual(
    says(/^store: is \{\}; it is a store URL, or a store such as memory\(\)$/),
  )
  await expect(open({ models, store: 'embeded:./x' })).rejects.toEqual(says(/unknown engine; did you mean embedded\?/))
})

it('an operator without its dollar is answered with the operator', async () => {
  const { db } = await opened()
  const query = db.Post.query.byAuthor({ authorId: 'ada' }, { where: { views: { gt: 5 } } })
  await expect(query.all()).rejects.toEqual(says(/^where\.views: is a map, .*; did you mean \$gt\?$/))
  await db.close()
})

it('an unknown option of a store, a server, a table or items is refused, with the nearest one', async () => {
  const store = memory()
  const table = { store, table: 'app', partitionKey: 'pk', rangeKey: 'sk' }
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => embedded({ pth: './x' } as Loose), /pth: is not an option here; .*did you mean path\?/],
    [() => (embedded as Loose)('./data'), /is "\.\/data", not an object of options/],
    [() => (embedded as Loose)({}), /path: is undefined; name the folder of the store/],
    [() => memory({ fautls: {} } as Loose), /did you mean faults\?/],
    [() => dynamodb({ regoin: 'eu-west-1' } as Loose), /regoin: is not an option here; .*did you mean region\?/],
    [() => (dynamodb as Loose)('eu-west-1'), /is "eu-west-1", not an object of options/],
    [() => createServer(store, { prt: 1 } as Loose), /prt: is not an option here; .*did you mean port\?/],
    [() => (createServer as Loose)(), /store: is not an embedded store; pass a store from embedded\(\) or memory\(\)/],
    [() => new SingleTable({ ...table, keySeperator: '.' } as Loose), /did you mean keySeparator\?/],
    [() => new SingleTable({ ...table, store: 'memory:' } as Loose), /store: is "memory:"; it is a store, such as/],
    [() => createItems({ store, tabel: 'x' } as Loose), /did you mean table\?/],
  ]
  for (const [call, message] of wrong) expect(call).toThrow(message)
  const items = createItems({ store }) as Loose
  await expect(items.listItems('order', '', { limt: 5 })).rejects.toEqual(says(/did you mean limit\?/))
  await expect(items.listItems('order')).rejects.toEqual(
    says(/^keyPrefix: is undefined; expected a string, '' for every key$/),
  )
  const connecting = connect({ models: { User, Post, Like }, store, layout: { revison: 'v' } } as Loose)
  await expect(connecting).rejects.toEqual(says(/^layout\.revison: is not an option here; .*did you mean revision\?$/))
  await store.close()
})
