/** Nested scopes: the inner scope inherits the options that it does not set. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, f, model, type OperationEvent } from '../../packages/partita/src/model/index.js'
import { fresh } from './races/arena.js'

const Note = model('Note', { fields: { id: f.string(), text: f.string().default('') }, key: 'id' })

describe('a scope within another', () => {
  const engine = memory()
  const open = () => connect({ models: { Note }, store: engine, table: `scopes-${fresh()}` })
  let db: Awaited<ReturnType<typeof open>>
  let seen: OperationEvent[] = []
  beforeEach(async () => {
    db = await open()
    seen = []
    db.on('operation', event => seen.push(event))
  })
  afterAll(() => engine.close())

  const whose = () => [...new Set(seen.splice(0).map(({ actor, tenant }) => JSON.stringify([actor, tenant])))]
  const ada = JSON.stringify(['ada', 'acme'])

  it('an inner scope inherits the actor and the tenant', async () => {
    await db.run({ actor: 'ada', tenant: 'acme' }, async outer => {
      await outer.run({ loader: true }, async inner => {
        expect([inner.actor, inner.tenant]).toEqual(['ada', 'acme'])
        await inner.Note.get({ id: 'a' })
        await db.Note.create({ id: 'by the database itself' })
      })
      expect(whose()).toEqual([ada])
      await outer.scope({}).Note.get({ id: 'a' })
      await db.scope({ loader: true }).Note.get({ id: 'a' })
      await db.run({}, () => db.Note.get({ id: 'a' }))
      expect(whose()).toEqual([ada])
    })
    await db
      .scope({ actor: 'ada', tenant: 'acme' })
      .scope({})
      .run({ loader: true }, inner => inner.Note.get({ id: 'a' }))
    expect(whose()).toEqual([ada])
  })

  it('transactions, their calls and calls outside of them inherit actor and tenant', async () => {
    const scope = db.scope({ actor: 'ada', tenant: 'acme' }).scope({ loader: true })
    await scope.transaction(async tx => {
      await tx.Note.get({ id: 'a' })
      const note = await tx.Note.create({ id: 'a' })
      note.text = 'changed'
      await note.save()
      await db.outside(() => scope.Note.get({ id: 'b' }))
    })
    expect(whose()).toEqual([ada])
    await db.run({ actor: 'ada', tenant: 'acme' }, () =>
      db.transaction(async tx => {
        await tx.Note.update({ id: 'a' }, { text: 'again' })
        await db.outside(() => db.run({ loader: true }, inner => inner.Note.get({ id: 'b' })))
      }),
    )
    expect(whose()).toEqual([ada])
  })

  it('an inner scope can set another actor, or none', async () => {
    await db.run({ actor: 'ada', tenant: 'acme' }, async outer => {
      await outer.run({ actor: 'bob' }, async inner => {
        expect(inner.actor).toBe('bob')
        await inner.transaction(tx => tx.Note.create({ id: 'c' }))
      })
      expect(whose()).toEqual([JSON.stringify(['bob', 'acme'])])
      expect(outer.scope({ actor: undefined }).actor).toBeUndefined()
      expect(outer.actor).toBe('ada')
    })
  })
})
