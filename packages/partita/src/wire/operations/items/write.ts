/** PutItem, UpdateItem and DeleteItem: one write, its condition, and what of the item it returns. */
import type { KnownTable } from '../../../embedded/catalog.js'
import { UnfitIndexKey } from '../../../embedded/write.js'
import { ConditionFailed, LimitExceeded } from '../../../errors.js'
import { allOf, type Condition, type Update, update as updateOf } from '../../../expression/ast.js'
import { project } from '../../../expression/evaluate.js'
import type { WriteRequest } from '../../../store/store.js'
import type { Item } from '../../../value/value.js'
import { readItem, type TypedItem, writeItem } from '../../attributes.js'
import { consumed, RETURN_CAPACITY, type ReturnCapacity } from '../../capacity.js'
import { type ExpressionInput, Expressions } from '../../expression/index.js'
import { invalidValues, validation } from '../../fault.js'
import { type LegacyInput, legacyCondition, legacyUpdate, refuseMixture } from '../../legacy/index.js'
import { ATTRIBUTE, ATTRIBUTES } from '../../shape.js'
import { unfitIndexKey } from '../../store-fault.js'
import { TABLE_NAME, tableOf } from '../../table.js'
import type { Operation, Wire } from '../../wire.js'
import { collectionMetrics } from './collection-metrics.js'
import { checkItem, checkKey } from './key.js'
import {
  CONDITIONAL_OPERATOR,
  EXPECTED,
  EXPRESSION,
  KEY,
  ON_CHECK_FAILURE,
  PLACEHOLDERS,
  RETURN_METRICS,
  RETURN_VALUES,
} from './members.js'

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

const WRITE_MEMBERS = {
  TableName: TABLE_NAME,
  Expected: EXPECTED,
  ReturnValues: RETURN_VALUES,
  ReturnConsumedCapacity: RETURN_CAPACITY,
  ReturnItemCollectionMetrics: RETURN_METRICS,
  ConditionalOperator: CONDITIONAL_OPERATOR,
  ConditionExpression: EXPRESSION,
  ...PLACEHOLDERS,
  ReturnValuesOnConditionCheckFailure: ON_CHECK_FAILURE,
} as const

export const putItem: Operation = {
  input: { type: 'structure', members: { ...WRITE_MEMBERS, Item: { ...ATTRIBUTES, required: true } } },
  async run(wire, input: PutInput) {
    refuseMixture(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator'])
    const item = readItem(input.Item)
    checkReturnsOld(input)
    const { condition } = readCondition(input)
    const table = tableOf(wire, input.TableName)
    checkItem(table, item)
    return write(wire, table, input, {
      kind: 'put',
      table: table.definition.name,
      item,
      ...(condition && { condition }),
    })
  },
}

export const deleteItem: Operation = {
  input: { type: 'structure', members: { ...WRITE_MEMBERS, Key: KEY } },
  async run(wire, input: KeyInput) {
    refuseMixture(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator'])
    const key = readItem(input.Key)
    checkReturnsOld(input)
    const { condition } = readCondition(input)
    const table = tableOf(wire, input.TableName)
    return write(wire, table, input, {
      kind: 'delete',
      table: table.definition.name,
      key: checkKey(table, key),
      ...(condition && { condition }),
    })
  },
}

export const updateItem: Operation = {
  input: {
    type: 'structure',
    members: {
      ...WRITE_MEMBERS,
      Key: KEY,
      AttributeUpdates: {
        type: 'map',
        className: 'AttributeValueUpdate',
        of: {
          type: 'structure',
          members: { Value: ATTRIBUTE, Action: { type: 'string', values: ['ADD', 'DELETE', 'PUT'] } },
        },
      },
      UpdateExpression: EXPRESSION,
    },
  },
  async run(wire, input: KeyInput) {
    refuseMixture(
      input,
      ['UpdateExpression', 'ConditionExpression'],
      ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
    )
    const key = readItem(input.Key)
    const legacy = legacyUpdate(input)
    const { condition, update: changes = legacy ?? updateOf({}) } = readCondition(input)
    const table = tableOf(wire, input.TableName)
    const { definition } = table
    const physical = checkKey(table, key)
    checkKeyKept(table, changes)
    return write(wire, table, input, {
      kind: 'update',
      table: definition.name,
      key: physical,
      update: changes,
      ...(condition && { condition }),
    })
  },
}

/** @throws Fault for what only updates can return. */
function checkReturnsOld({ ReturnValues }: WriteInput): void {
  if (ReturnValues === undefined || ReturnValues === 'ALL_OLD' || ReturnValues === 'NONE') return
  throw validation('Return values set to invalid value')
}

/** The condition of either generation, and the update, which shares placeholders with it. */
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

/** @throws Fault for an update of what the key is made of. */
export function checkKeyKept({ definition }: KnownTable, { set, remove, add, delete: deleted }: Update): void {
  const { partition, sort } = definition.key
  const paths = [...set.map(({ path }) => path), ...remove, ...[...add, ...deleted].map(({ path }) => path)]
  for (const [name] of paths) {
    if (name === partition.name || name === sort?.name) {
      throw invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`)
    }
  }
}

async function write(wire: Wire, table: KnownTable, input: WriteInput, request: WriteRequest): Promise<object> {
  const { ReturnValues: returns = 'NONE' } = input
  const old = returns === 'ALL_OLD' || returns === 'UPDATED_OLD'
  const written = {
    ...request,
    ...(returns !== 'NONE' && { returns: old ? 'old' : 'new' }),
    ...(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && { returnOldOnFailure: true }),
  } as WriteRequest
  const { item, capacity } = await wire.store.write(written).catch((error: unknown) => {
    throw request.kind === 'update' ? updateFault(error) : error
  })
  const attributes = item && (returns.startsWith('UPDATED') ? updatedParts(request, item) : item)
  const used = consumed(table, capacity, input.ReturnConsumedCapacity)
  const metrics = input.ReturnItemCollectionMetrics === 'SIZE' && collectionMetrics(table, request)
  return {
    ...(attributes && { Attributes: writeItem(attributes) }),
    ...(used && { ConsumedCapacity: used }),
    ...(metrics && { ItemCollectionMetrics: metrics }),
  }
}

/** What is worded another way where an update made it so. */
function updateFault(error: unknown): unknown {
  if (error instanceof ConditionFailed) return error
  if (error instanceof UnfitIndexKey) return unfitIndexKey(error, true)
  if (error instanceof LimitExceeded && error.details.limit === 'item size in bytes') {
    return validation('Item size to update has exceeded the maximum allowed size')
  }
  return error
}

/** The parts of an item that the update names, as AWS gives them; undefined where none is there. */
function updatedParts(request: WriteRequest, item: Item): Item | undefined {
  if (request.kind !== 'update') return item
  const { set, remove, add, delete: deleted } = request.update
  const paths = [...set.map(({ path }) => path), ...remove, ...[...add, ...deleted].map(({ path }) => path)]
  if (paths.length === 0) return undefined
  const parts = project(paths, item)
  return Object.keys(parts).length > 0 ? parts : undefined
}
