/** Relations of models. */
export { resolveRelation } from '../compile/relations.js'
export { addRelations } from '../read/relations/follow.js'
export { loadRelations } from '../read/relations/load.js'
