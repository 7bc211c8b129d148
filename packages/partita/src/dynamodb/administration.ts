/** Creates, describes, changes and deletes tables. Each call waits until its result is in effect. */
import {
  AlreadyExistsError,
  ConflictError,
  IndexNotFoundError,
  invalid,
  OutcomeUnknownError,
  TableNotFoundError,
  UnavailableError,
  ValidationError,
} from '../errors/errors.js'
import type { IndexDefinition, KeySchema, TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import { isSameIndex, missingTimeToLive } from '../store/definition-diff.js'
import { checkDefinition, checkName } from '../store/limits.js'
import type { CallOptions } from '../store/store.js'
import { attributeInput, createInput, indexInput, toDescription } from './description.js'
import { prepare } from './protocol/print.js'
import type { Sender } from './sender.js'

/** Polling intervals for a table that is being changed, in milliseconds: short for local servers, longer for AWS. */
const FIRST_LOOK = 20
const LONGEST_LOOK = 2000
/** Time limit for a new table, which takes seconds on AWS. Filling an index can take hours and has no limit. */
const MAX_CREATION = 10 * 60 * 1000
/** Maximum attempts for a change of an index whose response is lost. */
const MAX_CHANGES = 3

/**
 * Creates a table, or completes one: a call that failed before time to live was set can be repeated.
 * @throws ValidationError; AlreadyExistsError with the difference if a table of that name differs.
 */
export async function createTable(sender: Sender, definition: TableDefinition): Promise<TableDescription> {
  checkDefinition(definition)
  const { name } = definition
  await poll(sender, () => isTaken(sender, definition))
  const existing = await untilActive(sender, name, MAX_CREATION)
  const timeToLive = missingTimeToLive(existing, definition)
  if (timeToLive === undefined) return existing
  await setTimeToLive(sender, name, timeToLive, true)
  return { ...existing, timeToLive }
}

/** Creates the table; returns undefined if one of its name is still being deleted, so that the caller retries. */
async function isTaken(sender: Sender, definition: TableDefinition): Promise<true | undefined> {
  const { name: table } = definition
  try {
    await sender.send(
      prepare('CreateTable', createInput(definition)),
      { operation: 'createTable', table },
      'idempotent',
    )
    return true
  } catch (error) {
    const isOpen = error instanceof OutcomeUnknownError
    if (!(error instanceof ConflictError || isOpen)) throw error
    const existing = await readTable(sender, table)
    if (existing && existing.status !== 'deleting') return true
    if (isOpen) throw error
    return undefined
  }
}

/** Describes a table; undefined if it does not exist. */
export async function describeTable(sender: Sender, table: string): Promise<TableDescription | undefined> {
  checkName('table', table)
  const description = await readTable(sender, table)
  return description && withTimeToLive(sender, description)
}

/** Returns the key schema of a table. @throws TableNotFoundError */
export async function readKeySchema(sender: Sender, table: string, call: CallOptions): Promise<KeySchema> {
  return (await existingTable(sender, table, call)).key
}

/**
 * Changes indexes and time to live, and waits until the changes are complete.
 * @throws ValidationError, TableNotFoundError, IndexNotFoundError; AlreadyExistsError if an index of that name differs.
 */
export async function updateTable(sender: Sender, table: string, change: TableChange): Promise<TableDescription> {
  let description = await withTimeToLive(sender, await existingTable(sender, table))
  const { createIndexes = {}, deleteIndexes = [], timeToLive } = change
  checkChange(description, change)
  // DynamoDB changes one index at a time, and rejects the next change until the previous one is complete.
  for (const index of deleteIndexes) {
    const removal = { TableName: table, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index } }] }
    description = await changeIndex(sender, table, index, removal, after => !hasIndex(after, index))
  }
  for (const [name, index] of Object.entries(createIndexes)) {
    if (hasIndex(description, name)) continue
    const addition = {
      TableName: table,
      AttributeDefinitions: attributeInput([
        description.key,
        ...Object.values(description.globalIndexes ?? {}),
        ...Object.values(description.localIndexes ?? {}),
        index,
      ]),
      GlobalSecondaryIndexUpdates: [{ Create: indexInput(name, index) }],
    }
    description = await changeIndex(sender, table, name, addition, after => hasIndex(after, name, index))
  }
  // Another caller's change may be in progress; AWS finishes it without that caller.
  if (description.status !== 'active') description = await untilActive(sender, table)
  if (timeToLive !== undefined && (timeToLive || undefined) !== description.timeToLive) {
    const attribute = timeToLive || (description.timeToLive as string)
    await setTimeToLive(sender, table, attribute, timeToLive !== false)
    const { timeToLive: _, ...rest } = description
    return timeToLive === false ? rest : { ...rest, timeToLive }
  }
  return description
}

