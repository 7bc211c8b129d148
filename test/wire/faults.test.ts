/** Injected faults as clients of the wire see them: what AWS answers, and what its SDKs do with it. */

import { writeFileSync } from 'node:fs'
import { type Faults, memory } from 'partita/embedded'
import { requestHandler } from 'partita/wire'
import { describe, expect, it, onTestFinished } from 'vitest'
import { call, failure, folder } from '../cli/in-process.js'

const TABLE = 'notes'
const KEYS = Array.from({ length: 20 }, (_, n) => `n${n}`)

/** A store with twenty items, written before faults are enabled, and operations on it. */
async function wireOf(faults: Faults) {
  let isOn = false
  const store = memory({ faults: { ...faults, enabled: () => isOn } })
  onTestFinished(() => store.close())
  await store.createTable({ name: TABLE, key: { partition: { name: 'id', type: 'S' } } })
  for (const id of KEYS) await store.write({ kind: 'put', table: TABLE, item: { id, n: 0 } })
  isOn = true
  const handler = requestHandler(store)
  return async (operation: string, input: object) => {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${operation}` }
    const { response } = await handler.handle({ headers, body: JSON.stringify(input) })
    return { status: response.statusCode, output: JSON.parse(Buffer.from(response.body).toString()) }
  }
}

const gets = (ids: readonly string[]) => ({ RequestItems: { [TABLE]: { Keys: ids.map(id => ({ id: { S: id } })) } } })
const puts = (ids: readonly string[]) => ({
  RequestItems: { [TABLE]: ids.map(id => ({ PutRequest: { Item: { id: { S: id }, n: { N: '1' } } } })) },
})

describe('unprocessed items', () => {
  it('BatchGetItem returns some items, and the keys of the others in the form of a request', async () => {
    const wire = await wireOf({ unprocessed: 0.3, seed: 5 })
    const { status, output } = await wire('BatchGetItem', gets(KEYS))
    expect(status).toBe(200)
    const left = output.UnprocessedKeys[TABLE].Keys.map(({ id }: { id: { S: string } }) => id.S)
    const got = output.Responses[TABLE].map(({ id }: { id: { S: string } }) => id.S)
    expect(left.length).toBeGreaterThan(0)
    expect([...left, ...got].sort()).toEqual([...KEYS].sort())
    // A client that retries the unprocessed keys gets all items.
    const all = new Set<string>(got)
    for (let keys = output.UnprocessedKeys; Object.keys(keys).length > 0; ) {
      const again = await wire('BatchGetItem', { RequestItems: keys })
      // If no key could be read, AWS refuses the whole request.
      if (again.status === 400) continue
      for (const { id } of again.output.Responses[TABLE]) all.add(id.S)
      keys = again.output.UnprocessedKeys
    }
    expect(all.size).toBe(KEYS.length)
  })

  it('BatchWriteItem writes some items and returns exactly the others', async () => {
    const wire = await wireOf({ unprocessed: 0.3, seed: 5 })
    const { output } = await wire('BatchWriteItem', puts(KEYS))
    const left = output.UnprocessedItems[TABLE]
    expect(left.length).toBeGreaterThan(0)
    const { output: found } = await wire('Scan', { TableName: TABLE })
    const unwritten = found.Items.filter(({ n }: { n: { N: string } }) => n.N === '0').map((it: object) => it)
    expect(left.map((it: { PutRequest: { Item: { id: object } } }) => it.PutRequest.Item.id)).toHaveLength(
      unwritten.length,
    )
    const ids = (list: { id: { S: string } }[]) => list.map(({ id }) => id.S).sort()
    expect(ids(left.map((it: { PutRequest: { Item: { id: { S: string } } } }) => it.PutRequest.Item))).toEqual(
      ids(unwritten),
    )
  })

  it('a batch without a single processed item is refused as by AWS', async () => {
    const wire = await wireOf({ unprocessed: 1 })
    for (const [operation, input] of [
      ['BatchGetItem', gets(KEYS)],
      ['BatchWriteItem', puts(KEYS)],
    ] as const) {
      const { status, output } = await wire(operation, input)
      expect(status).toBe(400)
      expect(output.__type).toMatch(/#ProvisionedThroughputExceededException$/)
    }
  })
})

it('throttling and conflicts are AWS exceptions, and the same seed gives the same ones', async () => {
  const run = async () => {
    const wire = await wireOf({ throttle: 0.3, conflict: 0.5, seed: 9 })
    const types: string[] = []
    for (const id of KEYS) {
      const Put = { TableName: TABLE, Item: { id: { S: id } } }
      types.push((await wire('PutItem', Put)).output.__type ?? 'done')
      types.push((await wire('TransactWriteItems', { TransactItems: [{ Put }] })).output.__type ?? 'done')
    }
    return types.map(type => type.split('#').at(-1))
  }
  const types = await run()
  expect(new Set(types)).toEqual(
    new Set(['done', 'ProvisionedThroughputExceededException', 'TransactionCanceledException']),
  )
  expect(await run()).toEqual(types)
})

it('the command writes all seed items even if every request is to fail', async () => {
  const at = folder()
  writeFileSync(at('s.jsonl'), '{"category":"c","key":"1"}\n{"category":"c","key":"2"}\n')
  const args = ['serve', '--memory', '--port', '0', '--stop-with-stdin', '--json', '--seed', at('s.jsonl')]
  const { code, stderr } = await call(...args, '--faults', 'throttle=1,conflict=1,unprocessed=1,indexDelay=100,seed=2')
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'seeded 1 table with 2 items\n' })
  expect((await failure(...args, '--faults', 'throttle')).message).toMatch(/such as throttle=0\.1,seed=7/)
})
