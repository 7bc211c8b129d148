/** What the modules of the model layer share: the store, the models, and how it is called. */
import { UnavailableError } from '../../errors/errors.js'
import type { Pace } from '../../store/retry.js'
import type {
  BatchGetRequest,
  BatchGetResult,
  GetRequest,
  GetResult,
  QueryRequest,
  ScanRequest,
  Store,
  ItemPage as StorePage,
  TransactGetRequest,
  TransactGetResult,
  TransactWriteRequest,
  TransactWriteResult,
  WriteRequest,
  WriteResult,
} from '../../store/store.js'
import { performance } from '../../store/timers.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { PhysicalTable } from '../compile/layout.js'
import type { ResolvedRelation } from '../compile/relations.js'
import type { PartStates } from '../evolve/part-states.js'
import type { RecordClass } from '../rows/record.js'
import type { RunningTransactions } from '../transaction/running.js'
import type { OperationEvent, OperationListener } from '../types/events.js'
import type { Sources } from '../write/input.js'
import { checkTenant, checkView, meter, type ScopeState } from './scope.js'
import { inModelTerms } from './store-error.js'
import type { Warnings } from './warnings.js'

/** What is used of Node's `AsyncLocalStorage`; named here, so that programs compile without Node's types. */
interface ScopeStorage {
  getStore(): ScopeState | undefined
  run<Result>(scope: ScopeState, work: () => Result): Result
}

export interface DatabaseContext {
  readonly store: Store
  readonly table: PhysicalTable
  readonly models: ReadonlyMap<string, CompiledModel>
  readonly classes: ReadonlyMap<CompiledModel, RecordClass>
  readonly relations: ReadonlyMap<CompiledModel, ReadonlyMap<string, ResolvedRelation>>
  readonly sources: Sources
  /** A token that no other write has. */
  readonly revision: () => string
  readonly cursorSecret: string | undefined
  readonly tenantRequired: boolean
  readonly pace: Pace
  readonly listeners: Set<OperationListener>
  readonly warnings: Warnings
  /** What rows may lack of what the models derive from them. */
  readonly parts: PartStates
  /** Models whose count of buckets stands in the table. */
  readonly noted: Set<CompiledModel>
  /** The scope of what is running; a database has its own, so that scopes of two never mix. */
  readonly scopes: ScopeStorage
  readonly transactions: RunningTransactions
  readonly root: ScopeState
}

/** Who calls, and for what. */
export interface CallContext {
  readonly db: DatabaseContext
  readonly scope: ScopeState
  readonly model?: CompiledModel | undefined
  readonly retries?: number
}

/** The Store's calls, metered and told of. */
export const calls = {
  get: (context: CallContext, request: GetRequest): Promise<GetResult> => call(context, 'get', request),
  batchGet: (context: CallContext, request: BatchGetRequest): Promise<BatchGetResult> =>
    call(context, 'batchGet', request),
  write: (context: CallContext, request: WriteRequest): Promise<WriteResult> => call(context, 'write', request),
  batchWrite: (context: CallContext, request: Parameters<Store['batchWrite']>[0]) =>
    call(context, 'batchWrite', request),
  transactWrite: (context: CallContext, request: TransactWriteRequest): Promise<TransactWriteResult> =>
    call(context, 'transactWrite', request),
  transactGet: (context: CallContext, request: TransactGetRequest): Promise<TransactGetResult> =>
    call(context, 'transactGet', request),
  query: (context: CallContext, request: QueryRequest): Promise<StorePage> =>
    call(context, 'query', request, request.index),
  scan: (context: CallContext, request: ScanRequest): Promise<StorePage> =>
    call(context, 'scan', request, request.index),
}

type Operation = OperationEvent['operation']

const WRITES: ReadonlySet<Operation> = new Set(['write', 'batchWrite', 'transactWrite'])

async function call<Name extends Operation>(
  context: CallContext,
  operation: Name,
  request: Parameters<Store[Name]>[0],
  index?: string,
): Promise<Awaited<ReturnType<Store[Name]>>> {
  const { db, scope } = context
  checkTenant(scope, db.tenantRequired)
  checkView(context)
  if (db.parts.pending && WRITES.has(operation)) await db.parts.pending()
  const { limits } = scope
  if (limits?.signal?.aborted) throw aborted(operation, limits.signal)
  const start = db.listeners.size > 0 ? performance.now() : 0
  try {
    const result = (await (db.store[operation] as (it: unknown) => unknown)(
      limits ? { ...request, ...limits } : request,
    )) as Awaited<ReturnType<Store[Name]>>
    meter(scope, result.capacity)
    if (db.listeners.size > 0) tell(context, operation, index, start, result.capacity, undefined)
    return result
  } catch (error) {
    if (db.listeners.size > 0) tell(context, operation, index, start, { read: 0, write: 0, tables: {} }, error)
    throw inModelTerms(context, operation, request, error)
  }
}

function aborted(operation: Operation, signal: AbortSignal): UnavailableError {
  const message = `The scope's signal was aborted before ${operation} was sent; nothing was done`
  return new UnavailableError(message, { operation }, signal.reason)
}

function tell(
  { db, scope, model, retries = 0 }: CallContext,
  operation: Operation,
  index: string | undefined,
  start: number,
  capacity: OperationEvent['capacity'],
  error: unknown,
): void {
  const { tenant, actor } = scope
  const duration = performance.now() - start
  const event = {
    operation,
    model: model?.name,
    index,
    duration,
    capacity,
    retries,
    tenant,
    actor,
    ...(error !== undefined && { error }),
  }
  for (const listener of db.listeners) {
    try {
      listener(event)
    } catch {
      // The call has been made; what a log does with that is no matter of it.
    }
  }
}
