/** Looks up a document path in an item. */
import { getAttribute, isMap, type Value } from '../../value/value.js'
import type { Path } from '../ast.js'

/** The attributes of an item, read-only. */
export type Attributes = { readonly [name: string]: Value }

/** The value at the path; undefined if a step is missing, or its parent is not a map or list. */
export function lookup(path: Path, item: Attributes): Value | undefined {
  return descend(getAttribute(item, path[0]), path)
}

/** Follows all steps of the path but the first, from the value at the first. */
export function descend(first: Value | undefined, path: Path): Value | undefined {
  let value = first
  for (let i = 1; i < path.length && value !== undefined; i++) value = child(value, path[i] as string | number)
  return value
}

/** The element of a list, or the attribute of a map. */
function child(value: Value, step: string | number): Value | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined
  return isMap(value) ? getAttribute(value, step) : undefined
}
