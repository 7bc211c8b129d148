/** Expressions run on items, as DynamoDB runs them; the checks say what it refuses before it looks at an item. */
export { checkCondition } from './check/condition.js'
export { checkLength } from './check/operators.js'
export { checkProjection, checkUpdate } from './check/update.js'
export { matches, PreparedCondition } from './evaluate/condition.js'
export { type Projector, project, projector } from './evaluate/projection.js'
export { applyUpdate, UpdateFault, updatedAttributes, updatedParts } from './evaluate/update.js'
export { MAX_PAGE_STEPS, MAX_WRITE_STEPS, Work } from './evaluate/work.js'
