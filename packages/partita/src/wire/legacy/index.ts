/** Converts legacy parameters, which preceded expressions, to the same nodes. */
export { legacyCondition } from './condition.js'
export type { LegacyInput } from './input.js'
export { legacyKeyCondition } from './key-condition.js'
export { refuseMixture } from './mixture.js'
export { legacyProjection } from './projection.js'
export { legacyUpdate } from './update.js'