/** Deletes a table and waits until it is gone. @throws TableNotFoundError */
export async function deleteTable(sender: Sender, table: string): Promise<void> {
  checkName('table', table)
  // The table exists now, so if it is gone after a lost response, it was deleted.
  await existingTable(sender, table)
  try {
    await sender.send(prepare('DeleteTable', { TableName: table }), { operation: 'deleteTable', table }, 'idempotent')
  } catch (error) {
    const after = await readTable(sender, table)
    if (after && after.status !== 'deleting') throw error
  }
  await poll(sender, async () => ((await readTable(sender, table)) === undefined ? true : undefined))
}

/** Lists the names of all tables. @throws UnavailableError if the server begins again, as the list would never end. */
export async function listTables(sender: Sender): Promise<string[]> {
  const names: string[] = []
  const ends = new Set<string>()
  for (let last: string | undefined; ; ) {
    const prepared = prepare('ListTables', { ...(last !== undefined && { ExclusiveStartTableName: last }) })
    const page = await sender.send(prepared, { operation: 'listTables' })
    names.push(...(page.TableNames ?? []))
    last = page.LastEvaluatedTableName
    if (last === undefined) return names.sort()
    if (ends.has(last)) throw repeatedPage(last)
    ends.add(last)
  }
}

function repeatedPage(last: string): UnavailableError {
  const message = `The server repeats the page of tables that ends with ${last}, so their list has no end`
  return new UnavailableError(message, { operation: 'listTables' })
}

/** Describes a table. @throws TableNotFoundError */
export async function existingTable(sender: Sender, table: string, call: CallOptions = {}): Promise<TableDescription> {
  const description = await readTable(sender, table, call)
  if (!description) throw new TableNotFoundError(table)
  return description
}

/** Describes a table without time to live, which has its own command in DynamoDB. */
async function readTable(sender: Sender, table: string, call: CallOptions = {}): Promise<TableDescription | undefined> {
  try {
    const attempted = { operation: 'describeTable', table }
    const prepared = prepare('DescribeTable', { TableName: table })
    const output = await sender.send(prepared, attempted, 'read', sender.limit(call))
    return output.Table && toDescription(output.Table)
  } catch (error) {
    if (error instanceof TableNotFoundError) return undefined
    throw error
  }
}

function checkChange(
  description: TableDescription,
  { createIndexes = {}, deleteIndexes = [], timeToLive }: TableChange,
) {
  const { name: table } = description
  const indexes: Record<string, IndexDefinition> = { ...description.globalIndexes }
  for (const index of deleteIndexes) {
    if (!Object.hasOwn(indexes, index)) {
      throw new IndexNotFoundError(table, index, Object.keys(indexes))
    }
    delete indexes[index]
  }
  for (const [name, index] of Object.entries(createIndexes)) {
    const existing = Object.hasOwn(indexes, name) ? indexes[name] : undefined
    if (existing && !isSameIndex(existing, index)) {
      throw new AlreadyExistsError(`Table ${table} has an index ${name} with another definition; remove it first`, {
        table,
      })
    }
    indexes[name] = index
  }
  checkDefinition({ ...description, globalIndexes: indexes })
  const before = description.timeToLive
  if (timeToLive && before !== undefined && before !== timeToLive) {
    throw invalid(['timeToLive'], `is ${before} now; disable it before you set another attribute`)
  }
}

