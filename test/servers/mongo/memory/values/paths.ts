/** Dotted paths through documents and arrays. */
import type { Document } from 'mongodb'
import { isDocument } from './compare.js'

const INDEX = /^(0|[1-9]\d*)$/

/** The own field of a document. Inherited names, such as `constructor`, are not fields. */
export function field(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined
}

/** Sets an own field, also one named `__proto__`. */
export function setField(document: Document, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(document, name, { value, enumerable: true, writable: true, configurable: true })
  else document[name] = value
}

/**
 * The values at the end of a path, as queries and indexes see them: an array on the way contributes each of its documents,
 * and the element that a number names. A missing field contributes undefined.
 */
export function* valuesAt(node: unknown, path: readonly string[], from = 0): Generator<unknown> {
  const name = path[from]
  if (name === undefined) yield node
  else if (Array.isArray(node)) {
    if (INDEX.test(name) && Number(name) < node.length) yield* valuesAt(node[Number(name)], path, from + 1)
    for (const element of node) if (isDocument(element)) yield* valuesAt(element, path, from)
  } else if (isDocument(node)) {
    if (Object.hasOwn(node, name)) yield* valuesAt(node[name], path, from + 1)
    else yield undefined
  } else yield undefined
}

/** A position in an array, or undefined for other names. */
export function arrayIndex(name: string): number | undefined {
  return INDEX.test(name) ? Number(name) : undefined
}

/** A copy whose documents and arrays may be changed; other values are shared, as nothing changes them. */
export function copyValue<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyValue) as T
  if (!isDocument(value)) return value
  const copy: Document = {}
  for (const [name, inner] of Object.entries(value)) setField(copy, name, copyValue(inner))
  return copy as T
}
