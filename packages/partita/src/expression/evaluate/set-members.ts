/** Union and difference of sets, whose members are compared by value: in a JavaScript Set, 1 and 1n are different. */
import { MemberIndex } from '../../value/member.js'
import type { KeyValue, Value } from '../../value/value.js'

type Members = ReadonlySet<KeyValue>

/** The union of two sets of one type. */
export function union(a: Members, b: Members): Value {
  const index = new MemberIndex(a)
  const members = new Set(a)
  for (const member of b) if (!index.has(member)) members.add(member)
  return members as Value
}

/** The difference of two sets; undefined when no member is left, because DynamoDB does not store empty sets. */
export function difference(a: Members, b: Pick<MemberIndex, 'has'>): Value | undefined {
  const members = new Set<KeyValue>()
  for (const member of a) if (!b.has(member)) members.add(member)
  return members.size === 0 ? undefined : (members as Value)
}
