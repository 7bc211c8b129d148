/** Single writes: one command where that is exact; otherwise a read, an evaluation, and a write on what was read. */
import type { Collection } from 'mongodb'
import { ConditionFailedError, ConflictError, UnavailableError, ValidationError } from '../../errors/errors.js'
import { MAX_WRITE_STEPS, Work } from '../../expression/evaluate/index.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { backoff } from '../../store/retry.js'
import type { WriteRequest, WriteResult } from '../../store/store.js'
import type { CommandLimits, MongoConnection } from '../connection/connection.js'
import { type Attempt, isDuplicateId, lostAnswer } from '../connection/errors.js'
import { callEnd, type TimeLimit } from '../connection/time-limit.js'
import { type NewDocument, type StoredDocument, sizedItem } from '../document/codec.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'
import { addWriteUnits, boundedUnits, needsUnitsOnly } from './capacity.js'
import { type NativeCommand, nativeCommands } from './native.js'
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
  const writing = { connection, table, write, attempt, limit }
  for (const command of nativeCommands(write)) {
    const found = await sendNative(writing, command)
    if (!found) continue
    const units = unitsOf(writing, command, found.before)
    return units === undefined ? resultOf(writing, effectOn(writing, found.before)) : chargedOnly(table, units)
  }
  return resultOf(writing, await readAndWrite(writing))
}

function resultOf({ table, write }: Writing, effect: WriteEffect): WriteResult {
  const capacity = noCapacity()
  addWriteUnits(capacity, table, effect.before, effect.after)
  return { item: itemReturned(write, effect), capacity }
}

function chargedOnly(table: MongoTable, units: number): WriteResult {
  const capacity = noCapacity()
  addUnits(capacity, table.name, undefined, 0, units)
  return { item: undefined, capacity }
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
async function sendNative(writing: Writing, command: NativeCommand): Promise<Found | undefined> {
  const documents = documentsOf(writing)
  try {
    const before = await send(writing, 'write', limits => run(documents, command, limits))
    return before || command.acceptsMissing ? { before: before ?? undefined } : undefined
  } catch (error) {
    if (wasOvertaken(error)) return undefined
    throw error
  }
}

/** Runs a command. Resolves with the document as it was before, if there was one and it is needed. */
async function run(
  documents: Collection<StoredDocument>,
  command: NativeCommand,
  limits: CommandLimits,
): Promise<StoredDocument | null> {
  switch (command.kind) {
    case 'insert':
      await documents.insertOne(command.document, limits)
      return null
    case 'replace': {
      const { filter, document, acceptsMissing: upsert } = command
      if (!command.isBlind) return documents.findOneAndReplace(filter, document, { ...limits, upsert, ...BEFORE })
      await documents.replaceOne(filter, document, { ...limits, upsert })
      return null
    }
    case 'update':
      return documents.findOneAndUpdate(command.filter, command.update, { ...limits, ...BEFORE })
    case 'delete':
      return documents.findOneAndDelete(command.filter, limits)
  }
}

const BEFORE = { returnDocument: 'before' } as const

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
  return (await sendPlan(writing, plan, stored ?? undefined)) ? plan : undefined
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
  if (writing.write.request.kind === 'check' || (!stored && !plan.document)) return true
  const documents = documentsOf(writing)
  try {
    return await send(writing, 'write', limits => isApplied(documents, plan, stored, limits))
  } catch (error) {
    if (wasOvertaken(error)) return false
    throw error
  }
}

/** Applies a plan to the document that was read. Returns false if that document is another one now. */
async function isApplied(
  documents: Collection<StoredDocument>,
  { write, document }: DocumentPlan,
  stored: StoredDocument | undefined,
  limits: CommandLimits,
): Promise<boolean> {
  if (!stored) {
    await documents.insertOne(document as NewDocument, limits)
    return true
  }
  // Every write changes the revision, so this filter finds the document only if no other writer was faster. A document of
  // another program has no revision, and null finds such a one.
  const filter = { _id: write.id, rev: stored.rev ?? null }
  if (!document) return (await documents.deleteOne(filter, limits)).deletedCount === 1
  return (await documents.replaceOne(filter, document, limits)).matchedCount === 1
}

/**
 * Whether a command failed because another writer was faster: it has inserted the document between the server's search and
 * its insert; or, of a blind replacement, the document costs more units than the new one. A transaction that has written
 * the document and is not committed makes a command fail on some servers.
 */
function wasOvertaken(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof ValidationError && isDuplicateId(error.cause))
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
