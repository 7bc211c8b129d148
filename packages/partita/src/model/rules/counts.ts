/**
 * Counts of the rows that refer to a row, for `onDelete` and `f.countOf`.
 *
 * The row that is referred to holds one count for each such ref field. A row that refers to it records, under
 * {@link COUNTED}, in which counts it is included. The transaction that creates, moves, deletes or restores a row compares
 * that record with the row's refs and changes the counts by the difference, so every row is counted exactly once, however
 * often a write or `reindex` is repeated. Soft-deleted rows are not counted.
 */
import type { Issue } from '../../errors/errors.js'
import { type Item, isPlainObject, type Key, type Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { namedKey } from '../compile/row-key.js'
import { readValue } from '../define/codec.js'
import type { AnyModel } from '../define/definition.js'
import type { FieldSpec } from '../define/field.js'
import type { RowContext } from '../rows/rows.js'
import type { GuardedRef } from './guarded-refs.js'
import { BORN, PARENT_BORN } from './lineage.js'

/** The stored attribute of a row that records, by attribute of each ref, the value that is counted. */
export const COUNTED = '_counted'
/** The stored attribute of a row whose delete has begun and is deleting the rows that refer to it. */
export const DELETING = '_deleting'
const COUNT = '_count.'
/** The attributes that only the library writes, besides counts. */
const OWN = [COUNTED, DELETING, BORN, PARENT_BORN]

type Models = Readonly<Record<string, AnyModel>>

/** The stored attribute of the count of rows that refer by a field. */
function countAttribute({ name, definition }: AnyModel, field: string): string {
  const type = definition.type ?? name
  return `${COUNT}${type}.${definition.fields[field]?.spec.attribute ?? field}`
}

/** As {@link countAttribute}, for a compiled model. */
export function countOfRef({ type, name }: CompiledModel, attribute: string): string {
  return `${COUNT}${type ?? name}.${attribute}`
}

/** The models whose rows are counted by refs to them. */
export function countedModels(models: Models): Set<string> {
  const refs = Object.values(models).flatMap(model => Object.values(model?.definition?.fields ?? {}))
  return new Set(refs.flatMap(({ spec }) => (spec.kind === 'ref' && spec.onDelete ? [spec.target as string] : [])))
}

/** Stores a count field where the transactions of the counted rows write it. @param issues receives a count of nothing. */
export function withCount(models: Models, model: AnyModel, name: string, spec: FieldSpec, issues: Issue[]): FieldSpec {
  if (spec.kind !== 'count') return spec
  const [of = '', field = ''] = (spec.counted as string).split('.')
  const counted = Object.hasOwn(models, of) ? models[of] : undefined
  const ref =
    counted && Object.hasOwn(counted.definition.fields, field) ? counted.definition.fields[field]?.spec : undefined
  const report = (message: string): FieldSpec => {
    issues.push({ path: [model.name, 'fields', name], message })
    return spec
  }
  if (!counted || ref?.kind !== 'ref')
    return report(`counts ${spec.counted}, which is not a ref field of a connected model`)
  if (ref.target !== model.name) return report(`counts ${spec.counted}, which refers to ${ref.target}`)
  if (ref.onDelete === undefined) {
    return report(
      `counts ${spec.counted}, which does not say what happens when its ${model.name} is deleted; give it onDelete`,
    )
  }
  return { ...spec, attribute: countAttribute(counted, field) }
}

/** The refs of a model that are counted. */
export function countedRefs({ db, model }: RowContext): readonly GuardedRef[] {
  return db.rules.get(model)?.refs.filter(({ onDelete }) => onDelete) ?? []
}

/** The counts that a stored row is included in: the value of each ref by its attribute. */
export function countedIn(row: Item | undefined): Readonly<Record<string, Value>> {
  const stored = row?.[COUNTED]
  return isPlainObject(stored) ? (stored as Readonly<Record<string, Value>>) : {}
}

/** The counts that a row should be included in. A deleted row is in none. */
export function countsFor(
  { model }: RowContext,
  refs: readonly GuardedRef[],
  row: Item | undefined,
): Record<string, Value> {
  const counts: Record<string, Value> = {}
  if (!row || model.isDeleted(row)) return counts
  for (const { field } of refs) {
    const stored = row[field.attribute]
    if (stored !== undefined && stored !== null) counts[field.attribute] = stored
  }
  return counts
}

/** The row that a stored value of a ref refers to; undefined if no row can have such a key. */
export function referredRow(
  context: RowContext,
  { field, target, keyField }: GuardedRef,
  stored: Value,
): { readonly context: RowContext; readonly key: Key } | undefined {
  const of: RowContext = { ...context, model: target }
  try {
    const key = namedKey(of, { [keyField]: readValue(field, stored) })
    return key && { context: of, key }
  } catch {
    // Another program stored a value that the field cannot hold.
    return undefined
  }
}

/** Gives a whole row that replaces another what the library keeps in the other. */
export function keepingOwn(row: Item, before: Item | undefined): Item {
  const kept = Object.entries(before ?? {}).filter(([name]) => OWN.includes(name) || name.startsWith(COUNT))
  return kept.length > 0 ? { ...row, ...Object.fromEntries(kept) } : row
}

/** Whether a row is included in other counts than it should be. */
export function isMiscounted(context: RowContext, row: Item): boolean {
  const refs = countedRefs(context)
  if (refs.length === 0) return false
  const [is, should] = [countedIn(row), countsFor(context, refs, row)]
  return [...new Set([...Object.keys(is), ...Object.keys(should)])].some(name => is[name] !== should[name])
}
