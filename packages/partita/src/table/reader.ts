/** Converts stored items to the form that the table's methods return. */
import { isExpired } from '../keys/expiry.js'
import { getAttribute, type Item, setAttribute } from '../value/value.js'
import type { SingleTableConfig } from './config.js'
import { type Layout, typeIndexOf } from './layout.js'

/** Removes the table's own attributes from stored items, or picks the requested properties. */
export class ItemReader {
  readonly #layout: Layout
  readonly #removed: ReadonlySet<string>
  readonly #cleanUp: ((item: Item) => object) | undefined
  /** Types of returned items, whose type attribute may have been removed. */
  readonly #types = new WeakMap<object, string>()

  constructor(layout: Layout, config: SingleTableConfig) {
    this.#layout = layout
    this.#cleanUp = config.propertyCleanup
    const removed = new Set(config.autoRemoveTableProperties === false ? [] : layout.attributes)
    if (config.keepTypeProperty && layout.typeIndex) removed.delete(layout.typeIndex.partitionKey)
    this.#removed = removed
  }

  /**
   * The item in the form that methods return; undefined if it has expired.
   *
   * @param names the requested properties. With them `propertyCleanup` is not called, because it expects whole items.
   */
  read(stored: Item | undefined, now: number, names?: readonly string[]): object | undefined {
    if (!stored || isExpired(this.#layout, stored, now)) return undefined
    return this.returned(stored, names)
  }

  /** Like {@link read}, also for an expired item. */
  returned(stored: Item, names?: readonly string[]): object {
    const item = names ? pick(stored, names) : this.#cleanUp ? this.#cleanUp(stored) : this.part(stored)
    const type = this.#layout.typeIndex && getAttribute(stored, this.#layout.typeIndex.partitionKey)
    if (typeof type === 'string') this.#types.set(item, type)
    return item
  }

  /** An item, or a part of it, without the table's own attributes. */
  part(stored: Item): Item {
    if (this.#removed.size === 0) return stored
    const item: Item = {}
    for (const name of Object.keys(stored)) {
      if (!this.#removed.has(name)) setAttribute(item, name, stored[name] as Item[string])
    }
    return item
  }

  /**
   * Whether an item has a type. It must be returned by this table, or have its type attribute.
   *
   * @throws ValidationError if the table has no type index.
   */
  isOfType(item: object, type: string): boolean {
    const { partitionKey } = typeIndexOf(this.#layout)
    return (getAttribute(item as Item, partitionKey) ?? this.#types.get(item)) === type
  }

  /** The projection for the requested names: it adds the attributes that this class and cursors need. */
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
