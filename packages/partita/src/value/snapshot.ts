/** Copies of what a caller passes, for work that goes on after the call has returned its promise. */
import { isPlainObject, setAttribute, type Value } from './value.js'

/** Deeper than any valid argument: a value has at most 32 levels, and what is refused need not be copied whole. */
const MAX_DEPTH = 200

/**
 * A copy of plain objects, lists, sets and bytes at every depth. All else, such as numbers of a class or functions, cannot
 * be changed, or is refused by whoever checks the copy, and is passed as it is.
 */
export function snapshot<T>(it: T): T {
  return copy(it, 0) as T
}

function copy(it: unknown, depth: number): unknown {
  if (typeof it !== 'object' || it === null || depth > MAX_DEPTH) return it
  if (Array.isArray(it)) return it.map(member => copy(member, depth + 1))
  // Not by `slice`: that of a Buffer shares its bytes.
  if (it instanceof Uint8Array) return new Uint8Array(it)
  if (it instanceof Set) return new Set([...it].map(member => copy(member, depth + 1)))
  if (!isPlainObject(it)) return it
  const result: { [name: string]: Value } = {}
  for (const name of Object.keys(it)) setAttribute(result, name, copy(it[name], depth + 1) as Value)
  return result
}
