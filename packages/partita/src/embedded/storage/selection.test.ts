import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paths } from '../../../../../test/arbitrary/expression.js'
import { anyName, fewNames, maps, values } from '../../../../../test/arbitrary/value.js'
import type { Path } from '../../expression/ast.js'
import { projector } from '../../expression/evaluate/index.js'
import { lookup } from '../../expression/path/get.js'
import type { Item } from '../../value/value.js'
import { decodeRecord, encodeRecord } from './codec.js'
import { RecordSelection } from './selection.js'
import { skipValue } from './tag.js'

const items = fc.oneof(maps(fewNames, values(fewNames, 3)), maps(anyName, values(anyName)))
const anyPaths = fc.array(fc.oneof(paths(fewNames), paths(anyName)), { maxLength: 5 })

/** A copy, since the bytes of an encoded record are valid until the next one. */
function record(item: Item): Uint8Array {
  return Uint8Array.from(encodeRecord(item, 300))
}

describe('a selection of a record', () => {
  it('a lookup of a selected path finds in the selection what it finds in the whole item', () => {
    fc.assert(
      fc.property(items, anyPaths, (item, selected) => {
        const bytes = record(item)
        const whole = decodeRecord(bytes)
        const part = new RecordSelection(selected).read(bytes)
        for (const path of selected) expect(lookup(path, part)).toEqual(lookup(path, whole))
      }),
      { numRuns: 1000 },
    )
  })

  it('a projection of the selection equals that of the whole item, in the order of its attributes too', () => {
    fc.assert(
      fc.property(items, anyPaths, (item, selected) => {
        const disjoint = selected.filter((path, i) => !selected.slice(0, i).some(other => overlap(path, other)))
        fc.pre(disjoint.length > 0)
        const project = projector(disjoint)
        const bytes = record(item)
        const [found, expected] = [project(new RecordSelection(disjoint).read(bytes)), project(decodeRecord(bytes))]
        expect(found).toEqual(expected)
        expect(JSON.stringify(names(found))).toBe(JSON.stringify(names(expected)))
      }),
      { numRuns: 1000 },
    )
  })

  it('a selection reads many records one after another', () => {
    const selection = new RecordSelection([['a'], ['m', 'b'], ['l', 1]])
    const items: Item[] = [{ x: 1 }, { a: 1, m: { b: 2, c: 3 }, l: [4, 5, 6] }, { l: [], m: 1 }, { a: null, l: [1] }]
    expect(items.map(item => selection.read(record(item)))).toEqual([
      {},
      { a: 1, m: { b: 2 }, l: [null, 5] },
      { l: [], m: null },
      { a: null, l: [null] },
    ])
  })

  it('a selection finds no attribute in the bytes of a value that look like one', () => {
    const imitation = `\x81a${'\x03\x02'.repeat(4)}`
    const item: Item = { text: imitation, bytes: Buffer.from('81610302', 'hex'), list: ['a', 1], map: { a: 1 } }
    expect(new RecordSelection([['a']]).read(record(item))).toEqual({})
  })

  it('a damaged record is reported, with the position of the damage', () => {
    const bytes = record({ first: true, a: 1 })
    bytes[9] = 99
    expect(() => new RecordSelection([['a']]).read(bytes)).toThrow(/^The record is damaged: unknown tag 99 at byte 9$/)
  })
})

describe('skipping values', () => {
  it('skipping a value of any type ends where the value ends', () => {
    fc.assert(
      fc.property(values(anyName, 3), value => {
        const bytes = record({ v: value })
        // The record of one attribute: size, count, name, then the value up to the end.
        expect(skipValue(bytes, skipValue(bytes, 3))).toBe(bytes.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('a deeply nested value is skipped without recursion', () => {
    const bytes = new Uint8Array(200_002).fill(1)
    for (let i = 0; i < 200_000; i += 2) bytes[i] = 9
    expect(skipValue(bytes, 0)).toBe(200_001)
  })
})

/** Whether one path begins with the other, or one treats as a list what the other treats as a map. */
function overlap(a: Path, b: Path): boolean {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (typeof a[i] !== typeof b[i]) return true
    if (a[i] !== b[i]) return false
  }
  return true
}

function names(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(names)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return 0
  return Object.keys(value).map(name => [name, names((value as Item)[name])])
}
