/** Commands that read. */
import { type Document, Int32, type Long } from 'mongodb'
import { failed } from '../errors.js'
import { compileFilter } from '../query/match.js'
import { compileProjection } from '../query/project.js'
import { comparator } from '../query/sort.js'
import type { Collection } from '../storage/collection.js'
import type { Index } from '../storage/index.js'
import type { View } from '../storage/transaction.js'
import { equalValues, isDocument, valueKey } from '../values/compare.js'
import { valuesAt } from '../values/paths.js'
import { type Call, collectionName, existing, type Handler, isSet, namespace, numberOf } from './context.js'

/** The documents that match, unsorted. */
export function matching(collection: Collection | undefined, filter: Document, view: View): Document[] {
  const matches = compileFilter(filter)
  if (!collection) return []
  const found: Document[] = []
  for (const document of collection.byId(filter, view) ?? collection.read(view))
    if (matches(document)) found.push(document)
  return found
}

/** The index of a hint, which must exist, and hold all results if it is partial. */
export function hinted(collection: Collection | undefined, hint: unknown, filter: Document): Index | undefined {
  if (hint === undefined || !collection || (isDocument(hint) && Object.hasOwn(hint, '$natural'))) return undefined
  const index = [...collection.indexes.values()].find(({ name, key }) =>
    typeof hint === 'string' ? name === hint : equalValues(key, hint),
  )
  if (!index)
    throw failed(
      2,
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    )
  if (!index.covers(filter))
    throw failed(291, 'error processing query: planner returned error :: caused by :: No query solutions')
  return index
}

/** Runs a query: filter, order, range and projection. */
export function select(call: Call, collection: Collection | undefined, query: Document): Document[] {
  const filter = query.filter ?? {}
  const index = hinted(collection, query.hint, filter)
  const found = matching(collection, filter, call.view)
  const sort = query.sort ?? {}
  if (Object.keys(sort).length > 0) found.sort(comparator(sort))
  // Without an order, results come in that of the index.
  else if (index) found.sort(comparator(index.key))
  const skip = numberOf(query.skip, 0)
  const limit = Math.abs(numberOf(query.limit, 0)) || Number.POSITIVE_INFINITY
  return found.slice(skip, skip + limit).map(compileProjection(query.projection))
}

const find: Handler = call => {
  const { command, state } = call
  const size = command.batchSize === undefined ? undefined : numberOf(command.batchSize, 0)
  const isSingle = isSet(command.singleBatch) || numberOf(command.limit, 0) < 0
  return state.cursors.first(namespace(call), select(call, existing(call), command), size, isSingle)
}

const getMore: Handler = ({ command, state }) =>
  state.cursors.next(String(command.getMore), numberOf(command.batchSize, 0) || undefined)

const killCursors: Handler = ({ command, state }) => {
  const ids: Long[] = command.cursors
  const killed = ids.filter(id => state.cursors.kill(String(id)))
  return {
    cursorsKilled: killed,
    cursorsNotFound: ids.filter(id => !killed.includes(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
  }
}

const count: Handler = call => {
  if (call.view.transaction) throw failed(263, 'Cannot run count in a multi-document transaction')
  const { query, skip, limit, hint } = call.command
  return { n: new Int32(select(call, existing(call), { filter: query ?? {}, skip, limit, hint }).length) }
}

const distinct: Handler = call => {
  const { key, query } = call.command
  const values = new Map<string, unknown>()
  for (const document of matching(existing(call), query ?? {}, call.view))
    for (const value of [...valuesAt(document, String(key).split('.'))].flat())
      if (value !== undefined) values.set(valueKey(value), value)
  return { values: [...values.values()] }
}

/** The stages that drivers and Mongoose use for reads and counts. */
const aggregate: Handler = call => {
  const { pipeline, cursor, hint } = call.command
  let documents = matching(existing(call), {}, call.view)
  for (const [i, stage] of (pipeline as Document[]).entries()) {
    const [name, operand] = Object.entries(stage)[0] ?? ['', undefined]
    if (i === 0 && hint !== undefined) hinted(existing(call), hint, name === '$match' ? operand : {})
    documents = runStage(name, operand, documents)
  }
  const size = cursor?.batchSize === undefined ? undefined : numberOf(cursor.batchSize, 0)
  return call.state.cursors.first(namespace(call), documents, size, false)
}

function runStage(name: string, operand: Document, documents: Document[]): Document[] {
  switch (name) {
    case '$match':
      return documents.filter(compileFilter(operand))
    case '$sort':
      return [...documents].sort(comparator(operand))
    case '$skip':
      return documents.slice(numberOf(operand, 0))
    case '$limit':
      return documents.slice(0, numberOf(operand, 0))
    case '$project':
      return documents.map(compileProjection(operand))
    case '$count':
      return documents.length === 0 ? [] : [{ [String(operand)]: new Int32(documents.length) }]
    case '$group':
      return counted(operand, documents)
    default:
      throw failed(40324 as 1, `Unrecognized pipeline stage name: '${name}'`)
  }
}

/** `{ _id: <constant>, n: { $sum: 1 } }`, which is how a driver counts. */
function counted({ _id, ...sums }: Document, documents: readonly Document[]): Document[] {
  if (typeof _id === 'string' && _id.startsWith('$')) throw failed(9, 'This server groups by a constant only')
  const counts = Object.entries(sums).map(([name, sum]) => {
    const by = sum?.$sum
    if (by === undefined || (typeof by === 'string' && by.startsWith('$')))
      throw failed(9, 'This server sums constants only')
    return [name, new Int32(documents.length * numberOf(by, 1))]
  })
  return documents.length === 0 ? [] : [{ _id, ...Object.fromEntries(counts) }]
}

/** The plan of a find: the hinted index, or that of an `_id`, or a scan. */
const explain: Handler = call => {
  const query = call.command.explain as Document
  const inner: Call = { ...call, command: query }
  const filter: Document = query.filter ?? {}
  const collection = existing(inner)
  const index =
    hinted(collection, query.hint, filter) ?? (filter._id === undefined ? undefined : collection?.indexes.get('_id_'))
  const scan = index
    ? { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: index.name, keyPattern: index.key } }
    : { stage: 'COLLSCAN' }
  return {
    queryPlanner: { namespace: `${call.database}.${collectionName(inner)}`, parsedQuery: filter, winningPlan: scan },
  }
}

export const readCommands: Readonly<Record<string, Handler>> = {
  find,
  getMore,
  killCursors,
  count,
  distinct,
  aggregate,
  explain,
}
