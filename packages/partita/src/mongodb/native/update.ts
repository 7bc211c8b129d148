/**
 * Updates as MongoDB's update operators, where the result is exactly that of `applyUpdate`: literals and removals of
 * whole attributes, and sums of integers. Everything else is evaluated on the document that was read.
 */
import type { Document } from 'mongodb'
import { PartitaError } from '../../errors/errors.js'
import type { SetValue, Update } from '../../expression/ast.js'
import { keyNames, type TableDefinition } from '../../store/definition.js'
import { checkIndexKeys } from '../../store/index-key.js'
import { MAX_ITEM_BYTES, measureItem } from '../../value/size.js'
import { type Item, isNumber, setAttribute, type Value } from '../../value/value.js'
import { expiryOf, type ItemTable } from '../document/codec.js'
import { fieldPath, wholeAttribute } from '../document/names.js'
import { encodeNumber } from '../document/number.js'
import { encodeAttribute } from '../document/value.js'

/** An update as operators, and what must be true of the document so that they are exact. */
export interface NativeUpdate {
  readonly set: Document
  readonly unset: Document
  readonly inc: Document
  readonly guards: readonly Document[]
  /** Bytes by which the item grows at most. */
  readonly growth: number
}

/** A sum of two integers of at most 2^62 is an integer of 64 bits: the server neither rounds it nor fails. */
const MAX_ADDEND = 2n ** 62n
/** The largest size of an integer of 64 bits. */
const INTEGER_BYTES = 12

/**
 * Translates a valid update of an existing item.
 * @returns undefined if no operators are exact.
 * @throws ValidationError for a number of over 34 digits.
 */
export function operatorsOf(table: ItemTable, update: Update): NativeUpdate | undefined {
  const { set, add, remove } = update
  if (update.delete.length > 0 || set.length + add.length + remove.length === 0) return undefined
  const translation = new Translation(table)
  const isExact =
    set.every(({ path, value }) => translation.set(wholeAttribute(path), value)) &&
    add.every(({ path, value }) => translation.add(wholeAttribute(path), value, true)) &&
    remove.every(path => translation.remove(wholeAttribute(path)))
  return isExact ? translation.result() : undefined
}

class Translation {
  readonly #table: ItemTable
  readonly #keys: ReadonlySet<string>
  readonly #set: Document = {}
  readonly #unset: Document = {}
  readonly #inc: Document = {}
  readonly #guards: Document[] = []
  /** Bytes by which the item grows at most. */
  #growth = 0

  constructor(table: ItemTable) {
    this.#table = table
    this.#keys = new Set(keyNames(table.definition.key))
  }

  /** @returns whether the action is translated. */
  set(attribute: string | undefined, value: SetValue): boolean {
    if (attribute === undefined || this.#keys.has(attribute)) return false
    if (value.kind === 'value') return this.#assign(attribute, value.value)
    if (value.kind !== 'plus' && value.kind !== 'minus') return false
    const { left, right } = value
    // Only `n = n + 1`: the server adds to the attribute itself.
    if (left.kind !== 'path' || wholeAttribute(left.path) !== attribute || right.kind !== 'value') return false
    return this.add(attribute, value.kind === 'plus' ? right.value : negated(right.value), false)
  }

  /** @param creates whether a missing attribute becomes the number. */
  add(attribute: string | undefined, value: Value, creates: boolean): boolean {
    if (attribute === undefined || this.#keys.has(attribute)) return false
    if (attribute === this.#table.timeToLive || isIndexKey(this.#table.definition, attribute)) return false
    const addend = isNumber(value) ? encodeNumber(value) : undefined
    if ((typeof addend !== 'number' && typeof addend !== 'bigint') || addend > MAX_ADDEND || addend < -MAX_ADDEND) {
      return false
    }
    const path = fieldPath(attribute)
    // A list is not an integer, even if it holds one.
    const isInteger = {
      [path]: { $type: ['int', 'long'], $gte: -MAX_ADDEND, $lte: MAX_ADDEND, $not: { $type: 'array' } },
    }
    this.#guards.push(creates ? { $or: [{ [path]: { $exists: false } }, isInteger] } : isInteger)
    this.#inc[path] = addend
    this.#growth += measureItem({ [attribute]: null }) + INTEGER_BYTES
    return true
  }

  remove(attribute: string | undefined): boolean {
    if (attribute === undefined || this.#keys.has(attribute)) return false
    this.#unset[fieldPath(attribute)] = ''
    if (attribute === this.#table.timeToLive) this.#unset.expires = ''
    return true
  }

  result(): NativeUpdate {
    if (this.#growth > 0) {
      this.#inc.size = this.#growth
      this.#guards.push({ size: { $lte: MAX_ITEM_BYTES - this.#growth } })
    }
    return { set: this.#set, unset: this.#unset, inc: this.#inc, guards: this.#guards, growth: this.#growth }
  }

  #assign(attribute: string, value: Value): boolean {
    const alone: Item = {}
    setAttribute(alone, attribute, value)
    const size = sizeAlone(this.#table.definition, attribute, alone)
    if (size === undefined) return false
    this.#growth += size
    this.#set[fieldPath(attribute)] = encodeAttribute(value, attribute)
    if (attribute !== this.#table.timeToLive) return true
    const expires = expiryOf(attribute, alone)
    if (expires) this.#set.expires = expires
    else this.#unset.expires = ''
    return true
  }
}

/**
 * The size of an attribute that can be stored whatever the other attributes are; undefined for any other one. Its error is
 * that of the evaluation, which comes after the condition of the write.
 */
function sizeAlone(definition: TableDefinition, attribute: string, alone: Item): number | undefined {
  if (sharesLength(definition, attribute)) return undefined
  try {
    checkIndexKeys(definition, alone)
    return measureItem(alone)
  } catch (error) {
    if (error instanceof PartitaError) return undefined
    throw error
  }
}

function isIndexKey({ globalIndexes, localIndexes }: TableDefinition, attribute: string): boolean {
  return [...Object.values(globalIndexes ?? {}), ...Object.values(localIndexes ?? {})].some(index =>
    keyNames(index).includes(attribute),
  )
}

/** Whether the attribute is one of several in a key of an index, whose total length is limited. */
function sharesLength({ globalIndexes }: TableDefinition, attribute: string): boolean {
  return Object.values(globalIndexes ?? {}).some(
    index => (index.morePartition || index.moreSort) && keyNames(index).includes(attribute),
  )
}

function negated(value: Value): Value {
  return typeof value === 'number' || typeof value === 'bigint' ? -value : null
}
