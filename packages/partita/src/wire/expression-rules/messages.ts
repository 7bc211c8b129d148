/** AWS's messages for syntax errors in expressions. */
import type { LimitExceededError } from '../../errors/errors.js'
import type { ExpressionError, ExpressionErrorKind } from '../../expression/parse/index.js'

/** The request members that hold an expression. */
export type ExpressionMember =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression'

const TOO_MANY_OPERATORS = 'The expression contains too many operators; operator count: 301'

const WORDS: { readonly [Kind in ExpressionErrorKind]: (error: ExpressionError, member: ExpressionMember) => string } =
  {
    syntax: ({ shown, near }) => `Syntax error; token: "${shown}", near: "${near}"`,
    parentheses: () => 'The expression has redundant parentheses;',
    nesting: () => TOO_MANY_OPERATORS,
    reserved: ({ shown }) => `Attribute name is a reserved keyword; reserved keyword: ${shown}`,
    index: ({ shown }) => `List index is not within the allowable range; index: [${shown}]`,
    function: ({ shown }) => `Invalid function name; function: ${shown}`,
    foreignFunction: ({ shown }, member) =>
      `The function is not allowed in ${member === 'UpdateExpression' ? 'an update' : 'a condition'} expression; function: ${shown}`,
    functionUse: ({ shown }) => `The function is not allowed to be used this way in an expression; function: ${shown}`,
    clause: ({ shown }) => `The "${shown}" section can only be used once in an update expression;`,
    operandCount: ({ shown, count }) =>
      `Incorrect number of operands for operator or function; operator or function: ${shown}, number of operands: ${count}`,
    pathWanted: ({ shown }) => `Operator or function requires a document path; operator or function: ${shown}`,
    pathDepth: ({ count }) => `The document path has too many nesting levels; nesting levels: ${count}`,
    name: ({ shown }) =>
      `An expression attribute name used in the document path is not defined; attribute name: ${shown}`,
    value: ({ shown }) => `An expression attribute value used in expression is not defined; attribute value: ${shown}`,
  }

/** AWS's message for an expression that cannot be parsed. */
export function expressionMessage(error: ExpressionError, member: ExpressionMember): string {
  return WORDS[error.kind](error, member)
}

/** The message for both limits on an expression: its number of operators and its length. */
export function limitText({ details }: LimitExceededError, member: ExpressionMember): string {
  if (details.limit === 'operators in an expression') return TOO_MANY_OPERATORS
  const size = member === 'UpdateExpression' ? '' : ` expression size: ${details.actual}`
  return `Expression size has exceeded the maximum allowed size;${size}`
}
