/** Requests of every operation made bad in every way: none may bring the server down, hold it up or be its own fault. */
import { expect, it } from 'vitest'
import { Run } from './fuzz/run.js'

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const MB = 1024 * 1024
/** More than the heap may grow between the first tables and the last, whatever is asked between them. */
const GROWTH = 24 * MB
const LONGEST = 6 * 60 * 60 * 1000

it('every part of a request may be missing, or something else', async () => {
  const run = new Run({ seed: 0, first: 0, count: 0 })
  expect((await run.runReplaced()).join('\n\n')).toBe('')
})

it(
  'whatever is asked, every answer is one, and the tables stay as they are to be',
  async () => {
    const options = {
      seed: number('PARTITA_FUZZ_SEED', 1),
      first: number('PARTITA_FUZZ_FIRST', 0),
      count: number('PARTITA_FUZZ_REQUESTS', 10_000),
    }
    const { failures, answers, seconds, slowest, heap } = await new Run(options).run()
    const told = {
      ...options,
      perSecond: Math.round(options.count / seconds),
      slowest,
      heapMB: heap.map(it => Math.round(it / MB)),
      answers: Object.fromEntries([...answers].sort(([, a], [, b]) => b - a)),
    }
    if (process.env.PARTITA_FUZZ_REQUESTS !== undefined) console.log(JSON.stringify(told, null, 1))
    expect(failures.join('\n\n')).toBe('')
    // The first is measured before code is compiled and tables are warm.
    const [, second = 0] = heap
    expect((heap.at(-1) ?? 0) - Math.max(heap[0] ?? 0, second)).toBeLessThan(GROWTH)
    expect(answers.get('200') ?? 0).toBeGreaterThan(options.count / 20 - 1)
  },
  LONGEST,
)
