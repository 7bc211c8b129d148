/** Refs with `guard`: the row that they refer to exists when the write commits. */
import type { Issue, Violation } from '../../errors/errors.js'
import { RuleViolationError, valueText } from '../../errors/errors.js'
import { allOf, and, type Condition, notExists } from '../../expression/ast.js'
import { isPresent } from '../../keys/expiry.js'
import type { Item } from '../../value/value.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import { namedKey } from '../compile/row-key.js'
import { readValue } from '../define/codec.js'
import type { FieldSpec, OnDelete } from '../define/field.js'
import { identity } from '../read/loader.js'
import { rowDetails } from '../rows/row-details.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import type { RefGuard } from '../transaction/row-guards.js'
import { live, notDeleted, withoutDeleted } from '../write/guard.js'
import { countOfRef } from './count-fields.js'
import { DELETING } from './own-attributes.js'

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

/**
 * Checks the refs that a write changes.
 * @param isChanged whether the write changes a stored attribute: a row may keep a ref to a row that was deleted since.
 * @returns the guards that the commit needs, and the violations of refs to rows that do not exist.
 */
export async function guardsOf(
  context: RowContext,
  refs: readonly GuardedRef[],
  row: Item,
  isChanged: (attribute: string) => boolean,
): Promise<{ readonly guards: readonly RefGuard[]; readonly violations: readonly Violation[] }> {
  const { overlay } = context.scope
  const own = identity(context.model.table, keyOf(context.model, row))
  const changed = refs.filter(({ field }) => isChanged(field.attribute))
  const checked = await Promise.all(
    changed.map(async ({ field, target, keyField }): Promise<{ guard: RefGuard } | { violation: Violation }> => {
      const { name, attribute } = field
      const stored = row[attribute]
      if (stored === undefined || stored === null) return { guard: { attribute, of: undefined } }
      const given = readValue(field, stored)
      const message = `${valueText(given)} is not a key of ${target.name}`
      const violation: Violation = { rule: 'references', path: [name], message, value: given }
      const of = withoutDeleted({ ...context, model: target, purpose: 'guards' })
      const key = namedKey(of, { [keyField]: given })
      if (!key) return { violation }
      // The commit stores the row that it refers to.
      if (identity(target.table, key) === own) return { guard: { attribute, of: undefined } }
      if (!(await overlay?.exists(of, key))) return { violation }
      const failure = () => refViolation(context, row, violation)
      return { guard: { attribute, of: { context: of, key, failure } } }
    }),
  )
  return {
    guards: checked.flatMap(one => ('guard' in one ? [one.guard] : [])),
    violations: checked.flatMap(one => ('violation' in one ? [one.violation] : [])),
  }
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

/** The error of a row whose guarded ref refers to a row that was deleted in the meantime. */
function refViolation({ model }: RowContext, row: Item, violation: Violation): RuleViolationError {
  return new RuleViolationError({ ...rowDetails(model, keyOf(model, row)), violations: [violation] })
}
