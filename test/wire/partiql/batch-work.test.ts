/** The evaluation steps that the statements of one BatchExecuteStatement share. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../../packages/partita/src/embedded/index.js'
import { MAX_PAGE_STEPS, MAX_WRITE_STEPS } from '../../../packages/partita/src/expression/evaluate/index.js'
import { requestHandler } from '../../../packages/partita/src/wire/index.js'

const BYTES = 100_000
const OPERATORS = 140
/** One step looks at 16 characters. Each operator searches the whole text, in little time. */
const STEPS = (OPERATORS * BYTES) / 16
const store = memory({ sweepInterval: 0 })
const handler = requestHandler(store)

beforeAll(async () => {
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  const items = Array.from({ length: 25 }, (_, i) => ({ id: `${i}`, text: 'a'.repeat(BYTES) }))
  await store.batchWrite({ writes: items.map(item => ({ kind: 'put', table: 'notes', item })) })
})
afterAll(() => store.close())

describe('the statements of one PartiQL batch', () => {
  const parameters = Array.from({ length: OPERATORS }, (_, i) => ({ S: `b${i}` }))
  const where = parameters.map(() => 'contains("text", ?)').join(' OR ')
  const statement = (id: number) => ({
    Statement: `UPDATE notes REMOVE absent WHERE id = '${id}' AND (${where})`,
    Parameters: parameters,
  })

  async function run(count: number): Promise<{ Error: { Code: string; Message: string } }[]> {
    const { response } = await handler.handle({
      headers: { 'x-amz-target': 'DynamoDB_20120810.BatchExecuteStatement' },
      body: JSON.stringify({ Statements: Array.from({ length: count }, (_, i) => statement(i)) }),
    })
    return JSON.parse(Buffer.from(response.body).toString()).Responses
  }

  it('the statements are evaluated if together they stay within the steps of one request', async () => {
    const count = Math.floor(MAX_PAGE_STEPS / STEPS / 2)
    expect(count).toBeGreaterThan(10)
    const codes = (await run(count)).map(({ Error: { Code } }) => Code)
    expect(codes).toEqual(codes.map(() => 'ConditionalCheckFailed'))
  })

  it('the statements are refused once together they exceed the steps of one request, though each stays within those of one write', async () => {
    expect(25 * STEPS).toBeGreaterThan(MAX_PAGE_STEPS)
    expect(STEPS).toBeLessThan(MAX_WRITE_STEPS / 2)
    const refused = (await run(25)).filter(({ Error: { Code } }) => Code === 'ValidationError')
    expect(refused.length).toBeGreaterThanOrEqual(25 - MAX_PAGE_STEPS / STEPS)
    for (const { Error: error } of refused) expect(error.Message).toMatch(/take over 20000000 steps/)
  })
})
