/** Deletes items, and checks conditions on them. */
import { ConditionFailedError, invalid } from '../errors/errors.js'
import { onLiveItem } from '../keys/expiry.js'
import { checkOptions } from '../store/options.js'
import type { CheckRequest, DeleteRequest } from '../store/store.js'
import { primaryKey } from './attributes.js'
import { conditionFailed } from './condition-failed.js'
import type { TableContext } from './context.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { type ExactlyOnce, writeOne } from './lost-answer.js'
import type { ItemKey } from './parameters.js'

/** Parameters of `delete`. */
export interface DeleteParams<Entity = Readonly<Record<string, unknown>>, Rules = Conditions<Entity>>
  extends ItemKey,
    ExactlyOnce {
  /** Conditions on the item. Without them, deleting an item that does not exist is not an error. */
  readonly conditions?: Rules
  /** Adds the existing item to `ConditionFailedError`. Default false. */
  readonly returnOldOnFailure?: boolean
}

/** Parameters of a check in a transaction. */
export interface ValidateParams<Entity = Readonly<Record<string, unknown>>, Rules = Conditions<Entity>>
  extends ItemKey {
  /** Conditions on the item. If they are false, the transaction fails. */
  readonly conditions: Rules
  readonly returnOldOnFailure?: boolean
}

/** Parameters of `delete` for a table whose configuration is not known. */
export type AnyDeleteParams = DeleteParams<unknown, AnyFilters>
/** Parameters of a check for a table whose configuration is not known. */
export type AnyValidateParams = ValidateParams<unknown, AnyFilters>

const PARAMETERS = ['partitionKey', 'rangeKey', 'conditions', 'returnOldOnFailure']
const DELETE_PARAMETERS = [...PARAMETERS, 'exactlyOnce']

/**
 * Deletes an item.
 *
 * @throws ConditionFailedError if its conditions are false; OutcomeUnknownError.
 */
export async function remove(context: TableContext, params: AnyDeleteParams): Promise<void> {
  const now = context.now()
  const request = deleteRequest(context, params, now)
  try {
    const { capacity } = await writeOne(context, request, request.key, params)
    if (capacity) context.report('delete', capacity)
  } catch (error) {
    throw error instanceof ConditionFailedError ? conditionFailed(context, request.key, error, params, now) : error
  }
}

/** @throws ValidationError with the path of the wrong parameter. */
export function deleteRequest(context: TableContext, params: AnyDeleteParams, now: number): DeleteRequest {
  checkOptions(params, DELETE_PARAMETERS)
  const { layout } = context
  const request = { kind: 'delete', table: layout.table, key: primaryKey(layout, params) } as const
  const condition = onLiveItem(layout, compileFilters(params.conditions, ['conditions']), now)
  return condition ? { ...request, condition, returnOldOnFailure: true } : request
}

/** @throws ValidationError with the path of the wrong parameter, or if there is no condition to check. */
export function checkRequest(context: TableContext, params: AnyValidateParams, now: number): CheckRequest {
  checkOptions(params, PARAMETERS)
  const { layout } = context
  const condition = onLiveItem(layout, compileFilters(params.conditions, ['conditions']), now)
  if (!condition) throw invalid(['conditions'], 'are missing; validate needs at least one')
  return { kind: 'check', table: layout.table, key: primaryKey(layout, params), condition, returnOldOnFailure: true }
}
