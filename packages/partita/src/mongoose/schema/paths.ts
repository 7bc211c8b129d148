/** Paths of queries resolved against a schema of Mongoose: through lists, maps, parts and discriminators. */
import type { Schema, SchemaType } from 'mongoose'
import type { ValuePath } from '../../crql/compile.js'
import type { QueryPath } from '../../crql/parse.js'
import { type BsonValue, isObjectId, isScalar } from './bson.js'

/** The description of a value; undefined where any value is possible. */
export type Leaf = SchemaType | undefined

/** What Mongoose knows of a schema type without declaring it for all of them. */
interface TypeParts {
  readonly schema?: Schema
  readonly Constructor?: { readonly discriminators?: Readonly<Record<string, { readonly schema: Schema }>> }
}

/** The schema of a part, or of the elements of a list or map of parts; undefined for plain values. */
function partSchema(type: SchemaType): Schema | undefined {
  const own = (type as TypeParts).schema
  if (own) return own
  const element = elementType(type)
  return element && partSchema(element)
}

/** The type of the elements of a list, or of the values of a map. */
export function elementType(type: SchemaType): SchemaType | undefined {
  return type.instance === 'Array' || type.instance === 'Map' ? type.getEmbeddedSchemaType() : undefined
}

/** The schemas that a part can have: its own, and those of its discriminators. */
export function schemasOf(type: SchemaType): Schema[] {
  const own = partSchema(type)
  if (!own) return []
  const at = (type as TypeParts).schema ? type : (elementType(type) as SchemaType)
  return [own, ...Object.values((at as TypeParts).Constructor?.discriminators ?? {}).map(({ schema }) => schema)]
}

/** Resolves a path. A text says what is wrong. */
export function resolveIn(schemas: readonly Schema[], path: QueryPath, owner: string): ValuePath<Leaf> | string {
  const bad = path.find(key => typeof key === 'string' && (/[.\0]/.test(key) || key.startsWith('$')))
  if (bad !== undefined) return `${String(bad)} cannot be looked up in MongoDB: it contains a dot or begins with $`
  const leaf = leafIn(schemas, path)
  if (typeof leaf === 'string') return `${leaf} of ${owner}`
  return { name: path.join('.'), steps: path, leaf: leaf.leaf, field: String(path[0]) }
}

type Resolved = { readonly leaf: Leaf } | string

function leafIn(schemas: readonly Schema[], path: QueryPath): Resolved {
  let problem = `${path.join('.')} is not a path`
  for (const schema of schemas) {
    const found = leafOf(schema, path)
    if (typeof found !== 'string') return found
    problem = found
  }
  return problem
}

function leafOf(schema: Schema, path: QueryPath): Resolved {
  let name = ''
  for (const [i, key] of path.entries()) {
    name = i === 0 ? String(key) : `${name}.${key}`
    const type = Object.hasOwn(schema.paths, name) ? schema.paths[name] : undefined
    if (type) return below(type, path.slice(i + 1), name)
  }
  // A group of paths without a type of its own: its value is a document, which equals no other value.
  return isGroup(schema, name) ? { leaf: undefined } : `${name} is not a path`
}

function isGroup(schema: Schema, name: string): boolean {
  return Object.keys(schema.paths).some(path => path.startsWith(`${name}.`))
}

/** Resolves the rest of a path inside a value. */
function below(type: SchemaType, rest: QueryPath, name: string): Resolved {
  const [key, ...others] = rest
  if (type.instance === 'Mixed') return { leaf: undefined }
  const element = elementType(type)
  const schemas = type.instance === 'Map' ? [] : schemasOf(type)
  if (typeof key === 'number') {
    if (type.instance !== 'Array' || !element) return `${key} is an index, but ${name} is not a list`
    return schemas.length > 0 && others.length > 0 ? leafIn(schemas, others) : below(element, others, name)
  }
  if (key === undefined) {
    if (schemas.length > 0) return { leaf: undefined }
    return element && type.instance === 'Array' ? below(element, [], name) : { leaf: type }
  }
  if (type.instance === 'Map' && element) return below(element, others, `${name}.${key}`)
  if (schemas.length > 0) return leafIn(schemas, rest)
  if (element) return below(element, rest, name)
  return `${key} is inside ${name}, which has no parts and so is not a path`
}

/** Types of one group have comparable values. */
const GROUPS: Readonly<Record<string, string>> = {
  String: 'text',
  ObjectId: 'id',
  UUID: 'bytes',
  Buffer: 'bytes',
  Number: 'number',
  Int32: 'number',
  Double: 'number',
  BigInt: 'number',
  Decimal128: 'number',
  Date: 'date',
  Boolean: 'boolean',
}

/** Whether values of two types can ever be equal. Ids and UUIDs are often stored as text. */
export function areComparable(a: Leaf, b: Leaf): boolean {
  const [left, right] = [groupOf(a), groupOf(b)]
  if (left === undefined || right === undefined || left === right) return true
  const isText = left === 'text' || right === 'text'
  return isText && [left, right].some(group => group === 'id' || group === 'bytes')
}

function groupOf(leaf: Leaf): string | undefined {
  return leaf && GROUPS[leaf.instance]
}

/** What a value is called in messages. */
export function kindOf(leaf: Leaf): string {
  return leaf?.instance ?? 'value'
}

/** A value as the schema type of another path stores it; undefined if it cannot hold the value. */
export function castTo(value: BsonValue, from: Leaf, to: Leaf): BsonValue | undefined {
  if (!isScalar(value)) return undefined
  if (from === to || to === undefined) return value
  // Mongoose would make an ObjectId of a number of seconds, and a text of anything.
  const isId = to.instance === 'ObjectId'
  if (isId && typeof value !== 'string' && !isObjectId(value)) return undefined
  if (isId && typeof value === 'string' && !/^[0-9a-f]{24}$/i.test(value)) return undefined
  if (to.instance === 'String' && ['number', 'boolean', 'bigint'].includes(typeof value)) return undefined
  try {
    const cast: unknown = to.cast(value)
    return isScalar(cast) ? cast : undefined
  } catch {
    return undefined
  }
}
