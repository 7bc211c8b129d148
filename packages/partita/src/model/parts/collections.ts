/** Collections. */
export { compileCollection, ModelCollection } from '../read/collection.js'
