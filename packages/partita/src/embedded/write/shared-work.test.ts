import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anyOf, type Condition, contains, path, update, value } from '../../expression/ast.js'
import { Work } from '../../expression/evaluate/index.js'
import { type EngineStore, engineStore } from '../engine-store.js'
import { memory } from '../index.js'

const TEXT = 'a'.repeat(100_000)
const OPERATORS = 140
/** Each searches the whole text, in little time. */
const condition = anyOf(
  Array.from({ length: OPERATORS }, (_, i) => contains(path('text'), value(`b${i}`))),
) as Condition
const remove = update({ remove: [['absent']] })
const write = (id: string) => ({ kind: 'update', table: 'notes', key: { id }, update: remove, condition }) as const

let store: EngineStore
beforeEach(async () => {
  store = engineStore(memory({ sweepInterval: 0 }))
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  const ids = Array.from({ length: 4 }, (_, i) => `${i}`)
  await store.batchWrite({ writes: ids.map(id => ({ kind: 'put', table: 'notes', item: { id, text: TEXT } })) })
})
afterEach(() => store.close())

/** The steps of one such write. */
async function stepsOfOne(): Promise<number> {
  const work = new Work(Number.POSITIVE_INFINITY)
  await expect(store.write(write('0'), { work })).rejects.toMatchObject({ code: 'ConditionFailed' })
  return work.steps
}

describe('the work that several writes share', () => {
  it('the shared work is the sum of the steps of the writes, and the same each time', async () => {
    const steps = await stepsOfOne()
    expect(steps).toBeGreaterThan((OPERATORS * TEXT.length) / 16)
    const work = new Work(Number.POSITIVE_INFINITY)
    const each = ['0', '1', '2'].map(id => store.write(write(id), { work }).catch(({ code }) => code))
    expect(await Promise.all(each)).toEqual(['ConditionFailed', 'ConditionFailed', 'ConditionFailed'])
    expect(work.steps).toBe(3 * steps)
  })

  it('the write that exceeds the shared maximum is refused, and later writes are refused at once', async () => {
    const steps = await stepsOfOne()
    const work = new Work(2.5 * steps)
    const codes: string[] = []
    for (const id of ['0', '1', '2', '3']) codes.push(await store.write(write(id), { work }).catch(({ code }) => code))
    expect(codes).toEqual(['ConditionFailed', 'ConditionFailed', 'LimitExceeded', 'LimitExceeded'])
    expect(work.steps).toBeLessThan(4 * steps)
  })
})
