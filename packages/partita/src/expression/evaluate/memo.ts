/** Derived data of large values of one item, shared by all operators that read them. */
import { MemberIndex } from '../../value/member.js'
import { compareBytes, type Item, type KeyValue, type Value } from '../../value/value.js'
import { Equality } from './equality.js'
import { textUnits } from './part.js'
import type { Work } from './work.js'

/** Caches derived data of one item: set indexes, counts and equalities. Call `clear` between items. */
export class Memo {
  readonly #work: Work
  #indexes: Map<object, MemberIndex> | undefined
  #counts: Map<object, number> | undefined
  #equalities: Map<Value, Equality> | undefined
  #containing: Map<Value, (whole: Value) => boolean> | undefined
  /** The long text searched last. */
  #text: string | undefined
  #units: Uint16Array | undefined

  constructor(work: Work) {
    this.#work = work
  }

  /** Discards the cache before the next item. */
  clear(): void {
    this.#indexes = undefined
    this.#counts = undefined
    this.#equalities = undefined
    this.#containing = undefined
    this.#text = undefined
    this.#units = undefined
  }

  hasMember(set: ReadonlySet<KeyValue>, member: KeyValue): boolean {
    if (typeof member === 'string') return set.has(member)
    if (member instanceof Uint8Array) return this.#hasBytes(set, member)
    this.#indexes ??= new Map()
    let index = this.#indexes.get(set)
    if (!index) {
      this.#work.looked(set.size)
      index = new MemberIndex(set)
      this.#indexes.set(set, index)
    }
    return index.has(member)
  }

  /** A linear search: building an index of binary members takes as long as many searches. */
  #hasBytes(set: ReadonlySet<KeyValue>, bytes: Uint8Array): boolean {
    this.#work.looked(set.size)
    for (const member of set) {
      if (member instanceof Uint8Array && member.length === bytes.length && compareBytes(member, bytes) === 0)
        return true
    }
    return false
  }

  /** Equality with a value of the item, shared by the operators that compare it with others. */
  equality(wanted: Value): Equality {
    this.#equalities ??= new Map()
    let equality = this.#equalities.get(wanted)
    if (!equality) {
      equality = new Equality(wanted, this.#work)
      this.#equalities.set(wanted, equality)
    }
    return equality
  }

  /** The search for a part that is itself a value of the item. */
  containing(part: Value, make: () => (whole: Value) => boolean): (whole: Value) => boolean {
    this.#containing ??= new Map()
    let contains = this.#containing.get(part)
    if (!contains) {
      contains = make()
      this.#containing.set(part, contains)
    }
    return contains
  }

  attributeCount(map: Readonly<Item>): number {
    this.#counts ??= new Map()
    let count = this.#counts.get(map)
    if (count === undefined) {
      count = Object.keys(map).length
      this.#work.looked(count)
      this.#counts.set(map, count)
    }
    return count
  }

  unitsOf(text: string): Uint16Array {
    if (this.#units === undefined || this.#text !== text) {
      this.#text = text
      this.#units = textUnits(text)
    }
    return this.#units
  }
}
