/** Which documents, and which parts of lists, are deleted without being removed. */
import type { Schema } from 'mongoose'
import type { Steps } from '../../crql/values.js'
import { isPlainObject } from '../../value/value.js'
import { goodiesOptions } from './plugged.js'

const DEFAULTS = ['deletedAt', 'deleted']

/**
 * The path that says that documents of a schema are deleted; undefined if they never are.
 * @param root the schema whose plugin has the option, if it is another.
 */
export function deletedPath(schema: Schema, root: Schema = schema): string | undefined {
  const { deleted } = goodiesOptions(schema) ?? goodiesOptions(root) ?? {}
  if (deleted === false) return undefined
  return (deleted === undefined ? DEFAULTS : [deleted]).find(path => Object.hasOwn(schema.paths, path))
}

/** The condition of MongoDB for documents that are not deleted; undefined if none ever are. */
export function livingFilter(schema: Schema): Readonly<Record<string, unknown>> | undefined {
  const path = deletedPath(schema)
  if (path === undefined) return undefined
  // An index can be partial by these conditions. Null also finds documents that lack the path.
  const isBoolean = schema.paths[path]?.instance === 'Boolean'
  return isBoolean ? { [path]: { $in: [false, null] } } : { [path]: null }
}

/** Whether a document, or a part of one, says that it is deleted. */
export function isDeleted(document: unknown, path: string | undefined): boolean {
  const value = path === undefined ? undefined : partAt(document, path.split('.'))
  return value !== undefined && value !== null && value !== false
}

/** The value of a path that does not lead through lists. */
export function partAt(document: unknown, steps: Steps): unknown {
  let at = document
  for (const step of steps) {
    if (!isPlainObject(at) || !Object.hasOwn(at, step)) return undefined
    at = at[step]
  }
  return at
}
