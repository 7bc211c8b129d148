/** Which models the pipeline of rules is for. */
import type { CompiledModel } from '../compile/compiled-model.js'
import type { FieldSpec } from '../define/field.js'

/**
 * Whether a model can have rules, or make another have some: it has rules itself, is soft-deleted, or has refs or assets whose
 * writes need the same pipeline.
 */
export function needsPipeline({ rules, softDelete, fields }: CompiledModel): boolean {
  return rules !== undefined || softDelete !== undefined || fields.some(({ spec }) => isRuled(spec))
}

function isRuled({ kind, guard, onDelete, element, shape = {} }: FieldSpec): boolean {
  if (kind === 'asset' || guard === true || onDelete !== undefined) return true
  return (element !== undefined && isRuled(element)) || Object.values(shape).some(isRuled)
}
