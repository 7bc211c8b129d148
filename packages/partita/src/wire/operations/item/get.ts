/** GetItem. */
import type { Projection } from '../../../expression/ast.js'
import type { Operation } from '../../dispatch.js'
import { type ExpressionInput, Expressions } from '../../expression-rules/index.js'
import { type LegacyInput, legacyProjection, refuseMixture } from '../../legacy/index.js'
import { readItem, type TypedItem, writeItem } from '../../protocol/attribute-value.js'
import { consumed, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { TABLE_NAME, tableOf } from '../../protocol/table-name.js'
import { checkKey } from './key.js'
import { ATTRIBUTES_TO_GET, EXPRESSION, KEY, NAMES } from './members.js'
import { checkScalarKeys } from './scalar-keys.js'

interface GetInput extends Pick<ExpressionInput, 'ProjectionExpression' | 'ExpressionAttributeNames'> {
  readonly TableName: string
  readonly Key: TypedItem
  readonly AttributesToGet?: readonly string[]
  readonly ConsistentRead?: boolean
  readonly ReturnConsumedCapacity?: ReturnCapacity
}

/** `GetItem`: reads one item by its key. */
export const getItem: Operation = {
  input: {
    type: 'structure',
    members: {
      Key: KEY,
      TableName: TABLE_NAME,
      AttributesToGet: ATTRIBUTES_TO_GET,
      ConsistentRead: { type: 'boolean' },
      ReturnConsumedCapacity: RETURN_CAPACITY,
      ProjectionExpression: EXPRESSION,
      ExpressionAttributeNames: NAMES,
    },
  },
  async run(wire, input: GetInput) {
    const key = readItem(input.Key)
    const projection = readProjection(input)
    const table = tableOf(wire, input.TableName)
    checkScalarKeys(table.definition, projection)
    const { item, capacity } = await wire.store.get({
      table: table.definition.name,
      key: checkKey(table, key),
      consistent: input.ConsistentRead ?? false,
      ...(projection && { projection }),
    })
    const used = consumed(table, capacity, input.ReturnConsumedCapacity)
    return { ...(item && { Item: writeItem(item) }), ...(used && { ConsumedCapacity: used }) }
  },
}

/** The projection of a read by key, from expressions or legacy members. */
export function readProjection(input: ExpressionInput & LegacyInput): Projection | undefined {
  if (input.ProjectionExpression === undefined && !input.ExpressionAttributeNames) {
    return input.AttributesToGet && legacyProjection(input)
  }
  refuseMixture(input, ['ProjectionExpression'], ['AttributesToGet'])
  const expressions = new Expressions(input)
  const projection = expressions.projection()
  expressions.checkUsed()
  return projection ?? legacyProjection(input)
}
