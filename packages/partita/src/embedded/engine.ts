/** The embedded engine: the Store contract over an ordered store in this process. */
import { UnavailableError } from '../errors/errors.js'
import { checkProjection } from '../expression/evaluate/index.js'
import { addUnits, type Capacity, noCapacity } from '../store/capacity.js'
import type { TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import { InFlight } from '../store/in-flight.js'
import { checkName, checkTransactionLength, checkTransactWrite, writeBytes } from '../store/limits.js'
import type * as Contract from '../store/store.js'
import { systemClock } from '../store/timers.js'
import type { SizedItem } from '../store/update-result.js'
import { readUnits } from '../value/size.js'
import { snapshot } from '../value/snapshot.js'
import { createTable, deleteTable, describeTable, updateTable } from './administration.js'
import { Catalog, type KnownTable, type Table, type TableExtras, type TableMetadata } from './catalog.js'
import { type ChangePage, type ChangeSource, readChanges } from './change.js'
import type { EngineOptions } from './embedded-store.js'
import type { EngineStore, RequestExtras } from './engine-store.js'
import { yieldToEventLoop } from './event-loop.js'
import { FaultInjection } from './fault-injection.js'
import { measureTable, type TableFigures } from './read/measure.js'
import type { PageReader } from './read/page.js'
import { readPart } from './read/part.js'
import { query, scan } from './read/query.js'
import { prepareRead, transactGet } from './read/transact-get.js'
import { decodeSizedRecord } from './storage/codec.js'
import { checkedEntry } from './storage/key.js'
import type { Kv } from './storage/kv.js'
import { currentSequence } from './stream/sequence.js'
import { allStreams, findStream, findStreamByLabel, type Stream } from './stream/stream.js'
import { type BackupOptions, backupStore } from './upkeep/backup.js'
import type { RunnerOptions } from './upkeep/job-runner.js'
import { STEP_SIZE } from './upkeep/job-step.js'
import { type Job, listJobs } from './upkeep/jobs.js'
import { Upkeep } from './upkeep/upkeep.js'
import type { VerifyOptions } from './upkeep/verifier.js'
import { type Verification, verifyStore } from './upkeep/verify.js'
import { type BatchEngine, batchGet, batchWrite } from './write/batch.js'
import { type PlannedWrites, writePlanned } from './write/plan-ahead.js'
import { prepareAll, prepareAlone } from './write/prepare.js'
import { tokenOf } from './write/token.js'
import { checkDistinct, transactWrite } from './write/transaction.js'
import {
  applyPlan,
  isRefusal,
  type PreparedWrite,
  planWrite,
  prepareAnew,
  prepareWrite,
  refused,
  returned,
} from './write/write.js'

/** Reads complete synchronously, so a loop of them would starve timers and sockets. One call in 256 yields. */
const CALLS_PER_TURN = 256
const DEFAULT_SWEEP_INTERVAL = 60_000
const DEFAULT_WORK: RunnerOptions = { step: STEP_SIZE, patience: 50 }

/** The embedded engine over an ordered store. */
export class Engine implements EngineStore {
  readonly provisioning = 'automatic'
  readonly #kv: Kv
  readonly #catalog: Catalog
  readonly #clock: () => number
  readonly #source: ChangeSource
  readonly #faults: FaultInjection
  readonly #release: () => Promise<void>
  readonly #inFlight = new InFlight()
  readonly #batches: BatchEngine
  readonly #upkeep: Upkeep
  #calls = 0
  #closing: Promise<void> | undefined

  /**
   * @param release called once on close, when no request is in flight.
   * @param work how background work is divided into steps.
   */
  constructor(kv: Kv, release: () => Promise<void>, options: EngineOptions, work: RunnerOptions = DEFAULT_WORK) {
    this.#kv = kv
    this.#release = release
    this.#catalog = new Catalog(kv)
    this.#clock = options.clock ?? systemClock
    this.#source = { clock: this.#clock, isExpiry: false }
    this.#faults = new FaultInjection(options.faults ?? {}, this.#clock)
    this.#batches = {
      tableOf: name => this.#catalog.table(name),
      prepare: write => this.#prepare(write),
      read: (get, capacity) => {
        const found = this.#find(get, capacity, get.consistent ? 1 : 0.5)
        return [found?.item, found?.size ?? 0]
      },
      write: writes => this.#kv.transact(() => this.#writeEach(writes)),
      leavesUnprocessed: () => this.#faults.leavesUnprocessed(),
    }
    this.#upkeep = new Upkeep(kv, this.#catalog, this.#clock, work, task => this.#whileOpen(task))
    this.#upkeep.begin(options.sweepInterval ?? DEFAULT_SWEEP_INTERVAL)
  }

  async get(request: Contract.GetRequest): Promise<Contract.GetResult> {
    if (this.#begin()) request = await snapshotAndYield(request)
    if (request.consistent) this.#kv.refresh()
    const capacity = noCapacity()
    const found = this.#find(request, capacity, request.consistent ? 1 : 0.5)
    return { item: found?.item, capacity }
  }

  async write(request: Contract.WriteRequest, extras?: RequestExtras): Promise<Contract.WriteResult> {
    const isDue = this.#begin()
    const prepared = prepareAlone(this.#catalog, request, extras)
    if (isDue) await yieldToEventLoop()
    return this.#write([prepared], ([write = prepared], planner) => {
      const plan = planner(write)
      if (isRefusal(plan)) throw refused(prepared, plan.item)
      const capacity = noCapacity()
      applyPlan(this.#kv, plan, capacity, 1, this.#source)
      return { item: returned(plan), capacity }
    })
  }

  async batchGet(request: Contract.BatchGetRequest): Promise<Contract.BatchGetResult> {
    if (this.#begin()) request = await snapshotAndYield(request)
    if (request.gets.some(get => get.consistent)) this.#kv.refresh()
    return this.#whileOpen(batchGet(this.#batches, request))
  }

  async batchWrite(request: Contract.BatchWriteRequest): Promise<Contract.BatchWriteResult> {
    if (this.#begin()) request = await snapshotAndYield(request)
    return this.#whileOpen(batchWrite(this.#batches, request))
  }

  async transactWrite({ writes, token: text }: Contract.TransactWriteRequest): Promise<Contract.TransactWriteResult> {
    const isDue = this.#begin()
    checkTransactionLength(writes.length)
    const prepared = await prepareAll(writes, write => this.#prepare(write))
    if (isDue) await yieldToEventLoop()
    const request = { writes: prepared.map(one => one.request), ...(text !== undefined && { token: text }) }
    checkTransactWrite(request, (write, i) => prepared[i]?.size || writeBytes(write))
    checkDistinct(prepared.map(({ table, keyAttributes }) => ({ table, key: keyAttributes })))
    this.#faults.beforeTransaction(prepared.length)
    const token = tokenOf(text, prepared)
    return this.#write(prepared, (current, planner) => {
      return { capacity: transactWrite(this.#kv, current, token, this.#source, planner) }
    })
  }

  async transactGet({ gets }: Contract.TransactGetRequest): Promise<Contract.TransactGetResult> {
    if (this.#begin()) await yieldToEventLoop()
    checkTransactionLength(gets.length)
    const reads = gets.map(get => prepareRead(this.#catalog.table(get.table), get))
    checkDistinct(reads)
    this.#faults.beforeTransaction(gets.length)
    this.#kv.refresh()
    return this.#whileOpen(transactGet(this.#kv, reads))
  }

  async query(request: Contract.QueryRequest, extras: RequestExtras = {}): Promise<Contract.ItemPage> {
    return this.#readPage(request, extras, query)
  }

  async scan(request: Contract.ScanRequest, extras: RequestExtras = {}): Promise<Contract.ItemPage> {
    return this.#readPage(request, extras, scan)
  }

  async createTable(definition: TableDefinition, extras: TableExtras = {}): Promise<TableDescription> {
    this.#checkOpen()
    const created = createTable(this.#kv, this.#catalog, snapshot(definition), extras, this.#clock())
    return this.#whileOpen(this.#settle(definition.name, created, extras))
  }

  async describeTable(table: string): Promise<TableDescription | undefined> {
    this.#checkOpen()
    checkName('table', table)
    this.#kv.refresh()
    if (!this.#catalog.find(table)) return undefined
    return this.#whileOpen(describeTable(this.#kv, this.#catalog, table))
  }

  async updateTable(table: string, change: TableChange, extras: TableExtras = {}): Promise<TableDescription> {
    this.#checkOpen()
    const updated = updateTable(this.#kv, this.#catalog, table, snapshot(change), extras, this.#clock())
    return this.#whileOpen(this.#settle(table, updated, extras))
  }

  async deleteTable(table: string, extras: Pick<TableExtras, 'inBackground'> = {}): Promise<void> {
    this.#checkOpen()
    return this.#whileOpen(this.#finish(deleteTable(this.#kv, this.#catalog, table, this.#clock()), extras))
  }

  async listTables(): Promise<string[]> {
    this.#checkOpen()
    this.#kv.refresh()
    return this.#catalog.names()
  }

  jobs(): Job[] {
    this.#checkOpen()
    this.#kv.refresh()
    return listJobs(this.#kv)
  }

  table(name: string): KnownTable | undefined {
    this.#checkOpen()
    return this.#catalog.known(name)
  }

  async measure(table: string): Promise<TableFigures> {
    this.#checkOpen()
    return this.#whileOpen(measureTable(this.#kv, this.#catalog.table(table)))
  }

  async changeMetadata(table: string, change: (metadata: TableMetadata) => TableMetadata): Promise<TableMetadata> {
    this.#checkOpen()
    return this.#transact(() => this.#catalog.changeMetadata(table, change))
  }

  streams(): Stream[] {
    this.#checkOpen()
    this.#kv.refresh()
    return allStreams(this.#kv)
  }

  stream(table: string, label: string): Stream | undefined {
    this.#checkOpen()
    this.#kv.refresh()
    const found = findStreamByLabel(this.#kv, table, label)
    if (found) return found
    // Versions without lookup by label began it.
    const latest = this.#catalog.find(table)?.latestStream
    return latest?.label === label ? findStream(this.#kv, latest.id) : undefined
  }

  sequence(): number {
    this.#checkOpen()
    this.#kv.refresh()
    return currentSequence(this.#kv)
  }

  readStream(id: number, from: number, limit: number): ChangePage | undefined {
    this.#checkOpen()
    this.#kv.refresh()
    const stream = findStream(this.#kv, id)
    return stream && readChanges(this.#kv, stream, from, limit)
  }

  async backup(folder: string, options: BackupOptions = {}): Promise<void> {
    this.#checkOpen()
    return this.#whileOpen(backupStore(this.#kv, folder, options))
  }

  async verify(options: VerifyOptions = {}): Promise<Verification> {
    this.#checkOpen()
    return this.#whileOpen(verifyStore(this.#kv, options))
  }

  async sweep(): Promise<number> {
    this.#checkOpen()
    return this.#whileOpen(this.#upkeep.run())
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  /** Describes a table after a change. Waits for the jobs of the change, unless `inBackground`. */
  async #settle(name: string, changed: Promise<number>, extras: TableExtras): Promise<TableDescription> {
    await this.#finish(changed, extras)
    return describeTable(this.#kv, this.#catalog, name)
  }

  async #finish(changed: Promise<number>, { inBackground }: Pick<TableExtras, 'inBackground'>): Promise<void> {
    const id = await changed
    if (inBackground) this.#upkeep.workInBackground()
    else await this.#upkeep.jobs.finish(id)
  }

  async #end(): Promise<void> {
    this.#upkeep.end()
    await this.#inFlight.ended()
    this.#faults.close()
    await this.#release()
  }

  #checkOpen(): void {
    if (this.#closing) throw new UnavailableError('The store is closed', {})
  }

  /**
   * Begins a request for items. Table operations and upkeep get no injected failures.
   * @returns whether the request should yield to the event loop first.
   */
  #begin(): boolean {
    this.#checkOpen()
    this.#faults.beforeRequest()
    return ++this.#calls % CALLS_PER_TURN === 0
  }

  /** Finds an item, or its projection, with the size of the whole item. */
  #find(request: Get, capacity: Capacity, factor: number): SizedItem | undefined {
    const table = this.#catalog.table(request.table)
    const entry = checkedEntry(table.id, table.schema, request.key)
    const { projection } = request
    if (projection) checkProjection(projection)
    const read = projection ? (record: Uint8Array) => readPart(projection, record) : decodeSizedRecord
    const found = this.#kv.get(entry, read)
    addUnits(capacity, table.name, undefined, readUnits(found?.size ?? 0, true) * factor, 0)
    return found
  }

  async #readPage<Request extends Contract.ScanRequest>(
    request: Request,
    extras: RequestExtras,
    open: (kv: Kv, table: Table, request: Request, extras: RequestExtras) => PageReader,
  ): Promise<Contract.ItemPage> {
    if (this.#begin()) request = await snapshotAndYield(request)
    if (request.consistent) this.#kv.refresh()
    const table = this.#catalog.table(request.table)
    // The process that filled the index may have died. Resume the job now instead of at the next round of upkeep.
    if (table.indexes.some(({ name, building }) => building && name === request.index)) this.#upkeep.workInBackground()
    const reader = open(this.#kv, table, request, extras)
    const isGlobal = table.indexes.some(({ name, local }) => name === request.index && !local)
    const step = () => (isGlobal ? this.#faults.readIndex(this.#kv, () => reader.step()) : reader.step())
    if (step()) return reader.page()
    const own = snapshot(request)
    reader.continueWith(own)
    return this.#whileOpen(this.#readOn(reader, step, own.table, () => this.#readPage(own, extras, open)))
  }

  /** Reads the rest of a page that takes more than one step. @param again reads the page from its start. */
  async #readOn(
    reader: PageReader,
    step: () => boolean,
    table: string,
    again: () => Promise<Contract.ItemPage>,
  ): Promise<Contract.ItemPage> {
    do {
      await reader.yield()
      // The table was deleted and created again meanwhile: read the page from the new table.
      if (!reader.reads(this.#catalog.table(table))) return again()
    } while (!step())
    return reader.page()
  }

  #prepare(request: Contract.WriteRequest): PreparedWrite {
    return prepareWrite(this.#catalog.table(request.table), request)
  }

  /** Applies a batch. Call it within a transaction. Its puts and deletes have no conditions, so their plans cannot fail. */
  #writeEach(writes: readonly PreparedWrite[]): Capacity {
    const capacity = noCapacity()
    for (const write of this.#current(writes)) {
      const plan = planWrite(this.#kv, write)
      if (!isRefusal(plan)) applyPlan(this.#kv, plan, capacity, 1, this.#source)
    }
    return capacity
  }

  /** Prepares writes again if their table has changed. Call it within the transaction. */
  #current(writes: readonly PreparedWrite[]): PreparedWrite[] {
    const tables = new Map<string, Table>()
    return writes.map(prepared => {
      const { name } = prepared.table
      const table = tables.get(name) ?? this.#catalog.tableForWrite(name)
      tables.set(name, table)
      return table === prepared.table ? prepared : prepareAnew(table, prepared)
    })
  }

  #transact<T>(work: () => T): Promise<T> {
    return this.#whileOpen(this.#kv.transact(work))
  }

  #write<T>(writes: readonly PreparedWrite[], apply: PlannedWrites<T>['apply']): Promise<T> {
    const current = (prepared: readonly PreparedWrite[]) => this.#current(prepared)
    return this.#whileOpen(
      writePlanned(this.#kv, writes, { apply, current, transact: work => this.#kv.transact(work) }),
    )
  }

  /** Makes `close` wait for work in flight. */
  async #whileOpen<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.begin()
    try {
      return await work
    } finally {
      this.#inFlight.end()
    }
  }
}

type Get = Contract.TransactGetRequest['gets'][number]

/** Copies a request, then yields to the event loop: the caller may change the original meanwhile. */
async function snapshotAndYield<Request>(request: Request): Promise<Request> {
  const own = snapshot(request)
  await yieldToEventLoop()
  return own
}
