import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditions } from '../../../../../test/arbitrary/expression.js'
import { anyName, fewNames, maps, values } from '../../../../../test/arbitrary/value.js'
import { and, type Condition, compare, contains, exists, isIn, path, size, value } from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import { YieldPace } from '../event-loop.js'
import { decodeRecord, encodeRecord } from '../storage/codec.js'
import { PageFilter, RecordFilter } from './filter.js'

const RUNS = Number(process.env.PARTITA_FILTER_RUNS ?? 2000)

/** A copy, since the bytes of an encoded record are valid until the next one. */
function record(item: Item): Uint8Array {
  return Uint8Array.from(encodeRecord(item, 300))
}

/** The verdicts of a filter that sees the records one after another, and the cost of each. */
function verdicts(condition: Condition, records: readonly Uint8Array[]): (readonly [boolean, number])[] {
  const filter = new RecordFilter(condition, new YieldPace())
  return records.map(bytes => [filter.test(bytes), filter.newBytes()])
}

function expected(condition: Condition, records: readonly Uint8Array[]): (readonly [boolean, number])[] {
  const filter = new PageFilter(condition, new YieldPace())
  return records.map(bytes => [filter.test(decodeRecord(bytes)), filter.newBytes()])
}

describe('a filter of records', () => {
  it('a filter of encoded records has the verdicts and the cost of one of decoded items', () => {
    const few = fc.tuple(conditions(fewNames), fc.array(maps(fewNames, values(fewNames)), { maxLength: 4 }))
    const any = fc.tuple(conditions(anyName), fc.array(maps(anyName, values(anyName)), { maxLength: 4 }))
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: few }, any), ([condition, items]) => {
        const records = items.map(record)
        expect(verdicts(condition, records)).toEqual(expected(condition, records))
      }),
      { numRuns: RUNS },
    )
  })

  it('a filter with yields has the verdict of one without them', () => {
    fc.assert(
      fc.property(conditions(fewNames), maps(fewNames, values(fewNames)), (condition, item) => {
        const bytes = record(item)
        const filter = new RecordFilter(condition, new YieldPace())
        filter.begin(bytes)
        let verdict = filter.resume()
        while (verdict === undefined) verdict = filter.resume()
        expect(verdict).toBe(new RecordFilter(condition, new YieldPace()).test(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('a text equals itself only, in whatever form it is stored', () => {
    const texts = ['', 'a', 'b', 'x'.repeat(127), 'x'.repeat(128), 'x'.repeat(129), 'ä', 'a\ufffd', '☃'.repeat(60)]
    const items: Item[] = [...texts.map(a => ({ a })), { a: 1 }, { a: ['a'] }, { b: 'a' }]
    const records = items.map(record)
    for (const text of [...texts, 'a\ud800']) {
      const equal = verdicts(compare(path('a'), '=', value(text)), records)
      expect(equal.map(([passes]) => passes)).toEqual(items.map(({ a }) => a === text))
      expect(equal).toEqual(expected(compare(path('a'), '=', value(text)), records))
      const other = compare(path('a'), '<>', value(text))
      expect(verdicts(other, records)).toEqual(expected(other, records))
      const nested = compare(path('a', 0), '=', value(text))
      expect(verdicts(nested, records)).toEqual(expected(nested, records))
    }
  })

  it('a filter sees each record anew, even if texts of one length follow each other', () => {
    const condition = and(compare(path('a'), '=', value('one')), exists(['b']))
    const items: Item[] = [{ a: 'one', b: 1 }, { a: 'two', b: 1 }, { a: 'one' }, { b: 1 }, { a: 'one', b: null }]
    expect(verdicts(condition, items.map(record)).map(([passes]) => passes)).toEqual([true, false, false, false, true])
  })

  it('a text of one record is not taken for a longer one of the next whose form begins with the same byte', () => {
    // The length of a short text is in the low bits of its first byte, and 200 has those of 72.
    const items: Item[] = [{ a: 'x'.repeat(200) }, { a: 'x'.repeat(72) }, { a: 'x'.repeat(200) }]
    const condition = compare(size('a'), '=', value(72))
    expect(verdicts(condition, items.map(record)).map(([passes]) => passes)).toEqual([false, true, false])
  })

  it('a filter reads large sets and lists once for all of its operators', () => {
    const members = new Set(Array.from({ length: 500 }, (_, i) => i))
    const bytes = [record({ a: members, l: [...members] })]
    const condition = and(
      contains(path('a'), value(7)),
      contains(path('a'), value(499)),
      isIn(path('l', 3), [value(3)]),
      compare(size('a'), '=', value(500)),
    )
    expect(verdicts(condition, bytes)).toEqual(expected(condition, bytes))
  })
})
