/** Refs with `guard`: the row that they refer to exists when the write commits. */
import type { Issue, Violation } from '../../errors/errors.js'
import { RuleViolationError, valueText } from '../../errors/errors.js'
import { allOf, and, type Condition, hasType, notExists, or, value } from '../../expression/ast.js'
import { isPresent } from '../../keys/expiry.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import { namedKey } from '../compile/row-key.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import { readValue } from '../define/codec.js'
import type { FieldSpec, OnDelete } from '../define/field.js'
import { rowDetails } from '../rows/row-details.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { live } from '../write/guard.js'
import { countOfRef, DELETING } from './counts.js'

/** A guarded ref field. */
export interface GuardedRef {
  readonly field: CompiledField
  readonly target: CompiledModel
  /** The key field of the target that the ref holds. */
  readonly keyField: string
  /** What happens to the row when the row that it refers to is deleted; undefined if nothing does. */
  readonly onDelete: OnDelete | undefined
  /** The attribute of the target that counts the rows that refer to it. */
  readonly count: string
}

/** The guarded refs of a model. @param issues receives refs that cannot be guarded. */
export function guardedRefs(
  models: ReadonlyMap<string, CompiledModel>,
  model: CompiledModel,
  issues: Issue[],
): GuardedRef[] {
  return model.fields.flatMap(field => {
    if (partsOf(field.spec).some(hasGuard)) {
      const message = 'has a guarded ref inside it; only a ref that is a field of the model can be guarded'
      issues.push({ path: [model.name, 'fields', field.name], message })
    }
    const { guard, onDelete } = field.spec
    if (field.spec.kind !== 'ref' || !(guard || onDelete)) return []
    const target = models.get(field.spec.target as string) as CompiledModel
    const [keyField, another] = target.keyFields
    if (keyField && !another) {
      const count = countOfRef(model, field.attribute)
      return [{ field, target, keyField: keyField.name, onDelete, count }]
    }
    const message = `cannot be guarded: the key of ${target.name} has several fields`
    issues.push({ path: [model.name, 'fields', field.name], message })
    return []
  })
}

function partsOf({ element, shape }: FieldSpec): readonly FieldSpec[] {
  return [...(element ? [element] : []), ...Object.values(shape ?? {})]
}

function hasGuard(spec: FieldSpec): boolean {
  return spec.guard === true || spec.onDelete !== undefined || partsOf(spec).some(hasGuard)
}

/** The row that a ref refers to: its key, and the violation if it does not exist. */
export interface GuardedRow {
  readonly context: RowContext
  readonly key: Key
  readonly violation: Violation
}

/**
 * The rows that the refs of a row refer to. A ref that no row can have as its key is among `violations`.
 * @param isChanged whether the write changes a stored attribute: a row may keep a ref to a row that was deleted since.
 */
export function guardedRows(
  context: RowContext,
  refs: readonly GuardedRef[],
  row: Item,
  isChanged: (attribute: string) => boolean,
): { readonly rows: readonly GuardedRow[]; readonly violations: readonly Violation[] } {
  const rows: GuardedRow[] = []
  const violations: Violation[] = []
  for (const { field, target, keyField } of refs) {
    const stored = row[field.attribute]
    if (!isChanged(field.attribute) || stored === undefined || stored === null) continue
    const given = readValue(field, stored)
    const of: RowContext = { ...context, model: target, purpose: 'guards' }
    const key = namedKey(of, { [keyField]: given })
    const message = `${valueText(given)} is not the key of a ${target.name}`
    const violation: Violation = { rule: 'references', path: [field.name], message, value: given }
    if (key) rows.push({ context: of, key, violation })
    else violations.push(violation)
  }
  return { rows, violations }
}

/** True while a row exists and is not soft-deleted. It closes the race between a write that refers to a row and its delete. */
export function stillExists({ model, db }: RowContext): Condition {
  const isThere = isPresent(model.expiring, db.sources.now())
  const isKept = allOf([
    model.softDelete && notDeleted(),
    // Its delete has begun: nothing may refer to it any more.
    isReferred(db, model) ? notExists([DELETING]) : undefined,
  ])
  return isKept ? and(isThere, isKept) : isThere
}

/** Whether a row in a transaction's view exists and its delete has not begun. */
export function isThere(context: RowContext, row: Item | undefined): boolean {
  return live(context, row) !== undefined && row?.[DELETING] === undefined
}

function isReferred(db: RowContext['db'], model: CompiledModel): boolean {
  return (db.rules.get(model)?.referrers.length ?? 0) > 0
}

/** True for a row that is not soft-deleted. */
export function notDeleted(): Condition {
  return or(notExists([DELETED_AT]), hasType([DELETED_AT], value('NULL')))
}

/** The error of a row whose guarded ref refers to a row that was deleted in the meantime. */
export function refViolation({ model }: RowContext, row: Item, violation: Violation): RuleViolationError {
  return new RuleViolationError({ ...rowDetails(model, keyOf(model, row)), violations: [violation] })
}
