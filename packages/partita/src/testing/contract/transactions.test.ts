import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import { ConflictError, TransactionFailedError } from '../../errors/errors.js'
import { compare, exists, notExists, path, plus, update, value } from '../../expression/ast.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { failure, textKeys } from './fixtures.js'

describeEachStore('transactions', tested => {
  let table: string
  let other: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
    other = await tested.table(textKeys)
  })

  let keys = 0
  const freshKey = () => ({ pk: 'transactions', sk: `item-${++keys}` })
  const put = (item: Item): WriteRequest => ({ kind: 'put', table, item })
  const read = async (key: Key, from = table) => (await tested.store.get({ table: from, key, consistent: true })).item
  const addOne = update({ set: [{ path: ['n'], value: plus(path('n'), value(1)) }] })

  it('does a put, an update, a delete and a check on two tables as one', async () => {
    const [made, changed, removed, checked] = [freshKey(), freshKey(), freshKey(), freshKey()]
    await tested.store.batchWrite({
      writes: [
        { kind: 'put', table: other, item: { ...changed, n: 1 } },
        { kind: 'put', table, item: removed },
        { kind: 'put', table, item: checked },
      ],
    })
    await tested.store.transactWrite({
      writes: [
        put({ ...made, big: 12345678901234567890n }),
        { kind: 'update', table: other, key: changed, update: addOne, condition: compare(path('n'), '=', value(1)) },
        { kind: 'delete', table, key: removed, condition: exists(['pk']) },
        { kind: 'check', table, key: checked, condition: exists(['pk']) },
      ],
    })
    expect(await read(made)).toEqual({ ...made, big: 12345678901234567890n })
    expect(await read(changed, other)).toEqual({ ...changed, n: 2 })
    expect(await read(removed)).toBeUndefined()
    expect(await read(checked)).toEqual(checked)
  })

  it('does nothing when one condition is false, and says of each operation why', async () => {
    const [first, second, third] = [freshKey(), freshKey(), freshKey()]
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...second, n: 5 } }] })
    const error = await failure(
      tested.store.transactWrite({
        writes: [
          put(first),
          { kind: 'delete', table, key: second, condition: notExists(['n']), returnOldOnFailure: true },
          { kind: 'check', table, key: third, condition: exists(['pk']) },
        ],
      }),
    )
    expect(error).toBeInstanceOf(TransactionFailedError)
    const { reasons } = (error as TransactionFailedError).details
    expect(reasons).toMatchObject([
      { index: 0, code: 'None' },
      { index: 1, code: 'ConditionFailed', item: { ...second, n: 5 } },
      { index: 2, code: 'ConditionFailed' },
    ])
    expect(reasons[2]?.item).toBeUndefined()
    expect(await read(first)).toBeUndefined()
    expect(await read(second)).toEqual({ ...second, n: 5 })
  })

  it('does nothing when one update cannot be done', async () => {
    const [first, second] = [freshKey(), freshKey()]
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...second, n: 'text' } }] })
    const error = await failure(
      tested.store.transactWrite({ writes: [put(first), { kind: 'update', table, key: second, update: addOne }] }),
    )
    if (tested.limits.hidesFaultyUpdate) expect(error).toMatchObject({ code: 'ValidationFailed' })
    else {
      const reasons = [{ code: 'None' }, { code: 'ValidationFailed' }]
      expect(error).toMatchObject({ code: 'TransactionFailed', details: { reasons } })
    }
    expect(await read(first)).toBeUndefined()
  })

  it('takes 100 operations and refuses 101, and none', async () => {
    const writes = Array.from({ length: 100 }, () => put({ ...freshKey(), n: 1 }))
    await tested.store.transactWrite({ writes })
    const gets = writes.map(write => {
      const { pk, sk } = (write as { item: Item }).item as Key
      return { table, key: { pk, sk } as Key }
    })
    const { items } = await tested.store.transactGet({ gets })
    expect(items).toEqual(writes.map(write => (write as { item: Item }).item))
    const over = { code: 'LimitExceeded', details: { maximum: 100, actual: 101 } }
    expect(await failure(tested.store.transactWrite({ writes: [...writes, put(freshKey())] }))).toMatchObject(over)
    expect(await failure(tested.store.transactGet({ gets: [...gets, { table, key: freshKey() }] }))).toMatchObject(over)
    expect(await failure(tested.store.transactWrite({ writes: [] }))).toMatchObject({ code: 'ValidationFailed' })
    expect(await failure(tested.store.transactGet({ gets: [] }))).toMatchObject({ code: 'ValidationFailed' })
  })

  it('refuses more than 4 MB', async () => {
    const text = 'x'.repeat(390 * 1024)
    const writes = Array.from({ length: 11 }, () => put({ ...freshKey(), text }))
    expect(await failure(tested.store.transactWrite({ writes }))).toMatchObject({
      code: 'LimitExceeded',
      details: { maximum: 4 * 1024 * 1024 },
    })
    await tested.store.transactWrite({ writes: writes.slice(0, 10) })
  })

  it('refuses two operations on one item', async () => {
    const key = freshKey()
    const remove = { kind: 'delete', table, key } as const
    const check = { kind: 'check', table, key, condition: exists(['pk']) } as const
    const pairs: WriteRequest[][] = [
      [put(key), put({ ...key, a: 1 })],
      [put(key), remove],
      [remove, check],
    ]
    for (const writes of pairs) {
      expect(await failure(tested.store.transactWrite({ writes }))).toMatchObject({ code: 'ValidationFailed' })
    }
    const gets = [key, key].map(it => ({ table, key: it }))
    expect(await failure(tested.store.transactGet({ gets }))).toMatchObject({ code: 'ValidationFailed' })
    expect(await read(key)).toBeUndefined()
  })

  it('does the writes of one token once', async () => {
    const key = freshKey()
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...key, n: 1 } }] })
    const request = {
      writes: [{ kind: 'update', table, key, update: addOne } as const],
      token: `token-${keys}-${Date.now()}`,
    }
    await tested.store.transactWrite(request)
    await tested.store.transactWrite(request)
    expect(await read(key)).toEqual({ ...key, n: 2 })
  })

  it('refuses a token with other writes, and one that is too long', async () => {
    const key = freshKey()
    const token = `other-${keys}-${Date.now()}`
    await tested.store.transactWrite({ writes: [put({ ...key, n: 1 })], token })
    const reused = await failure(tested.store.transactWrite({ writes: [put({ ...key, n: 2 })], token }))
    expect(reused).toMatchObject({ code: 'TokenReused', details: { token } })
    const long = await failure(tested.store.transactWrite({ writes: [put(key)], token: 'x'.repeat(37) }))
    expect(long).toMatchObject({ code: 'ValidationFailed' })
    expect(await read(key)).toEqual({ ...key, n: 1 })
  })

  it('lets a transaction that failed be tried again with its token', async () => {
    const [first, second] = [freshKey(), freshKey()]
    const token = `again-${keys}-${Date.now()}`
    const writes: WriteRequest[] = [put(first), { kind: 'check', table, key: second, condition: exists(['pk']) }]
    expect(await failure(tested.store.transactWrite({ writes, token }))).toMatchObject({ code: 'TransactionFailed' })
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: second }] })
    await tested.store.transactWrite({ writes, token })
    expect(await read(first)).toEqual(first)
  })

  it('reads several items as of one moment, with projections, absent ones included', async () => {
    const [there, absent] = [freshKey(), freshKey()]
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...there, a: 1, b: 2 } }] })
    const { items } = await tested.store.transactGet({
      gets: [
        { table, key: absent },
        { table, key: there, projection: [['b']] },
      ],
    })
    expect(items).toEqual([undefined, tested.limits.projectsKeys ? { ...there, b: 2 } : { b: 2 }])
  })

  it('loses no update among concurrent transactions that are tried again on conflict', async () => {
    const [left, right] = [freshKey(), freshKey()]
    await tested.store.batchWrite({
      writes: [left, right].map(key => ({ kind: 'put', table, item: { ...key, n: 0 } })),
    })
    const move = async (): Promise<void> => {
      const writes = [left, right].map(key => ({ kind: 'update', table, key, update: addOne }) as const)
      for (;;) {
        try {
          await tested.store.transactWrite({ writes })
          return
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error
        }
      }
    }
    await Promise.all(Array.from({ length: 10 }, move))
    const { items } = await tested.store.transactGet({ gets: [left, right].map(key => ({ table, key })) })
    expect(items.map(item => item?.n)).toEqual([10, 10])
  })

  it('says which table is not there', async () => {
    const absent = tested.tableName()
    const missing = { code: 'TableNotFound', details: { table: absent } }
    const key = { pk: 'a', sk: 'b' }
    const writes = [{ kind: 'put', table: absent, item: key } as const]
    expect(await failure(tested.store.transactWrite({ writes }))).toMatchObject(missing)
    expect(await failure(tested.store.transactGet({ gets: [{ table: absent, key }] }))).toMatchObject(missing)
  })

  it('writes what was passed, whatever its caller does to it after the call', async () => {
    const keys = Array.from({ length: 100 }, (_, n) => ({ pk: 'passed', sk: `${n}` }))
    const items = keys.map(key => ({ ...key, list: [1], pad: 'x'.repeat(20_000) }))
    const writes = items.map(item => ({ kind: 'put', table, item }) as const)
    const written = tested.store.transactWrite({ writes })
    for (const item of items) item.list.push(2)
    writes.length = 0
    await written
    const { items: found } = await tested.store.batchGet({ gets: keys.map(key => ({ table, key, consistent: true })) })
    expect(found.map(item => item?.list)).toEqual(keys.map(() => [1]))
  })
})
