/**
 * Primary ids: the key of a row as one text. That of a single key field is its value. The values of several key fields are
 * escaped, so that no value can contain the separator.
 */
import { invalid, valueText } from '../errors/errors.js'
import type { FieldSpec } from '../model/define/field.js'
import { KINDS } from '../model/define/field-kinds.js'
import { escapeText } from '../model/define/template.js'
import { Decimal, numberText } from '../value/number.js'
import { isNumber } from '../value/value.js'
import type { ModelShape } from './shape.js'
import { fieldValue, isIdentified } from './values.js'

const SEPARATOR = '##__SK__##'

/** The key fields of a row, by name. */
export type KeyFields = Readonly<Record<string, unknown>>

/** The primary id of a row. @throws ValidationError for a key field without a value. */
export function primaryIdOf(shape: ModelShape, fields: KeyFields): string {
  const texts = shape.keyFields.map(name => {
    const value = fieldValue(shape.fields.get(name) as FieldSpec, fields[name])
    if (value === undefined || value === null || value === '') {
      throw invalid([shape.name, name], `is ${valueText(value)}; a primary id needs all key fields`)
    }
    return textOf(value, name)
  })
  return texts.length === 1 ? (texts[0] as string) : texts.map(escapeText).join(SEPARATOR)
}

/**
 * The key of a row, from its primary id, or from an object with its key fields.
 * @throws ValidationError for anything else. An id that no row can have gives a key that no row has.
 */
export function keyOfId(shape: ModelShape, id: unknown): KeyFields {
  const { name, keyFields, fields } = shape
  const specs = keyFields.map(field => fields.get(field) as FieldSpec)
  if (isIdentified(id)) return keyOfId(shape, id.getPrimaryId())
  if (typeof id === 'object' && id !== null && !(id instanceof Date) && !(id instanceof Decimal)) {
    const given = id as KeyFields
    for (const field of Object.keys(given)) {
      if (!keyFields.includes(field)) {
        throw invalid([name, field], `is not a key field of ${name}; these are ${keyFields.join(', ')}`)
      }
    }
    return Object.fromEntries(keyFields.map((field, i) => [field, fieldValue(specs[i] as FieldSpec, given[field])]))
  }
  if (id === undefined || id === null || id === '') throw invalid([name], `was given no id: it is ${valueText(id)}`)
  if (keyFields.length === 1) return { [keyFields[0] as string]: parsedValue(specs[0] as FieldSpec, id) }
  const parts = String(id).split(SEPARATOR)
  if (parts.length !== keyFields.length) {
    throw invalid(
      [name],
      `was given the id ${valueText(id)}, which does not hold ${keyFields.join(' and ')}; use getPrimaryId() or an object`,
    )
  }
  return Object.fromEntries(
    keyFields.map((field, i) => [field, parsedValue(specs[i] as FieldSpec, unescaped(parts[i] as string))]),
  )
}

function textOf(value: unknown, name: string): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  if (isNumber(value as never)) return numberText(value as never)
  throw invalid([name], `is ${valueText(value)}, which cannot be part of a key`)
}

/** The value of a field from its text in an id. */
function parsedValue(spec: FieldSpec, given: unknown): unknown {
  if (typeof given !== 'string') return fieldValue(spec, given)
  if (spec.transform) return given
  switch (spec.kind) {
    case 'bigint':
      return /^-?\d+$/.test(given) ? BigInt(given) : given
    case 'decimal':
      return given
    case 'ttl':
      return new Date(given)
  }
  switch (KINDS[spec.kind].key) {
    case 'number':
      return given.trim() === '' || Number.isNaN(Number(given)) ? given : Number(given)
    case 'boolean':
      return given === 'true' ? true : given === 'false' ? false : given
    default:
      return fieldValue(spec, given)
  }
}

/** Undoes the escaping; text that nothing was escaped to is left as it is, and names no row. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
