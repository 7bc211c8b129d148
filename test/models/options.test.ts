/** Invalid options and functions, as a program without types may pass them. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dynamodb } from '../../packages/partita/src/dynamodb/index.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, type Database, f, model } from '../../packages/partita/src/index.js'

const User = model('User', { fields: { id: f.string(), n: f.counter() }, key: 'id' })
const models = { User }
let db: Database<typeof models>
let any: Record<string, (...given: unknown[]) => unknown>

beforeAll(async () => {
  db = await connect({ models, store: memory() })
  any = db as never
})
afterAll(() => db.close())

const invalidFlag = (name: string, value: string) => ({
  code: 'ValidationFailed',
  details: { issues: [{ path: [name], message: `is ${value}; it must be true or false` }] },
})

it.each(['yes', 'false', 1, 0, null, {}])(
  'each option that is true or false refuses %j, and nothing is written',
  async given => {
    const value = given as never
    const text = expect.stringMatching(/^is .*; it must be true or false$/)
    const problem = (name: string) => ({
      ...invalidFlag(name, ''),
      details: { issues: [{ path: [name], message: text }] },
    })
    const row = await db.User.put({ id: 'a' })
    await expect(db.User.create({ id: 'b' }, { exactlyOnce: value })).rejects.toMatchObject(problem('exactlyOnce'))
    await expect(db.User.update({ id: 'a' }, { n: 1 }, { exactlyOnce: value })).rejects.toMatchObject(
      problem('exactlyOnce'),
    )
    await expect(db.User.delete({ id: 'a' }, { exactlyOnce: value })).rejects.toMatchObject(problem('exactlyOnce'))
    row.n++
    await expect(row.save({ exactlyOnce: value })).rejects.toMatchObject(problem('exactlyOnce'))
    await expect(row.update({ n: 1 }, { exactlyOnce: value })).rejects.toMatchObject(problem('exactlyOnce'))
    await expect(row.delete({ exactlyOnce: value })).rejects.toMatchObject(problem('exactlyOnce'))
    await expect(row.save({ ifUnchanged: value })).rejects.toMatchObject(problem('ifUnchanged'))
    await expect(db.User.getMany([{ id: 'a' }], { strict: value })).rejects.toMatchObject(problem('strict'))
    await expect(db.User.get({ id: 'a' }, { consistent: value })).rejects.toMatchObject(problem('consistent'))
    await expect(
      (async () => db.User.iterate({ strict: value }).batches()[Symbol.asyncIterator]().next())(),
    ).rejects.toMatchObject(problem('strict'))
    await expect((async () => db.run({ loader: value }, async () => 1))()).rejects.toMatchObject(problem('loader'))
    await expect(connect({ models, store: memory(), strict: value })).rejects.toMatchObject(problem('strict'))
    expect(await db.User.get({ id: 'a' }, { consistent: true })).toMatchObject({ n: 0 })
    expect(await db.User.get({ id: 'b' }, { consistent: true })).toBeUndefined()
  },
)

it('unknown options of record methods are refused', async () => {
  const row = await db.User.create({ id: 'c' })
  const wrong = { code: 'ValidationFailed', message: expect.stringMatching(/is not an option here/) }
  row.n++
  await expect(row.save({ where: { n: 5 } } as never)).rejects.toMatchObject(wrong)
  await expect(row.update({ n: 1 }, { ifUnchanged: true } as never)).rejects.toMatchObject(wrong)
  await expect(row.delete({ where: { n: 5 } } as never)).rejects.toMatchObject(wrong)
  expect(await db.User.get({ id: 'c' }, { consistent: true })).toMatchObject({ n: 0 })
})

it.each(['outside', 'transaction', 'batch'])(
  '%s() without a function is refused with a message that requires one',
  async method => {
    for (const given of [undefined, null, 'x', {}]) {
      const call = async () => any[method]?.(given)
      await expect(call()).rejects.toMatchObject({
        code: 'ValidationFailed',
        message: expect.stringContaining(`${method} takes a function`),
      })
    }
  },
)

it('run() and on() without a function are refused with a message that requires one', async () => {
  await expect((async () => any.run?.({ actor: 'ada' }))()).rejects.toThrow('run takes a function, not undefined')
  await expect((async () => any.on?.('warning'))()).rejects.toThrow('on takes a function, not undefined')
})

it.each([0, -1, 1.5, Number.NaN, '3', null])('maxAttempts refuses %j', given => {
  expect(() => dynamodb({ region: 'local', maxAttempts: given as never })).toThrow(
    /maxAttempts: is .*a whole number from 1/,
  )
})
