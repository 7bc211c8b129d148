/** A request may use expressions or legacy parameters, not both. */
import type { ExpressionInput } from '../expression-rules/index.js'
import { InputError } from '../protocol/aws-error.js'
import type { LegacyInput } from './input.js'

type Input = ExpressionInput & LegacyInput
type ExpressionMember = Exclude<keyof ExpressionInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>

/**
 * @param expressionMembers the operation's expression members, in AWS's order.
 * @param legacyMembers the operation's legacy members, in AWS's order.
 * @throws AwsError if members of both kinds are given, or placeholders without an expression that could use them.
 */
export function refuseMixture(
  input: Input,
  expressionMembers: readonly ExpressionMember[],
  legacyMembers: readonly (keyof LegacyInput)[],
): void {
  const expressions = expressionMembers.filter(member => input[member] !== undefined)
  if (expressions.length > 0) {
    const legacy = legacyMembers.filter(member => input[member] !== undefined && !goesWithExpressions(member, input))
    if (legacy.length > 0) {
      throw new InputError(
        `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${expressions.join(', ')}}`,
      )
    }
  } else if (input.ExpressionAttributeNames) {
    throw new InputError('ExpressionAttributeNames can only be specified when using expressions')
  }
  if (input.ExpressionAttributeValues) checkValuesUsable(input, expressionMembers)
}

/** KeyConditions may be combined with a filter or projection expression, but not with a key condition expression. */
function goesWithExpressions(member: keyof LegacyInput, input: Input): boolean {
  return member === 'KeyConditions' && input.KeyConditionExpression === undefined
}

/** A projection uses no values. */
function checkValuesUsable(input: Input, expressionMembers: readonly ExpressionMember[]): void {
  const members = expressionMembers.filter(member => member !== 'ProjectionExpression')
  if (members.length === 0 || members.some(member => input[member] !== undefined)) return
  const verb = members.length > 1 ? 'are' : 'is'
  const message = 'ExpressionAttributeValues can only be specified when using expressions'
  throw new InputError(`${message}: ${members.join(' and ')} ${verb} null`, message)
}
