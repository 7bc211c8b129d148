/** Evaluates `contains` and `IN`. */
import { memberText } from '../../value/member.js'
import { canonicalNumber, Decimal } from '../../value/number.js'
import { isNumber, isSet, type KeyValue, type Value } from '../../value/value.js'
import { Equality } from './equality.js'
import type { Memo } from './memo.js'
import { BytesPart, TextPart } from './part.js'
import type { Work } from './work.js'

/** Whether a value contains one fixed value. */
export type Containing = (value: Value) => boolean

/** Compiles `contains`: a substring, a run of bytes, a member of a set, or an element of a list. */
export function containing(member: Value, memo: Memo, work: Work): Containing {
  const element = elementOf(member, work)
  const isIn = partOf(member, memo, work)
  return value => {
    if (typeof value === 'string' || value instanceof Uint8Array) return isIn(value)
    if (Array.isArray(value)) return element(value)
    return isSet(value) && isScalar(member) && memo.hasMember(value, member)
  }
}

function isScalar(value: Value): value is KeyValue {
  return typeof value === 'string' || value instanceof Uint8Array || isNumber(value)
}

function partOf(member: Value, memo: Memo, work: Work): (whole: string | Uint8Array) => boolean {
  if (typeof member === 'string') {
    const part = new TextPart(member)
    const unitsOf = (text: string) => memo.unitsOf(text)
    return whole => {
      work.looked(whole.length)
      return typeof whole === 'string' && part.isIn(whole, unitsOf)
    }
  }
  if (!(member instanceof Uint8Array)) return () => false
  const part = new BytesPart(member)
  return whole => {
    work.looked(whole.length)
    return typeof whole !== 'string' && part.isIn(whole)
  }
}

function elementOf(member: Value, work: Work): (list: readonly Value[]) => boolean {
  if (typeof member === 'string') {
    return list => {
      work.looked(list.length)
      return list.includes(member)
    }
  }
  const equality = new Equality(member, work)
  if (typeof member === 'number') {
    return list => {
      work.looked(list.length)
      for (const element of list) {
        if (element === member || (typeof element !== 'number' && equality.holds(element))) return true
      }
      return false
    }
  }
  return list => {
    work.looked(list.length)
    for (const element of list) if (equality.holds(element)) return true
    return false
  }
}

/** The operands of an IN: those found by hash lookup, and those compared one by one. */
export interface Candidates {
  readonly has: (value: Value) => boolean
  readonly rest: readonly Value[]
}

/** Binary values up to this many bytes are looked up by a text form, made for every item. Longer ones are compared. */
const SHORT_BYTES = 256

/** Splits the operands of an IN into those found by hash lookup and those compared one by one. */
export function candidatesOf(members: readonly Value[]): Candidates {
  const plain = new Set<unknown>()
  const decimals = new Set<string>()
  const binaries = new Set<string>()
  const rest: Value[] = []
  for (const member of members) {
    const it = isNumber(member) ? canonicalNumber(member) : member
    if (it instanceof Decimal) decimals.add(it.text)
    else if (it instanceof Uint8Array && it.length <= SHORT_BYTES) binaries.add(memberText(it))
    else if (typeof it === 'object' && it !== null) rest.push(it)
    else plain.add(it)
  }
  const has = (value: Value): boolean => {
    if (typeof value !== 'object' || value === null) {
      return plain.has(value) || (typeof value === 'bigint' && plain.has(canonicalNumber(value)))
    }
    if (value instanceof Uint8Array) {
      return binaries.size > 0 && value.length <= SHORT_BYTES && binaries.has(memberText(value))
    }
    if (!(value instanceof Decimal)) return false
    const it = canonicalNumber(value)
    return it instanceof Decimal ? decimals.has(it.text) : plain.has(it)
  }
  return { has, rest }
}
