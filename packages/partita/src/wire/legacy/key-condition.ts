/** KeyConditions. */
import type { Comparator, KeyCondition } from '../../expression/ast.js'
import { type IndexKeySchema, partitionAttributes, sortAttributes } from '../../store/definition.js'
import type { Value } from '../../value/value.js'
import { type KeyConditionPart, keyConditionOf } from '../expression-rules/index.js'
import { readValue } from '../protocol/attribute-value.js'
import { validation } from '../protocol/aws-error.js'
import { checkComparison } from './comparison.js'
import type { Comparison, LegacyInput } from './input.js'

const COMPARATORS: { readonly [operator: string]: Exclude<Comparator, '<>'> } = {
  EQ: '=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
}

/** The key condition of `KeyConditions`; undefined if it is missing. @throws AwsError */
export function legacyKeyCondition(
  { KeyConditions: given }: LegacyInput,
  schema: IndexKeySchema,
): KeyCondition | undefined {
  if (given === undefined) return undefined
  const names = Object.keys(given)
  if (names.length === 0) {
    throw validation('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.')
  }
  if (names.length > 2 && partitionAttributes(schema).length + sortAttributes(schema).length <= 2) {
    throw validation('Conditions can be of length 1 or 2 only')
  }
  return keyConditionOf(
    names.map(name => partOf(name, given[name] as Comparison)),
    schema,
  )
}

function partOf(
  name: string,
  { ComparisonOperator: operator = '', AttributeValueList: list = [] }: Comparison,
): KeyConditionPart {
  const values = list.map(typed => readValue(typed))
  checkComparison(operator, values)
  const [value, high] = values as [Value, Value]
  if (operator === 'BETWEEN') return { kind: 'between', name, low: value, high }
  if (operator === 'BEGINS_WITH') return { kind: 'beginsWith', name, prefix: value }
  const comparator = COMPARATORS[operator]
  return comparator ? { kind: 'compare', name, comparator, value } : { kind: 'unordered', name }
}
