/** Converts filters, conditions and sort key conditions of active records to those of models. */
import { invalid, valueText } from '../errors/errors.js'
import { didYouMean } from '../errors/nearest.js'
import type { FieldSpec } from '../model/define/field.js'
import { isPlainObject } from '../value/value.js'
import type { KeyShape, ModelShape } from './shape.js'
import { fieldValue, isIdentified, specOf } from './values.js'

type Conditions = { [name: string]: unknown }

/** Deeper filters are rejected. The grammar of models has a limit of its own, on all parts. */
const DEEPEST = 32

/** Operators whose operands are lists of values of the field. */
const LISTS: ReadonlySet<string> = new Set(['$in', '$between'])
/** Operators whose operand is a value of the field. The operands of others are left as they are. */
const SCALARS: ReadonlySet<string> = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'])

/**
 * The filter of a model. `{ field: null }` means that the field is absent.
 * @throws ValidationError for a field that the model does not have.
 */
export function whereOf(shape: ModelShape, filter: unknown, at: string, depth = 0): Conditions | undefined {
  if (filter === undefined || filter === null) return undefined
  if (!isPlainObject(filter)) throw invalid([at], `is ${valueText(filter)}; it is an object of fields and conditions`)
  if (depth > DEEPEST) throw invalid([at], `is nested over ${DEEPEST} levels deep`)
  const inner = (part: unknown): unknown => whereOf(shape, part, at, depth + 1) ?? part
  return Object.fromEntries(
    Object.entries(filter as Conditions).map(([name, value]) => {
      if (name === '$not') return [name, inner(value)]
      if (name === '$and' || name === '$or') return [name, Array.isArray(value) ? value.map(inner) : value]
      // A path inside a document, such as `address.city`.
      const path = /[.[]/.test(name) && !shape.fields.has(name)
      return [name, path ? value : fieldCondition(specOf(shape.fields, shape.name, name), value)]
    }),
  )
}

function fieldCondition(spec: FieldSpec, value: unknown): unknown {
  if (value === null) return { $exists: false }
  if (!isPlainObject(value) || isIdentified(value)) return fieldValue(spec, value)
  const conditions = Object.entries(value).map(([operator, operand]): [string, unknown] => {
    if (operand === null && operator === '$eq') return ['$exists', false]
    if (operand === null && operator === '$ne') return ['$exists', true]
    if (LISTS.has(operator) && Array.isArray(operand)) return [operator, operand.map(it => fieldValue(spec, it))]
    return [operator, SCALARS.has(operator) ? fieldValue(spec, operand) : operand]
  })
  return Object.fromEntries(conditions)
}

/**
 * The key of a query: the fields of the partition key, and the condition on fields of the sort key.
 * @param value the value of the partition key's field; an object, if it has several; ignored, if it has none.
 */
export function queryKeyOf(shape: ModelShape, key: KeyShape, value: unknown, sort: unknown): Conditions {
  return { ...partitionOf(shape, key, value), ...sortOf(shape, key, sort) }
}

function partitionOf(shape: ModelShape, { name, partition }: KeyShape, value: unknown): Conditions {
  const { fields } = shape
  if (partition.length === 0) return {}
  const [only] = partition as [string]
  if (partition.length === 1 && (!isPlainObject(value) || isIdentified(value))) {
    return { [only]: fieldValue(fields.get(only) as FieldSpec, value) }
  }
  if (!isPlainObject(value)) {
    throw invalid([shape.name, name], `is ${valueText(value)}; give an object with ${partition.join(', ')}`)
  }
  const given = value as Conditions
  const unknown = Object.keys(given).find(field => !partition.includes(field))
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, partition)
    throw invalid(
      [shape.name, name, unknown],
      `is not a field of the partition key; it has ${partition.join(', ')}${hint}`,
    )
  }
  return Object.fromEntries(partition.map(field => [field, fieldValue(fields.get(field) as FieldSpec, given[field])]))
}

function sortOf(shape: ModelShape, { name, sort }: KeyShape, condition: unknown): Conditions {
  if (condition === undefined || condition === null) return {}
  const expected = sort.length === 0 ? 'the sort key has no field' : `the fields of the sort key are ${sort.join(', ')}`
  if (!isPlainObject(condition)) {
    throw invalid(
      [shape.name, name],
      `has the sort key condition ${valueText(condition)}; it is an object: ${expected}`,
    )
  }
  return Object.fromEntries(
    Object.entries(condition as Conditions).map(([field, value]) => {
      if (!sort.includes(field))
        throw invalid([shape.name, name, field], `cannot be in a sort key condition: ${expected}`)
      if (value === null) throw invalid([shape.name, name, field], 'is null; a key field always has a value')
      return [field, fieldCondition(shape.fields.get(field) as FieldSpec, value)]
    }),
  )
}
