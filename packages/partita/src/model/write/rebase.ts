/** Applies changes that a program made while its row was being written to the value now stored. */
import { addNumbers, type NumberValue } from '../../value/number.js'
import { isPlainObject } from '../../value/value.js'
import type { FieldSpec } from '../define/field.js'
import { UNKNOWN } from './field-path.js'
import { isSameValue, memberKey } from './seen.js'

/**
 * The program's change from `then` to `now`, applied to the stored value. Counters keep the added amount, sets the
 * added and removed members, maps and records the changed members; for all other kinds the program's value wins.
 */
export function rebased(spec: FieldSpec, now: unknown, then: unknown, stored: unknown): unknown {
  if (isSameValue(spec, now, then)) return stored
  if (spec.transform) return now
  switch (spec.kind) {
    case 'counter':
      return isCount(now) ? addNumbers((stored as NumberValue) ?? 0, addNumbers(now, (then as number) ?? 0, -1)) : now
    case 'set':
      return now instanceof Set && then instanceof Set ? rebasedSet(now, then, stored) : now
    case 'map':
    case 'record':
    case 'json':
    case 'schema':
      return isPlainObject(now) && isPlainObject(then) && isPlainObject(stored)
        ? rebasedMembers(spec, now, then, stored)
        : now
    default:
      return now
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function rebasedSet(now: ReadonlySet<unknown>, then: ReadonlySet<unknown>, stored: unknown): Set<unknown> {
  const members = new Map([...((stored ?? []) as Iterable<unknown>)].map(member => [memberKey(member), member]))
  const before = new Set([...then].map(memberKey))
  const after = new Map([...now].map(member => [memberKey(member), member]))
  for (const [key, member] of after) if (!before.has(key)) members.set(key, member)
  for (const key of before) if (!after.has(key)) members.delete(key)
  return new Set(members.values())
}

type Members = { readonly [name: string]: unknown }

function rebasedMembers(
  { shape = {}, element = UNKNOWN }: FieldSpec,
  now: Members,
  then: Members,
  stored: Members,
): Members {
  const names = new Set([...Object.keys(stored), ...Object.keys(now)])
  const entries = [...names].map((name): [string, unknown] => {
    const own = (members: Members): unknown => (Object.hasOwn(members, name) ? members[name] : undefined)
    return [
      name,
      rebased(Object.hasOwn(shape, name) ? (shape[name] as FieldSpec) : element, own(now), own(then), own(stored)),
    ]
  })
  return Object.fromEntries(entries.filter(([, it]) => it !== undefined))
}
