/**
 * Prints nodes as DynamoDB expression strings. Names and values become numbered placeholders, so nothing in a name or
 * value can be read as part of the expression.
 *
 * Printing runs for every request and trusts the nodes: `checkCondition`, `checkUpdate`, `checkProjection` or DynamoDB
 * itself find errors. Unneeded white space is omitted because an expression is limited to 4 KB.
 */

import type { Value } from '../value/value.js'
import type {
  Condition,
  KeyCondition,
  Operand,
  Path,
  Projection,
  SetValue,
  SortCondition,
  Update,
  ValueAction,
} from './ast.js'

export { Placeholders } from './placeholders.js'

/** Prints a name or a value: as a placeholder in a request, or literally in a text for people. */
export interface Naming {
  name(name: string): string
  value(value: Value): string
}

/** Prints a condition or filter as a DynamoDB expression. */
export function printCondition(condition: Condition, placeholders: Naming): string {
  switch (condition.kind) {
    case 'compare':
      return (
        printOperand(condition.left, placeholders) + condition.comparator + printOperand(condition.right, placeholders)
      )
    case 'between': {
      const operand = printOperand(condition.operand, placeholders)
      return `${operand} BETWEEN ${printOperand(condition.low, placeholders)} AND ${printOperand(condition.high, placeholders)}`
    }
    case 'in': {
      const operand = printOperand(condition.operand, placeholders)
      return `${operand} IN(${condition.list.map(member => printOperand(member, placeholders)).join()})`
    }
    case 'exists':
      return `attribute_exists(${printPath(condition.path, placeholders)})`
    case 'notExists':
      return `attribute_not_exists(${printPath(condition.path, placeholders)})`
    case 'type':
      return `attribute_type(${printPath(condition.path, placeholders)},${printOperand(condition.type, placeholders)})`
    case 'beginsWith':
      return `begins_with(${printOperand(condition.operand, placeholders)},${printOperand(condition.prefix, placeholders)})`
    case 'contains':
      return `contains(${printOperand(condition.operand, placeholders)},${printOperand(condition.member, placeholders)})`
    case 'and':
      return condition.conditions.map(part => printPart(part, placeholders, true)).join(' AND ')
    case 'or':
      return condition.conditions.map(part => printPart(part, placeholders, part.kind === 'or')).join(' OR ')
    case 'not':
      return `NOT ${printPart(condition.condition, placeholders, true)}`
  }
}

/** Prints an update expression. Clauses without an action are omitted; an update without actions is an empty string. */
export function printUpdate(update: Update, placeholders: Naming): string {
  const clauses: string[] = []
  if (update.set.length > 0) {
    const actions = update.set.map(
      ({ path, value }) => `${printPath(path, placeholders)}=${printSetValue(value, placeholders)}`,
    )
    clauses.push(`SET ${actions.join()}`)
  }
  if (update.remove.length > 0) clauses.push(`REMOVE ${printProjection(update.remove, placeholders)}`)
  if (update.add.length > 0) clauses.push(`ADD ${printValueActions(update.add, placeholders)}`)
  if (update.delete.length > 0) clauses.push(`DELETE ${printValueActions(update.delete, placeholders)}`)
  return clauses.join(' ')
}

/** Prints a projection expression: paths separated by commas. */
export function printProjection(projection: Projection, placeholders: Naming): string {
  return projection.map(path => printPath(path, placeholders)).join()
}

/** Prints the key condition expression of a query. */
export function printKeyCondition(condition: KeyCondition, placeholders: Naming): string {
  const { partition, morePartition, sort, moreSort } = condition
  let text = printEquality(partition, placeholders)
  if (morePartition) for (const more of morePartition) text += ` AND ${printEquality(more, placeholders)}`
  if (sort) text += ` AND ${printSort(sort, placeholders)}`
  if (moreSort) for (const more of moreSort) text += ` AND ${printSort(more, placeholders)}`
  return text
}

function printEquality({ name, value }: KeyCondition['partition'], placeholders: Naming): string {
  return `${placeholders.name(name)}=${placeholders.value(value)}`
}

function printSort(sort: SortCondition, placeholders: Naming): string {
  const name = placeholders.name(sort.name)
  switch (sort.kind) {
    case 'compare':
      return `${name}${sort.comparator}${placeholders.value(sort.value)}`
    case 'between':
      return `${name} BETWEEN ${placeholders.value(sort.low)} AND ${placeholders.value(sort.high)}`
    case 'beginsWith':
      return `begins_with(${name},${placeholders.value(sort.prefix)})`
  }
}

/** Prints a condition inside another one. `grouped` puts parentheses around AND and OR. */
function printPart(condition: Condition, placeholders: Naming, grouped: boolean): string {
  const text = printCondition(condition, placeholders)
  return grouped && (condition.kind === 'and' || condition.kind === 'or') ? `(${text})` : text
}

function printOperand(operand: Operand, placeholders: Naming): string {
  if (operand.kind === 'value') return placeholders.value(operand.value)
  const path = printPath(operand.path, placeholders)
  return operand.kind === 'size' ? `size(${path})` : path
}

function printPath(path: Path, placeholders: Naming): string {
  let text = placeholders.name(path[0])
  for (let i = 1; i < path.length; i++) {
    const step = path[i] as string | number
    text += typeof step === 'number' ? `[${step}]` : `.${placeholders.name(step)}`
  }
  return text
}

function printSetValue(value: SetValue, placeholders: Naming): string {
  switch (value.kind) {
    case 'path':
      return printPath(value.path, placeholders)
    case 'value':
      return placeholders.value(value.value)
    case 'ifNotExists':
      return `if_not_exists(${printPath(value.path, placeholders)},${printSetValue(value.fallback, placeholders)})`
    case 'listAppend':
      return `list_append(${printSetValue(value.left, placeholders)},${printSetValue(value.right, placeholders)})`
    case 'plus':
      return `${printSetValue(value.left, placeholders)}+${printSetValue(value.right, placeholders)}`
    case 'minus':
      return `${printSetValue(value.left, placeholders)}-${printSetValue(value.right, placeholders)}`
  }
}

function printValueActions(actions: readonly ValueAction[], placeholders: Naming): string {
  return actions.map(({ path, value }) => `${printPath(path, placeholders)} ${placeholders.value(value)}`).join()
}
