/** Parses DynamoDB's expression strings to nodes: the whole language, bounded in length, nesting and operators. */
export { Aliases, type PlaceholderLookup } from './aliases.js'
export { parseCondition } from './condition.js'
export type { Token } from './grammar/lexer.js'
export { parseKeyCondition } from './key-condition.js'
export { ExpressionError, type ExpressionErrorKind } from './parse-error.js'
export type { Rules } from './rules.js'
export { parseProjection, parseUpdate } from './update.js'
