/** Expected, QueryFilter and ScanFilter. */
import { allOf, anyOf, type Condition, compare, notExists, path, value } from '../../expression/ast.js'
import type { Value } from '../../value/value.js'
import { readValue } from '../protocol/attribute-value.js'
import { invalidValues, validation } from '../protocol/aws-error.js'
import { checkComparison, comparisonOf } from './comparison.js'
import type { Comparison, Expectation, LegacyInput } from './input.js'

/** The conditions of all the attributes, joined by ConditionalOperator. @throws AwsError */
export function legacyCondition(
  input: LegacyInput,
  member: 'Expected' | 'QueryFilter' | 'ScanFilter',
): Condition | undefined {
  const given = input[member] ?? {}
  const conditions = Object.keys(given).map(name => {
    return member === 'Expected'
      ? expectedOf(name, given[name] as Expectation)
      : filterOf(name, given[name] as Comparison)
  })
  if (input.ConditionalOperator !== undefined) checkOperator(conditions.length)
  return input.ConditionalOperator === 'OR' ? anyOf(conditions) : allOf(conditions)
}

function checkOperator(conditions: number): void {
  if (conditions === 0) throw validation('ConditionalOperator cannot be used without Filter or Expected')
  if (conditions > 1) return
  throw validation('ConditionalOperator can only be used when Filter or Expected has two or more elements')
}

function filterOf(
  name: string,
  { ComparisonOperator: operator = '', AttributeValueList: list = [] }: Comparison,
): Condition {
  checkName(name)
  const values = list.map(typed => readValue(typed))
  checkComparison(operator, values)
  return comparisonOf(name, operator, values)
}

function expectedOf(name: string, expectation: Expectation): Condition {
  const { ComparisonOperator: operator, AttributeValueList: list, Value: single, Exists: isThere } = expectation
  checkName(name)
  const refuse = (message: string) => invalidValues(`${message} for Attribute: ${name}`)
  if (single && list) throw refuse('Value and AttributeValueList cannot be used together')
  if (operator === undefined) {
    if (list) throw refuse('AttributeValueList can only be used with a ComparisonOperator')
    return expectedValue(name, isThere, single && readValue(single), refuse)
  }
  if (isThere !== undefined) throw refuse('Exists and ComparisonOperator cannot be used together')
  if (!single && !list && operator !== 'NULL' && operator !== 'NOT_NULL') {
    throw refuse(`Value or AttributeValueList must be used with ComparisonOperator: ${operator}`)
  }
  const values = (list ?? (single ? [single] : [])).map(typed => readValue(typed))
  checkComparison(operator, values)
  return comparisonOf(name, operator, values)
}

/** The oldest form: the attribute must have this value, or must not exist. */
function expectedValue(
  name: string,
  isThere: boolean | undefined,
  expected: Value | undefined,
  refuse: (message: string) => Error,
): Condition {
  if (isThere === false) {
    if (expected !== undefined) throw refuse('Value cannot be used when Exists is false')
    return notExists([name])
  }
  if (expected === undefined) throw refuse(`Value must be provided when Exists is ${isThere ?? 'null'}`)
  return compare(path(name), '=', value(expected))
}

function checkName(name: string): void {
  if (name === '') throw validation('Empty attribute name')
}
