/** Single writes: one command where that is exact; otherwise a read, an evaluation, and a write on what was read. */
import { ConditionFailedError, ConflictError, UnavailableError } from '../../errors/errors.js'
import { MAX_WRITE_STEPS, Work } from '../../expression/evaluate/index.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { backoff } from '../../store/retry.js'
import type { WriteRequest, WriteResult } from '../../store/store.js'
import type { CommandLimits, MongoConnection } from '../connection/connection.js'
import { type Attempt, isDuplicateId, lostAnswer } from '../connection/errors.js'
import { callEnd, type TimeLimit } from '../connection/time-limit.js'
import { type StoredDocument, sizedItem } from '../document/codec.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'
import { addWriteUnits, boundedUnits, needsUnitsOnly } from './capacity.js'
import { type NativeCommand, nativeCommands, revised } from './native.js'
import {
  type DocumentPlan,
  type DocumentWrite,
  effectOf,
  isRefused,
  itemReturned,
  planWrite,
  prepareWrite,
  type WriteEffect,
} from './plan.js'

/** Each round, one of the writers of a document succeeds, so that waiting longer than 200 ms (50 * 2 ** 2) helps nobody. */
const LONGEST_WAIT = 2

/** A write, and how its commands are sent. */
interface Writing {
  readonly connection: MongoConnection
  readonly table: MongoTable
  readonly write: DocumentWrite
  readonly attempt: Attempt
  readonly limit: TimeLimit
}

/** The document that a command found, as it was; undefined if it did not exist. */
interface Found {
  readonly before: StoredDocument | undefined
}

/**
 * Runs one write.
 * @param request a copy that the caller cannot change.
 * @throws ConditionFailedError, ConflictError, OutcomeUnknownError
 */
export async function writeItem(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: WriteRequest,
): Promise<WriteResult> {
  const limit = connection.limit(request)
  const table = await catalog.table(request.table, limit)
  const write = prepareWrite(table, request)
  const attempt = { operation: request.kind, table: table.name, key: write.key }
  const effect = await applied({ connection, table, write, attempt, limit })
  const capacity = noCapacity()
  if (typeof effect === 'number') {
    addUnits(capacity, table.name, undefined, 0, effect)
    return { item: undefined, capacity }
  }
  addWriteUnits(capacity, table, effect.before, effect.after)
  return { item: itemReturned(write, effect), capacity }
}

/** @returns the effect; or only its units, if these are all that the answer needs. */
async function applied(writing: Writing): Promise<WriteEffect | number> {
  for (const command of nativeCommands(writing.write)) {
    const found = await unlessConflict(sendNative(writing, command))
    if (found) return unitsOf(writing, command, found.before) ?? effectOn(writing, found.before)
  }
  return readAndWrite(writing)
}

/** The units of a command that was applied, if the answer needs no more and the item need not be measured for them. */
function unitsOf({ write }: Writing, command: NativeCommand, before: StoredDocument | undefined): number | undefined {
  if (!needsUnitsOnly(write.table, write.request)) return undefined
  // A document of another program may lack a size.
  const old = before ? (before.size ?? Number.POSITIVE_INFINITY) : 0
  switch (command.kind) {
    case 'insert':
    case 'replace':
      return boundedUnits(command.document.size, old)
    case 'update':
      return boundedUnits(0, old, old + command.growth)
    case 'delete':
      return boundedUnits(0, old)
  }
}

/** The effect of a command that was applied, so that no error may say that it was not. */
function effectOn({ write, attempt }: Writing, before: StoredDocument | undefined): WriteEffect {
  try {
    return effectOf(write, before && sizedItem(before))
  } catch (error) {
    throw lostAnswer(attempt, error)
  }
}

/** Sends a command. Returns undefined if it did not find its document, or found one that it must not overwrite. */
function sendNative(writing: Writing, command: NativeCommand): Promise<Found | undefined> {
  const documents = documentsOf(writing)
  return send(writing, 'write', async limits => {
    const options = { ...limits, returnDocument: 'before' as const }
    switch (command.kind) {
      case 'insert':
        return (await isInserted(documents.insertOne(command.document as StoredDocument, limits)))
          ? { before: undefined }
          : undefined
      case 'replace': {
        const { filter, document, upsert, isBlind } = command
        try {
          if (isBlind) {
            const { _id, ...replacement } = document
            await documents.replaceOne(filter, replacement as StoredDocument, { ...limits, upsert })
            return { before: undefined }
          }
          const before = await documents.findOneAndReplace(filter, document as StoredDocument, { ...options, upsert })
          return before || upsert ? { before: before ?? undefined } : undefined
        } catch (error) {
          // Another writer inserted the document between the server's search and its insert; or, of a blind replacement,
          // the document costs more units than the new one.
          if (isDuplicateId(error)) return undefined
          throw error
        }
      }
      case 'update': {
        const before = await documents.findOneAndUpdate(command.filter, command.update, options)
        return before ? { before } : undefined
      }
      case 'delete': {
        const before = await documents.findOneAndDelete(command.filter, limits)
        return before || !writing.write.request.condition ? { before: before ?? undefined } : undefined
      }
    }
  })
}

