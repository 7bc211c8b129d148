/** Invalid cursors are refused as such: forged ones, and those of other queries, indexes and tenants. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, type Database, f, model } from '../../packages/partita/src/index.js'
import { createItems } from '../../packages/partita/src/items/index.js'
import { type CursorScope, openCursor, openPage } from '../../packages/partita/src/store/cursor.js'
import { SingleTable } from '../../packages/partita/src/table/index.js'
import { failure } from '../store-contract/fixtures.js'

const Post = model('Post', {
  fields: { board: f.string(), postId: f.string(), author: f.string() },
  key: { pk: 'BOARD#{board}', sk: '{postId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{author}', sk: '{postId}' } },
})
const store = memory()
let db: Database<{ Post: typeof Post }>
const table = new SingleTable({
  store,
  table: 'single',
  partitionKey: 'pk',
  rangeKey: 'sk',
  indexes: { ranked: { partitionKey: 'rpk', rangeKey: 'rsk', numeric: true } },
})
const items = createItems({ store })

beforeAll(async () => {
  db = await connect({ store, models: { Post } })
  for (const scope of [db, db.scope({ tenant: 'a' }), db.scope({ tenant: 'b' })]) {
    for (let i = 0; i < 4; i++) await scope.Post.create({ board: 'b', postId: `p${i}`, author: 'ada' })
  }
  for (let i = 0; i < 4; i++) {
    const indexes = { ranked: { partitionKey: 'r', rangeKey: i } }
    await table.create({ key: { partitionKey: 'p', rangeKey: `s${i}` }, indexes, item: {} })
    await items.putItem({ category: 'c', key: `k${i}` })
  }
})
afterAll(() => store.close())

/** All calls that take a cursor. */
const calls: Record<string, (cursor: string) => Promise<unknown>> = {
  'a query of the table': after => db.Post.query.key({ board: 'b' }, { limit: 2, after }).page(),
  'a query of an index': after => db.Post.query.byAuthor({ author: 'ada' }, { limit: 2, after }).all(),
  'a page before': before => db.Post.query.byAuthor({ author: 'ada' }, { limit: 2, before }).page(),
  'a count': after => db.Post.query.byAuthor({ author: 'ada' }, { after }).count(),
  'the items of a query': after =>
    db.Post.query
      .key({ board: 'b', postId: { $gte: 'p1' } }, { after })
      [Symbol.asyncIterator]()
      .next(),
  'a query of a tenant': after =>
    db.scope({ tenant: 'a' }).Post.query.byAuthor({ author: 'ada' }, { limit: 2, after }).page(),
  'an iteration': after => db.Post.iterate({ after }).batches()[Symbol.asyncIterator]().next(),
  SingleTable: paginationToken => table.query({ partition: 'p', limit: 2, paginationToken }),
  'a numeric index of SingleTable': paginationToken =>
    table.query({ partition: 'r', index: 'ranked', limit: 2, paginationToken }),
  items: nextToken => items.listItems('c', 'k', { limit: 2, nextToken }),
}

const text = fc.oneof(
  fc.string(),
  fc.base64String(),
  fc.json().map(it => Buffer.from(`${'x'.repeat(16)}${it}`).toString('base64url')),
  fc.constantFrom('', '__proto__', 'AAAA', '='.repeat(9), 'A'.repeat(100_000), '%00', '["b"]', 'null'),
)

describe.each(Object.entries(calls))('%s', (_, open) => {
  it('a text that is not one of its cursors is refused', async () => {
    const property = fc.asyncProperty(text, async cursor => {
      expect((await failure(open(cursor))).code).toBe('InvalidCursor')
    })
    await fc.assert(property, { numRuns: 40 })
  })

  it.each([null, 5, true, [], {}, { length: 4 }])('the cursor %j is refused', async cursor => {
    expect((await failure(open(cursor as never))).code).toBe('InvalidCursor')
  })
})

it('a cursor is accepted by its own query only', async () => {
  const byAuthor = async (scope: Pick<typeof db, 'Post'>) =>
    (await scope.Post.query.byAuthor({ author: 'ada' }, { limit: 2 }).page()).cursor as string
  const given = [
    (await db.Post.query.key({ board: 'b' }, { limit: 2 }).page()).cursor as string,
    await byAuthor(db),
    await byAuthor(db.scope({ tenant: 'b' })),
    (await table.query({ partition: 'p', limit: 2 })).paginationToken as string,
    (await items.listItems('c', 'k', { limit: 2 })).nextToken as string,
  ]
  for (const [name, open] of Object.entries(calls)) {
    let taken = 0
    for (const cursor of given) {
      const outcome = await open(cursor).then(
        () => 'taken',
        (error: { code?: string }) => error.code,
      )
      expect(['taken', 'InvalidCursor'], name).toContain(outcome)
      if (outcome === 'taken') taken++
    }
    expect(taken, name).toBeLessThanOrEqual(1)
  }
})

