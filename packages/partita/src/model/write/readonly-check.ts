/** Finds changes of read-only parts. */
import type { Issue, IssuePath } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import type { FieldSpec } from '../define/field.js'
import { FIXED, hasFixedPart } from '../define/readonly-parts.js'
import { isSameValue } from './seen.js'

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
