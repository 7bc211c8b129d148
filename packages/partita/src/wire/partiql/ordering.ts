/** Checks ORDER BY. DynamoDB orders items only within a partition. */
import type { Condition, Operand } from '../../expression/ast.js'
import { type IndexKeySchema, keyNames } from '../../store/definition.js'
import { validation } from '../protocol/aws-error.js'
import type { Ordering } from './statement.js'

/** @throws AwsError for an attribute outside the key, and unless WHERE restricts the partition key. */
export function checkOrderings(
  schema: IndexKeySchema,
  where: Condition | undefined,
  orderings: readonly Ordering[],
): void {
  if (orderings.length === 0) return
  if (!where) throw validation('Must have WHERE clause in the statement when using ORDER BY clause.')
  const names = keyNames(schema)
  for (const { name } of orderings) {
    if (!names.includes(name)) {
      throw validation(`Variable reference ${name} in ORDER BY clause must be part of the primary key`)
    }
  }
  if (!refersTo(where, schema.partition.name)) {
    throw validation(
      'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.',
    )
  }
}

/** Whether every branch of the condition refers to the attribute. */
function refersTo(condition: Condition, name: string): boolean {
  const isKey = (operand: Operand) => operand.kind !== 'value' && operand.path[0] === name
  switch (condition.kind) {
    case 'and':
      return condition.conditions.some(part => refersTo(part, name))
    case 'or':
      return condition.conditions.every(part => refersTo(part, name))
    case 'not':
      return refersTo(condition.condition, name)
    case 'compare':
      return isKey(condition.left) || isKey(condition.right)
    case 'between':
    case 'in':
    case 'beginsWith':
    case 'contains':
      return isKey(condition.operand)
    default:
      return condition.path[0] === name
  }
}
