/** Malformed requests of every operation. None may stop the server, block it or cause an internal error. */
import { expect, it } from 'vitest'
import { seed } from '../seeded.js'
import { Run } from './fuzz/run.js'

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const MB = 1024 * 1024
/** The most that the heap may grow between the first tables and the last, whatever the requests are. */
const GROWTH = 24 * MB
const LONGEST = 6 * 60 * 60 * 1000

it('any part of a request may be missing or replaced', async () => {
  const run = new Run({ seed: 0, first: 0, count: 0 })
  expect((await run.runReplaced()).join('\n\n')).toBe('')
})

it(
  'every request has a valid answer, and the tables keep the expected items',
  async () => {
    const options = {
      seed,
      first: number('PARTITA_FUZZ_FIRST', 0),
      count: number('PARTITA_FUZZ_REQUESTS', 4000),
    }
    const { failures, answers, seconds, slowest, heap } = await new Run(options).run()
    const report = {
      ...options,
      perSecond: Math.round(options.count / seconds),
      slowest,
      heapMB: heap.map(it => Math.round(it / MB)),
      answers: Object.fromEntries([...answers].sort(([, a], [, b]) => b - a)),
    }
    if (process.env.PARTITA_FUZZ_REQUESTS !== undefined) console.log(JSON.stringify(report, null, 1))
    expect(failures.join('\n\n')).toBe('')
    // The first value is measured before code is compiled and tables are warm.
    const [, second = 0] = heap
    expect((heap.at(-1) ?? 0) - Math.max(heap[0] ?? 0, second)).toBeLessThan(GROWTH)
    expect(answers.get('200') ?? 0).toBeGreaterThan(options.count / 20 - 1)
  },
  LONGEST,
)