/**
 * Changes one index and waits until the change is complete. After a failure, the state of the table shows whether the
 * change was made all the same: the response was lost, or another caller made the same change. Otherwise it is retried.
 */
async function changeIndex(
  sender: Sender,
  table: string,
  index: string,
  input: object,
  isDone: (after: TableDescription) => boolean,
): Promise<TableDescription> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sender.send(prepare('UpdateTable', input), { operation: 'updateTable', table, index }, 'write')
      return await untilActive(sender, table)
    } catch (error) {
      const after = await untilActive(sender, table, MAX_CREATION).catch(() => undefined)
      if (after && isDone(after)) return after
      if (!after || !(error instanceof OutcomeUnknownError) || attempt === MAX_CHANGES) throw error
    }
  }
}

/** @param wanted the definition of the index; undefined accepts any index of that name. */
function hasIndex({ globalIndexes = {} }: TableDescription, name: string, wanted?: IndexDefinition): boolean {
  const index = Object.hasOwn(globalIndexes, name) ? globalIndexes[name] : undefined
  return index !== undefined && (!wanted || isSameIndex(index, wanted))
}

/** Sets time to live. AWS takes up to an hour to enable it and reports `ENABLING` meanwhile; this does not wait for that. */
async function setTimeToLive(sender: Sender, table: string, attribute: string, enabled: boolean): Promise<void> {
  const prepared = prepare('UpdateTimeToLive', {
    TableName: table,
    TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute },
  })
  try {
    await sender.send(prepared, { operation: 'updateTimeToLive', table }, 'idempotent')
  } catch (error) {
    // DynamoDB rejects a setting that is already in effect, for example after a lost response or a concurrent call.
    if (!(error instanceof ValidationError || error instanceof OutcomeUnknownError)) throw error
    const { timeToLive } = await withTimeToLive(sender, await existingTable(sender, table))
    if (timeToLive !== (enabled ? attribute : undefined)) throw error
  }
}

async function withTimeToLive(sender: Sender, description: TableDescription): Promise<TableDescription> {
  const { name: table } = description
  const attempted = { operation: 'describeTimeToLive', table }
  const output = await sender.send(prepare('DescribeTimeToLive', { TableName: table }), attempted)
  const { AttributeName: timeToLive, TimeToLiveStatus: status } = output.TimeToLiveDescription ?? {}
  const isOn = timeToLive !== undefined && (status === 'ENABLED' || status === 'ENABLING')
  return isOn ? { ...description, timeToLive } : description
}

/** Waits until a table is active. Not all servers behind the endpoint may know a new table yet. */
function untilActive(sender: Sender, table: string, limit = Number.POSITIVE_INFINITY): Promise<TableDescription> {
  const end = sender.pace.now() + limit
  return poll(sender, async () => {
    const description = await readTable(sender, table)
    if (description?.status === 'active') return withTimeToLive(sender, description)
    if (sender.pace.now() > end) {
      const state = description ? `still ${description.status}` : 'missing'
      throw new UnavailableError(`Table ${table} is ${state} after ${limit / 1000} s`, { operation: 'createTable' })
    }
    return undefined
  })
}

async function poll<T>(sender: Sender, look: () => Promise<T | undefined>): Promise<T> {
  for (let wait = FIRST_LOOK; ; wait = Math.min(LONGEST_LOOK, wait * 2)) {
    sender.checkOpen()
    const seen = await look()
    if (seen !== undefined) return seen
    await sender.pace.sleep(wait)
  }
}
