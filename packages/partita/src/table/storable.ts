/** An item as it is sent to the store. */
import { invalid, valueText } from '../errors/errors.js'
import { MAX_DEPTH } from '../value/size.js'
import { type Item, isMap, isPlainObject, setAttribute, type Value } from '../value/value.js'

/**
 * A copy without the properties that are undefined, at any depth of plain objects: they are not stored. The given
 * object is left as it is.
 * @throws ValidationError when it is no object, or is nested over 32 levels deep.
 */
export function storableItem(item: object): Item {
  if (!isMap(item) || !isObject(item)) {
    throw invalid(['item'], `is ${valueText(item)}; it is an object with the properties of the item`)
  }
  return withoutUndefined(item, 0)
}

/** An object whose properties are all there is to it: of a literal or of a class, and no list, Map, Date or other built-in. */
export function isObject(input: unknown): input is object {
  return Object.prototype.toString.call(input) === '[object Object]'
}

/** One value, copied where it is a plain object. */
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
  if (depth > MAX_DEPTH) throw invalid(['item'], `is nested over ${MAX_DEPTH} levels deep, or holds itself`)
}

function copied(value: Value, depth: number): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    checkDepth(depth)
    return value.map(element => copied(element, depth + 1))
  }
  // Class instances are left for the store's own check, which names them.
  return isPlainObject(value) ? withoutUndefined(value as Item, depth + 1) : value
}
