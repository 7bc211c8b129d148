/** Collections. */
export { connectModels } from '../connect/connect.js'
export { compileCollection, ModelCollection } from '../read/collection.js'
