/** Writes whose response is lost: the SDK retries them. No write may be applied twice or reported as failed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { add, append, connect, f, model, prepend } from '../../packages/partita/src/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { describeEachStore } from '../stores.js'

const Note = model('Note', {
  fields: {
    id: f.string(),
    text: f.string().default(''),
    group: f.string().optional(),
    hits: f.counter(),
    amount: f.number().default(0),
    lines: f.list(f.string()).default([]),
    version: f.version(),
  },
  key: 'id',
  indexes: { byGroup: { on: 'gsi1', pk: 'GROUP#{group}', sk: '{hits}' } },
})

const Tally = model('Tally', {
  fields: { id: f.string(), hits: f.counter(), lines: f.list(f.string()).default([]) },
  key: 'id',
})

/** Sends every write twice, and returns only the second response. */
function losingResponses(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const it = Reflect.get(target, name, target)
      if (typeof it !== 'function') return it
      if (name !== 'write') return it.bind(target)
      return async (request: Parameters<Store['write']>[0]) => {
        await target.write(request)
        return target.write(request)
      }
    },
  })
}

describe('writes whose response is lost', () => {
  describeEachStore('each write is applied once', tested => {
    const open = () =>
      connect({ models: { Note, Tally }, store: losingResponses(tested.store), table, createTable: true })
    let db: Awaited<ReturnType<typeof open>>
    let table = ''
    beforeAll(async () => {
      table = tested.tableName()
      db = await open()
    })
    afterAll(() => db.close())

    it('a create, an add, an append and a save are each applied once', async () => {
      const note = await db.Note.create({ id: 'a', text: 'x', lines: ['b'] })
      const key = { id: 'a' }
      expect((await db.Note.update(key, { hits: add(2), lines: append('c') })).hits).toBe(2)
      await db.Note.update(key, { lines: prepend('a'), amount: add(1.5) })
      note.hits += 3
      await note.reload()
      note.hits += 3
      await note.save()
      await db.Note.update(key, { text: 'y' }, { if: { text: 'x' } })
      expect(await db.Note.get(key, { consistent: true })).toMatchObject({
        text: 'y',
        hits: 5,
        amount: 1.5,
        lines: ['a', 'b', 'c'],
        // save() changed only a counter, which does not change the version.
        version: 4,
      })
    })

    it('an add or append without other changes is applied once', async () => {
      const tally = await db.Tally.create({ id: 'c' })
      await db.Tally.update({ id: 'c' }, { lines: append('a'), hits: add(1) })
      tally.hits += 4
      await tally.save()
      expect(await db.Tally.get({ id: 'c' }, { consistent: true })).toMatchObject({ hits: 5, lines: ['a'] })
    })

    it('an add to an indexed field moves the row in the index once', async () => {
      await db.Note.create({ id: 'b', group: 'g' })
      await db.Note.update({ id: 'b' }, { hits: add(7) })
      expect(await db.Note.query.byGroup({ group: 'g', hits: 7 }).count()).toBe(1)
    })
  })
})
