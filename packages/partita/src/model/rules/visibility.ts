/** Permissions: which rows a scope may read, and which writes it may make. */
import { invalid, PermissionDeniedError } from '../../errors/errors.js'
import { MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import type { Item } from '../../value/value.js'
import { compileWhere } from '../compile/condition.js'
import { upgradeFailure } from '../evolve/form.js'
import { identity } from '../read/loader.js'
import { fieldsOf, unreadable } from '../read/row.js'
import { rowsOf } from '../rows/access.js'
import { warnOf } from '../rows/record.js'
import type { RowContext } from '../rows/rows.js'
import type { RuleContext, RuleOperation } from '../types/rules.js'
import { hidesRows, visible } from './hiding.js'
import { isChildOf, parentContext, parentKey } from './lineage.js'
import type { Parent } from './model-rules.js'

/** The row if the scope may read it. */
export async function visibleRow(context: RowContext, row: Item | undefined): Promise<Item | undefined> {
  return row && (await visible(context, [row]))[0]
}

/** Whether the scope may read each row of a model whose permissions apply; undefined if it may read all. */
export async function visibilityOf(
  context: RowContext,
  rows: readonly Item[],
): Promise<readonly boolean[] | undefined> {
  const none = rows.map(() => false)
  if (!hasActor(context)) return none
  const { permissions } = rulesOf(context)
  if (permissions.kind === 'inherited') {
    const parents = await parentsOf(context, permissions.parent, rows)
    return parents.map((parent, i) => parent !== undefined && isDecidable(context, rows[i] as Item))
  }
  if (permissions.kind === 'http') return undefined
  const { permissions: own } = permissions
  if (!own.conditions) return undefined
  const conditions = await outside(context, () => own.conditions?.(ruleContext(context)))
  if (conditions === false) return none
  if (conditions === true) return undefined
  const at = ['rules', 'permissions', 'conditions']
  // A function that forgets to return must not show every row.
  if (conditions === undefined) throw invalid(at, 'returned undefined; return a filter, true or false')
  const condition = compileWhere(context.model, conditions, at)
  if (!condition) return undefined
  const prepared = new PreparedCondition(condition, new Work(MAX_PAGE_STEPS))
  return rows.map(row => isDecidable(context, row) && prepared.test(row))
}

/** Whether permissions can decide on a row. A row that cannot be upgraded is hidden, and reported to the program. */
function isDecidable(context: RowContext, row: Item): boolean {
  const failure = upgradeFailure(context.model, row)
  if (failure) warnOf(context, unreadable(context.model, row, failure.issues))
  return failure === undefined
}

/**
 * Whether the scope may make a write.
 * @param row the row as stored, or as it will be stored.
 * @throws PermissionDeniedError
 */
export async function enforce(context: RowContext, row: Item, operation: RuleOperation): Promise<void> {
  if (!(await isAllowed(context, row, operation))) throw new PermissionDeniedError(context.model.name, operation)
}

/** @param model the name of the model that is written, which may inherit the permissions of this one. */
async function isAllowed(
  context: RowContext,
  row: Item,
  operation: RuleOperation,
  model = context.model.name,
): Promise<boolean> {
  if (!hidesRows(context)) return true
  if (!hasActor(context)) return false
  const { permissions } = rulesOf(context)
  if (permissions.kind === 'http') return true
  if (permissions.kind === 'inherited') {
    const { parent } = permissions
    const [found] = await parentsOf(context, parent, [row])
    return found !== undefined && isAllowed(parentContext(context, parent), found, operation, model)
  }
  if (!isDecidable(context, row)) return false
  const fields = fieldsOf(context.model, row)
  // Only the value true permits: a promise, 1 or an object is not an answer.
  const { enforce: decide } = permissions.permissions
  return (await outside(context, () => decide(fields, { ...ruleContext(context), model, operation }))) === true
}

/** The parents that the scope may read, for each row; undefined if there is none. They are read in one batch. */
async function parentsOf(context: RowContext, parent: Parent, rows: readonly Item[]): Promise<(Item | undefined)[]> {
  const of = parentContext(context, parent)
  const keys = rows.map(row => parentKey(context, parent, row))
  const distinct = new Map(keys.flatMap(key => (key ? [[identity(of.model.table, key), key] as const] : [])))
  const found = await rowsOf(of).readMany(of, [...distinct.values()], false)
  const byKey = new Map([...distinct.keys()].map((id, i) => [id, found[i]]))
  return rows.map((row, i) => {
    const key = keys[i]
    const met = key && byKey.get(identity(of.model.table, key))
    return met && isChildOf(met, row) ? met : undefined
  })
}

function rulesOf({ db, model }: RowContext) {
  const rules = db.rules.get(model)
  if (!rules) throw new Error(`${model.name} has no rules`)
  return rules
}

/** An empty text is no actor: it is what remains of a header or a session that names nobody. */
function hasActor({ scope: { actor } }: RowContext): boolean {
  return actor !== undefined && actor !== null && actor !== ''
}

/** Calls a function of the program. The calls of the database that it makes are not part of the transaction. */
export function outside<T>({ db, scope }: RowContext, work: () => T): T {
  return db.transactions.hook(scope.overlay, work)
}

/** What rules know of a call. */
export function ruleContext({ model, scope }: RowContext): RuleContext {
  return { model: model.name, actor: scope.actor, tenant: scope.tenant }
}
