/** Transactions with a token of the program: any process may repeat one after an unknown outcome, and it is applied once. */
import { describe, expect, it } from 'vitest'
import { add, connect, f, model } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'

const Account = model('Account', {
  fields: { id: f.string(), money: f.integer(), at: f.updatedAt() },
  key: 'id',
  iterable: false,
})

describe('a token of a transaction', () => {
  describeEachStore('applies the transaction once', tested => {
    const open = async (clock?: () => number) => {
      const options = { models: { Account }, store: tested.store, createTable: true, ...(clock && { clock }) }
      return connect({ ...options, table: tested.tableName() })
    }

    it('a repeated token is reported without running the function', async () => {
      const db = await open()
      await db.Account.create({ id: 'a', money: 100 })
      let runs = 0
      const pay = (token: string) =>
        db.transaction(
          async tx => {
            runs++
            return tx.Account.update({ id: 'a' }, { money: add(-10) })
          },
          { token },
        )
      expect(await pay('order-1')).toMatchObject({ money: 90 })
      expect(await pay('order-1')).toBeUndefined()
      expect(runs).toBe(1)
      expect(await pay('order-2')).toMatchObject({ money: 80 })
    })

    it('concurrent transactions with the same token are applied once', async () => {
      const db = await open()
      await db.Account.create({ id: 'a', money: 100 })
      const pay = () => db.transaction(tx => tx.Account.update({ id: 'a' }, { money: add(-10) }), { token: 't' })
      const results = await Promise.all([pay(), pay(), pay(), pay()])
      expect(results.filter(it => it !== undefined)).toHaveLength(1)
      expect(await db.Account.get({ id: 'a' }, { consistent: true })).toMatchObject({ money: 90 })
    })

    it('a token is valid for a day, per tenant, and is not used up if the function fails', async () => {
      let now = Date.now()
      const db = await open(() => now)
      const create = (tenant: string, id: string) =>
        db.run({ tenant }, scope => scope.transaction(tx => tx.Account.create({ id, money: 1 }), { token: 't' }))
      expect(await create('one', 'a')).toBeDefined()
      expect(await create('two', 'a')).toBeDefined()
      expect(await create('one', 'b')).toBeUndefined()
      now += 25 * 3_600_000
      expect(await create('one', 'b')).toBeDefined()
      const failing = db.transaction(() => Promise.reject(new Error('mine')), { token: 'failing' })
      await expect(failing).rejects.toThrow('mine')
      expect(await db.transaction(tx => tx.Account.create({ id: 'c', money: 1 }), { token: 'failing' })).toBeDefined()
    })

    it('a token is a string of 1 to 255 characters', async () => {
      const db = await open()
      for (const token of ['', 'x'.repeat(256), 7 as never]) {
        const call = db.transaction(tx => tx.Account.create({ id: 'a', money: 1 }), { token })
        await expect(call).rejects.toMatchObject({ code: 'ValidationFailed' })
      }
    })
  })
})
