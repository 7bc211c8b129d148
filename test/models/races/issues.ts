/** Repositories that count their issues, for tests of transactions. */
import { afterAll, beforeAll } from 'vitest'
import { connect, f, model } from '../../../packages/partita/src/model/index.js'
import type { Database, Transaction } from '../../../packages/partita/src/model/types/database.js'
import type { StoreUnderTest } from '../../stores.js'
import { fresh } from './arena.js'

const Repo = model('Repo', {
  fields: { id: f.string(), issues: f.counter(), isOpen: f.boolean().default(true) },
  key: 'id',
})
const Issue = model('Issue', {
  fields: {
    repo: f.string(),
    number: f.integer(),
    title: f.string(),
    slug: f.string().optional(),
    votes: f.counter(),
    labels: f.set(f.string()).default([]),
    note: f.string().optional(),
    updatedAt: f.updatedAt(),
    version: f.version(),
  },
  key: { pk: 'REPO#{repo}', sk: 'ISSUE#{number}' },
  unique: { slug: ['slug'] },
})
const models = { Repo, Issue }
export type Db = Database<typeof models>
export type Tx = Transaction<typeof models>

export interface Issues {
  readonly db: Db
  /** The id of a new repository. */
  addRepo(): Promise<string>
}

export const issueOf = (repo: string, number = 1) => ({ repo, number, title: 'as it was' })

/** A database that is open while the tests of a suite run. */
export function issuesOn(tested: StoreUnderTest): Issues {
  let db: Db | undefined
  beforeAll(async () => {
    db = await connect({ models, store: tested.store, table: tested.tableName(), createTable: true })
  })
  afterAll(() => db?.close())
  const opened = (): Db => {
    if (!db) throw new Error('The database is open only while tests run')
    return db
  }
  return {
    get db() {
      return opened()
    },
    addRepo: async () => (await opened().Repo.create({ id: fresh() })).id,
  }
}
