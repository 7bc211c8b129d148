/** Calls on a transaction that has ended. */
import { expect, it } from 'vitest'
import { connect, f, model } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'

const Note = model('Note', { fields: { id: f.string(), text: f.string() }, key: 'id' })

describeEachStore('transactions that have ended', tested => {
  it('every call on a transaction that has ended is refused', async () => {
    const db = await connect({ models: { Note }, store: tested.store, table: tested.tableName(), createTable: true })
    const kept = await db.transaction(async tx => tx)
    await expect(kept.Note.create({ id: 'c', text: 'late' })).rejects.toMatchObject({ code: 'ValidationFailed' })
    expect(await db.Note.get({ id: 'c' }, { consistent: true })).toBeUndefined()
    await db.close()
  })
})
