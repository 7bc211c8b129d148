/** The constraints that the options of a schema declare, with those of its parts. */
import type { Schema, SchemaType } from 'mongoose'
import { parseQuery } from '../../crql/parse.js'
import { type Issue, ValidationError } from '../../errors/errors.js'
import { keysOf, lockedNames, queriesOf, type ReferenceQuery } from '../options.js'
import { elementType, resolveIn, schemasOf } from './paths.js'

/** The two kinds of constraints that queries decide, by the name of their option. */
type ReferenceKind = 'goodiesForeignConstraints' | 'goodiesLimitByReference'

/** A reference or limit of a path. */
export interface ReferenceOption extends ReferenceQuery {
  readonly kind: ReferenceKind
  readonly schema: Schema
  /** The constrained path, within documents or parts of the schema. */
  readonly path: string
  readonly type: SchemaType
}

/** A list whose elements differ in some parts. */
export interface UniqueOption {
  readonly path: string
  readonly type: SchemaType
  readonly keys: readonly (readonly string[])[]
}

/** A part of documents that has a schema of its own: one, a list of them, or a map. */
export interface PartOption {
  readonly path: string
  readonly isMap: boolean
  readonly schemas: readonly Schema[]
}

/** The constraints of one schema, without those of its parts. */
export interface SchemaRules {
  readonly references: readonly ReferenceOption[]
  readonly unique: readonly UniqueOption[]
  readonly locks: readonly string[]
  readonly parts: readonly PartOption[]
}

const known = new WeakMap<Schema, { readonly paths: number; readonly rules: SchemaRules }>()

/**
 * The constraints of one schema.
 * @throws ValidationError listing every mistake in the options.
 */
export function rulesOf(schema: Schema): SchemaRules {
  const paths = Object.keys(schema.paths).length
  const before = known.get(schema)
  // Paths can be added until a model is made of the schema.
  if (before?.paths === paths) return before.rules
  const rules = read(schema)
  known.set(schema, { paths, rules })
  return rules
}

/** The schemas of a document: its own, and those of its parts. A schema can be part of itself. */
export function schemasBelow(schema: Schema): ReadonlySet<Schema> {
  const found = new Set([schema])
  for (const each of found) for (const { schemas } of rulesOf(each).parts) for (const part of schemas) found.add(part)
  return found
}

/** Whether documents of a schema, or parts of them, have any constraint. */
export function isConstrained(schema: Schema): boolean {
  return [...schemasBelow(schema)].some(each => {
    const { references, unique, locks } = rulesOf(each)
    return references.length + unique.length + locks.length > 0
  })
}

function read(schema: Schema): SchemaRules {
  const issues: Issue[] = []
  const references: ReferenceOption[] = []
  const unique: UniqueOption[] = []
  const locks: string[] = []
  const parts: PartOption[] = []
  const reading = (path: string, option: string, run: () => void) => {
    try {
      run()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      for (const issue of error.details.issues)
        issues.push({ path: [...path.split('.').filter(Boolean), option], message: issue.message })
    }
  }
  const lock = (path: string, given: unknown) =>
    reading(path, 'goodiesLock', () => {
      for (const name of lockedNames(given)) locks.push(existing(schema, [path, name].filter(Boolean).join('.')))
    })
  schema.eachPath((path, type) => {
    // Mongoose describes the values of a map as a path of its own.
    if (path.includes('$*')) return
    const schemas = schemasOf(type)
    if (schemas.length > 0) parts.push({ path, isMap: type.instance === 'Map', schemas })
    for (const { options } of withElements(type)) {
      const given = options as Readonly<Record<string, unknown>> | undefined
      for (const kind of ['goodiesForeignConstraints', 'goodiesLimitByReference'] as const) {
        if (given?.[kind] === undefined) continue
        reading(path, kind, () => {
          for (const query of queriesOf(given[kind])) {
            parseQuery(query.query)
            references.push({ ...query, kind, schema, path, type })
          }
        })
      }
      if (given?.goodiesLock !== undefined) lock(path, given.goodiesLock)
    }
    const keys: unknown = (type.options as Readonly<Record<string, unknown>> | undefined)?.goodiesUniqueArraySubDocument
    if (keys === undefined) return
    reading(path, 'goodiesUniqueArraySubDocument', () => {
      unique.push({ path, type, keys: uniqueKeys(schemas, type, path, keysOf(keys)) })
    })
  })
  const whole: unknown = schema.get('goodiesLock')
  if (whole !== undefined) lock('', whole)
  if (issues.length > 0) throw new ValidationError(issues)
  return { references: distinct(references), unique, locks: [...new Set(locks)], parts }
}

/** A type, and the types of its elements, of which lists of lists have several. */
function withElements(type: SchemaType): SchemaType[] {
  const element = elementType(type)
  return element ? [type, ...withElements(element)] : [type]
}

/** Constraints that are declared twice are one. */
function distinct(references: readonly ReferenceOption[]): ReferenceOption[] {
  const textOf = ({ kind, path, query, always = false, guard = false }: ReferenceOption) =>
    JSON.stringify([kind, path, query.trim(), always, guard])
  return [...new Map(references.map(each => [textOf(each), each])).values()]
}

function uniqueKeys(
  schemas: readonly Schema[],
  type: SchemaType,
  path: string,
  keys: UniqueOption['keys'],
): UniqueOption['keys'] {
  const isList = type.instance === 'Array' && elementType(type)?.instance !== 'Array'
  if (!isList || schemas.length === 0) throw mistake('is an option of lists of parts')
  for (const name of keys.flat()) {
    const resolved = resolveIn(schemas, name.split('.'), path)
    if (typeof resolved === 'string') throw mistake(resolved)
    const [first] = schemas
    if (passesList(first as Schema, name))
      throw mistake(`${name} passes through a list, which would need keys of its own`)
  }
  return keys
}

/** Whether a path leads to or through a list, so that it names several values. */
function passesList(schema: Schema, name: string): boolean {
  return schemasAlong(schema, name).some(type => type.instance === 'Array')
}

/** The types that a path leads through. */
function schemasAlong(schema: Schema, name: string): SchemaType[] {
  const names = name.split('.')
  for (let i = names.length; i > 0; i--) {
    const path = names.slice(0, i).join('.')
    const type = Object.hasOwn(schema.paths, path) ? schema.paths[path] : undefined
    if (!type) continue
    const [below] = schemasOf(type)
    return i < names.length && below ? [type, ...schemasAlong(below, names.slice(i).join('.'))] : [type]
  }
  return []
}

function existing(schema: Schema, path: string): string {
  const resolved = resolveIn([schema], path.split('.'), 'the schema')
  if (typeof resolved === 'string') throw mistake(resolved)
  return path
}

function mistake(message: string): ValidationError {
  return new ValidationError([{ path: [], message }])
}
