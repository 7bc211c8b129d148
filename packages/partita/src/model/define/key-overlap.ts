/**
 * Detects whether two models, or a model and the library's own items, could write the same key. A template is treated as the
 * set of all texts that it can print; two templates overlap if the sets intersect.
 */
import type { FieldSpec } from './field.js'
import { escapeText, type TemplatePart } from './template.js'

/** A range of character codes, both ends included. */
type Range = readonly [from: number, to: number]

/** One character of the ranges; with `many`, zero or more. */
interface Atom {
  readonly ranges: readonly Range[]
  readonly many: boolean
}

/** The texts that a template can print, or a superset of them. */
export type Pattern = readonly Atom[]

const ANY: readonly Range[] = [[0, 0xffff]]
/** Escaped text: `%` and higher character codes. */
const ESCAPED: readonly Range[] = [[0x25, 0xffff]]

/** All texts with a prefix. */
export function beginningWith(text: string): Pattern {
  return [...literal(text), { ranges: ANY, many: true }]
}

/** The pattern of a template. */
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

/** Whether some text matches both patterns. */
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
    case 'count':
    case 'ttl':
      // See keys/encode.ts: a letter, digits, a terminator.
      return [one(ranges('awDY')), { ranges: ranges('09'), many: true }, { ranges: ranges('..zz'), many: true }]
    case 'boolean':
      return some([...'truefals'].flatMap(letter => literal(letter).flatMap(atom => atom.ranges)))
    case 'date':
    case 'createdAt':
    case 'updatedAt':
    case 'deletedAt':
      return [...'0000-00-00T00:00:00.000Z'].map(digit => one(digit === '0' ? ranges('09') : ranges(digit + digit)))
    case 'ulid':
      return Array.from({ length: 26 }, () => one(ranges('09AHJKMNPTVZ')))
    case 'uuid':
      return [...'00000000-0000-0000-0000-000000000000'].map(digit =>
        one(digit === '0' ? ranges('09af') : ranges('--')),
      )
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
