/** Union and difference of sets whose members are compared by value: to a JavaScript Set, 1 is not 1n. */
import { canonicalNumber, numberText } from '../../value/number.js'
import type { KeyValue, Value } from '../../value/value.js'

type Members = ReadonlySet<KeyValue>

export function union(a: Members, b: Members): Value {
  const members = byKey(a)
  for (const member of b) {
    const key = keyOf(member)
    if (!members.has(key)) members.set(key, member)
  }
  return new Set(members.values()) as Value
}

/** @returns undefined when no member is left: DynamoDB keeps no empty set. */
export function difference(a: Members, b: Members): Value | undefined {
  const members = byKey(a)
  for (const member of b) members.delete(keyOf(member))
  return members.size === 0 ? undefined : (new Set(members.values()) as Value)
}

function byKey(set: Members): Map<string, KeyValue> {
  const members = new Map<string, KeyValue>()
  for (const member of set) members.set(keyOf(member), member)
  return members
}

/** Equal members of one type have one text. */
function keyOf(member: KeyValue): string {
  if (typeof member === 'string') return member
  return member instanceof Uint8Array ? member.join() : numberText(canonicalNumber(member))
}
