/** DynamoDB's expression strings read into nodes: the whole language, bounded in length, nesting and operators. */
export { Aliases } from './parse/aliases.js'
export { parseCondition } from './parse/condition.js'
export { parseKeyCondition } from './parse/key-condition.js'
export { parseProjection, parseUpdate } from './parse/update.js'
