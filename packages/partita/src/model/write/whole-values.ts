/**
 * Equality of whole documents in their decoded form. A stored map may lack members that are read as defaults, so a
 * document that contains such a map is compared part by part.
 */
import {
  and,
  type Condition,
  compare,
  hasType,
  not,
  notExists,
  or,
  type Path,
  path,
  size,
  value,
} from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { isPlainObject, type Value } from '../../value/value.js'
import { defaultOf, isNull } from '../compile/missing.js'
import { isNullMissing } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import { KINDS } from '../define/field-kinds.js'

/** The path at which a condition is evaluated on a single value. */
const ALONE: Path = ['value']

/** The condition, with comparisons of the whole value at `at` replaced by comparisons of its parts where needed. */
export function wholeAsRead(spec: FieldSpec, at: Path, condition: Condition): Condition {
  if (!mayLackMembers(spec)) return condition
  if (condition.kind === 'compare' && condition.left.kind === 'path' && condition.right.kind === 'value') {
    const { comparator, right } = condition
    if (comparator !== '=' && comparator !== '<>') return condition
    const equal = equalAsRead(spec, at, right.value)
    return comparator === '=' ? equal : not(equal)
  }
  if (condition.kind !== 'in' || condition.operand.kind !== 'path') return condition
  const [first, ...others] = condition.list.map(operand =>
    operand.kind === 'value' ? equalAsRead(spec, at, operand.value) : condition,
  )
  return first ? or(first, ...others) : condition
}

/** Whether maps in a value may be stored without members that are read as defaults. */
function mayLackMembers({ kind, transform, element, shape = {} }: FieldSpec): boolean {
  if (transform) return false
  if (kind === 'list' || kind === 'record') return element !== undefined && mayLackMembers(element)
  if (kind !== 'map') return false
  return Object.values(shape).some(
    member => defaultOf({ spec: member, path: ['member'], isElement: false }) !== undefined || mayLackMembers(member),
  )
}

function equalAsRead(spec: FieldSpec, at: Path, wanted: Value): Condition {
  const whole = compare(path(...at), '=', value(wanted))
  if (!mayLackMembers(spec)) return whole
  const { element, shape = {} } = spec
  if (Array.isArray(wanted) && element) {
    const parts = wanted.map((part, i) => equalAsRead(element, [...at, i], part as Value))
    return and(hasType(at, value('L')), compare(size(...at), '=', value(wanted.length)), ...parts)
  }
  if (!isPlainObject(wanted)) return whole
  const isThere = hasType(at, value('M'))
  if (element) {
    const entries = Object.entries(wanted)
    const parts = entries.map(([name, entry]) => equalAsRead(element, [...at, name], entry as Value))
    return and(isThere, compare(size(...at), '=', value(entries.length)), ...parts)
  }
  const members = Object.entries(shape).map(([name, member]) => {
    const attribute = member.attribute ?? name
    return memberAsRead(member, [...at, attribute], wanted[attribute] as Value | undefined)
  })
  return and(isThere, ...members)
}

function memberAsRead(spec: FieldSpec, at: Path, wanted: Value | undefined): Condition {
  const standIn = defaultOf({ spec, path: at, isElement: false })
  // An empty set in an operand is omitted, as it is when it is stored.
  const given = wanted === undefined ? KINDS[spec.kind].empty : wanted
  const missing = isNullMissing(spec) ? or(notExists(at), isNull(at)) : notExists(at)
  if (given === undefined) return missing
  const equal = equalAsRead(spec, at, given)
  return standIn !== undefined && matches(equalAsRead(spec, ALONE, given), { value: standIn })
    ? or(missing, equal)
    : equal
}
