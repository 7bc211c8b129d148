/**
 * The methods of generated classes: one for each unique constraint, ref, index and mapping. Names are DynamoBao's where they
 * are free: `queryPosts` for an index `postsForUser`. Where two methods would have the same one, both have a longer one.
 */
import { ActiveRecord } from 'partita/active-record'
import type { IndexDescription, ModelDescription, ModelSet, SourceRange } from '../../yaml/model-set.js'

/** A method of a class. */
type ClassMethod =
  /** Static: finds the row with a value of a unique constraint. */
  | { readonly kind: 'findBy'; readonly constraint: string; readonly fields: readonly string[] }
  /** Static: queries an index. Its partition key has this field, or none. */
  | { readonly kind: 'query'; readonly index: string; readonly field: string | undefined }
  /** Queries rows of another model that refer to this one. */
  | { readonly kind: 'queryRelated'; readonly index: string; readonly model: string }
  /** The rows at the other end of pairs. */
  | {
      readonly kind: 'getThrough'
      readonly index: string
      readonly via: string
      readonly to: string
      readonly field: string
    }
  /** The row that a ref refers to. */
  | { readonly kind: 'getRelated'; readonly field: string; readonly model: string }

/** A method with its name. */
export type NamedMethod = ClassMethod & { readonly name: string }

interface Candidate {
  readonly names: readonly string[]
  readonly method: ClassMethod
  readonly at: SourceRange
}

/** A method that has no free name, and the part of the file that it follows from. */
export interface NamelessMethod {
  readonly names: readonly string[]
  readonly at: SourceRange
}

/** The methods of a model's class. @param nameless receives methods that have no free name. */
export function methodsOf(
  model: ModelDescription,
  { models }: ModelSet,
  nameless: (method: NamelessMethod) => void,
): NamedMethod[] {
  const candidates = [
    ...findByMethods(model),
    ...refMethods(model, models),
    ...queryMethods(model),
    ...models.flatMap(other => relatedMethods(model, other, models)),
  ]
  const wanted = ({ names, method }: Candidate): number =>
    candidates.filter(it => it.names[0] === names[0] && isStatic(it.method) === isStatic(method)).length
  const taken = {
    static: new Set(STATIC),
    instance: new Set([...model.fields.map(({ name }) => name), ...recordMethods()]),
  }
  return candidates.flatMap(candidate => {
    const { names, method, at } = candidate
    const own = isStatic(method) ? taken.static : taken.instance
    const name = names.find((it, i) => !own.has(it) && (i > 0 || wanted(candidate) === 1))
    if (name === undefined) {
      nameless({ names, at })
      return []
    }
    own.add(name)
    return [{ ...method, name }]
  })
}

/** Whether a method is one of the class. */
function isStatic({ kind }: ClassMethod): boolean {
  return kind === 'findBy' || kind === 'query'
}

/** Names of the methods that records of all models have. */
export function recordMethods(): string[] {
  return Object.getOwnPropertyNames(ActiveRecord.prototype)
}

/** Names of the static methods of all classes, and of properties of functions. */
const STATIC = [
  'create',
  'find',
  'batchFind',
  'findByUniqueConstraint',
  'update',
  'delete',
  'queryByIndex',
  'queryByPrimaryKey',
  'getRelatedObjectsViaMap',
  'iterateAll',
  'getPrimaryId',
  'makePrimaryId',
  'isInsideBatchContext',
  'name',
  'length',
  'prototype',
]

function findByMethods({ unique }: ModelDescription): Candidate[] {
  return unique.map(({ name, fields, at }) => {
    const short = upperFirst(/^unique(?=[A-Z])(.+)$/.exec(name)?.[1] ?? name)
    return {
      names: [`findBy${short}`, `findBy${upperFirst(name)}`, `findByConstraint${upperFirst(name)}`],
      method: { kind: 'findBy', constraint: name, fields },
      at,
    }
  })
}

function refMethods({ fields }: ModelDescription, models: readonly ModelDescription[]): Candidate[] {
  return fields.flatMap(({ name, target, at }) => {
    if (target === undefined || !models.some(it => it.name === target)) return []
    const short = name.length > 2 && name.endsWith('Id') ? name.slice(0, -2) : name
    return [
      {
        names: [...new Set([`get${upperFirst(short)}`, `get${upperFirst(name)}`]), `get${upperFirst(name)}Record`],
        method: { kind: 'getRelated', field: name, model: target },
        at,
      },
    ]
  })
}

/** Indexes without a ref to a model: all rows of a constant partition, or those with a value of a field. */
function queryMethods({ fields, indexes }: ModelDescription): Candidate[] {
  return indexes.flatMap(({ name, pkFields, at }) => {
    const [field] = pkFields
    const isRef = fields.some(it => it.name === field && it.target !== undefined)
    if (isRef || pkFields.length > 1) return []
    return [{ names: queryNames(name), method: { kind: 'query', index: name, field }, at }]
  })
}

/** Keys of another model that list its rows which refer to this model. */
function relatedMethods(
  { name, key }: ModelDescription,
  other: ModelDescription,
  models: readonly ModelDescription[],
): Candidate[] {
  // The id of a model with several key fields is not a value that its partition keys hold alone.
  if (new Set([...key.pkFields, ...key.skFields]).size !== 1) return []
  return keysOf(other).flatMap((index): Candidate[] => {
    const [field, ...more] = index.pkFields
    const ref = other.fields.find(it => it.name === field)
    const isOneRow = index.on === 'key' && index.skFields.length === 0
    if (ref?.target !== name || more.length > 0 || isOneRow) return []
    const { at } = index
    const names =
      index.name === 'key'
        ? [`query${other.name}s`, `query${other.name}Rows`]
        : [...queryNames(index.name), `query${other.name}${upperFirst(index.name)}`]
    const query: Candidate = { names, method: { kind: 'queryRelated', index: index.name, model: other.name }, at }
    const far = other.tableType === 'mapping' ? farRef(other, ref.name, index, models) : undefined
    if (!far) return [query]
    const method: ClassMethod = { kind: 'getThrough', index: index.name, via: other.name, ...far }
    return [query, { names: names.map(it => it.replace(/^query/, 'get')), method, at }]
  })
}

/** The indexes, and the key of the table if it has no name of its own. */
function keysOf({ key, indexes }: ModelDescription): IndexDescription[] {
  const isNamed = indexes.some(({ on }) => on === 'key')
  return [...(isNamed ? [] : [{ ...key, name: 'key', on: 'key' }]), ...indexes]
}

/** The ref of a pair to its other end: in the sort key, else the first other one. */
function farRef(
  { fields }: ModelDescription,
  near: string,
  { skFields }: IndexDescription,
  models: readonly ModelDescription[],
): { readonly to: string; readonly field: string } | undefined {
  const refs = fields.filter(({ name, target }) => name !== near && models.some(it => it.name === target))
  const far = refs.find(({ name }) => skFields.includes(name)) ?? refs[0]
  return far && { to: far.target as string, field: far.name }
}

/** `queryPosts` for `postsForUser`, then `queryPostsForUser`. */
function queryNames(index: string): string[] {
  const short = /^(.+?)For[A-Z]/.exec(index)?.[1]
  return [...(short === undefined ? [] : [`query${upperFirst(short)}`]), `query${upperFirst(index)}`]
}

/** Text with its first character in upper case. */
function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
