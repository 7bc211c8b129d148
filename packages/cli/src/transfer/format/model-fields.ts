/** Rows of models as values that files hold: dates are ISO 8601 texts; sets, bytes and exact numbers stay as they are. */

import { type AnyField, type AnyModel, Decimal, type Item, type TypeName, type Value } from 'partita'
import { BadInput } from '../../failure.js'
import { isJsonObject } from '../../json/exact-json.js'

type Spec = AnyField['spec']
type Row = Readonly<Record<string, unknown>>

const DATES: ReadonlySet<string> = new Set(['date', 'createdAt', 'updatedAt', 'deletedAt', 'ttl'])
/** The library writes these fields itself. */
const MANAGED: ReadonlySet<string> = new Set(['version', 'updatedAt', 'deletedAt', 'count'])
const NUMBERS: ReadonlySet<string> = new Set(['number', 'integer', 'counter', 'version', 'count', 'bigint', 'decimal'])
/** A time with its zone. Without one it would depend on the machine. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** The names of the fields in the key of a model. */
export function keyFieldsOf({ definition: { key } }: AnyModel): readonly string[] {
  if (typeof key === 'string') return [key]
  const names = [key.pk, key.sk ?? ''].flatMap(template => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
  return [...new Set(names as string[])]
}

/** The fields whose bytes are elsewhere, and which a file therefore lacks. */
export function assetFieldsOf(model: AnyModel): readonly string[] {
  return fieldsOf(model).flatMap(([name, { kind }]) => (kind === 'asset' ? [name] : []))
}

/** A row as an item of a file. An empty set is the same as an absent one. */
export function toFileItem(row: Row, model: AnyModel): Item {
  const entries = fieldsOf(model).flatMap(([name, { kind }]): [string, Value][] => {
    const value = Object.hasOwn(row, name) ? toValue(row[name]) : undefined
    const isOmitted = value === undefined || kind === 'asset' || (value instanceof Set && value.size === 0)
    return isOmitted ? [] : [[name, value as Value]]
  })
  return Object.fromEntries(entries)
}

/**
 * An item of a file as the input of a create or put. Fields that the library writes are left out.
 * @throws BadInput for a text that is no time, in a field of dates.
 */
export function toInput(item: Item, model: AnyModel): Row {
  const specs = new Map(fieldsOf(model))
  const entries = Object.entries(item).flatMap(([name, value]): [string, unknown][] => {
    const spec = specs.get(name)
    // The model names an unknown field.
    if (!spec) return [[name, value]]
    return MANAGED.has(spec.kind) || spec.kind === 'asset' ? [] : [[name, toField(value, spec, name)]]
  })
  return Object.fromEntries(entries)
}

/** The type of a CSV column, if its header names none. */
export function columnTypeOf(model: AnyModel, name: string): TypeName | undefined {
  const spec = new Map(fieldsOf(model)).get(name)
  if (!spec) return undefined
  if (NUMBERS.has(spec.kind)) return 'N'
  if (spec.kind === 'set')
    return NUMBERS.has(spec.element?.kind ?? '') ? 'NS' : spec.element?.kind === 'bytes' ? 'BS' : 'SS'
  const types: Readonly<Record<string, TypeName>> = { boolean: 'BOOL', bytes: 'B', list: 'L', map: 'M', record: 'M' }
  return Object.hasOwn(types, spec.kind) ? types[spec.kind] : 'S'
}

function fieldsOf({ definition }: AnyModel): [string, Spec][] {
  return Object.entries(definition.fields).map(([name, { spec }]) => [name, spec])
}

function toValue(value: unknown): Value | undefined {
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value as Value | undefined
  if (value instanceof Decimal || value instanceof Uint8Array) return value
  if (value instanceof Set) return new Set([...value].map(toValue)) as unknown as Value
  if (Array.isArray(value)) return value.map(element => toValue(element) as Value)
  const entries = Object.entries(value).map(([name, member]) => [name, toValue(member)] as const)
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined)) as Item
}

function toField(value: Value, spec: Spec, name: string): unknown {
  if (spec.transform) return value
  if (DATES.has(spec.kind)) return toDate(value, name)
  const { element, shape } = spec
  if (element && (Array.isArray(value) || value instanceof Set)) {
    const members = [...(value as Iterable<Value>)].map(member => toField(member, element, name))
    return spec.kind === 'set' ? new Set(members) : members
  }
  if (!isJsonObject(value)) return value
  if (!element && !shape) return value
  const inner = (member: string) => element ?? (shape && Object.hasOwn(shape, member) ? shape[member] : undefined)
  return Object.fromEntries(
    Object.entries(value as Item).map(([member, it]) => {
      const of = inner(member)
      return [member, of ? toField(it, of, `${name}.${member}`) : it]
    }),
  )
}

function toDate(value: Value, name: string): Date {
  const date = new Date(typeof value === 'string' && TIME.test(value) ? value : Number.NaN)
  if (!Number.isNaN(date.getTime())) return date
  throw new BadInput(`field ${JSON.stringify(name)} must be a time such as "2030-01-31T12:00:00Z"`)
}
