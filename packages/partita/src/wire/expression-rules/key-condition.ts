/** Key conditions: checks that they are supported, and assigns each part to a key attribute. */
import type { Condition, KeyCondition, Operand, SortCondition } from '../../expression/ast.js'
import { type IndexKeySchema, type KeyAttribute, partitionAttributes, sortAttributes } from '../../store/definition.js'
import { typeOf, type Value } from '../../value/value.js'
import { EmptyKeyError, invalidValues, validation } from '../protocol/aws-error.js'

/** A condition on one attribute. An unsupported one is represented by its name alone. */
export type KeyConditionPart = SortCondition | { readonly kind: 'unordered'; readonly name: string }

type Equality = Extract<SortCondition, { kind: 'compare' }>
type Ordered = Equality['comparator']

const UNSUPPORTED = 'Query key condition not supported'
const TOO_MANY = 'Conditions can be of length 1 or 2 only'
/** Maximum number of key attributes of an index: four of each kind. */
const MOST_PARTS = 8
const NESTED = 'KeyConditionExpressions cannot contain nested operations'
const INVALID = 'Invalid condition in KeyConditionExpression:'

const FLIPPED: { readonly [comparator in Ordered]: Ordered } = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

/** The names of unsupported conditions in error messages. */
const NAMES: { readonly [Kind in Condition['kind']]?: string } = {
  in: 'IN',
  or: 'OR',
  not: 'NOT',
  exists: 'attribute_exists',
  notExists: 'attribute_not_exists',
  type: 'attribute_type',
  contains: 'contains',
}

/**
 * The conditions of a key condition expression, each on a different attribute.
 *
 * @param measures whether it has a size(); that of a value is a value by now.
 * @throws AwsError
 */
export function keyParts(condition: Condition, measures: boolean): readonly SortCondition[] {
  const parts: SortCondition[] = []
  collect(condition, parts)
  if (measures) throw validation(NESTED)
  if (parts.length > MOST_PARTS) throw validation(TOO_MANY)
  return parts
}

function collect(condition: Condition, parts: SortCondition[]): void {
  if (condition.kind === 'and') {
    for (const part of condition.conditions) collect(part, parts)
    return
  }
  const part = keyPart(condition)
  if (parts.some(({ name }) => name === part.name)) {
    throw validation('Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key')
  }
  parts.push(part)
}

function keyPart(condition: Condition): SortCondition {
  switch (condition.kind) {
    case 'compare': {
      const { comparator: given, left, right } = condition
      if (given === '<>') break
      const [name, value] = keyOperands(left, right)
      const comparator = left.kind === 'value' ? FLIPPED[given] : given
      return { kind: 'compare', name, comparator, value: value as Value }
    }
    case 'between': {
      const { operand, low: from, high: to } = condition
      checkFirst('BETWEEN', operand)
      const [name, low, high] = keyOperands(operand, from, to)
      return { kind: 'between', name, low: low as Value, high: high as Value }
    }
    case 'beginsWith': {
      checkFirst('begins_with', condition.operand)
      const [name, prefix] = keyOperands(condition.operand, condition.prefix)
      return { kind: 'beginsWith', name, prefix: prefix as Value }
    }
  }
  const operator = condition.kind === 'compare' ? condition.comparator : NAMES[condition.kind]
  throw validation(`Invalid operator used in KeyConditionExpression: ${operator}`)
}

function checkFirst(operator: string, operand: Operand): void {
  if (operand.kind !== 'value') return
  throw validation(`${INVALID} ${operator} operator must have the key attribute as its first operand`)
}

/** The name of the only attribute among the operands, and the values. */
function keyOperands(...operands: readonly Operand[]): [name: string, ...values: Value[]] {
  let name: string | undefined
  const values: Value[] = []
  for (const operand of operands) {
    if (operand.kind === 'size') throw validation(NESTED)
    if (operand.kind === 'value') {
      values.push(operand.value)
      continue
    }
    if (name !== undefined) throw validation(`${INVALID} Multiple attribute names used in one condition`)
    if (operand.path.length > 1) {
      throw validation('KeyConditionExpressions cannot have conditions on nested attributes')
    }
    name = operand.path[0]
  }
  if (name === undefined) throw validation(`${INVALID} No key attribute specified`)
  return [name, ...values]
}

