/** Prepares items for the store. */
import { invalid, valueText } from '../errors/errors.js'
import { MAX_DEPTH } from '../value/size.js'
import { type Item, isMap, isPlainObject, setAttribute, type Value } from '../value/value.js'

/**
 * A copy without undefined properties, at any depth of plain objects: they are not stored. The given object is not
 * modified.
 *
 * @throws ValidationError if it is not an object, or is nested over 32 levels deep.
 */
export function storableItem(item: object): Item {
  if (!isMap(item) || !isObject(item)) {
    throw invalid(['item'], `is ${valueText(item)}; expected an object with the properties of the item`)
  }
  return withoutUndefined(item, 0)
}

/** Whether it is an object literal or a class instance, and not a list, Map, Date or other built-in object. */
export function isObject(input: unknown): input is object {
  return Object.prototype.toString.call(input) === '[object Object]'
}

/** Like {@link storableItem}, for one value. */
export function storableValue(value: Value): Value {
  return copied(value, 0)
}

function withoutUndefined(map: { readonly [name: string]: Value }, depth: number): Item {
  checkDepth(depth)
  const copy: Item = {}
  for (const name of Object.keys(map)) {
    const value = map[name]
    if (value !== undefined) setAttribute(copy, name, copied(value, depth))
  }
  return copy
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(['item'], `is nested over ${MAX_DEPTH} levels deep, or contains itself`)
}

function copied(value: Value, depth: number): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    checkDepth(depth)
    return value.map(element => copied(element, depth + 1))
  }
  // Class instances are left to the store's check, which names their class.
  return isPlainObject(value) ? withoutUndefined(value as Item, depth + 1) : value
}
