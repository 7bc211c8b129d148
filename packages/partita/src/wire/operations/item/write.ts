/** PutItem, UpdateItem and DeleteItem: one write, its condition and its return values. */
import type { KnownTable } from '../../../embedded/catalog.js'
import { allOf, type Condition, type Update, update as updateOf } from '../../../expression/ast.js'
import { UpdateError, updatedParts } from '../../../expression/evaluate/index.js'
import { updatedPaths } from '../../../expression/path/walk.js'
import type { UpdateRequest, WriteRequest } from '../../../store/store.js'
import type { Operation, Wire } from '../../dispatch.js'
import { type ExpressionInput, Expressions } from '../../expression-rules/index.js'
import { type LegacyInput, legacyCondition, legacyUpdate, refuseMixture } from '../../legacy/index.js'
import { readItem, readSizedItem, type TypedItem, writeItem } from '../../protocol/attribute-value.js'
import { type AwsError, InputError, invalidValues, validation } from '../../protocol/aws-error.js'
import { consumed, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { ATTRIBUTE, ATTRIBUTES, type Member, type Structure } from '../../protocol/shape.js'
import { TABLE_NAME, tableOf } from '../../protocol/table-name.js'
import { awsUpdateErrorOf } from '../../protocol/translate-error.js'
import { collectionMetrics } from './collection-metrics.js'
import { counted, isForOlder } from './envelope.js'
import { checkSize } from './item-size.js'
import { checkItem, checkKey } from './key.js'
import {
  CONDITIONAL_OPERATOR,
  EXPECTED,
  EXPRESSION,
  KEY,
  LISTED_OPERATOR,
  LISTED_RETURN_VALUES,
  ON_CHECK_FAILURE,
  PLACEHOLDERS,
  PLAIN_METRICS,
  RETURN_METRICS,
  RETURN_VALUES,
} from './members.js'
import { checkScalarKeys } from './scalar-keys.js'
import { checkUpdateCharge } from './update-charge.js'

interface WriteInput extends ExpressionInput, LegacyInput {
  readonly TableName: string
  readonly ReturnValues?: 'ALL_NEW' | 'UPDATED_OLD' | 'ALL_OLD' | 'NONE' | 'UPDATED_NEW'
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
  readonly ReturnConsumedCapacity?: ReturnCapacity
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE'
}

interface PutInput extends WriteInput {
  readonly Item: TypedItem
}

interface KeyInput extends WriteInput {
  readonly Key: TypedItem
}

/** In the order in which AWS reports problems with them. */
const WRITE_MEMBERS = {
  ReturnConsumedCapacity: RETURN_CAPACITY,
  ReturnValues: LISTED_RETURN_VALUES,
  ReturnItemCollectionMetrics: PLAIN_METRICS,
  Expected: EXPECTED,
  ConditionalOperator: LISTED_OPERATOR,
  ConditionExpression: EXPRESSION,
  ...PLACEHOLDERS,
  ReturnValuesOnConditionCheckFailure: ON_CHECK_FAILURE,
} as const

const TABLE_ALONE = { ...TABLE_NAME, brief: true, alone: 'constraint' } as const satisfies Member

/** Of these, UpdateItem reports only the first problem. */
const UPDATE_MEMBERS = {
  ReturnValues: { ...LISTED_RETURN_VALUES, alone: 'constraint' },
  ReturnConsumedCapacity: { ...RETURN_CAPACITY, alone: 'bare' },
  ReturnItemCollectionMetrics: { ...PLAIN_METRICS, alone: 'bare' },
  Expected: EXPECTED,
  ConditionalOperator: { ...LISTED_OPERATOR, alone: 'constraint' },
  ConditionExpression: EXPRESSION,
  ...PLACEHOLDERS,
  ReturnValuesOnConditionCheckFailure: { ...ON_CHECK_FAILURE, alone: 'bare' },
} as const satisfies Record<string, Member>

/** The shape of AWS's older front end. */
function olderThan(what: Readonly<Record<string, Member>>): Structure['older'] {
  const members = {
    ReturnConsumedCapacity: RETURN_CAPACITY,
    TableName: TABLE_NAME,
    ReturnValues: RETURN_VALUES,
    ReturnItemCollectionMetrics: RETURN_METRICS,
    Expected: EXPECTED,
    ConditionalOperator: CONDITIONAL_OPERATOR,
    ReturnValuesOnConditionCheckFailure: ON_CHECK_FAILURE,
    ...what,
  }
  return { shape: { type: 'structure', members }, answers: isForOlder }
}

const ITEM = { ...ATTRIBUTES, required: true } as const satisfies Member

/** `PutItem`: inserts or replaces one item, optionally under a condition. */
export const putItem: Operation = {
  input: {
    type: 'structure',
    members: { TableName: TABLE_ALONE, Item: ITEM, ...WRITE_MEMBERS },
    older: olderThan({ Item: ITEM }),
  },
  async run(wire, input: PutInput) {
    const { item, size, condition } = counted(input, () => {
      refuseMixture(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator'])
      const read = readSizedItem(input.Item)
      checkReturnsOld(input)
      const expressions = readCondition(input)
      checkSize(read)
      return { ...read, ...expressions }
    })
    const table = tableOf(wire, input.TableName)
    checkItem(table, item)
    checkScalarKeys(table.definition, condition)
    const request = { kind: 'put', table: table.definition.name, item, ...(condition && { condition }) } as const
    return write(wire, table, input, request, size)
  },
}

/** `DeleteItem`: deletes one item by its key, optionally under a condition. */
export const deleteItem: Operation = {
  input: {
    type: 'structure',
    members: { TableName: TABLE_ALONE, Key: KEY, ...WRITE_MEMBERS },
    older: olderThan({ Key: KEY }),
  },
  async run(wire, input: KeyInput) {
    const { key, condition } = counted(input, () => {
      refuseMixture(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator'])
      const read = readItem(input.Key)
      checkReturnsOld(input)
      return { key: read, ...readCondition(input) }
    })
    const table = tableOf(wire, input.TableName)
    const physical = checkKey(table, key)
    checkScalarKeys(table.definition, condition)
    return write(wire, table, input, {
      kind: 'delete',
      table: table.definition.name,
      key: physical,
      ...(condition && { condition }),
    })
  },
}

const ATTRIBUTE_UPDATES = {
  type: 'map',
  className: 'AttributeValueUpdate',
  of: {
    type: 'structure',
    members: { Value: ATTRIBUTE, Action: { type: 'string', values: ['ADD', 'PUT', 'DELETE'] } },
  },
} as const satisfies Member

/** `UpdateItem`: changes attributes of one item, and creates the item if it does not exist. */
export const updateItem: Operation = {
  input: {
    type: 'structure',
    members: {
      TableName: TABLE_ALONE,
      Key: KEY,
      ...UPDATE_MEMBERS,
      AttributeUpdates: ATTRIBUTE_UPDATES,
      UpdateExpression: EXPRESSION,
    },
    older: olderThan({ AttributeUpdates: ATTRIBUTE_UPDATES, Key: KEY }),
  },
  async run(wire, input: KeyInput) {
    const { key, legacy, condition, update } = counted(input, () => {
      refuseMixture(
        input,
        ['UpdateExpression', 'ConditionExpression'],
        ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
      )
      return { key: readItem(input.Key), legacy: legacyUpdate(input), ...readCondition(input) }
    })
    const changes = update ?? legacy ?? updateOf({})
    const table = tableOf(wire, input.TableName)
    const { definition } = table
    const physical = checkKey(table, key)
    checkKeyKept(table, changes)
    checkScalarKeys(definition, condition)
    if (update) checkUpdateCharge(update)
    return write(wire, table, input, {
      kind: 'update',
      table: definition.name,
      key: physical,
      update: changes,
      ...(condition && { condition }),
    })
  },
}

/** @throws AwsError for return values that only updates support. */
function checkReturnsOld({ ReturnValues }: WriteInput): void {
  if (ReturnValues === undefined || ReturnValues === 'ALL_OLD' || ReturnValues === 'NONE') return
  throw new InputError('ReturnValues can only be ALL_OLD or NONE')
}

/** The condition, from an expression or legacy members, and the update, which shares its placeholders. */
export function readCondition(input: ExpressionInput & LegacyInput): { condition?: Condition; update?: Update } {
  const isPlain =
    input.ConditionExpression === undefined &&
    input.UpdateExpression === undefined &&
    !input.ExpressionAttributeNames &&
    !input.ExpressionAttributeValues
  if (isPlain) {
    const condition = legacyCondition(input, 'Expected')
    return condition ? { condition } : {}
  }
  const expressions = new Expressions(input)
  const update = expressions.update()
  const condition = allOf([expressions.condition('ConditionExpression'), legacyCondition(input, 'Expected')])
  expressions.checkUsed()
  return { ...(condition && { condition }), ...(update && { update }) }
}

/** @throws AwsError if the update changes a key attribute. */
export function checkKeyKept({ definition }: KnownTable, update: Update): void {
  const { partition, sort } = definition.key
  for (const [name] of updatedPaths(update)) {
    if (name === partition.name || name === sort?.name) {
      throw invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`)
    }
  }
}

/** @param size the size of the item of a put. */
async function write(
  wire: Wire,
  table: KnownTable,
  input: WriteInput,
  request: WriteRequest,
  size?: number,
): Promise<object> {
  const { ReturnValues: returns = 'NONE' } = input
  const old = returns === 'ALL_OLD' || returns === 'UPDATED_OLD'
  const written = {
    ...request,
    ...(returns !== 'NONE' && { returns: old ? 'old' : 'new' }),
    ...(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && { returnOldOnFailure: true }),
  } as WriteRequest
  if (written.kind === 'update') await refuseIntoKeys(wire, table, written)
  const extras = {
    isLegacy: input.Expected !== undefined || 'AttributeUpdates' in input,
    checked: { definition: table.definition, ...(size !== undefined && { size }) },
  }
  const { item, capacity } = await wire.store.write(written, extras).catch((error: unknown) => {
    throw request.kind === 'update' ? updateFault(error, input) : error
  })
  const isPart = request.kind === 'update' && returns.startsWith('UPDATED')
  const attributes = item && (isPart ? updatedParts(request.update, item) : item)
  const used = consumed(table, capacity, input.ReturnConsumedCapacity)
  const metrics = input.ReturnItemCollectionMetrics === 'SIZE' && collectionMetrics(table, request)
  return {
    ...(attributes && { Attributes: writeItem(attributes) }),
    ...(used && { ConsumedCapacity: used }),
    ...(metrics && { ItemCollectionMetrics: metrics }),
  }
}

/** AWS reports an update path into a key only if the condition holds. @throws AwsError, ConditionFailedError */
async function refuseIntoKeys({ store }: Wire, { definition }: KnownTable, request: UpdateRequest): Promise<void> {
  const { update, table, key, condition, returnOldOnFailure = false } = request
  try {
    checkScalarKeys(definition, update.set, updatedPaths(update))
  } catch (error) {
    if (condition) await store.write({ kind: 'check', table, key, condition, returnOldOnFailure })
    throw error
  }
}

/** The AWS error for a failed update. Legacy updates have a message of their own. */
function updateFault(error: unknown, { AttributeUpdates: legacy }: WriteInput): AwsError {
  if (error instanceof UpdateError && legacy !== undefined) return validation('Type mismatch for attribute to update')
  return awsUpdateErrorOf(error)
}
