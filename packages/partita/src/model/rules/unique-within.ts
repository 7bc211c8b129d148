/** Keys that differ between all elements of a list of maps. */
import type { Violation } from '../../errors/errors.js'
import { type Item, isPlainObject, type Value } from '../../value/value.js'
import { partAt } from '../compile/missing.js'
import { valueIdentity } from './value-identity.js'

/** A key within a list: stored names of its parts, and as the program names them. */
export interface UniqueWithin {
  readonly field: string
  readonly attribute: string
  readonly parts: readonly { readonly path: readonly string[]; readonly name: string }[]
  /** Stored names of the time of an element's soft delete; undefined if elements have none. */
  readonly deletedAt: readonly string[] | undefined
}

/** Elements with the same key as an earlier one. Soft-deleted elements and elements that lack a part do not count. */
export function uniqueWithinViolations(keys: readonly UniqueWithin[], row: Item): Violation[] {
  const violations: Violation[] = []
  for (const { field, attribute, parts, deletedAt } of keys) {
    const list = row[attribute]
    if (!Array.isArray(list)) continue
    const seen = new Map<string, number>()
    list.forEach((element, index) => {
      if (!isPlainObject(element)) return
      if (deletedAt && (partAt(element as Value, deletedAt) ?? null) !== null) return
      const values = parts.map(({ path }) => partAt(element as Value, path))
      if (values.some(value => value === undefined || value === null)) return
      const id = values.map(value => valueIdentity(value as Value)).join('\n')
      const first = seen.get(id)
      if (first === undefined) {
        seen.set(id, index)
        return
      }
      const names = parts.map(({ name }) => name).join(', ')
      const message = `has the same ${names} as ${field}[${first}]`
      const value = values.length === 1 ? values[0] : values
      violations.push({ rule: 'uniqueWithin', path: [field, index], message, value })
    })
  }
  return violations
}
