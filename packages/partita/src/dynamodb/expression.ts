/** Prints expressions for DynamoDB: strings whose names and values are replaced by placeholders. */
import { invalid } from '../errors/errors.js'
import type { Condition, KeyCondition, Projection, Update } from '../expression/ast.js'
import { checkLength } from '../expression/evaluate/index.js'
import { Placeholders, printCondition, printKeyCondition, printProjection, printUpdate } from '../expression/print.js'
import { measureValue } from '../value/size.js'
import type { Item, Value } from '../value/value.js'

/** The expressions of a request of the contract. */
export interface RequestExpressions {
  readonly condition?: Condition | undefined
  readonly filter?: Condition | undefined
  readonly key?: KeyCondition
  readonly projection?: Projection | undefined
  readonly update?: Update
}

/** The fields of a DynamoDB request for expressions. Unused ones are omitted: DynamoDB rejects empty fields. */
export interface ExpressionFields {
  ConditionExpression?: string
  FilterExpression?: string
  KeyConditionExpression?: string
  ProjectionExpression?: string
  UpdateExpression?: string
  ExpressionAttributeNames?: Record<string, string>
  /** Plain values, by their placeholders. */
  ExpressionAttributeValues?: Item
}

/**
 * Prints the expressions of a request with shared placeholders.
 * @throws ValidationError for a value that DynamoDB cannot store, or an empty projection.
 * @throws LimitExceededError for an expression of over 4 KB.
 */
export function expressionFields(expressions: RequestExpressions): ExpressionFields {
  const { condition, filter, key, projection, update } = expressions
  const fields: ExpressionFields = {}
  if (!condition && !filter && !key && !projection && !update) return fields
  const placeholders = new Placeholders()
  if (key) fields.KeyConditionExpression = printKeyCondition(key, placeholders)
  if (update) {
    // An update without actions is valid: it creates a missing item. An empty string is not valid.
    const text = printUpdate(update, placeholders)
    if (text !== '') fields.UpdateExpression = checkLength(text)
  }
  if (condition) fields.ConditionExpression = checkLength(printCondition(condition, placeholders))
  if (filter) fields.FilterExpression = checkLength(printCondition(filter, placeholders))
  if (projection) {
    if (projection.length === 0) throw invalid(['projection'], 'is empty; omit it for the whole item')
    fields.ProjectionExpression = printProjection(projection, placeholders)
  }
  const { names, values } = placeholders
  if (placeholders.hasNames) fields.ExpressionAttributeNames = names
  if (placeholders.hasValues) {
    for (const alias in values) measureValue(values[alias] as Value)
    fields.ExpressionAttributeValues = values
  }
  return fields
}
