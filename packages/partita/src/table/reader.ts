/** Stored items as the table's methods return them. */

import { isExpired } from '../keys/expiry.js'
import { getAttribute, type Item, setAttribute } from '../value/value.js'
import type { SingleTableConfig } from './config.js'
import { type Layout, typeIndexOf } from './layout.js'

/** Converts stored items to the form that methods return: without the attributes of the table, with the requested properties. */
export class ItemReader {
  readonly #layout: Layout
  readonly #removed: ReadonlySet<string>
  readonly #cleanUp: ((item: Item) => object) | undefined
  /** Types of returned items, whose own attribute for it may have been taken out. */
  readonly #types = new WeakMap<object, string>()

  constructor(layout: Layout, config: SingleTableConfig) {
    this.#layout = layout
    this.#cleanUp = config.propertyCleanup
    const removed = new Set(config.autoRemoveTableProperties === false ? [] : layout.attributes)
    if (config.keepTypeProperty && layout.typeIndex) removed.delete(layout.typeIndex.partitionKey)
    this.#removed = removed
  }

  /**
   * The item as it is returned; undefined when it has expired.
   * @param names the only properties wanted; `propertyCleanup`, which expects whole items, is not asked then.
   */
  read(stored: Item | undefined, now: number, names?: readonly string[]): object | undefined {
    if (!stored || isExpired(this.#layout, stored, now)) return undefined
    return this.returned(stored, names)
  }

  /** The item as it is returned, expired or not. */
  returned(stored: Item, names?: readonly string[]): object {
    const item = names ? pick(stored, names) : this.#cleanUp ? this.#cleanUp(stored) : this.part(stored)
    const type = this.#layout.typeIndex && getAttribute(stored, this.#layout.typeIndex.partitionKey)
    if (typeof type === 'string') this.#types.set(item, type)
    return item
  }

  /** Some attributes of an item, without the table's own. */
  part(stored: Item): Item {
    if (this.#removed.size === 0) return stored
    const item: Item = {}
    for (const name of Object.keys(stored)) {
      if (!this.#removed.has(name)) setAttribute(item, name, stored[name] as Item[string])
    }
    return item
  }

  /**
   * Whether an item is of a type: one that this table returned, or one that still has its type attribute.
   * @throws ValidationError when the table has no type index.
   */
  isOfType(item: object, type: string): boolean {
    const { partitionKey } = typeIndexOf(this.#layout)
    return (getAttribute(item as Item, partitionKey) ?? this.#types.get(item)) === type
  }

  /** What a projection must read besides the names asked for: the attributes that this class and cursors need. */
  needed(names: readonly string[], keys: readonly string[]): readonly (readonly [string])[] {
    const { expiresAt, typeIndex } = this.#layout
    const all = new Set([...names, ...keys])
    if (expiresAt !== undefined) all.add(expiresAt)
    if (typeIndex) all.add(typeIndex.partitionKey)
    return [...all].map(name => [name])
  }
}

function pick(stored: Item, names: readonly string[]): Item {
  const item: Item = {}
  for (const name of names) {
    const value = getAttribute(stored, name)
    if (value !== undefined) setAttribute(item, name, value)
  }
  return item
}
