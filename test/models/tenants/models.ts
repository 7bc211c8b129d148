/** The models of the tenants, with every way to read one row from another. */

import { collection, connect, f, many, model, one, through } from '../../../packages/partita/src/model/index.js'
import type { ConnectOptions, Scope } from '../../../packages/partita/src/model/types/database.js'
import type { Store } from '../../../packages/partita/src/store/store.js'

const Person = model('Person', {
  fields: {
    personId: f.string(),
    email: f.string(),
    team: f.string().optional(),
    points: f.counter(),
  },
  key: 'personId',
  unique: { email: ['email'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{personId}' } },
  relations: { posts: many('Post', 'byAuthor'), tags: through('Tag', 'Tagging', 'key', { to: 'tag' }) },
})
const Post = model('Post', {
  fields: { board: f.string(), postId: f.string(), personId: f.ref('Person'), text: f.string() },
  key: { pk: 'BOARD#{board}', sk: 'POST#{postId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{personId}', sk: '{board}#{postId}' } },
  relations: { author: one('Person', 'personId') },
})
const Board = model('Board', {
  fields: { board: f.string(), title: f.string() },
  key: { pk: 'BOARD#{board}', sk: 'BOARD' },
})
const Tag = model('Tag', { fields: { tagId: f.string(), label: f.string() }, key: 'tagId' })
const Tagging = model('Tagging', {
  fields: { personId: f.ref('Person'), tagId: f.ref('Tag') },
  key: { pk: 'TAGGING#{personId}', sk: '{tagId}' },
  relations: { person: one('Person', 'personId'), tag: one('Tag', 'tagId') },
})
const BoardDetails = collection('BoardDetails', { pk: 'BOARD#{board}', one: { board: Board }, many: { posts: Post } })

export const models = { Person, Post, Board, Tag, Tagging }
export const collections = { BoardDetails }
export type Tenants = Scope<typeof models, typeof collections>

/** The options of a database except its store and table. */
export type Options = Partial<ConnectOptions<typeof models, typeof collections>>

export function open(store: Store, table: string, more: Options = {}) {
  return connect({ models, collections, store, table, createTable: true, ...more })
}
