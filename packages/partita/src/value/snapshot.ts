/** Copies the caller's arguments for work that continues after the call has returned its promise. */
import { isPlainObject, setAttribute, type Value } from './value.js'

/** Deeper than any valid argument: a value has at most 32 levels, and invalid ones need not be copied completely. */
const MAX_DEPTH = 200

/** Values with this many members or more are copied once, however often they occur: a short expression can name one value many times. */
const LARGE = 32

/**
 * A copy of plain objects, lists, sets and bytes at every depth. Everything else is not copied: it is
 * immutable, such as a `Decimal`, or the check of the copy rejects it, such as a function.
 */
export function snapshot<T>(it: T): T {
  return new Copier().copy(it, 0) as T
}

class Copier {
  #large: Map<object, unknown> | undefined

  copy(it: unknown, depth: number): unknown {
    if (typeof it !== 'object' || it === null || depth > MAX_DEPTH) return it
    const known = this.#large?.get(it)
    if (known !== undefined) return known
    if (Array.isArray(it))
      return it.length < LARGE ? this.#list(it, depth) : this.#once(it, () => this.#list(it, depth))
    // Not `slice`: `Buffer.slice` shares its bytes.
    if (it instanceof Uint8Array)
      return it.length < LARGE ? new Uint8Array(it) : this.#once(it, () => new Uint8Array(it))
    if (it instanceof Set) return this.#once(it, () => new Set([...it].map(member => this.copy(member, depth + 1))))
    if (!isPlainObject(it)) return it
    const names = Object.keys(it)
    return names.length < LARGE ? this.#map(it, names, depth) : this.#once(it, () => this.#map(it, names, depth))
  }

  #once(it: object, copied: () => unknown): unknown {
    const copy = copied()
    this.#large ??= new Map()
    this.#large.set(it, copy)
    return copy
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    return list.map(member => this.copy(member, depth + 1))
  }

  #map(map: { readonly [name: string]: unknown }, names: readonly string[], depth: number): unknown {
    const result: { [name: string]: Value } = {}
    for (const name of names) setAttribute(result, name, this.copy(map[name], depth + 1) as Value)
    return result
  }
}