/**
 * Requires an equality for each partition key attribute. Sort key attributes, from the first on, may have equalities;
 * the last one with a condition may have a range.
 *
 * @param parts at least one, each on a different attribute.
 * @throws AwsError for other attributes than those of the key, or values of other types.
 */
export function keyConditionOf(parts: readonly KeyConditionPart[], schema: IndexKeySchema): KeyCondition {
  const [partitions, sorts] = [partitionAttributes(schema), sortAttributes(schema)]
  const most = partitions.length + sorts.length
  if (parts.length > 2 && most <= 2) {
    throw validation(
      `The number of query conditions (${parts.length}) exceeds the number of key attributes defined in the schema (${most})`,
    )
  }
  if (parts.length > most) throw validation(UNSUPPORTED)
  checkNoGap(parts, sorts)
  const [partition, ...morePartition] = partitions.map(key => {
    const { name, value } = equalityOf(parts, key)
    return { name, value }
  })
  const given = sorts.slice(0, Math.max(0, parts.length - partitions.length))
  const [sort, ...moreSort] = given.map((key, i) =>
    i < given.length - 1 ? equalityOf(parts, key) : rangeOf(parts, key),
  )
  return {
    partition: partition as KeyCondition['partition'],
    ...(morePartition.length > 0 && { morePartition }),
    ...(sort && { sort }),
    ...(moreSort.length > 0 && { moreSort }),
  }
}

/** All sort key attributes before the last one with a condition must have equalities. @throws AwsError */
function checkNoGap(parts: readonly KeyConditionPart[], sorts: readonly KeyAttribute[]): void {
  const last = sorts.findLastIndex(({ name }) => parts.some(part => part.name === name))
  const isEqual = (name: string) =>
    parts.some(part => part.name === name && part.kind === 'compare' && part.comparator === '=')
  const gap = sorts.slice(0, Math.max(0, last)).filter(({ name }) => !isEqual(name))
  if (gap.length === 0) return
  const names = gap.map(({ name }) => name).join(', ')
  throw validation(
    `RANGE key attributes ${names} must have equality conditions specified in the query because a condition is present on key attribute ${sorts[last]?.name}`,
  )
}

function equalityOf(parts: readonly KeyConditionPart[], key: KeyAttribute): Equality {
  const part = partOf(parts, key)
  checkType(part, key)
  if (part.kind !== 'compare' || part.comparator !== '=') throw validation(UNSUPPORTED)
  checkFilled(part, key)
  return part
}

function rangeOf(parts: readonly KeyConditionPart[], key: KeyAttribute): SortCondition {
  const part = partOf(parts, key)
  checkType(part, key)
  if (part.kind === 'beginsWith' && key.type === 'N') throw validation(UNSUPPORTED)
  checkFilled(part, key)
  return part
}

function partOf(parts: readonly KeyConditionPart[], key: KeyAttribute): SortCondition {
  const part = parts.find(({ name }) => name === key.name)
  if (!part) throw validation(`Query condition missed key schema element: ${key.name}`)
  if (part.kind === 'unordered') {
    throw validation('Attempted conditional constraint is not an indexable operation')
  }
  return part
}

function checkType(part: SortCondition, key: KeyAttribute): void {
  if (valuesOf(part).some(value => typeOf(value) !== key.type)) {
    throw invalidValues('Condition parameter type does not match schema type')
  }
}

function checkFilled(part: SortCondition, key: KeyAttribute): void {
  const isEmpty = (value: Value) => (typeof value === 'string' || value instanceof Uint8Array) && value.length === 0
  if (!valuesOf(part).some(isEmpty)) return
  const kind = key.type === 'B' ? 'binary' : 'string'
  throw EmptyKeyError.ofKey(key.name, kind)
}

function valuesOf(part: SortCondition): readonly Value[] {
  if (part.kind === 'between') return [part.low, part.high]
  return [part.kind === 'compare' ? part.value : part.prefix]
}
