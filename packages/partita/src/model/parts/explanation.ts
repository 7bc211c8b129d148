/** Explains queries. */
export { explainQuery } from '../read/explain-query.js'
