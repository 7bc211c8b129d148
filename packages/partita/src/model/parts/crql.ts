/** CRQL queries of programs. */
export { runQuery } from '../rules/crql/query.js'
