/** Fields of kind bigint: no digit is lost, also where a double prints the same text as a number that it is not. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, f, model } from '../../packages/partita/src/index.js'
import { bigintSchema } from './bigint-schema.js'

const Amount = model('Amount', {
  fields: {
    id: f.string(),
    wei: f.bigint(),
    list: f.list(f.bigint()),
    set: f.set(f.bigint()),
    record: f.record(f.bigint()),
    checked: f.schema(bigintSchema),
  },
  key: 'id',
  indexes: { byWei: { on: 'gsi1', pk: 'ALL', sk: '{wei}' } },
})
const Keyed = model('Keyed', { fields: { wei: f.bigint() }, key: 'wei' })

/** Digits and zeros behind them, at most 38 and 126 together. */
const integers = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
    fc.nat({ max: 87 }),
    fc.constantFrom(1n, 10n ** 35n),
  )
  .map(([digits, zeros, divisor]) => (digits / divisor) * 10n ** BigInt(zeros))

it('a bigint of any size is read as it was written, in every kind of field and in a key', async () => {
  const db = await connect({ models: { Amount, Keyed }, store: memory() })
  await fc.assert(
    fc.asyncProperty(integers, async wei => {
      const row = { id: 'a', wei, list: [wei], set: new Set([wei]), record: { wei }, checked: wei }
      await db.Amount.put(row)
      expect(await db.Amount.get({ id: 'a' })).toMatchObject(row)
      expect(await db.Amount.query.byWei({ wei }).all()).toHaveLength(1)
      await db.Amount.update({ id: 'a' }, { list: [] }, { if: { wei } })
      await db.Keyed.put({ wei })
      expect((await db.Keyed.get({ wei }))?.wei).toBe(wei)
    }),
    { examples: [[10n ** 23n], [123n * 10n ** 21n], [-(10n ** 40n)], [10n ** 125n], [0n], [2n ** 64n]] },
  )
})

it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e23])('the number %s is refused by its name', async wei => {
  const db = await connect({ models: { Keyed }, store: memory() })
  await expect(db.Keyed.put({ wei: wei as never })).rejects.toMatchObject({
    code: 'ValidationFailed',
    message: expect.stringContaining(`is ${wei}, not a bigint`),
  })
})
