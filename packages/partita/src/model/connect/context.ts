/** The context that the modules of the model layer share: the stores, the models, and the calls to the stores. */
import { UnavailableError } from '../../errors/errors.js'
import type { AssetStore } from '../../store/asset-store.js'
import type { Pace } from '../../store/retry.js'
import type {
  BatchGetRequest,
  BatchGetResult,
  CallOptions,
  ExplainRequest,
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
import { upgrades } from '../on-demand.js'
import type { RecordClass } from '../rows/record.js'
import type { ModelRules } from '../rules/model-rules.js'
import type { RunningTransactions } from '../transaction/running.js'
import type { OperationEvent, OperationListener } from '../types/events.js'
import type { ReadPurpose } from '../types/explanation.js'
import type { Sources } from '../write/input.js'
import { checkTenant, checkView, meter, type ScopeState } from './scope.js'
import { inModelTerms } from './store-error.js'
import type { Warnings } from './warnings.js'

/** The used part of Node's `AsyncLocalStorage`, declared here so that programs compile without Node's types. */
interface ScopeStorage {
  getStore(): ScopeState | undefined
  run<Result>(scope: ScopeState, work: () => Result): Result
}

/** The property of a database handle that holds its context, for `partita/testing`. */
export const DATABASE_CONTEXT: unique symbol = Symbol('context')

/** The state of a connected database. */
export interface DatabaseContext {
  /** The tables of the databases, in their order, and the store of each. At least one. */
  readonly stores: ReadonlyMap<PhysicalTable, Store>
  /** The asset store; undefined if the program connects none. */
  readonly assets: AssetStore | undefined
  readonly models: ReadonlyMap<string, CompiledModel>
  readonly classes: ReadonlyMap<CompiledModel, RecordClass>
  /** The rules of models that have some. */
  readonly rules: ReadonlyMap<CompiledModel, ModelRules>
  /** The models with upgrade steps, by table. */
  readonly upgrading: ReadonlyMap<PhysicalTable, readonly CompiledModel[]>
  readonly relations: ReadonlyMap<CompiledModel, ReadonlyMap<string, ResolvedRelation>>
  readonly sources: Sources
  /** Returns a new revision token, different for every write. */
  readonly revision: () => string
  readonly cursorSecret: string | undefined
  /** Secrets that tables hold for cursors, as far as they have been read. */
  readonly tableSecrets: Map<PhysicalTable, string>
  readonly tenantRequired: boolean
  readonly pace: Pace
  readonly listeners: Set<OperationListener>
  readonly warnings: Warnings
  /** Which parts of the models older rows may lack. */
  readonly parts: PartStates
  /** Models whose number of buckets is recorded in the table. */
  readonly recordedBuckets: Set<CompiledModel>
  /** The current scope. Each database has its own storage, so scopes of two databases never mix. */
  readonly scopes: ScopeStorage
  readonly transactions: RunningTransactions
  readonly root: ScopeState
}

/** The context of a call to the store. */
export interface CallContext {
  readonly db: DatabaseContext
  readonly scope: ScopeState
  readonly model?: CompiledModel | undefined
  /** The table of a call that is not about one model. */
  readonly table?: PhysicalTable | undefined
  readonly retries?: number
  /** What its reads are for, in what `db.explain` reports. Default `rows`. */
  readonly purpose?: ReadPurpose
}

/** The store of a table. */
export function storeOf({ stores }: DatabaseContext, table: PhysicalTable): Store {
  const store = stores.get(table)
  if (!store) throw new Error(`The table ${table.name} belongs to another connection`)
  return store
}

/**
 * The calls of the Store contract, with capacity metering, events and errors in terms of models. Rows of older forms are
 * upgraded in what they return; {@link asStored} is the row as stored.
 */
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
  const table = tableOf(context)
  if (db.parts.pending.size > 0 && WRITES.has(operation)) await db.parts.pending.get(table)?.()
  const { limits } = scope
  if (limits?.signal?.aborted) throw aborted(operation, limits.signal)
  const store = storeOf(db, table)
  const watch = db.listeners.size > 0 ? new Watch() : undefined
  try {
    const result = (await (store[operation] as (sent: unknown) => unknown)(
      limits || watch ? { ...request, ...limits, ...watch?.options } : request,
    )) as Awaited<ReturnType<Store[Name]>>
    meter(scope, result.capacity)
    if (scope.recorder) {
      const commands = await store.explain?.(request as ExplainRequest)
      scope.recorder.add({ operation, model: context.model?.name, index, purpose: context.purpose, request, commands })
    }
    if (watch) emit(context, operation, index, watch, result.capacity, undefined)
    // A call for whole tables, without a model, looks at items as they are stored.
    const upgrading = context.model && db.upgrading.size > 0 ? db.upgrading.get(table) : undefined
    return upgrading ? upgrades.loaded.upgradeAnswer(upgrading, table, request, result) : result
  } catch (error) {
    if (watch) emit(context, operation, index, watch, { read: 0, write: 0, tables: {} }, error)
    throw inModelTerms(context, table, operation, request, error)
  }
}

/** The time and the traffic of one call. */
class Watch {
  readonly start = performance.now()
  readonly traffic = { attempts: 0, sentBytes: 0, receivedBytes: 0 }
  readonly options: CallOptions = {
    onTraffic: ({ attempts, sentBytes, receivedBytes }) => {
      this.traffic.attempts += attempts
      this.traffic.sentBytes += sentBytes
      this.traffic.receivedBytes += receivedBytes
    },
  }
}

function tableOf({ model, table }: CallContext): PhysicalTable {
  const known = model?.table ?? table
  if (!known) throw new Error('A call to a store needs a model or a table')
  return known
}

function aborted(operation: Operation, signal: AbortSignal): UnavailableError {
  const message = `The scope's signal was aborted before ${operation} was sent; nothing was done`
  return new UnavailableError(message, { operation }, signal.reason)
}

function emit(
  { db, scope, model, retries = 0 }: CallContext,
  operation: Operation,
  index: string | undefined,
  watch: Watch,
  capacity: OperationEvent['capacity'],
  error: unknown,
): void {
  const { tenant, actor, system } = scope
  const duration = performance.now() - watch.start
  const event = {
    operation,
    model: model?.name,
    index,
    duration,
    capacity,
    retries,
    ...watch.traffic,
    tenant,
    actor,
    system,
    ...(error !== undefined && { error }),
  }
  for (const listener of db.listeners) {
    try {
      listener(event)
    } catch {
      // A failing listener must not fail the operation that it observes.
    }
  }
}
