/**
 * Whether two models, or a model and what the library itself stores, could write the same key. A template stands for
 * all the texts that it can print; two of them meet where some text is of both.
 */
import type { FieldSpec } from './field.js'
import { escapeText, type TemplatePart } from './template.js'

/** Character codes from and to, both included. */
type Range = readonly [from: number, to: number]

/** One character out of some; `many`: any number of them, or none. */
interface Atom {
  readonly ranges: readonly Range[]
  readonly many: boolean
}

/** What texts a template can print. Where it is not known exactly, it is taken to be more than it is. */
export type Pattern = readonly Atom[]

const ANY: readonly Range[] = [[0, 0xffff]]
/** Escaped text: `%` and what comes after it. */
const ESCAPED: readonly Range[] = [[0x25, 0xffff]]

/** Texts that begin so, whatever follows. */
export function beginningWith(text: string): Pattern {
  return [...literal(text), { ranges: ANY, many: true }]
}

export function patternOf(
  parts: readonly TemplatePart[],
  specOf: (name: string) => FieldSpec | undefined,
  raw: boolean,
): Pattern {
  return parts.flatMap(part => {
    if (typeof part === 'string') return literal(part)
    const spec = specOf(part.field)
    return raw || !spec ? some(ANY) : valuesOf(spec)
  })
}

function literal(text: string): Pattern {
  return [...Array(text.length).keys()].map(i => one([[text.charCodeAt(i), text.charCodeAt(i)]]))
}

/** Whether there is a text of both patterns. */
export function meet(a: Pattern, b: Pattern): boolean {
  const seen = new Set<number>()
  const open: [number, number][] = [[0, 0]]
  for (let state = open.pop(); state; state = open.pop()) {
    const [i, j] = state
    const id = i * (b.length + 1) + j
    if (seen.has(id)) continue
    seen.add(id)
    if (i === a.length && j === b.length) return true
    const left = a[i]
    const right = b[j]
    if (left?.many) open.push([i + 1, j])
    if (right?.many) open.push([i, j + 1])
    if (left && right && overlap(left.ranges, right.ranges)) open.push([left.many ? i : i + 1, right.many ? j : j + 1])
  }
  return false
}

function valuesOf({ kind, values }: FieldSpec): Pattern {
  switch (kind) {
    case 'number':
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'counter':
    case 'version':
    case 'ttl':
      // See table/encode.ts: a letter, digits, an end mark.
      return [one(ranges('awDY')), { ranges: ranges('09'), many: true }, { ranges: ranges('..zz'), many: true }]
    case 'boolean':
      return some([...'truefals'].flatMap(it => literal(it).flatMap(atom => atom.ranges)))
    case 'date':
    case 'createdAt':
    case 'updatedAt':
      return [...'0000-00-00T00:00:00.000Z'].map(it => one(it === '0' ? ranges('09') : ranges(it + it)))
    case 'ulid':
      return Array.from({ length: 26 }, () => one(ranges('09AHJKMNPTVZ')))
    case 'uuid':
      return [...'00000000-0000-0000-0000-000000000000'].map(it => one(it === '0' ? ranges('09af') : ranges('--')))
    case 'enum':
      return some((values ?? []).flatMap(value => literal(escapeText(value)).flatMap(atom => atom.ranges)))
    default:
      return some(ESCAPED)
  }
}

/** `'09af'` is 0 to 9 and a to f. */
function ranges(ends: string): Range[] {
  return Array.from({ length: ends.length / 2 }, (_, i) => [ends.charCodeAt(2 * i), ends.charCodeAt(2 * i + 1)])
}

function one(of: readonly Range[]): Atom {
  return { ranges: of, many: false }
}

function some(of: readonly Range[]): Pattern {
  return [one(of), { ranges: of, many: true }]
}

function overlap(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to))
}