/** Seals a payload as a query without a secret does, which anyone who knows the code can do. */
function forged(payload: string, query: readonly unknown[]): string {
  const bytes = Buffer.from(payload)
  const words = new Uint32Array([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35])
  for (const byte of Buffer.concat([Buffer.from(`${JSON.stringify(query)}\0`), bytes])) {
    for (let i = 0; i < words.length; i++) {
      words[i] = Math.imul((words[i] as number) ^ byte ^ ((words[(i + 3) & 3] as number) >>> 13), 0x01000193 + 2 * i)
    }
  }
  return Buffer.concat([Buffer.from(words.buffer), bytes]).toString('base64url')
}

describe('a forged cursor with a valid seal', () => {
  const query = ['q']
  const scope: CursorScope = {
    query,
    names: ['pk', 'sk'],
    known: { pk: 'p' },
    isPosition: ({ sk }) => typeof sk === 'string' && sk.length > 0,
    secret: undefined,
  }

  it.each([
    ...['', 'x', '5', 'null', '{}', '[]', '[null]', '[5]', '["a","b"]', '[""]', '[["a"]]', '['.repeat(30_000)],
    ...[
      '[{"n":"x"}]',
      '[{"n":5}]',
      '[{"n":"1e9999"}]',
      '[{"n":"1"}]',
      '[{"b":"é"}]',
      '[{"b":"QQ"}]',
      '[{"__proto__":"s"}]',
    ],
  ])('the payload $0 is refused', async payload => {
    expect((await failure(openCursor(forged(payload, query), scope))).code).toBe('InvalidCursor')
    expect((await failure(openPage(forged(payload, query), scope))).code).toBe('InvalidCursor')
    expect(await openCursor(forged('["s"]', query), scope)).toEqual({ pk: 'p', sk: 's' })
  })

  it.each([
    '[["s"],[""]]',
    '[["s"],[1]]',
    '[[0],["s"]]',
    '[null,[0]]',
    '[["s"],["s","s"]]',
    '[[["s"]],null]',
    '[["s"],0]',
  ])('the ends of a page $0 are refused', async payload => {
    expect((await failure(openPage(forged(payload, query), scope))).code).toBe('InvalidCursor')
    expect(await openPage(forged('[["s"],[0]]', query), scope)).toEqual({
      first: { pk: 'p', sk: 's' },
      last: { pk: 'p', sk: 's' },
    })
  })

  const long = 'x'.repeat(3000)
  it.each([
    ...['["","p1","p1"]', '["p","","p1"]', '["p","p1",""]', '[{"n":"1"},"p1","p1"]', '["p","p1"]'],
    ...[`["${long}","p1","p1"]`, `["p","${long}","p1"]`, '["p","p1","p0"]', '["p","p1","x"]'],
  ])('a position outside the query is refused: $0', async payload => {
    const partition = { name: 'gsi1pk', value: 'AUTHOR#ada' }
    const sort = { kind: 'between', name: 'gsi1sk', low: 'p1', high: 'p2' }
    for (const [scope, prefix] of [
      [db, ''],
      [db.scope({ tenant: 'a' }), 'T#a#'],
    ] as const) {
      const key = { partition: { ...partition, value: prefix + partition.value }, sort }
      const sealed = ['Post', 'byAuthor', prefix, 'asc', key, null]
      const of = { author: 'ada', postId: { $gte: 'p1', $lte: 'p2' } } as const
      const taken = scope.Post.query.byAuthor(of, { after: forged('["BOARD#b","p1","p1"]', sealed) })
      expect((await taken.all()).map(({ postId }) => postId)).toEqual(['p2'])
      const refused = scope.Post.query.byAuthor(of, { after: forged(payload, sealed) })
      expect((await failure(refused.all())).code).toBe('InvalidCursor')
    }
  })

  it.each([
    ...['', 'null', '5', '[]', '{}', '[null]', '[{"bucket":-1}]', '[{"bucket":1000}]', '[{"bucket":"1"}]'],
    ...['[{"bucket":1,"after":["p"]}]', '[{"bucket":1,"after":["","s","x"]}]', '[{"bucket":1,"after":[1,2,3]}]'],
    `[{"bucket":1,"after":["${long}","s","x"]}]`,
    JSON.stringify(Array(2000).fill({ bucket: 1 })),
  ])('an invalid position of an iteration is refused: $0', async positions => {
    const sealed = ['Post', 'all', '', null]
    const after = forged(JSON.stringify([positions]), sealed)
    expect((await failure(db.Post.iterate({ after }).batches()[Symbol.asyncIterator]().next())).code).toBe(
      'InvalidCursor',
    )
  })
})
