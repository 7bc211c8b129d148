/** Transactions. */
import { ConflictError, TransactionFailedError } from '../../errors/errors.js'
import { compare, exists, notExists, path, plus, update, value } from '../../expression/ast.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { equal, matches, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, textKeys } from './fixtures.js'

/** Declares the tests of transactions. */
export function transactionContract(tested: ContractTests): void {
  const { it, itIf, beforeAll } = tested
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

  it('A put, an update, a delete and a check on two tables are done together', async () => {
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
    equal(await read(made), { ...made, big: 12345678901234567890n })
    equal(await read(changed, other), { ...changed, n: 2 })
    equal(await read(removed), undefined)
    equal(await read(checked), checked)
  })

  it('A transaction with a false condition does nothing and has a reason for each operation', async () => {
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
    ok(error instanceof TransactionFailedError)
    const { reasons } = (error as TransactionFailedError).details
    matches(reasons, [
      { index: 0, code: 'None' },
      { index: 1, code: 'ConditionFailed', item: { ...second, n: 5 } },
      { index: 2, code: 'ConditionFailed' },
    ])
    equal(reasons[2]?.item, undefined)
    equal(await read(first), undefined)
    equal(await read(second), { ...second, n: 5 })
  })

  it('A transaction with an update that cannot be applied does nothing', async () => {
    const [first, second] = [freshKey(), freshKey()]
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...second, n: 'text' } }] })
    const error = await failure(
      tested.store.transactWrite({ writes: [put(first), { kind: 'update', table, key: second, update: addOne }] }),
    )
    if (!tested.supports.updateReasons) matches(error, { code: 'ValidationFailed' })
    else {
      const reasons = [{ code: 'None' }, { code: 'ValidationFailed' }]
      matches(error, { code: 'TransactionFailed', details: { reasons } })
    }
    equal(await read(first), undefined)
  })

  it('A transaction has 1 to 100 operations', async () => {
    const writes = Array.from({ length: 100 }, () => put({ ...freshKey(), n: 1 }))
    await tested.store.transactWrite({ writes })
    const gets = writes.map(write => {
      const { pk, sk } = (write as { item: Item }).item as Key
      return { table, key: { pk, sk } as Key }
    })
    const { items } = await tested.store.transactGet({ gets })
    equal(
      items,
      writes.map(write => (write as { item: Item }).item),
    )
    const over = { code: 'LimitExceeded', details: { maximum: 100, actual: 101 } }
    matches(await failure(tested.store.transactWrite({ writes: [...writes, put(freshKey())] })), over)
    matches(await failure(tested.store.transactGet({ gets: [...gets, { table, key: freshKey() }] })), over)
    matches(await failure(tested.store.transactWrite({ writes: [] })), { code: 'ValidationFailed' })
    matches(await failure(tested.store.transactGet({ gets: [] })), { code: 'ValidationFailed' })
  })

  it('A transaction of more than 4 MB is rejected', async () => {
    const text = 'x'.repeat(390 * 1024)
    const writes = Array.from({ length: 11 }, () => put({ ...freshKey(), text }))
    matches(await failure(tested.store.transactWrite({ writes })), {
      code: 'LimitExceeded',
      details: { maximum: 4 * 1024 * 1024 },
    })
    await tested.store.transactWrite({ writes: writes.slice(0, 10) })
  })

  it('A transaction with two operations on one item is rejected', async () => {
    const key = freshKey()
    const remove = { kind: 'delete', table, key } as const
    const check = { kind: 'check', table, key, condition: exists(['pk']) } as const
    const pairs: WriteRequest[][] = [
      [put(key), put({ ...key, a: 1 })],
      [put(key), remove],
      [remove, check],
    ]
    for (const writes of pairs) {
      matches(await failure(tested.store.transactWrite({ writes })), { code: 'ValidationFailed' })
    }
    const gets = [key, key].map(it => ({ table, key: it }))
    matches(await failure(tested.store.transactGet({ gets })), { code: 'ValidationFailed' })
    equal(await read(key), undefined)
  })

  it('Transactions with the same token are applied once', async () => {
    const key = freshKey()
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...key, n: 1 } }] })
    const request = {
      writes: [{ kind: 'update', table, key, update: addOne } as const],
      token: `token-${keys}-${Date.now()}`,
    }
    await tested.store.transactWrite(request)
    await tested.store.transactWrite(request)
    equal(await read(key), { ...key, n: 2 })
  })

  it('A token that was used for other writes, or is too long, is rejected', async () => {
    const key = freshKey()
    const token = `other-${keys}-${Date.now()}`
    await tested.store.transactWrite({ writes: [put({ ...key, n: 1 })], token })
    const reused = await failure(tested.store.transactWrite({ writes: [put({ ...key, n: 2 })], token }))
    matches(reused, { code: 'TokenReused', details: { token } })
    const long = await failure(tested.store.transactWrite({ writes: [put(key)], token: 'x'.repeat(37) }))
    matches(long, { code: 'ValidationFailed' })
    equal(await read(key), { ...key, n: 1 })
  })

  it('A failed transaction can be retried with its token', async () => {
    const [first, second] = [freshKey(), freshKey()]
    const token = `again-${keys}-${Date.now()}`
    const writes: WriteRequest[] = [put(first), { kind: 'check', table, key: second, condition: exists(['pk']) }]
    matches(await failure(tested.store.transactWrite({ writes, token })), { code: 'TransactionFailed' })
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: second }] })
    await tested.store.transactWrite({ writes, token })
    equal(await read(first), first)
  })

  it('A transactional read returns projected items, and undefined for missing ones', async () => {
    const [there, absent] = [freshKey(), freshKey()]
    await tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...there, a: 1, b: 2 } }] })
    const { items } = await tested.store.transactGet({
      gets: [
        { table, key: absent },
        { table, key: there, projection: [['b']] },
      ],
    })
    equal(items, [undefined, tested.supports.projectionWithoutKey ? { b: 2 } : { ...there, b: 2 }])
  })

  itIf('conflicts', 'Concurrent transactions that are retried on conflict lose no update', async () => {
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
    equal(
      items.map(item => item?.n),
      [10, 10],
    )
  })

  it('A transaction on a missing table fails with the name of the table', async () => {
    const absent = tested.tableName()
    const missing = { code: 'TableNotFound', details: { table: absent } }
    const key = { pk: 'a', sk: 'b' }
    const writes = [{ kind: 'put', table: absent, item: key } as const]
    matches(await failure(tested.store.transactWrite({ writes })), missing)
    matches(await failure(tested.store.transactGet({ gets: [{ table: absent, key }] })), missing)
  })

  it('A transaction uses its arguments as they were at the call, even if the caller changes them afterwards', async () => {
    const keys = Array.from({ length: 100 }, (_, n) => ({ pk: 'passed', sk: `${n}` }))
    const items = keys.map(key => ({ ...key, list: [1], pad: 'x'.repeat(20_000) }))
    const writes = items.map(item => ({ kind: 'put', table, item }) as const)
    const written = tested.store.transactWrite({ writes })
    for (const item of items) item.list.push(2)
    writes.length = 0
    await written
    const { items: found } = await tested.store.batchGet({ gets: keys.map(key => ({ table, key, consistent: true })) })
    equal(
      found.map(item => item?.list),
      keys.map(() => [1]),
    )
  })
}
