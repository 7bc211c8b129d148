/** DynamoDB's expression strings read into nodes: the whole language, bounded in length, nesting and operators. */
export { Aliases, type Meanings } from './parse/aliases.js'
export { parseCondition } from './parse/condition.js'
export { ExpressionFault, type ExpressionFaultKind } from './parse/fault.js'
export type { Token } from './parse/grammar/lexer.js'
export { parseKeyCondition } from './parse/key-condition.js'
export type { Rules } from './parse/rules.js'
export { parseProjection, parseUpdate } from './parse/update.js'
