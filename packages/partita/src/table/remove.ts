/** Deleting items, and checking conditions on them. */
import { ConditionFailedError, invalid } from '../errors/errors.js'
import { onLiveItem } from '../keys/expiry.js'
import { checkOptions } from '../store/options.js'
import type { CheckRequest, DeleteRequest } from '../store/store.js'
import { primaryKey } from './attributes.js'
import { refusal } from './condition-failed.js'
import type { TableContext } from './context.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { type Certainty, writeOne } from './lost-answer.js'
import type { ItemKey } from './parameters.js'

/** Parameters of `delete`. */
export interface DeleteParams<Entity = Readonly<Record<string, unknown>>, Rules = Conditions<Entity>>
  extends ItemKey,
    Certainty {
  /** What the item must be like. Without conditions, deleting an item that is not there is no error. */
  readonly conditions?: Rules
  /** Puts the item that is there into the `ConditionFailedError` error. Default false. */
  readonly returnOldOnFailure?: boolean
}

/** Parameters of a check in a transaction. */
export interface ValidateParams<Entity = Readonly<Record<string, unknown>>, Rules = Conditions<Entity>>
  extends ItemKey {
  /** What the item must be like for the transaction to happen. */
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
 * @throws ConditionFailedError if its conditions are false; OutcomeUnknownError.
 */
export async function remove(context: TableContext, params: AnyDeleteParams): Promise<void> {
  const now = context.now()
  const request = deleteRequest(context, params, now)
  try {
    const { capacity } = await writeOne(context, request, request.key, params)
    if (capacity) context.answered('delete', capacity)
  } catch (error) {
    throw error instanceof ConditionFailedError ? refusal(context, request.key, error, params, now) : error
  }
}

/** @throws ValidationError naming the parameter that is wrong. */
export function deleteRequest(context: TableContext, params: AnyDeleteParams, now: number): DeleteRequest {
  checkOptions(params, DELETE_PARAMETERS)
  const { layout } = context
  const request = { kind: 'delete', table: layout.table, key: primaryKey(layout, params) } as const
  const condition = onLiveItem(layout, compileFilters(params.conditions, ['conditions']), now)
  return condition ? { ...request, condition, returnOldOnFailure: true } : request
}

/** @throws ValidationError naming the parameter that is wrong, or when there is no condition to check. */
export function checkRequest(context: TableContext, params: AnyValidateParams, now: number): CheckRequest {
  checkOptions(params, PARAMETERS)
  const { layout } = context
  const condition = onLiveItem(layout, compileFilters(params.conditions, ['conditions']), now)
  if (!condition) throw invalid(['conditions'], 'are missing; validate checks at least one')
  return { kind: 'check', table: layout.table, key: primaryKey(layout, params), condition, returnOldOnFailure: true }
}
