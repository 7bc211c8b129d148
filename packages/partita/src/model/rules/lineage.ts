/**
 * Keeps the rows that inherit the permissions of a row apart from a later row with the same key. The key of a row that was
 * deleted, or has expired, can be used again, by somebody else: the rows that referred to the former one must not become
 * theirs.
 *
 * A row whose permissions others inherit has a token of its own. A row that inherits records the token of the row that it
 * refers to, when its ref is written. It is visible only while they agree. Rows without a record, from other tools or from
 * before there were tokens, belong to whatever row has the key.
 */
import type { Item } from '../../value/value.js'
import { namedKey } from '../compile/row-key.js'
import { fillFields } from '../read/row.js'
import type { RowContext } from '../rows/rows.js'
import { withDeleted } from '../write/guard.js'
import { equalStored } from '../write/seen.js'
import type { ModelRules, Parent } from './model-rules.js'
import { BORN, PARENT_BORN } from './own-attributes.js'

/** The context of the rows whose permissions are inherited. */
export function parentContext(context: RowContext, { model }: Parent): RowContext {
  return { ...context, model, purpose: 'permissions', scope: { ...context.scope, withDeleted: false } }
}

/** The key of the row whose permissions a row inherits; undefined if its ref refers to none. */
export function parentKey(context: RowContext, parent: Parent, row: Item) {
  const field = context.model.byName.get(parent.field)
  const fields: { [name: string]: unknown } = {}
  if (field) fillFields([field], row, fields)
  const value = fields[parent.field]
  return value === undefined || value === null
    ? undefined
    : namedKey(parentContext(context, parent), { [parent.keyField]: value })
}

/** Whether a row inherits from this parent, and not from an earlier row with its key. */
export function isChildOf(parent: Item, row: Item): boolean {
  return row[PARENT_BORN] === undefined || row[PARENT_BORN] === (parent[BORN] ?? '')
}

/**
 * The row with its token, or with the token of the row that it refers to, for a save.
 * @param before the row as stored; undefined for a new row.
 */
export async function withLineage(
  context: RowContext,
  { hasHeirs, permissions }: Pick<ModelRules, 'hasHeirs' | 'permissions'>,
  before: Item | undefined,
  after: Item,
): Promise<Item> {
  const row = hasHeirs && !before ? { ...after, [BORN]: context.db.revision() } : after
  if (permissions.kind !== 'inherited') return row
  const { parent } = permissions
  const attribute = context.model.byName.get(parent.field)?.attribute ?? parent.field
  if (before && equalStored(before[attribute], row[attribute])) return row
  const { [PARENT_BORN]: _, ...rest } = row
  const key = parentKey(context, parent, row)
  if (!key) return rest
  const of = withDeleted(parentContext(context, parent))
  const unguarded: RowContext = { ...of, scope: { ...of.scope, isUnguarded: true } }
  const [found] = (await context.scope.overlay?.readMany(unguarded, [key])) ?? []
  return found ? { ...rest, [PARENT_BORN]: found[BORN] ?? '' } : rest
}
