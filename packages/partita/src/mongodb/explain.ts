/** What a request sends to MongoDB, for people who look for a slow query or check the text of a filter. */
import type { Document } from 'mongodb'
import { isQuery } from '../store/page-request.js'
import type { EngineCommand, ExplainRequest, GetRequest, ScanRequest, WriteRequest } from '../store/store.js'
import type { MongoConnection } from './connection/connection.js'
import { batchReads } from './read/batch.js'
import { checkedId } from './read/get.js'
import { type PagePlan, planQuery, planScan } from './read/page-plan.js'
import type { MongoCatalog, MongoTable } from './table/catalog.js'
import { byTable } from './transaction/documents.js'
import { type TableWrite, transactionWrites } from './transaction/write.js'
import { nativeCommands } from './write/native.js'
import { prepareWrite } from './write/plan.js'

/** One command that a request sends to MongoDB. */
export interface ExplainedCommand extends EngineCommand {
  /** The method of the driver. */
  readonly command:
    | 'find'
    | 'findOne'
    | 'insertOne'
    | 'replaceOne'
    | 'findOneAndReplace'
    | 'findOneAndUpdate'
    | 'findOneAndDelete'
    | 'bulkWrite'
  /**
   * `always`: the first command. `unlessFound`: sent if the commands before it did not find their document. A write that
   * reads with `findOne` evaluates its condition in the library, and then writes only if the revision is still that one.
   */
  readonly when: 'always' | 'unlessFound'
  readonly filter?: Document
  readonly update?: Document
  readonly sort?: Document
}

/** Explains a request. @throws ValidationError, TableNotFoundError, IndexNotFoundError */
export async function explainRequest(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: ExplainRequest,
): Promise<ExplainedCommand[]> {
  const limit = connection.limit(request)
  if ('writes' in request) return explainTransaction(await transactionWrites(catalog, request, limit))
  if ('gets' in request) return (await batchReads(catalog, request, limit)).map(explainBatch)
  const table = await catalog.table(request.table, limit, 'index' in request ? request.index : undefined)
  if ('kind' in request) return explainWrite(table, request)
  if (!('key' in request)) return [explainPage(planScan(table, request), request)]
  return isQuery(request) ? [explainPage(planQuery(table, request), request)] : [explainGet(table, request)]
}

function explainGet(table: MongoTable, request: GetRequest): ExplainedCommand {
  const filter = { _id: checkedId(table, request) }
  return { command: 'findOne', collection: table.name, when: 'always', index: '_id_', filter }
}

function explainBatch({ table, ids }: { readonly table: string; readonly ids: readonly string[] }): ExplainedCommand {
  return { command: 'find', collection: table, when: 'always', index: '_id_', filter: { _id: { $in: ids } } }
}

function explainPage({ table, filter, sort, hint }: PagePlan, request: ScanRequest): ExplainedCommand {
  const isFiltered = request.filter !== undefined
  return { command: 'find', collection: table.name, when: 'always', filter, sort, index: hint, isFiltered }
}

/** What the transaction depends on is read first; every write then requires the revision that was read. */
function explainTransaction(writes: readonly TableWrite[]): ExplainedCommand[] {
  const commands: ExplainedCommand[] = []
  for (const command of ['find', 'bulkWrite'] as const) {
    for (const [collection, own] of byTable(writes)) {
      const filter = { _id: { $in: own.map(({ id }) => id) } }
      commands.push({ command, collection, when: 'always', index: '_id_', filter })
    }
  }
  return commands
}

const METHODS = {
  insert: 'insertOne',
  replace: 'findOneAndReplace',
  update: 'findOneAndUpdate',
  delete: 'findOneAndDelete',
} as const

function explainWrite(table: MongoTable, request: WriteRequest): ExplainedCommand[] {
  const write = prepareWrite(table, request)
  const commands = nativeCommands(write)
  const native = commands.map((command, i): ExplainedCommand => {
    const { kind } = command
    return {
      command: kind === 'replace' && command.isBlind ? 'replaceOne' : METHODS[kind],
      collection: table.name,
      when: i === 0 ? 'always' : 'unlessFound',
      index: '_id_',
      ...('filter' in command && { filter: command.filter }),
      ...(kind === 'update' && { update: command.update }),
    }
  })
  // Without a condition, a put or delete needs nothing more.
  if (!request.condition && (request.kind === 'put' || request.kind === 'delete')) return native
  const read: ExplainedCommand = {
    command: 'findOne',
    collection: table.name,
    when: native.length === 0 ? 'always' : 'unlessFound',
    index: '_id_',
    filter: { _id: write.id },
  }
  return [...native, read]
}
