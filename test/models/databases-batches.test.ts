/** Batches over several tables: what an error says of the tables that were, and were not, written. */
import { afterEach, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { OutcomeUnknownError, ThrottledError, UnavailableError } from '../../packages/partita/src/errors/errors.js'
import { connect, f, model } from '../../packages/partita/src/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'

const fields = { id: f.string() }
const First = model('First', { fields, key: 'id', iterable: false })
const Second = model('Second', { fields, key: 'id', database: 'second', iterable: false })
const Third = model('Third', { fields, key: 'id', database: 'third', iterable: false })

const failing = (table: string, error: Error): Store => {
  const store = memory()
  const batchWrite: Store['batchWrite'] = async request => {
    if (request.writes.some(write => write.table === table)) throw error
    return store.batchWrite(request)
  }
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = name === 'batchWrite' ? batchWrite : Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

let store: Store
afterEach(() => store.close())

async function batchThatFails(error: Error) {
  store = failing('second', error)
  const db = await connect({
    models: { First, Second, Third },
    databases: [
      { id: 'first', type: 'store', connectionDetails: { store } },
      { id: 'second', type: 'store', connectionDetails: { reuseId: 'first' } },
      { id: 'third', type: 'store', connectionDetails: { reuseId: 'first' } },
    ],
  })
  const sent = db.batch(batch => {
    batch.First.put({ id: 'a' })
    batch.Second.put({ id: 'b' })
    batch.Third.put({ id: 'c' })
    batch.First.put({ id: 'd' })
    batch.Third.delete({ id: 'e' })
  })
  const thrown: unknown = await sent.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  expect(await db.First.getMany([{ id: 'a' }, { id: 'd' }], { consistent: true })).toMatchObject([
    { id: 'a' },
    { id: 'd' },
  ])
  expect(await db.Third.get({ id: 'c' }, { consistent: true })).toBeUndefined()
  return thrown
}

const physical = { pk: 'Second#b', sk: 'Second' }

it('counts and lists the rows of all tables when the store refuses one of them because of load', async () => {
  const error = await batchThatFails(new ThrottledError('slow', { done: 0, undone: 1, undoneKeys: [physical] }))
  expect(error).toMatchObject({
    code: 'Throttled',
    message: expect.stringContaining('2 done, 3 not done'),
    details: { done: 2, undone: 3, undoneKeys: [{ id: 'b' }, { id: 'c' }, { id: 'e' }] },
  })
})

it('lists the rows of all tables when the store cannot be reached', async () => {
  const batch = { done: 0, undoneKeys: [physical], unknownKeys: [] }
  const error = await batchThatFails(new UnavailableError('gone', { operation: 'batchWrite', batch }))
  expect(error).toMatchObject({
    code: 'Unavailable',
    details: { batch: { done: 2, undoneKeys: [{ id: 'b' }, { id: 'c' }, { id: 'e' }], unknownKeys: [] } },
  })
})

it('a failed batch lists rows whose outcome is unknown apart from those of tables that were not written', async () => {
  const batch = { done: 0, undoneKeys: [], unknownKeys: [physical] }
  const error = await batchThatFails(new OutcomeUnknownError('lost', { operation: 'batchWrite', batch }))
  expect(error).toMatchObject({
    code: 'OutcomeUnknown',
    details: { batch: { done: 2, undoneKeys: [{ id: 'c' }, { id: 'e' }], unknownKeys: [{ id: 'b' }] } },
  })
})
