import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLong, mapInSteps, writeLong } from './long-response.js'

const items = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 50 })
const more = fc.record({ Count: fc.nat(), ConsumedCapacity: fc.option(fc.jsonValue(), { nil: undefined }) })

describe('a long response', () => {
  it('a response of pages, batches or transactions has the text that JSON.stringify gives', async () => {
    const answers = fc.oneof(
      fc.tuple(more, items).map(([rest, Items]) => ({ Items, ...rest })),
      fc.tuple(more, items).map(([rest, Responses]) => ({ ...rest, Responses })),
      fc.tuple(fc.dictionary(fc.string(), items), more).map(([Responses, rest]) => ({ Responses, ...rest })),
    )
    await fc.assert(
      fc.asyncProperty(answers, async answer => {
        expect(await writeLong(answer)).toBe(JSON.stringify(answer))
      }),
      { numRuns: 200 },
    )
  })

  it('a response with many items is long', () => {
    expect([{}, { Item: {} }, { Items: [] }, { Items: [{}] }].map(isLong)).toEqual([false, false, false, false])
    const long = [{ Items: [{}, {}] }, { Responses: [] }, { Responses: {} }, { CancellationReasons: [] }]
    expect(long.map(isLong)).toEqual([true, true, true, true])
  })

  it('building a long response yields to the event loop', async () => {
    const Items = Array.from({ length: 60_000 }, (_, i) => ({ id: { S: `item ${i}` }, list: { L: [{ N: '1' }] } }))
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await mapInSteps(Items, item => JSON.parse(JSON.stringify(item)))
    expect(turns).toBeGreaterThan(1)
    turns = 0
    await writeLong({ Items })
    isOver = true
    expect(turns).toBeGreaterThan(1)
  })
})
