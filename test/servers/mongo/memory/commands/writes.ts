/** Commands that write: insert, update, delete and findAndModify. */
import { BSON, type Document, Int32, ObjectId } from 'mongodb'
import { failed, ServerError } from '../errors.js'
import { compileProjection } from '../query/project.js'
import type { Collection } from '../storage/collection.js'
import { updated, upserted } from '../update/update.js'
import { isDocument } from '../values/compare.js'
import { type Call, collectionName, existing, type Handler, isSet, numberOf, withoutConflicts } from './context.js'
import { hinted, matching, select } from './reads.js'

const insert: Handler = async call => {
  const collection = await created(call)
  const { inserted, writeErrors } = await statements(call, call.command.documents, async document => {
    const whole = Object.hasOwn(document, '_id') ? document : { _id: new ObjectId(), ...document }
    await withoutConflicts(call, () => collection.insert(whole, call.view))
    return { inserted: 1 }
  })
  return { n: new Int32(inserted ?? 0), ...writeErrors }
}

const update: Handler = async call => {
  const upserts: Document[] = []
  const { matched, modified, writeErrors } = await statements(call, call.command.updates, async (statement, index) => {
    const { q, u, multi, upsert } = statement
    if (statement.arrayFilters || statement.collation)
      throw failed(9, 'This server has no arrayFilters and no collation')
    const collection = isSet(upsert) ? await created(call) : existing(call)
    hinted(collection, statement.hint, q)
    if (isSet(multi)) return updateAll(call, collection, q, u)
    const result = await withoutConflicts(call, () => updateOne(call, collection, statement))
    if (result.upserted !== undefined) upserts.push({ index: new Int32(index), _id: result.upserted })
    return { matched: result.matched, modified: result.modified }
  })
  return {
    n: new Int32((matched ?? 0) + upserts.length),
    nModified: new Int32(modified ?? 0),
    ...(upserts.length > 0 && { upserted: upserts }),
    ...writeErrors,
  }
}

interface Updated {
  readonly matched: number
  readonly modified: number
  readonly upserted?: unknown
  readonly before?: Document
  readonly after?: Document
}

function updateOne(call: Call, collection: Collection | undefined, { q, u, sort, upsert }: Document): Updated {
  const before = select(call, collection, { filter: q, sort, limit: 1 })[0]
  if (before && collection) {
    const after = updated(before, u)
    const isChanged = !Buffer.from(BSON.serialize(before)).equals(BSON.serialize(after))
    // An update that changes nothing writes nothing, so it conflicts with nobody.
    if (isChanged) collection.replace(after, call.view)
    return { matched: 1, modified: isChanged ? 1 : 0, before, after }
  }
  if (!isSet(upsert) || !collection) {
    checkUpdate(u)
    return { matched: 0, modified: 0 }
  }
  const after = upserted(q, u)
  collection.insert(after, call.view)
  return { matched: 0, modified: 0, upserted: after._id, after }
}

/** An invalid update is rejected also if nothing matches. */
function checkUpdate(update: Document): void {
  if (isDocument(update) && Object.keys(update).some(name => name.startsWith('$'))) upserted({}, update)
}

async function updateAll(call: Call, collection: Collection | undefined, filter: Document, change: Document) {
  let [matched, modified] = [0, 0]
  for (const { _id } of matching(collection, filter, call.view)) {
    const one = await withoutConflicts(call, () =>
      updateOne(call, collection, { q: { $and: [{ _id }, filter] }, u: change }),
    )
    matched += one.matched
    modified += one.modified
  }
  return { matched, modified }
}

const remove: Handler = async call => {
  const collection = existing(call)
  const { deleted, writeErrors } = await statements(call, call.command.deletes, async statement => {
    const { q, limit, hint } = statement
    hinted(collection, hint, q)
    const most = numberOf(limit, 0) || Number.POSITIVE_INFINITY
    return withoutConflicts(call, () => {
      const found = matching(collection, q, call.view).slice(0, most)
      for (const document of found) collection?.delete(document, call.view)
      return { deleted: found.length }
    })
  })
  return { n: new Int32(deleted ?? 0), ...writeErrors }
}

const findAndModify: Handler = async call => {
  const { query = {}, update: change, remove: removes, upsert, sort, fields, hint, new: isNew } = call.command
  if (isSet(removes) && (change !== undefined || isSet(upsert)))
    throw failed(9, 'Cannot specify both an update and remove=true')
  const collection = isSet(upsert) ? await created(call) : existing(call)
  hinted(collection, hint, query)
  const project = compileProjection(fields)
  if (isSet(removes)) {
    const found = await withoutConflicts(call, () => {
      const document = select(call, collection, { filter: query, sort, limit: 1 })[0]
      if (document) collection?.delete(document, call.view)
      return document
    })
    return { lastErrorObject: { n: new Int32(found ? 1 : 0) }, value: found ? project(found) : null }
  }
  const result = await withoutConflicts(call, () => updateOne(call, collection, { q: query, u: change, sort, upsert }))
  const value = isSet(isNew) ? result.after : result.before
  return {
    lastErrorObject: {
      n: new Int32(result.after ? 1 : 0),
      updatedExisting: result.before !== undefined,
      ...(result.upserted !== undefined && { upserted: result.upserted }),
    },
    value: value ? project(value) : null,
  }
}

/** The collection, which a write creates. */
async function created(call: Call): Promise<Collection> {
  return call.state.databases.ensure(call.database, collectionName(call))
}

/**
 * Runs the statements of a command and sums their counts. One that fails is reported with its position, and ends an
 * ordered command. In a transaction it fails the command, and so the transaction.
 */
async function statements(
  call: Call,
  all: readonly Document[],
  run: (statement: Document, index: number) => Promise<Readonly<Record<string, number>>>,
): Promise<Record<string, number> & { writeErrors: Document }> {
  const sums: Record<string, number> = {}
  const errors: Document[] = []
  for (const [index, statement] of all.entries()) {
    try {
      for (const [name, n] of Object.entries(await run(statement, index))) sums[name] = (sums[name] ?? 0) + n
    } catch (error) {
      if (!(error instanceof ServerError) || error.code === 112 || error.code === 50) throw error
      errors.push({ index: new Int32(index), code: new Int32(error.code), errmsg: error.message, ...error.details })
      if (call.view.transaction || call.command.ordered !== false) break
    }
  }
  return { ...sums, writeErrors: errors.length > 0 ? { writeErrors: errors } : {} } as never
}

export const writeCommands: Readonly<Record<string, Handler>> = { insert, update, delete: remove, findAndModify }
