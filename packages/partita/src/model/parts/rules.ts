/** The pipeline of models with rules. */
export { compileRules } from '../rules/compile.js'
export { deleteInBatches } from '../rules/on-delete.js'
export { RuledRows } from '../rules/ruled-rows.js'
export { visibilityOf } from '../rules/visibility.js'
