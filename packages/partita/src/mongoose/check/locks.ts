/** Locks: values that never change once they are set. */
import type { Schema } from 'mongoose'
import type { Steps } from '../../crql/values.js'
import { isPlainObject } from '../../value/value.js'
import { bsonIdentity } from '../schema/bson.js'
import { partAt } from '../schema/deleted.js'
import { type PartOption, rulesOf, schemasBelow } from '../schema/rules.js'
import { type PlainDocument, schemaFor } from './document.js'
import type { DocumentViolation } from './violation.js'

/** The first names of all locked paths of a schema and its parts. */
export function lockedFields(schema: Schema): ReadonlySet<string> {
  const { locks, parts } = rulesOf(schema)
  const locked = parts.filter(({ schemas }) =>
    schemas.some(part => [...schemasBelow(part)].some(each => rulesOf(each).locks.length > 0)),
  )
  return new Set([...locks, ...locked.map(({ path }) => path)].map(path => path.split('.')[0] as string))
}

/**
 * The locked values that a save changes or removes. A value that is missing or null may be set once. Elements of lists are
 * matched by their `_id`, deleted ones too, or by position without one. An element with a locked value cannot be removed:
 * a later save could add it again with another value.
 */
export function lockViolations(
  schema: Schema,
  before: PlainDocument,
  after: unknown,
  at: Steps = [],
): DocumentViolation[] {
  const { locks, parts } = rulesOf(schema)
  const violations: DocumentViolation[] = []
  for (const lock of locks) compare(before, after, lock.split('.'), at, violations)
  for (const part of parts) {
    const names = part.path.split('.')
    violations.push(...partViolations(part, partAt(before, names), partAt(after, names), [...at, ...names]))
  }
  return violations
}

function partViolations(part: PartOption, before: unknown, after: unknown, at: Steps): DocumentViolation[] {
  if (Array.isArray(before)) {
    return pairs(before, after).flatMap(([element, now, index]) => partViolations(part, element, now, [...at, index]))
  }
  if (!isPlainObject(before)) return []
  if (!part.isMap) return lockViolations(schemaFor(part, before), before, after, at)
  return Object.entries(before).flatMap(([key, value]) =>
    partViolations({ ...part, isMap: false }, value, partAt(after, [key]), [...at, key]),
  )
}

function compare(before: unknown, after: unknown, path: Steps, at: Steps, violations: DocumentViolation[]): void {
  if (before === undefined || before === null) return
  const [step, ...rest] = path
  if (step === undefined) {
    const isRemoved = after === undefined || after === null
    if (!isRemoved && bsonIdentity(before) === bsonIdentity(after)) return
    const message = `is locked and cannot ${isRemoved ? 'be removed' : 'change'}`
    violations.push({ kind: 'goodiesLock', path: at, message, value: after })
  } else if (Array.isArray(before)) {
    for (const [element, now, index] of pairs(before, after)) compare(element, now, path, [...at, index], violations)
  } else compare(partAt(before, [step]), partAt(after, [step]), rest, [...at, step], violations)
}

/** The elements of a list, each with what it has become, and its position then. */
function pairs(before: readonly unknown[], after: unknown): (readonly [unknown, unknown, number])[] {
  const list: readonly unknown[] = Array.isArray(after) ? after : []
  const positions = new Map<string, number[]>()
  for (let index = list.length - 1; index >= 0; index--) {
    const id = idOf(list[index])
    if (id !== undefined) positions.set(id, [...(positions.get(id) ?? []), index])
  }
  return before.map((element, i) => {
    const id = idOf(element)
    // Elements with one `_id` are matched in their order.
    const index = id === undefined ? i : positions.get(id)?.pop()
    return [element, index === undefined ? undefined : list[index], index ?? i]
  })
}

function idOf(element: unknown): string | undefined {
  const id = partAt(element, ['_id'])
  return id === undefined || id === null ? undefined : bsonIdentity(id)
}
