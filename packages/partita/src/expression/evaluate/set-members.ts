/** Union and difference of sets whose members are compared by value: to a JavaScript Set, 1 is not 1n. */
import { memberText } from '../../value/member.js'
import type { KeyValue, Value } from '../../value/value.js'

type Members = ReadonlySet<KeyValue>

export function union(a: Members, b: Members): Value {
  const members = byText(a)
  for (const member of b) {
    const text = memberText(member)
    if (!members.has(text)) members.set(text, member)
  }
  return new Set(members.values()) as Value
}

/** @returns undefined when no member is left: DynamoDB keeps no empty set. */
export function difference(a: Members, b: Members): Value | undefined {
  const members = byText(a)
  for (const member of b) members.delete(memberText(member))
  return members.size === 0 ? undefined : (new Set(members.values()) as Value)
}

function byText(set: Members): Map<string, KeyValue> {
  const members = new Map<string, KeyValue>()
  for (const member of set) members.set(memberText(member), member)
  return members
}
