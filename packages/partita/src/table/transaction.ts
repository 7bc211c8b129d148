/** All or nothing: up to 100 creates, updates, deletes and checks. */
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
import { liveItem, refusal } from './condition-failed.js'
import type { AnyExpression, ItemExpression } from './conditions.js'
import type { SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import { type AnyCreateParams, type CreateParams, createRefusal, createRequest } from './create.js'
import type { Filters } from './filters.js'
import {
  type AnyDeleteParams,
  type AnyValidateParams,
  checkRequest,
  type DeleteParams,
  deleteRequest,
  type ValidateParams,
} from './remove.js'
import { type AnyUpdateParams, clearExpired, type UpdateParams, updateRefusal, updateRequest } from './update.js'

type AnyItem = Readonly<Record<string, Value>>

/** `Word` itself where it is just `string`: an operation in an array that was built up beforehand. */
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
 * `Word` is the type of the operations' names: literals where they are written in place, and then a misspelt one does
 * not compile; `string` where the list was built up in a variable, and then it is refused when the transaction runs.
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
export interface TransactionOptions {
  /**
   * Up to 36 characters. The same transaction with the same token within ten minutes is done once, by whichever process,
   * so that it can be repeated after `OutcomeUnknownError`. "The same" is as it is sent: where items expire or are listed by
   * type the moment is part of that, and a repetition is refused with `TokenReused`, which means that it was done.
   */
  readonly token?: string
}

/** Any operation of a transaction, as this module reads it. */
interface AnyTransactionItem {
  readonly create?: AnyCreateParams | undefined
  readonly update?: AnyUpdateParams | undefined
  readonly erase?: AnyDeleteParams | undefined
  readonly validate?: AnyValidateParams | undefined
}

type Items = readonly (AnyTransactionItem | null | undefined)[]

/** An operation made ready, with its place in the caller's list. */
interface Prepared {
  readonly place: number
  readonly item: AnyTransactionItem
  readonly request: WriteRequest
  readonly key: Key
}

/** Tries for one transaction, whether it met other writers or expired items. */
const MAX_ATTEMPTS = 6

/**
 * Runs the operations as one; an empty list does nothing. A transaction that met another one is tried again.
 * @throws TransactionFailedError with a reason for each entry of the caller's list, `ConflictError`, `ValidationError`.
 */
export async function transact(context: TableContext, items: Items, { token }: TransactionOptions): Promise<void> {
  const pace = context.config.pace ?? realPace
  for (let attempt = 0; ; attempt++) {
    const now = context.now()
    const prepared = prepare(context, items, now)
    if (prepared.length === 0) return
    const isLast = attempt === MAX_ATTEMPTS - 1
    try {
      const { capacity } = await context.store.transactWrite({ writes: prepared.map(({ request }) => request), token })
      context.answered('transaction', capacity)
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
 * The operations as the store takes them, to be mixed with those of other tables in one `store.transactWrite`.
 * @throws ValidationError naming the operation and what is wrong with it.
 */
export function ejectTransactParams(context: TableContext, items: Items): WriteRequest[] {
  return prepare(context, items, context.now()).map(({ request }) => request)
}

/** The operations that a function gives for each of some items, in one list. */
export function toTransactionParams<Item, Operation>(
  items: readonly Item[],
  generator: (item: Item) => Operation | readonly (Operation | null)[] | null,
): Operation[] {
  const operations: Operation[] = []
  for (const item of items) {
    const given = generator(item)
    for (const operation of Array.isArray(given) ? (given as readonly (Operation | null)[]) : [given as Operation]) {
      if (operation !== null && operation !== undefined) operations.push(operation)
    }
  }
  return operations
}

function prepare(context: TableContext, items: Items, now: number): Prepared[] {
  if (!Array.isArray(items)) throw invalid([], `is ${valueText(items)}; a transaction is a list of operations`)
  const prepared: Prepared[] = []
  const places = new Map<string, number>()
  items.forEach((item, place) => {
    if (!item) return
    const request = prepareItem(context, item, place, now)
    const key = request.kind === 'put' ? keyOf(context.layout, request.item) : request.key
    const identity = keyIdentity(key)
    const before = places.get(identity)
    if (before !== undefined) {
      throw invalid(
        [place],
        `is about the same item as [${before}], ${keyText(key)}; a transaction takes one operation for each item`,
      )
    }
    places.set(identity, place)
    prepared.push({ place, item, request, key })
  })
  return prepared
}

function prepareItem(context: TableContext, item: AnyTransactionItem, place: number, now: number): WriteRequest {
  checkOptions(item, ['create', 'update', 'erase', 'validate'], [place])
  const given = [item.create, item.update, item.erase, item.validate].filter(it => it !== undefined)
  if (given.length !== 1) throw invalid([place], 'has not exactly one of create, update, erase and validate')
  const { create, update, erase, validate } = item
  if (create) return within([place, 'create'], () => createRequest(context, create, now))
  if (erase) return within([place, 'erase'], () => deleteRequest(context, erase, now))
  if (validate) return within([place, 'validate'], () => checkRequest(context, validate, now))
  if (update?.returnUpdatedProperties) {
    throw invalid([place, 'update', 'returnUpdatedProperties'], 'cannot be had: a transaction returns nothing')
  }
  return within([place, 'update'], () => updateRequest(context, update as AnyUpdateParams, now))
}

/** Deletes the expired items that updates with `mustExist: false` met; true where there was one. */
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

/** The failure with its reasons in the places of the caller's list, each saying what was the matter. */
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
    if (reason && reason.code !== 'None') reasons[operation.place] = explainReason(context, operation, reason, now)
  })
  return new TransactionFailedError({ reasons })
}

function explainReason(
  context: TableContext,
  { place, item, request, key }: Prepared,
  reason: TransactionReason,
  now: number,
): TransactionReason {
  if (reason.code !== 'ConditionFailed') return { ...reason, index: place }
  const failure = new ConditionFailedError({ table: context.layout.table, key, item: reason.item })
  const error =
    item.create && request.kind === 'put'
      ? createRefusal(context, item.create, request, failure, now)
      : item.update
        ? updateRefusal(context, item.update, key, failure, now)
        : refusal(context, key, failure, item.erase ?? item.validate ?? {}, now)
  const wanted = (item.create ?? item.update ?? item.erase ?? item.validate)?.returnOldOnFailure
  const live = wanted ? liveItem(context, failure, now) : undefined
  const told = { index: place, code: reason.code, message: error.message } as const
  return live ? { ...told, item: context.reader.part(live) } : told
}
