/** Plans a SELECT: queries of partitions if its WHERE clause fixes the partition key, otherwise a scan. */
import { allOf, type Condition, type KeyCondition, type SortCondition } from '../../expression/ast.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  type KeySchema,
  partitionAttributes,
  sortAttributes,
} from '../../store/definition.js'
import { memberText } from '../../value/member.js'
import { compareValues, isNumber, type KeyValue, typeOf, type Value } from '../../value/value.js'
import { checkKeyValue, conjuncts, equalityOf } from './key.js'
import { checkTypes, typesOf } from './key-types.js'
import { checkOrderings } from './ordering.js'
import { checkOverlap } from './overlap.js'
import { sortOf } from './sort-condition.js'
import type { Ordering } from './statement.js'

/** How a `SELECT` is executed: as queries or as a scan, in which order, with which filter. */
export interface ReadPlan {
  /** One query per partition, in the order of results; undefined for a scan. */
  readonly queries: readonly KeyCondition[] | undefined
  readonly order: 'asc' | 'desc'
  /** The conditions that the queries do not cover, evaluated for each item. */
  readonly filter: Condition | undefined
}

/** Maximum number of partitions that are queried; a statement with more is a scan. */
const MAX_PARTITIONS = 100

/**
 * @param schema the key of the table or index that is read.
 * @param tableKey the key of the table, whose attributes an index also holds.
 * @throws AwsError
 */
export function planRead(
  schema: IndexKeySchema,
  tableKey: KeySchema,
  where: Condition | undefined,
  orderings: readonly Ordering[],
): ReadPlan {
  checkOrderings(schema, where, orderings)
  const types = typesOf(schema, tableKey)
  const parts = conjuncts(where)
  if (where?.kind === 'or') checkOverlap(schema, where.conditions)
  const fixing = partitionAttributes(schema).map(({ name }) => findFixing(parts, name))
  const partitions = partitionsBy(schema, fixing)
  if (!partitions) {
    checkTypes(types, where)
    return { queries: undefined, order: 'asc', filter: where }
  }
  // The branches of an OR may contain more conditions than the partition key; an equality or IN does not.
  const others = parts.filter(part => part.kind === 'or' || !fixing.includes(part))
  const { sorts, rest } = takeSorts(others, sortAttributes(schema))
  const filter = allOf(rest)
  checkTypes(types, filter)
  for (const values of partitions) checkPartition(schema, values)
  const orderOf = (attribute: KeyAttribute | undefined) =>
    orderings.find(({ name }) => name === attribute?.name)?.order ?? 'asc'
  if (orderOf(schema.partition) === 'desc') partitions.reverse()
  return { queries: partitions.map(values => query(schema, values, sorts)), order: orderOf(schema.sort), filter }
}

function query(schema: IndexKeySchema, values: readonly Value[], sorts: readonly SortCondition[]): KeyCondition {
  const equalities = partitionAttributes(schema).map(({ name }, i) => ({ name, value: values[i] as KeyValue }))
  const [partition, ...morePartition] = equalities as [KeyCondition['partition'], ...KeyCondition['partition'][]]
  const [sort, ...moreSort] = sorts
  return {
    partition,
    ...(morePartition.length > 0 && { morePartition }),
    ...(sort && { sort }),
    ...(moreSort.length > 0 && { moreSort }),
  }
}

function checkPartition(schema: IndexKeySchema, values: readonly Value[]): void {
  partitionAttributes(schema).forEach((attribute, i) => {
    checkKeyValue(attribute, values[i], 'partition')
  })
}

/** The condition that fixes a partition key attribute; the most exact one if there are several. */
function findFixing(parts: readonly Condition[], name: string): Condition | undefined {
  return (
    parts.find(part => equalityOf(part)?.name === name) ?? parts.find(part => partitionsOf(part, name) !== undefined)
  )
}

/** The partitions that match these conditions, ascending; undefined for all, or too many to query. */
function partitionsBy(schema: IndexKeySchema, fixing: readonly (Condition | undefined)[]): Value[][] | undefined {
  let partitions: Value[][] = [[]]
  for (const [i, { name }] of partitionAttributes(schema).entries()) {
    const condition = fixing[i]
    const values = condition && partitionsOf(condition, name)
    if (!values) return undefined
    const ordered = inOrder(values)
    if (partitions.length * ordered.length > MAX_PARTITIONS) return undefined
    partitions = partitions.flatMap(before => ordered.map(value => [...before, value]))
  }
  return partitions
}

/** The values of a partition key attribute that match a condition; undefined if it does not restrict them. */
function partitionsOf(condition: Condition, name: string): readonly Value[] | undefined {
  switch (condition.kind) {
    case 'compare': {
      const equality = equalityOf(condition)
      return equality?.name === name ? [equality.value] : undefined
    }
    case 'in': {
      const { operand, list } = condition
      if (operand.kind !== 'path' || operand.path.length > 1 || operand.path[0] !== name) return undefined
      return list.every(member => member.kind === 'value') ? list.map(member => member.value) : undefined
    }
    case 'and':
      return condition.conditions.map(part => partitionsOf(part, name)).find(values => values !== undefined)
    case 'or': {
      const branches = condition.conditions.map(part => partitionsOf(part, name))
      return branches.every(values => values !== undefined) ? branches.flat() : undefined
    }
    default:
      return undefined
  }
}

/** The distinct key values, ascending if they have an order. Invalid keys are refused later, one by one. */
function inOrder(values: readonly Value[]): Value[] {
  const distinct = new Map<unknown, Value>()
  for (const value of values) {
    const isKey = typeof value === 'string' || isNumber(value) || value instanceof Uint8Array
    const identity = isKey ? `${typeOf(value)} ${memberText(value)}` : value
    if (!distinct.has(identity)) distinct.set(identity, value)
  }
  return [...distinct.values()].sort((a, b) => compareValues(a, b) ?? 0)
}

/** Extracts the conditions on the sort key that a query supports. @throws AwsError for invalid key values. */
function takeSorts(parts: readonly Condition[], attributes: readonly KeyAttribute[]) {
  const sorts: SortCondition[] = []
  let rest = parts
  for (const attribute of attributes) {
    const found = rest.find(part => sortOf(part, attribute.name))
    const sort = found && sortOf(found, attribute.name)
    if (!sort) break
    for (const value of valuesOf(sort)) checkKeyValue(attribute, value, 'sort')
    sorts.push(sort)
    rest = rest.filter(part => part !== found)
    if (sort.kind !== 'compare' || sort.comparator !== '=') break
  }
  return { sorts, rest }
}

function valuesOf(sort: SortCondition): Value[] {
  if (sort.kind === 'between') return [sort.low, sort.high]
  return [sort.kind === 'compare' ? sort.value : sort.prefix]
}
