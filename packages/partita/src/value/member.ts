/** Equality of set members by value, and an index for membership tests in constant time. */
import { canonicalNumber, numberText, significantDigits } from './number.js'
import type { KeyValue } from './value.js'

/** A text that is the same for equal members of one type. A JavaScript Set treats 1 and 1n as different. */
export function memberText(member: KeyValue): string {
  if (typeof member === 'string') return member
  if (member instanceof Uint8Array) return bytesText(member)
  const number = canonicalNumber(member)
  if (typeof number === 'number') return numberText(number)
  const { negative, digits, magnitude } = significantDigits(number)
  return `${negative ? '-' : ''}${digits}e${magnitude}`
}

/** Whether the members, all of one type, contain a duplicate. */
export function holdsOneTwice(members: readonly KeyValue[]): boolean {
  return new Set(members.map(memberText)).size < members.length
}

/** Membership by value. Do not modify the set while the index is in use. */
export class MemberIndex {
  readonly #set: ReadonlySet<KeyValue>
  /** Members that a JavaScript Set compares by identity, in a comparable form. */
  #others: ReadonlySet<string | number> | undefined

  constructor(set: ReadonlySet<KeyValue>) {
    this.#set = set
  }

  has(member: KeyValue): boolean {
    if (this.#set.has(member)) return true
    if (typeof member === 'string') return false
    const form = formOf(member)
    if (form !== member && this.#set.has(form)) return true
    this.#others ??= othersOf(this.#set)
    return this.#others.has(form)
  }
}

/** The member itself if it is a plain number, since its lookup is faster than making a text; otherwise its text. */
function formOf(member: Exclude<KeyValue, string>): string | number {
  const number = member instanceof Uint8Array ? member : canonicalNumber(member)
  return typeof number === 'number' ? number : memberText(member)
}

function othersOf(set: ReadonlySet<KeyValue>): Set<string | number> {
  const others = new Set<string | number>()
  for (const member of set) {
    if (typeof member !== 'string' && typeof member !== 'number') others.add(formOf(member))
  }
  return others
}

/** Well below the maximum number of arguments of a call. */
const PIECE = 4096

function bytesText(bytes: Uint8Array): string {
  if (bytes.length <= PIECE) return characters(bytes)
  let text = ''
  for (let start = 0; start < bytes.length; start += PIECE) {
    text += characters(bytes.subarray(start, start + PIECE))
  }
  return text
}

function characters(bytes: Uint8Array): string {
  // `apply` accepts any array-like object, and is several times as fast as a spread.
  return String.fromCharCode.apply(null, bytes as unknown as number[])
}
