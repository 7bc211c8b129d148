/** Read-only parts of documents: set when their map is first written, and never changed. */
import type { Issue, IssuePath } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import { isSameValue } from '../write/seen.js'
import type { FieldSpec } from './field.js'

/** The message for a change of a read-only part. */
export const FIXED = 'is read-only; set it on create'

const known = new WeakMap<FieldSpec, boolean>()

/** Whether a field or a part of it at any depth is read-only. */
export function hasFixedPart(spec: FieldSpec): boolean {
  let has = known.get(spec)
  if (has === undefined) {
    const parts = [...(spec.element ? [spec.element] : []), ...Object.values(spec.shape ?? {})]
    has = spec.fixed || parts.some(hasFixedPart)
    known.set(spec, has)
  }
  return has
}

/**
 * Adds issues for read-only parts that a new value changes or removes. A document that did not exist before can have any
 * content.
 *
 * @param before the decoded old value; `after` is the decoded new one.
 */
export function checkReadonlyParts(
  spec: FieldSpec,
  before: unknown,
  after: unknown,
  at: IssuePath,
  issues: Issue[],
): void {
  if (before === undefined || !hasFixedPart(spec)) return
  if (spec.fixed) {
    if (!isSameValue(spec, before, after)) issues.push({ path: at, message: FIXED })
    return
  }
  if (spec.transform || !isPlainObject(before)) return
  const now: { readonly [name: string]: unknown } = isPlainObject(after) ? after : {}
  const part = (name: string): unknown => (Object.hasOwn(now, name) ? now[name] : undefined)
  for (const [name, member] of Object.entries(spec.shape ?? {})) {
    // In an existing map, a missing read-only member cannot be added either.
    const old = Object.hasOwn(before, name) ? before[name] : undefined
    if (member.fixed && old === undefined && part(name) !== undefined) {
      issues.push({ path: [...at, name], message: FIXED })
    } else checkReadonlyParts(member, old, part(name), [...at, name], issues)
  }
  const { element } = spec
  if (spec.kind !== 'record' || !element) return
  for (const name of Object.keys(before)) checkReadonlyParts(element, before[name], part(name), [...at, name], issues)
}
