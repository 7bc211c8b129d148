/** Read-only parts of documents: set when their map is first written, and never changed. */
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
