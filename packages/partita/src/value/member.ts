/** Members of sets as texts, so that a set of any size can be asked for one of them at once. */
import { canonicalNumber, numberText } from './number.js'
import type { KeyValue } from './value.js'

/** Of two members of one type the texts are the same where the members are equal: to a JavaScript Set, 1 is not 1n. */
export function memberText(member: KeyValue): string {
  if (typeof member === 'string') return member
  return member instanceof Uint8Array ? member.join() : numberText(canonicalNumber(member))
}

/** Whether a value stands twice among the members, which are of one type. */
export function holdsOneTwice(members: readonly KeyValue[]): boolean {
  return new Set(members.map(memberText)).size < members.length
}
