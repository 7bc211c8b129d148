/** Read-only parts of documents: given when their map is written first, and never changed afterwards. */
import type { Issue, IssuePath } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import { isSameValue } from '../write/seen.js'
import type { FieldSpec } from './field.js'

export const FIXED = 'is read-only; it is given on create and never changed'

const known = new WeakMap<FieldSpec, boolean>()

/** Whether a field is read-only, or something further down is. */
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
 * Notes read-only parts of a document that a new value changes or takes away. A document that was not there before may
 * hold anything.
 *
 * @param before as a program sees it; so is `after`.
 */
export function noteFixed(spec: FieldSpec, before: unknown, after: unknown, at: IssuePath, issues: Issue[]): void {
  if (before === undefined || !hasFixedPart(spec)) return
  if (spec.fixed) {
    if (!isSameValue(spec, before, after)) issues.push({ path: at, message: FIXED })
    return
  }
  if (spec.transform || !isPlainObject(before)) return
  const now: { readonly [name: string]: unknown } = isPlainObject(after) ? after : {}
  const part = (name: string): unknown => (Object.hasOwn(now, name) ? now[name] : undefined)
  for (const [name, member] of Object.entries(spec.shape ?? {})) {
    // A member that was missing in a map that was there is as read-only as one that had a value.
    const had = Object.hasOwn(before, name) ? before[name] : undefined
    if (member.fixed && had === undefined && part(name) !== undefined) {
      issues.push({ path: [...at, name], message: FIXED })
    } else noteFixed(member, had, part(name), [...at, name], issues)
  }
  const { element } = spec
  if (spec.kind !== 'record' || !element) return
  for (const name of Object.keys(before)) noteFixed(element, before[name], part(name), [...at, name], issues)
}
