/** Transactions: up to 100 creates, updates, deletes and checks, all or nothing. */
import {
  ConditionFailedError,
  ConflictError,
  invalid,
  keyText,
  TransactionFailedError,
  type TransactionReason,
  valueText,
} from '../errors/errors.js'
import { keyIdentity } from '../store/batch.js'
import { checkOptions, within } from '../store/options.js'
import { backoff, realPace } from '../store/retry.js'
import type { WriteRequest } from '../store/store.js'
import type { Key, Value } from '../value/value.js'
import type { AtomicOperation } from './atomic.js'
import { keyOf } from './attributes.js'
import { conditionFailed, liveItem } from './condition-failed.js'
import type { AnyExpression, ItemExpression } from './conditions.js'
import type { SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import { type AnyCreateParams, type CreateParams, createError, createRequest } from './create.js'
import type { Filters } from './filters.js'
import {
  type AnyDeleteParams,
  type AnyValidateParams,
  checkRequest,
  type DeleteParams,
  deleteRequest,
  type ValidateParams,
} from './remove.js'
import { type AnyUpdateParams, clearExpired, type UpdateParams, updateError, updateRequest } from './update.js'

type AnyItem = Readonly<Record<string, Value>>

/** `Word` if it is `string`, as for an operation in an array that was built in a variable; else `never`. */
type Widened<Word> = string extends Word ? Word : never

type WidenedExpression<Word> = Omit<AnyExpression, 'operation' | 'joinAs' | 'nested' | 'nestedJoinAs'> & {
  readonly operation: Word & Widened<Word>
}

interface WidenedOperation<Word> {
  readonly operation: Word & Widened<Word>
  readonly property: string
  readonly value: Value
}

type Rules<Word> = readonly (ItemExpression<AnyItem> | WidenedExpression<Word>)[] | Filters<AnyItem>

type TransactUpdateParams<Config, Word> = Omit<
  UpdateParams<AnyItem, Config, readonly (AtomicOperation<AnyItem> | WidenedOperation<Word>)[], Rules<Word>>,
  // DynamoDB's transactions return nothing.
  'returnUpdatedProperties'
>

/**
 * One operation of a transaction.
 *
 * `Word` is the type of the names of operations. If they are written inline, it is a union of literals, and a misspelt
 * name does not compile. If the list was built in a variable, it is `string`, and a misspelt name is rejected at run
 * time.
 */
export type TransactionItem<Config = SingleTableConfig, Word = string> =
  | {
      readonly create: CreateParams<object, Config, Rules<Word>>
      readonly update?: undefined
      readonly erase?: undefined
      readonly validate?: undefined
    }
  | {
      readonly update: TransactUpdateParams<Config, Word>
      readonly create?: undefined
      readonly erase?: undefined
      readonly validate?: undefined
    }
  | {
      readonly erase: DeleteParams<AnyItem, Rules<Word>>
      readonly create?: undefined
      readonly update?: undefined
      readonly validate?: undefined
    }
  | {
      readonly validate: ValidateParams<AnyItem, Rules<Word>>
      readonly create?: undefined
      readonly update?: undefined
      readonly erase?: undefined
    }

/** Options of `transaction`. */
export interface TableTransactionOptions {
  /**
   * Up to 36 characters. Within ten minutes, the same transaction with the same token is done once, from any process,
   * so it can be retried after `OutcomeUnknownError`. "The same" means the same requests to the store. If items expire
   * or have a type index, the requests contain the time, and a retry throws `TokenReused`: the transaction was done.
   */
  readonly token?: string
}

/** Any operation of a transaction, as this module sees it. */
interface AnyTransactionItem {
  readonly create?: AnyCreateParams | undefined
  readonly update?: AnyUpdateParams | undefined
  readonly erase?: AnyDeleteParams | undefined
  readonly validate?: AnyValidateParams | undefined
}

type Items = readonly (AnyTransactionItem | null | undefined)[]

/** A compiled operation, with its index in the caller's list. */
interface Prepared {
  readonly index: number
  readonly item: AnyTransactionItem
  readonly request: WriteRequest
  readonly key: Key
}

/** Attempts for one transaction, which is retried after a conflict and after the removal of expired items. */
const MAX_ATTEMPTS = 6

/**
 * Runs the operations as one transaction; an empty list does nothing. A transaction in conflict is retried.
 *
 * @throws TransactionFailedError with a reason for each entry of the caller's list, ConflictError, ValidationError.
 */
export async function transact(context: TableContext, items: Items, { token }: TableTransactionOptions): Promise<void> {
  const pace = context.config.pace ?? realPace
  for (let attempt = 0; ; attempt++) {
    const now = context.now()
    const prepared = prepare(context, items, now)
    if (prepared.length === 0) return
    const isLast = attempt === MAX_ATTEMPTS - 1
    try {
      const { capacity } = await context.store.transactWrite({ writes: prepared.map(({ request }) => request), token })
      context.report('transaction', capacity)
      return
    } catch (error) {
      if (error instanceof ConflictError && !isLast) await pace.sleep(backoff(attempt, pace))
      else if (!(error instanceof TransactionFailedError)) throw error
      else if (isLast || !(await clearForUpdates(context, prepared, error, now))) {
        throw explain(context, items.length, prepared, error, now)
      }
    }
  }
}

/**
 * The operations as requests of the store, to send in one `store.transactWrite` with those of other tables.
 *
 * @throws ValidationError with the path of the wrong parameter.
 */
export function ejectTransactParams(context: TableContext, items: Items): WriteRequest[] {
  return prepare(context, items, context.now()).map(({ request }) => request)
}

/** Calls a function for each item and joins the operations that it returns to one list. */
export function toTransactionParams<Item, Operation>(
  items: readonly Item[],
  generator: (item: Item) => Operation | readonly (Operation | null)[] | null,
): Operation[] {
  const operations: Operation[] = []
  for (const item of items) {
    const made = generator(item)
    for (const operation of Array.isArray(made) ? (made as readonly (Operation | null)[]) : [made as Operation]) {
      if (operation !== null && operation !== undefined) operations.push(operation)
    }
  }
  return operations
}

function prepare(context: TableContext, items: Items, now: number): Prepared[] {
  if (!Array.isArray(items)) throw invalid([], `is ${valueText(items)}; expected a list of operations`)
  const prepared: Prepared[] = []
  const indexes = new Map<string, number>()
  items.forEach((item, index) => {
    if (!item) return
    const request = prepareItem(context, item, index, now)
    const key = request.kind === 'put' ? keyOf(context.layout, request.item) : request.key
    const identity = keyIdentity(key)
    const first = indexes.get(identity)
    if (first !== undefined) {
      throw invalid(
        [index],
        `has the same item as [${first}], ${keyText(key)}; a transaction takes one operation for each item`,
      )
    }
    indexes.set(identity, index)
    prepared.push({ index, item, request, key })
  })
  return prepared
}

function prepareItem(context: TableContext, item: AnyTransactionItem, index: number, now: number): WriteRequest {
  checkOptions(item, ['create', 'update', 'erase', 'validate'], [index])
  const given = [item.create, item.update, item.erase, item.validate].filter(it => it !== undefined)
  if (given.length !== 1) throw invalid([index], 'must have exactly one of create, update, erase and validate')
  const { create, update, erase, validate } = item
  if (create) return within([index, 'create'], () => createRequest(context, create, now))
  if (erase) return within([index, 'erase'], () => deleteRequest(context, erase, now))
  if (validate) return within([index, 'validate'], () => checkRequest(context, validate, now))
  if (update?.returnUpdatedProperties) {
    throw invalid(
      [index, 'update', 'returnUpdatedProperties'],
      'is not supported in a transaction: DynamoDB returns no attributes from one',
    )
  }
  return within([index, 'update'], () => updateRequest(context, update as AnyUpdateParams, now))
}

/** Deletes the expired items that made updates with `mustExist: false` fail; true if there were any. */
async function clearForUpdates(
  context: TableContext,
  prepared: readonly Prepared[],
  { details }: TransactionFailedError,
  now: number,
): Promise<boolean> {
  let cleared = false
  for (const [i, { item }] of prepared.entries()) {
    if (item.update?.mustExist === false && (await clearExpired(context, details.reasons[i]?.item, now))) cleared = true
  }
  return cleared
}

/** The error with a reason for each entry of the caller's list. */
function explain(
  context: TableContext,
  length: number,
  prepared: readonly Prepared[],
  { details }: TransactionFailedError,
  now: number,
): TransactionFailedError {
  const reasons = Array.from({ length }, (_, index): TransactionReason => ({ index, code: 'None' }))
  prepared.forEach((operation, i) => {
    const reason = details.reasons[i]
    if (reason && reason.code !== 'None') reasons[operation.index] = explainReason(context, operation, reason, now)
  })
  return new TransactionFailedError({ reasons })
}

function explainReason(
  context: TableContext,
  { index, item, request, key }: Prepared,
  reason: TransactionReason,
  now: number,
): TransactionReason {
  if (reason.code !== 'ConditionFailed') return { ...reason, index }
  const failure = new ConditionFailedError({ table: context.layout.table, key, item: reason.item })
  const error =
    item.create && request.kind === 'put'
      ? createError(context, item.create, request, failure, now)
      : item.update
        ? updateError(context, item.update, key, failure, now)
        : conditionFailed(context, key, failure, item.erase ?? item.validate ?? {}, now)
  const wanted = (item.create ?? item.update ?? item.erase ?? item.validate)?.returnOldOnFailure
  const live = wanted ? liveItem(context, failure, now) : undefined
  const explained = { index, code: reason.code, message: error.message } as const
  return live ? { ...explained, item: context.reader.part(live) } : explained
}
