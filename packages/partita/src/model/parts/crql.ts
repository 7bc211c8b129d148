/** CRQL queries of programs. */
export { connectModels } from '../connect/connect.js'
export { runQuery } from '../rules/crql/query.js'
