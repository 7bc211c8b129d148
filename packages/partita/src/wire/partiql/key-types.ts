/** Checks comparisons of key attributes, whose types are known before any item is read. */
import type { Condition, Operand } from '../../expression/ast.js'
import { type IndexKeySchema, type KeyAttribute, partitionAttributes, sortAttributes } from '../../store/definition.js'
import { typeOf } from '../../value/value.js'
import { invalidValues } from '../protocol/aws-error.js'

/** The types of key attributes, by name. */
export type KeyAttributeTypes = ReadonlyMap<string, KeyAttribute['type']>

/** The types of all key attributes of the schemas, by name. */
export function typesOf(...schemas: readonly IndexKeySchema[]): KeyAttributeTypes {
  const attributes = schemas.flatMap(schema => [...partitionAttributes(schema), ...sortAttributes(schema)])
  return new Map(attributes.map(({ name, type }) => [name, type]))
}

/** @throws AwsError if a key attribute is compared with a value of another type, which can match no item. */
export function checkTypes(types: KeyAttributeTypes, condition: Condition | undefined): void {
  switch (condition?.kind) {
    case 'and':
    case 'or':
      for (const part of condition.conditions) checkTypes(types, part)
      return
    case 'not':
      checkTypes(types, condition.condition)
      return
    case 'compare':
      checkOperands(types, [condition.left, condition.right])
      return
    case 'between':
      checkOperands(types, [condition.operand, condition.low, condition.high])
      return
    case 'in':
      // DynamoDB Local checks only the first element of the list.
      checkOperands(types, [condition.operand, ...condition.list.slice(0, 1)])
      return
    case 'contains':
      checkOperands(types, [condition.operand, condition.member])
      return
    case 'beginsWith':
      checkOperands(types, [condition.operand, condition.prefix])
  }
}

function checkOperands(types: KeyAttributeTypes, operands: readonly Operand[]): void {
  for (const operand of operands) {
    const type = operand.kind === 'path' && operand.path.length === 1 ? types.get(operand.path[0]) : undefined
    if (type && operands.some(other => other.kind === 'value' && typeOf(other.value) !== type)) {
      throw invalidValues('Condition parameter type does not match schema type')
    }
  }
}
