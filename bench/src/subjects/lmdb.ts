/** Bare LMDB with the engine's settings, the same records, and keys of the same length. */
import { open, type RootDatabase } from 'lmdb'
import type { Item } from 'partita'
import { decodeRecord, encodeRecord, measureItem } from '../../internals.mjs'
import { authorKey, POSTS_PER_AUTHOR, postKey, posts, VIEWS, visits } from '../sample.js'
import type { Subject } from './subject.js'

/** The engine puts ten bytes before a partition key. */
const PREFIX = '0123456789'

/**
 * @param synced whether writes are flushed, as in the durable engine. Then they go through LMDB's write thread, which
 *   flushes many together. Without flushing they are done at once, as in `memory()`.
 */
export async function lmdbSubject(name: string, path: string, synced: boolean): Promise<Subject> {
  const options = {
    pageSize: 8192,
    keyEncoding: 'binary',
    overlappingSync: false,
    noSync: !synced,
    eventTurnBatching: false,
    encoder: { encode: (bytes: Uint8Array) => bytes, decode: decodeRecord },
  }
  const db = open(path, options as object) as RootDatabase<Item | Uint8Array, Uint8Array>
  // Keys and records are prepared, so that only LMDB's own work is measured.
  const loaded = posts(VIEWS.loaded)
  const keys = loaded.map((_, post) => keyOf(postKey(post)))
  const ranges = loaded.map((_, post) => rangeOf(authorKey(post)))
  const puts = posts(VIEWS.put).map(recordOf)
  const transacted = posts(VIEWS.transacted).map(recordOf)
  await db.transaction(() => {
    for (const [post, item] of loaded.entries()) db.put(keys[post]!, recordOf(item))
  })
  const [toGet, toQuery, toPut, toTransact] = [visits(), visits(), visits(), visits()]
  const putOne = (post: number) => (synced ? db.put(keys[post]!, puts[post]!) : db.putSync(keys[post]!, puts[post]!))
  const putFour = () => {
    for (let i = 0; i < 4; i++) {
      const post = toTransact()
      db.put(keys[post]!, transacted[post]!)
    }
  }
  return {
    name,
    operations: {
      get: () => db.get(keys[toGet()]!),
      'query of 25': () => {
        const items: unknown[] = []
        for (const { value } of db.getRange({ ...ranges[toQuery()], limit: POSTS_PER_AUTHOR })) items.push(value)
        return items
      },
      put: () => putOne(toPut()),
      'transaction of 4': () => (synced ? db.transaction(putFour) : db.transactionSync(putFour)),
    },
    count: outcome => (Array.isArray(outcome) ? outcome.length : outcome ? 1 : 0),
    views: async key => (db.get(keyOf(key)) as Item | undefined)?.views as number | undefined,
    close: () => db.close(),
  }
}

function keyOf({ pk, sk }: { readonly pk: string; readonly sk: string }): Uint8Array {
  return Buffer.from(`${PREFIX}${pk}${sk}`)
}

function rangeOf(author: string): { readonly start: Uint8Array; readonly end: Uint8Array } {
  return { start: Buffer.from(`${PREFIX}${author}POST#`), end: Buffer.from(`${PREFIX}${author}POST$`) }
}

function recordOf(item: Item): Uint8Array {
  return Uint8Array.from(encodeRecord(item, measureItem(item)))
}
