/** One of Partita's stores, called through the Store contract. */
import { ast, type Store } from '../../internals.mjs'
import { authorKey, freshItems, POSTS_PER_AUTHOR, postKey, posts, VIEWS, visits } from '../sample.js'
import type { Subject } from './subject.js'

export const TABLE = 'posts'

const isNew = ast.notExists(['pk'])
const isThere = ast.exists(['pk'])
const wasSeen = ast.compare(ast.path('views'), '>=', ast.value(0))
const oneMoreView = ast.update({
  set: [{ path: ['views'], value: ast.plus(ast.path('views'), ast.value(1)) }],
})

/** Creates the table and loads the posts. */
export async function storeSubject(name: string, store: Store): Promise<Subject> {
  await store.createTable({
    name: TABLE,
    key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
  })
  await store.batchWrite({
    writes: posts(VIEWS.loaded).map(item => ({ kind: 'put', table: TABLE, item })),
  })
  // Prepared, as those of bare LMDB are.
  const keys = posts(VIEWS.loaded).map((_, post) => postKey(post))
  const puts = posts(VIEWS.put)
  const transacted = posts(VIEWS.transacted)
  const [toGet, toQuery, toPut, toUpdate, toTransact] = [visits(), visits(), visits(), visits(), visits()]
  const fresh = freshItems()
  return {
    name,
    operations: {
      get: () => store.get({ table: TABLE, key: keys[toGet()]! }),
      'query of 25': () =>
        store.query({
          table: TABLE,
          key: {
            partition: { name: 'pk', value: authorKey(toQuery()) },
            sort: { kind: 'beginsWith', name: 'sk', prefix: 'POST#' },
          },
          limit: POSTS_PER_AUTHOR,
        }),
      put: () => store.write({ kind: 'put', table: TABLE, item: puts[toPut()]! }),
      create: () => store.write({ kind: 'put', table: TABLE, item: fresh(), condition: isNew }),
      'conditional update': () =>
        store.write({
          kind: 'update',
          table: TABLE,
          key: postKey(toUpdate()),
          update: oneMoreView,
          condition: wasSeen,
        }),
      'transaction of 4': () =>
        store.transactWrite({
          writes: [
            { kind: 'put', table: TABLE, item: transacted[toTransact()]!, condition: isThere },
            { kind: 'put', table: TABLE, item: transacted[toTransact()]! },
            { kind: 'put', table: TABLE, item: transacted[toTransact()]! },
            { kind: 'put', table: TABLE, item: transacted[toTransact()]! },
          ],
        }),
    },
    count(outcome) {
      const { item, items } = outcome as { item?: unknown; items?: unknown[] }
      return items ? items.length : item ? 1 : 0
    },
    async views({ pk, sk }) {
      const { item } = await store.get({ table: TABLE, key: { pk, sk }, consistent: true })
      return item?.views as number | undefined
    },
    close: () => store.close(),
  }
}