/** Reads and writes until no other writer is faster, or the call ends. */
async function readAndWrite(writing: Writing): Promise<DocumentPlan> {
  const { connection, limit } = writing
  for (let round = 0; ; round++) {
    try {
      const plan = await readAndWriteOnce(writing)
      if (plan) return plan
    } catch (error) {
      // At the deadline, that other writers were faster is more than that the deadline has passed.
      const isLate = error instanceof UnavailableError && callEnd(limit, connection.pace) !== undefined
      throw round > 0 && isLate ? tooManyWriters(writing, round, error) : error
    }
    await connection.wait(backoff(Math.min(round, LONGEST_WAIT), connection.pace), limit).catch(cause => {
      throw tooManyWriters(writing, round + 1, cause)
    })
  }
}

/**
 * Reads the document, evaluates the write, and writes only if the document is still the one that was read.
 * @returns undefined if another writer was faster. With the new document, the condition may be false.
 */
async function readAndWriteOnce(writing: Writing): Promise<DocumentPlan | undefined> {
  const { write } = writing
  const stored = await send(writing, 'read', limits => documentsOf(writing).findOne({ _id: write.id }, limits))
  const plan = planWrite(write, stored ?? undefined, new Work(MAX_WRITE_STEPS))
  if (isRefused(plan)) {
    const { table, key } = writing.attempt
    throw new ConditionFailedError({
      ...(table !== undefined && { table }),
      ...(key && { key }),
      ...(plan.item && { item: plan.item }),
    })
  }
  return (await unlessConflict(sendPlan(writing, plan, stored ?? undefined))) ? plan : undefined
}

function tooManyWriters({ table, write }: Writing, rounds: number, cause: unknown): ConflictError {
  return new ConflictError(
    `Other writers changed the item in table ${table.name} in each of ${rounds} attempts; nothing was written`,
    { key: write.key },
    cause,
  )
}

/** @returns whether the plan was applied; false if the document is no longer the one that was read. */
async function sendPlan(writing: Writing, plan: DocumentPlan, stored: StoredDocument | undefined): Promise<boolean> {
  const { request, id } = writing.write
  const documents = documentsOf(writing)
  const { document } = plan
  if (request.kind === 'check' || (!stored && !document)) return true
  if (!stored) {
    // Another writer may have inserted it since.
    return send(writing, 'write', limits =>
      isInserted(documents.insertOne(revised(document!) as StoredDocument, limits)),
    )
  }
  // Every write changes the revision, so this filter finds the document only if no other writer was faster. A document of
  // another program has no revision, and null finds such a one.
  const filter = { _id: id, rev: stored.rev ?? null }
  return send(writing, 'write', async limits => {
    if (!document) return (await documents.deleteOne(filter, limits)).deletedCount === 1
    const { _id, ...replacement } = revised(document)
    return (await documents.replaceOne(filter, replacement as StoredDocument, limits)).matchedCount === 1
  })
}

/** @returns false if a document with this `_id` exists. */
async function isInserted(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion
    return true
  } catch (error) {
    if (isDuplicateId(error)) return false
    throw error
  }
}

/** A transaction that has written the document and is not committed makes a command fail on some servers. */
async function unlessConflict<T>(outcome: Promise<T>): Promise<T | undefined> {
  try {
    return await outcome
  } catch (error) {
    if (error instanceof ConflictError) return undefined
    throw error
  }
}

function documentsOf({ connection, table }: Writing) {
  return connection.collection<StoredDocument>(table.name)
}

function send<T>(
  { connection, attempt, limit }: Writing,
  kind: 'read' | 'write',
  command: (limits: CommandLimits) => Promise<T>,
): Promise<T> {
  return connection.send(attempt, kind, limit, command)
}
