/** Tables: created, described, changed and deleted, each returning once the outcome can be relied on. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
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
import type { Sender } from './sender.js'

/** Milliseconds between two looks at a table that is being changed: short for servers at hand, longer for AWS. */
const FIRST_LOOK = 20
const LONGEST_LOOK = 2000
/** A new table takes seconds on AWS; the filling of an index may take hours and has no limit here. */
const MAX_CREATION = 10 * 60 * 1000
/** Tries for a change of an index whose answers are lost. */
const MAX_CHANGES = 3

/**
 * Creates the table, or completes it: a run that ended before time to live was set can simply be repeated.
 * @throws ValidationError; AlreadyExistsError saying in what a table of that name differs.
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

/** Creates the table; undefined where one of its name is still being deleted, so that it has to be tried again. */
async function isTaken(sender: Sender, definition: TableDefinition): Promise<true | undefined> {
  const { name: table } = definition
  try {
    await sender.send(
      new CreateTableCommand(createInput(definition)),
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

export async function describeTable(sender: Sender, table: string): Promise<TableDescription | undefined> {
  checkName('table', table)
  const description = await readTable(sender, table)
  return description && withTimeToLive(sender, description)
}

/** The key of a table that is there. @throws TableNotFoundError */
export async function readKeySchema(sender: Sender, table: string, call: CallOptions): Promise<KeySchema> {
  return (await existingTable(sender, table, call)).key
}

/** @throws ValidationError, TableNotFoundError, IndexNotFoundError; AlreadyExistsError where an index of that name differs. */
export async function updateTable(sender: Sender, table: string, change: TableChange): Promise<TableDescription> {
  let description = await withTimeToLive(sender, await existingTable(sender, table))
  const { createIndexes = {}, deleteIndexes = [], timeToLive } = change
  checkChange(description, change)
  // DynamoDB changes one index at a time, and refuses the next change until the one before is done.
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
  // Somebody else's change may be under way, or one whose caller is gone: AWS finishes it by itself.
  if (description.status !== 'active') description = await untilActive(sender, table)
  if (timeToLive !== undefined && (timeToLive || undefined) !== description.timeToLive) {
    const attribute = timeToLive || (description.timeToLive as string)
    await setTimeToLive(sender, table, attribute, timeToLive !== false)
    const { timeToLive: _, ...rest } = description
    return timeToLive === false ? rest : { ...rest, timeToLive }
  }
  return description
}

/** @throws TableNotFoundError */
export async function deleteTable(sender: Sender, table: string): Promise<void> {
  checkName('table', table)
  // Looked for first: a table that is gone afterwards was deleted, whoever had the answer.
  await existingTable(sender, table)
  try {
    await sender.send(new DeleteTableCommand({ TableName: table }), { operation: 'deleteTable', table }, 'idempotent')
  } catch (error) {
    const after = await readTable(sender, table)
    if (after && after.status !== 'deleting') throw error
  }
  await poll(sender, async () => ((await readTable(sender, table)) === undefined ? true : undefined))
}

export async function listTables(sender: Sender): Promise<string[]> {
  const names: string[] = []
  let last: string | undefined
  do {
    const command = new ListTablesCommand({ ...(last !== undefined && { ExclusiveStartTableName: last }) })
    const page = await sender.send(command, { operation: 'listTables' })
    names.push(...(page.TableNames ?? []))
    last = page.LastEvaluatedTableName
  } while (last !== undefined)
  return names.sort()
}

/** @throws TableNotFoundError */
export async function existingTable(sender: Sender, table: string, call: CallOptions = {}): Promise<TableDescription> {
  const description = await readTable(sender, table, call)
  if (!description) throw new TableNotFoundError(table)
  return description
}

/** Without its time to live, which DynamoDB describes apart. */
async function readTable(sender: Sender, table: string, call: CallOptions = {}): Promise<TableDescription | undefined> {
  try {
    const attempted = { operation: 'describeTable', table }
    const command = new DescribeTableCommand({ TableName: table })
    const output = await sender.send(command, attempted, 'read', sender.limit(call))
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
      throw new AlreadyExistsError(`Table ${table} has another index ${name}; remove that one first`, { table })
    }
    indexes[name] = index
  }
  checkDefinition({ ...description, globalIndexes: indexes })
  const before = description.timeToLive
  if (timeToLive && before !== undefined && before !== timeToLive) {
    throw invalid(['timeToLive'], `is ${before} now; switch it off before setting another attribute`)
  }
}

/**
 * Changes one index and waits until that is done. Where the change fails, what the table has become tells whether it was
 * done all the same: the answer was lost, or someone else changed the same. What was lost and not done is sent again.
 */
async function changeIndex(
  sender: Sender,
  table: string,
  index: string,
  input: ConstructorParameters<typeof UpdateTableCommand>[0],
  isDone: (after: TableDescription) => boolean,
): Promise<TableDescription> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sender.send(new UpdateTableCommand(input), { operation: 'updateTable', table, index }, 'write')
      return await untilActive(sender, table)
    } catch (error) {
      const after = await untilActive(sender, table, MAX_CREATION).catch(() => undefined)
      if (after && isDone(after)) return after
      if (!after || !(error instanceof OutcomeUnknownError) || attempt === MAX_CHANGES) throw error
    }
  }
}

/** @param wanted what the index is like; undefined where any of that name will do. */
function hasIndex({ globalIndexes = {} }: TableDescription, name: string, wanted?: IndexDefinition): boolean {
  const index = Object.hasOwn(globalIndexes, name) ? globalIndexes[name] : undefined
  return index !== undefined && (!wanted || isSameIndex(index, wanted))
}

/** AWS takes up to an hour to act on it, and says `ENABLING` meanwhile; there is nothing to wait for. */
async function setTimeToLive(sender: Sender, table: string, attribute: string, enabled: boolean): Promise<void> {
  const command = new UpdateTimeToLiveCommand({
    TableName: table,
    TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute },
  })
  try {
    await sender.send(command, { operation: 'updateTimeToLive', table }, 'idempotent')
  } catch (error) {
    // DynamoDB refuses to set what is set already, as it is when the answer of an earlier try was lost, or when
    // someone else did the same at the same time.
    if (!(error instanceof ValidationError || error instanceof OutcomeUnknownError)) throw error
    const { timeToLive } = await withTimeToLive(sender, await existingTable(sender, table))
    if (timeToLive !== (enabled ? attribute : undefined)) throw error
  }
}

async function withTimeToLive(sender: Sender, description: TableDescription): Promise<TableDescription> {
  const { name: table } = description
  const attempted = { operation: 'describeTimeToLive', table }
  const output = await sender.send(new DescribeTimeToLiveCommand({ TableName: table }), attempted)
  const { AttributeName: timeToLive, TimeToLiveStatus: status } = output.TimeToLiveDescription ?? {}
  const isOn = timeToLive !== undefined && (status === 'ENABLED' || status === 'ENABLING')
  return isOn ? { ...description, timeToLive } : description
}

/** A table just created may not be there yet for every server behind the endpoint. */
function untilActive(sender: Sender, table: string, limit = Number.POSITIVE_INFINITY): Promise<TableDescription> {
  const end = sender.pace.now() + limit
  return poll(sender, async () => {
    const description = await readTable(sender, table)
    if (description?.status === 'active') return withTimeToLive(sender, description)
    if (sender.pace.now() > end) {
      const state = description ? `still ${description.status}` : 'not there'
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
