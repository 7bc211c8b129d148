/** Explains queries. */
export { connectModels } from '../connect/connect.js'
export { explainQuery } from '../read/explain-query.js'
