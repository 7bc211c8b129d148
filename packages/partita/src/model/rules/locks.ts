/** Locks: parts of a row that never change once they have a value. */
import type { Violation } from '../../errors/errors.js'
import { equalValues, type Item, isPlainObject, type Value } from '../../value/value.js'
import { partAt } from '../compile/missing.js'
import { valueIdentity } from './value-identity.js'

/** A locked path, as stored names and as the program names it. */
export interface Lock {
  readonly path: readonly string[]
  readonly at: readonly string[]
}

/**
 * The locked values that a write changes or removes. A value that is missing or null may be set once. Elements of a list
 * are matched by their `_id`, soft-deleted ones too, or by position without one. An element with a locked value cannot be
 * removed: a later write could add it again with another value.
 */
export function lockViolations(locks: readonly Lock[], before: Item | undefined, after: Item): Violation[] {
  if (!before) return []
  const violations: Violation[] = []
  for (const { path, at } of locks) compare(before, after, path, at, [], violations)
  return violations
}

function compare(
  before: Value | undefined,
  after: Value | undefined,
  path: readonly string[],
  at: readonly string[],
  reached: readonly (string | number)[],
  violations: Violation[],
): void {
  if (before === undefined || before === null) return
  if (Array.isArray(before) && path.length > 0) {
    const list: readonly Value[] = Array.isArray(after) ? after : []
    const positions = positionsById(list)
    before.forEach((element, i) => {
      const id = idOf(element as Value)
      const index = id === undefined ? i : positions.get(valueIdentity(id))?.pop()
      const now = index === undefined ? undefined : list[index]
      compare(element as Value, now, path, at, [...reached, index ?? i], violations)
    })
    return
  }
  const [step, ...rest] = path
  if (step === undefined) {
    if (after === undefined || after === null || !equalValues(before, after)) {
      violations.push({
        rule: 'locks',
        path: reached,
        message:
          after === undefined || after === null ? 'is locked and cannot be removed' : 'is locked and cannot change',
        value: after,
      })
    }
    return
  }
  if (!isPlainObject(before)) return
  const [name = step, ...names] = at
  compare(partAt(before, [step]), partAt(after, [step]), rest, names, [...reached, name], violations)
}

/** The positions of the elements with each `_id`, the first one last: elements with one `_id` are matched in their order. */
function positionsById(list: readonly Value[]): Map<string, number[]> {
  const positions = new Map<string, number[]>()
  for (let index = list.length - 1; index >= 0; index--) {
    const id = idOf(list[index])
    if (id === undefined) continue
    const key = valueIdentity(id)
    const known = positions.get(key)
    if (known) known.push(index)
    else positions.set(key, [index])
  }
  return positions
}

function idOf(element: Value | undefined): Value | undefined {
  return partAt(element, ['_id'])
}
