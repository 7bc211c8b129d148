/** Writes the documents of a transaction: one ordered bulk for each table. */
import { type AnyBulkWriteOperation, type ClientSession, MongoBulkWriteError, ObjectId } from 'mongodb'
import { TransactionFailedError, type TransactionReason } from '../../errors/errors.js'
import type { MongoConnection } from '../connection/connection.js'
import { isDuplicateId, isWriteConflict } from '../connection/errors.js'
import type { TimeLimit } from '../connection/time-limit.js'
import type { StoredDocument } from '../document/codec.js'
import type { DocumentPlan } from '../write/plan.js'
import { byTable, type Documents } from './documents.js'
import { RaceLost } from './session.js'
import type { TableWrite } from './write.js'

type Command = AnyBulkWriteOperation<StoredDocument>

/** The commands for one operation of the transaction. */
interface Change {
  readonly table: { readonly name: string }
  /** The index of the operation in the request. */
  readonly index: number
  readonly insert?: Command
  readonly update?: Command
  readonly delete?: Command
}

/**
 * Writes all plans. Every document that a plan read is written, with the revision that was read in the filter, so that
 * another writer who was faster, or who writes before the commit, makes the server or this function abort the transaction.
 *
 * An item that does not exist and stays so has no document to write, so one is inserted and deleted again: whoever
 * inserts it at the same time conflicts with that.
 * @throws RaceLost; the driver's errors; TransactionFailedError if a unique index of the user rejects a document.
 */
export async function applyPlans(
  connection: MongoConnection,
  writes: readonly TableWrite[],
  plans: readonly DocumentPlan[],
  documents: Documents,
  limit: TimeLimit,
  session: ClientSession,
): Promise<void> {
  const changes = plans.map((plan, index) => changeOf(writes[index] as TableWrite, plan, index, documents))
  for (const [table, own] of byTable(changes)) {
    await writeBulk(connection, table, own, plans.length, limit, session)
  }
}

function changeOf(
  write: TableWrite,
  { before, after, document }: DocumentPlan,
  index: number,
  documents: Documents,
): Change {
  const { table, id: _id } = write
  if (!before) {
    if (document) return { table, index, insert: { insertOne: { document } } }
    const rev = new ObjectId()
    const guard = { _id, item: {}, rev, size: 0, part: 0, lock: new ObjectId() }
    return { table, index, insert: { insertOne: { document: guard } }, delete: { deleteOne: { filter: { _id, rev } } } }
  }
  const filter = { _id, rev: (documents.of(write) as StoredDocument).rev }
  if (document) return { table, index, update: { replaceOne: { filter, replacement: document } } }
  if (after) return { table, index, update: { updateOne: { filter, update: { $set: { lock: new ObjectId() } } } } }
  return { table, index, delete: { deleteOne: { filter } } }
}

async function writeBulk(
  connection: MongoConnection,
  table: string,
  changes: readonly Change[],
  count: number,
  limit: TimeLimit,
  session: ClientSession,
): Promise<void> {
  const inserts = changes.filter(change => change.insert)
  const updates = changes.filter(change => change.update)
  const deletes = changes.filter(change => change.delete)
  // Commands of one kind are sent together. Guards are inserted before they are deleted.
  const order = [...inserts, ...updates, ...deletes]
  const commands = [
    ...inserts.map(({ insert }) => insert as Command),
    ...updates.map(({ update }) => update as Command),
    ...deletes.map(change => change.delete as Command),
  ]
  const collection = connection.collection<StoredDocument>(table)
  try {
    const result = await connection.bounded(limit, limits =>
      collection.bulkWrite(commands, { ...limits, session, ordered: true }),
    )
    if (result.matchedCount < updates.length) throw new RaceLost(conflicts(updates, count))
    if (result.deletedCount < deletes.length) throw new RaceLost(conflicts(deletes, count))
  } catch (error) {
    const failed = failedChanges(error, order)
    if (isDuplicateId(error) || isWriteConflict(error)) throw new RaceLost(conflicts(failed, count), error)
    if (isDuplicate(error)) throw new TransactionFailedError({ reasons: duplicates(failed, count, error) }, error)
    throw error
  }
}

/** The changes that a failed bulk can be about: one, if the server names it. */
function failedChanges(error: unknown, order: readonly Change[]): readonly Change[] {
  if (!(error instanceof MongoBulkWriteError)) return order
  const [first] = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
  const change = first && order[first.index]
  return change ? [change] : order
}

function isDuplicate(error: unknown): error is MongoBulkWriteError {
  return error instanceof MongoBulkWriteError && error.code === 11000
}

function conflicts(changes: readonly Change[], count: number): TransactionReason[] {
  return reasonsOf(changes, count, index => ({ index, code: 'Conflict', message: 'another writer was faster' }))
}

function duplicates(changes: readonly Change[], count: number, error: Error): TransactionReason[] {
  const message = `a unique index that is not the library's rejects the item: ${error.message}`
  return reasonsOf(changes, count, index => ({ index, code: 'ValidationFailed', message }))
}

function reasonsOf(
  changes: readonly Change[],
  count: number,
  reason: (index: number) => TransactionReason,
): TransactionReason[] {
  const failed = new Set(changes.map(({ index }) => index))
  return Array.from({ length: count }, (_, index) => (failed.has(index) ? reason(index) : { index, code: 'None' }))
}
