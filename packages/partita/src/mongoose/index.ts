/**
 * `partita/mongoose`: references, limits, unique keys in lists and locks for programs that use Mongoose, as one plugin, and
 * queries over references.
 *
 * @module
 */
export type { ContextResult } from '../crql/run.js'
export { ValidationError } from '../errors/errors.js'
export { checkConstraints, crql, type DocumentQueryOutcome } from './crql.js'
export type { GoodiesOptions, ReferenceQueries, ReferenceQuery, UniqueKeys, WritingCall } from './options.js'
export { goodies } from './plugin.js'
