/** The options of schemas and of the plugin, and how they are read. */
import type {} from 'mongoose'
import { type Issue, invalid, ValidationError, valueText } from '../errors/errors.js'
import { isPlainObject } from '../value/value.js'

/** The calls of Mongoose that write without `save`. */
export type WritingCall =
  | 'updateOne'
  | 'updateMany'
  | 'replaceOne'
  | 'findOneAndUpdate'
  | 'findOneAndReplace'
  | 'insertMany'
  | 'bulkWrite'

/** All calls that the plugin refuses, in the order of Mongoose's reference. */
export const WRITING_CALLS: readonly WritingCall[] = [
  'updateOne',
  'updateMany',
  'replaceOne',
  'findOneAndUpdate',
  'findOneAndReplace',
  'insertMany',
  'bulkWrite',
]

/** Options of the plugin. */
export interface GoodiesOptions {
  /**
   * The path that says that a document, or a part of a list, is deleted: any value but null and false. Default: `deletedAt`
   * or `deleted`, whichever the schema has. `false`: nothing is deleted.
   */
  readonly deleted?: string | false
  /** Calls that may write documents although they pass the constraints by. Default none. */
  readonly allow?: readonly WritingCall[]
  /** Whether queries may look documents up by paths of this model that no index begins with. Default false. */
  readonly allowScan?: boolean
}

/** A query with its options. */
export interface ReferenceQuery {
  /** The text of the query, such as `User._id`. */
  readonly query: string
  /** Whether every save checks it, and not only one that changes a field that it depends on. Default false. */
  readonly always?: boolean
  /**
   * Whether the documents that were found are written to, so that nobody deletes them before the save commits. The save must
   * be part of a transaction. References only. Default false.
   */
  readonly guard?: boolean
}

/** A query, or several that must all hold. */
export type ReferenceQueries = string | ReferenceQuery | readonly (string | ReferenceQuery)[]

/** A key of one or more parts, or several keys. */
export type UniqueKeys = string | readonly string[] | readonly (readonly string[])[]

const PLUGIN_OPTIONS = ['deleted', 'allow', 'allowScan']
const QUERY_OPTIONS = ['query', 'always', 'guard']

/** @throws ValidationError listing every mistake. */
export function checkOptions(given: unknown): GoodiesOptions {
  // Mongoose passes nothing where a plugin has no options.
  if (given === undefined || given === null) return {}
  if (!isPlainObject(given)) throw invalid([], `is ${valueText(given)}; the options of the plugin are an object`)
  const issues: Issue[] = []
  for (const name of Object.keys(given)) {
    // Mongoose itself reads these from the options of any plugin.
    if (name === 'deduplicate' || name === 'tags') continue
    if (!PLUGIN_OPTIONS.includes(name))
      issues.push({ path: [name], message: `is not an option; there are ${PLUGIN_OPTIONS.join(', ')}` })
  }
  const { deleted, allow, allowScan } = given
  if (deleted !== undefined && deleted !== false && (typeof deleted !== 'string' || deleted === ''))
    issues.push({ path: ['deleted'], message: `is ${valueText(deleted)}; it is a path or false` })
  if (allow !== undefined && !(Array.isArray(allow) && allow.every(call => WRITING_CALLS.includes(call))))
    issues.push({ path: ['allow'], message: `is ${valueText(allow)}; it is a list of ${WRITING_CALLS.join(', ')}` })
  if (allowScan !== undefined && typeof allowScan !== 'boolean')
    issues.push({ path: ['allowScan'], message: `is ${valueText(allowScan)}; it is true or false` })
  if (issues.length > 0) throw new ValidationError(issues)
  return given
}

/** The queries of a schema option. @throws ValidationError */
export function queriesOf(given: unknown): ReferenceQuery[] {
  const queries = (Array.isArray(given) ? given : [given]).map(each =>
    typeof each === 'string' ? { query: each } : each,
  )
  for (const each of queries) {
    const unknown = isPlainObject(each) ? Object.keys(each).filter(name => !QUERY_OPTIONS.includes(name)) : undefined
    if (!unknown || typeof each.query !== 'string' || unknown.length > 0) {
      throw invalid([], `is ${valueText(given)}; it is a query, { ${QUERY_OPTIONS.join(', ')} }, or a list of them`)
    }
  }
  return queries
}

/** The keys of a schema option: `['a', 'b']` is one key of two parts, `[['a'], ['b']]` are two. @throws ValidationError */
export function keysOf(given: unknown): readonly (readonly string[])[] {
  const list: readonly unknown[] = typeof given === 'string' ? [given] : Array.isArray(given) ? given : []
  const keys = list.length > 0 && list.every(key => Array.isArray(key)) ? list : [list]
  if (keys.every(key => isNames(key))) return keys as readonly (readonly string[])[]
  throw invalid([], `is ${valueText(given)}; it is a list of names, or a list of such lists`)
}

/** The paths that a lock names: the option's own path for `true`. @throws ValidationError */
export function lockedNames(given: unknown): readonly string[] {
  if (given === true) return ['']
  if (given === false || given === undefined) return []
  if (isNames(given)) return given
  throw invalid([], `is ${valueText(given)}; it is true or a list of names`)
}

function isNames(given: unknown): given is readonly string[] {
  return Array.isArray(given) && given.length > 0 && given.every(name => typeof name === 'string' && name !== '')
}

declare module 'mongoose' {
  interface SchemaTypeOptions<T> {
    /** Each value must be among the values that the query finds. */
    goodiesForeignConstraints?: ReferenceQueries
    /** No value may be among the values that the query finds. */
    goodiesLimitByReference?: ReferenceQueries
    /** The parts in which the elements of this list differ. Deleted elements are not compared. */
    goodiesUniqueArraySubDocument?: UniqueKeys
    /** Whether this value never changes once it is set, or the names of the parts that never do. */
    goodiesLock?: boolean | readonly string[]
  }
  interface SchemaOptions {
    /** Paths that never change once they have a value. */
    goodiesLock?: readonly string[]
  }
}
