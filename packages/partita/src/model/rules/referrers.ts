/** Refs with `onDelete`: what happens to the rows that refer to a row when it is deleted. */
import { type Issue, valueText } from '../../errors/errors.js'
import type { CompiledIndex, CompiledModel } from '../compile/compiled-model.js'
import type { OnDelete } from '../define/field.js'
import type { GuardedRef } from './guarded-refs.js'

const ACTIONS = ['restrict', 'cascade', 'setNull']

/** A ref field with `onDelete`, seen from the model that it refers to. */
export interface Referrer {
  /** The model whose rows refer. */
  readonly model: CompiledModel
  readonly ref: GuardedRef
  readonly onDelete: OnDelete
  /** The index that finds the rows that refer to one row; undefined for `restrict`, which only counts them. */
  readonly index: CompiledIndex | undefined
}

/** The refs with `onDelete`, by the model that they refer to. @param issues receives what does not fit. */
export function compileReferrers(
  refs: ReadonlyMap<CompiledModel, readonly GuardedRef[]>,
  issues: Issue[],
): Map<CompiledModel, Referrer[]> {
  const referrers = new Map<CompiledModel, Referrer[]>()
  for (const [model, own] of refs) {
    for (const ref of own) {
      const { onDelete, target } = ref
      if (onDelete === undefined) continue
      const index = onDelete === 'restrict' ? undefined : indexOf(model, ref)
      const problem = problemOf(model, ref, onDelete, index)
      if (problem) issues.push({ path: [model.name, 'fields', ref.field.name, 'onDelete'], message: problem })
      referrers.set(target, [...(referrers.get(target) ?? []), { model, ref, onDelete, index }])
    }
  }
  return referrers
}

/**
 * The index that lists all rows that refer to one row: a row that lacks a field of its sort key, or does not satisfy its
 * `when`, would not be in it.
 */
function indexOf(model: CompiledModel, { field }: GuardedRef): CompiledIndex | undefined {
  return [model.key, ...model.indexes].find(
    ({ pk, sk, when }) =>
      !when &&
      pk.fields.every(({ name }) => name === field.name) &&
      pk.fields.length > 0 &&
      sk.fields.every(({ name, fallback }) => {
        const of = model.byName.get(name)
        return of === field || fallback !== undefined || of?.required
      }),
  )
}

function problemOf(
  model: CompiledModel,
  { field, target }: GuardedRef,
  onDelete: OnDelete,
  index: CompiledIndex | undefined,
): string | undefined {
  if (!ACTIONS.includes(onDelete)) return `is ${valueText(onDelete)}; use ${ACTIONS.join(', ')}`
  const expiring = [model, target].find(({ ttl }) => ttl)
  if (expiring) {
    return `does not work with the field ${expiring.ttl?.name} of ${expiring.name}: rows that expire are deleted by no transaction`
  }
  if (onDelete === 'setNull') {
    if (!field.spec.optional) return 'is setNull, so the ref must be optional'
    if (field.spec.fixed || model.keyFields.includes(field)) return 'is setNull, but the ref is read-only'
  }
  if (onDelete !== 'restrict' && !index) {
    return (
      `is ${onDelete}, but no index finds the rows of ${model.name} by ${field.name}; add an index without when ` +
      'whose partition key has only this field and whose sort key has only fields that every row has'
    )
  }
  return undefined
}
