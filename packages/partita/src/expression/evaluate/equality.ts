/** Compares many values with one fixed value for equality. */
import { MemberIndex } from '../../value/member.js'
import { compareNumbers } from '../../value/number.js'
import {
  compareBytes,
  type Item,
  isMap,
  isNumber,
  isSet,
  type KeyValue,
  typeOf,
  type Value,
} from '../../value/value.js'
import type { Work } from './work.js'

/** Cost of a list, map or binary beside its elements, in elements looked through. */
const OBJECT = 8
/** Cost of a set, and of each of its members. Members that are objects cost more: they are looked up by a text form. */
const SET = 96
const MEMBER = 16
const OBJECT_MEMBER = 256

/**
 * Equality as in `equalValues`. Data about the wanted value is computed once: otherwise the attributes of a map in it
 * would be counted again for each of many small maps that it is compared with.
 */
export class Equality {
  readonly #wanted: Value
  readonly #work: Work
  /** The attribute names of the wanted value itself, which are used most often. */
  #ownNames: readonly string[] | undefined
  readonly #names = new Map<object, readonly string[]>()
  readonly #indexes = new Map<object, MemberIndex>()
  /** A whole number, because adding integers is faster than adding fractions of a step. */
  #looked = 0

  constructor(wanted: Value, work: Work) {
    this.#wanted = wanted
    this.#work = work
  }

  holds(value: Value): boolean {
    this.#looked = 0
    const isEqual = this.#equal(this.#wanted, value)
    if (this.#looked > 0) this.#work.looked(this.#looked)
    return isEqual
  }

  #equal(wanted: Value, value: Value): boolean {
    if (wanted === value) return true
    switch (typeof wanted) {
      case 'string':
      case 'boolean':
        return false
      case 'number':
      case 'bigint':
        return isNumber(value) && compareNumbers(value, wanted) === 0
    }
    // All other types are objects, except null, which equals only itself.
    if (wanted === null || value === null) return false
    if (isNumber(wanted)) return isNumber(value) && compareNumbers(value, wanted) === 0
    if (typeof value !== 'object') return false
    this.#looked += OBJECT
    if (wanted instanceof Uint8Array) return value instanceof Uint8Array && this.#equalBytes(wanted, value)
    if (Array.isArray(wanted)) return Array.isArray(value) && this.#equalLists(wanted, value)
    if (isSet(wanted)) return isSet(value) && this.#equalSets(wanted, value)
    return this.#equalMaps(wanted as Item, value as Readonly<Item>)
  }

  #equalBytes(wanted: Uint8Array, value: Uint8Array): boolean {
    if (wanted.length !== value.length) return false
    this.#looked += wanted.length
    return compareBytes(wanted, value) === 0
  }

  #equalLists(wanted: readonly Value[], value: readonly Value[]): boolean {
    const { length } = wanted
    if (length !== value.length) return false
    for (let i = 0; i < length; i++) {
      this.#looked++
      if (!this.#equal(wanted[i] as Value, value[i] as Value)) return false
    }
    return true
  }

  /** Checks last whether the value is a map: most values lack a name or differ in an attribute. */
  #equalMaps(wanted: Item, value: Readonly<Item>): boolean {
    const names = this.#namesOf(wanted)
    for (const name of names) {
      this.#looked++
      if (!Object.hasOwn(value, name) || !this.#equal(wanted[name] as Value, value[name] as Value)) return false
    }
    if (!isMap(value)) return false
    const { length } = Object.keys(value)
    this.#looked += length
    return length === names.length
  }

  #namesOf(map: Item): readonly string[] {
    if (map === this.#wanted && this.#ownNames) return this.#ownNames
    let names = this.#names.get(map)
    if (!names) {
      names = Object.keys(map)
      this.#names.set(map, names)
    }
    if (map === this.#wanted) this.#ownNames = names
    return names
  }

  #equalSets(wanted: ReadonlySet<KeyValue>, value: ReadonlySet<KeyValue>): boolean {
    this.#looked += SET
    if (wanted.size !== value.size || typeOf(wanted as Value) !== typeOf(value as Value)) return false
    let index = this.#indexes.get(wanted)
    if (!index) {
      index = new MemberIndex(wanted)
      this.#indexes.set(wanted, index)
    }
    for (const member of value) {
      this.#looked += typeof member === 'object' ? OBJECT_MEMBER : MEMBER
      if (!index.has(member)) return false
    }
    return true
  }
}
