/** Evaluates expressions on items as DynamoDB does. The checks find what it rejects before it reads an item. */
export { checkCondition } from '../validate/condition.js'
export { checkLength } from '../validate/operators.js'
export { checkProjection, checkUpdate } from '../validate/update.js'
export { matches, PreparedCondition } from './condition.js'
export type { Access, Reader } from './operand.js'
export { type Projector, project, projector } from './projection.js'
export { applyUpdate, UpdateError, updatedAttributes, updatedParts } from './update.js'
export { MAX_PAGE_STEPS, MAX_WRITE_STEPS, Work } from './work.js'
