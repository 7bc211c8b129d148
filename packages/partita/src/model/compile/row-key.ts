/** Encodes the keys of rows from the fields that a program passes. */
import { type Issue, invalid, ValidationError, valueText } from '../../errors/errors.js'
import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES } from '../../store/limits.js'
import { utf8Length } from '../../value/size.js'
import { type Item, isNumber, type Key, type Value } from '../../value/value.js'
import type { FieldSpec } from '../define/field.js'
import { KINDS } from '../define/field-kinds.js'
import type { RowContext, RowKey } from '../rows/rows.js'
import type { CompiledField, CompiledIndex, CompiledModel } from './compiled-model.js'
import { isReserved } from './index-keys.js'
import { sortKeyOf } from './layout.js'

/**
 * The stored key of a row to write.
 * @throws ValidationError listing every issue of the input.
 */
export function encodeKey({ model, scope }: RowContext, input: unknown): RowKey {
  const { fields, issues } = keyFields(model, input, (field, given, at, issues) => field.plain(given, at, issues))
  if (issues.length > 0) throw new ValidationError(issues)
  return { key: model.primaryKey(fields, scope.prefix), fields }
}

/**
 * The stored key of a row to read; undefined if no row can have it: see {@link lookUpValue}.
 * @throws ValidationError if a field is missing, empty or of another JavaScript type.
 */
export function lookUpKey({ model, scope }: RowContext, input: unknown): Key | undefined {
  let isOfWrongForm = false
  const { fields, issues } = keyFields(model, input, (field, given, at, found) => {
    const before = found.length
    const stored = lookUpValue(field, given, at, found)
    isOfWrongForm ||= stored === undefined && found.length === before
    return stored
  })
  if (issues.length > 0) throw new ValidationError(issues)
  if (isOfWrongForm || !canHold(model.key, fields)) return undefined
  return model.primaryKey(fields, scope.prefix)
}

/** The stored key of the row that fields of another row refer to; undefined if no row can have it. Never throws. */
export function namedKey({ model, scope }: RowContext, input: object): Key | undefined {
  const { fields, issues } = keyFields(model, input, (field, given, at, issues) => field.plain(given, at, issues))
  if (issues.length > 0) return undefined
  const key = possible(() => model.primaryKey(fields, scope.prefix))
  return key && canHold(model.key, fields) && isStorable(model, key) ? key : undefined
}

/** Whether the store accepts a key: its texts are well-formed and not too long. */
export function isStorable({ table }: CompiledModel, key: Key): boolean {
  const isWithin = (part: unknown, most: number): boolean =>
    typeof part !== 'string' || (utf8Length(part) ?? Number.POSITIVE_INFINITY) <= most
  return isWithin(key[table.pk], MAX_PARTITION_KEY_BYTES) && isWithin(sortKeyOf(table, key), MAX_SORT_KEY_BYTES)
}

/** The result; undefined if the work throws a ValidationError, because keys cannot hold a value such as the empty text. */
export function possible<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}

/**
 * The stored form of a value to look up; undefined if no row can have it, such as text that is not a ULID. A value that is
 * missing or of another JavaScript type is added to the issues: it is a mistake in the program, while text is often
 * untrusted input.
 */
export function lookUpValue(
  field: CompiledField,
  given: unknown,
  at: readonly (string | number)[],
  issues: Issue[],
): Value | undefined {
  const found: Issue[] = []
  const stored = field.plain(given, at, found)
  if (found.length === 0) return stored
  if (!isOfType(field.spec, given)) for (const issue of found) issues.push(issue)
  return undefined
}

type Encode = (
  field: CompiledField,
  given: unknown,
  at: readonly (string | number)[],
  issues: Issue[],
) => Value | undefined

function keyFields(model: CompiledModel, input: unknown, encode: Encode): { fields: Item; issues: Issue[] } {
  if (typeof input !== 'object' || input === null) {
    const names = model.keyFields.map(({ name }) => name).join(', ')
    throw invalid([], `is ${valueText(input)}; pass the key of ${model.name} as an object: { ${names} }`)
  }
  const given = input as { readonly [name: string]: unknown }
  const issues: Issue[] = []
  for (const name of Object.keys(given)) {
    if (!model.byName.has(name) && !Object.hasOwn(model.relations, name)) {
      issues.push({ path: [name], message: model.unknownField(name, issues.length) })
    }
  }
  const fields: Item = {}
  for (const field of model.keyFields) {
    const { name, attribute } = field
    const stored = encode(field, Object.hasOwn(given, name) ? given[name] : undefined, [name], issues)
    if (stored !== undefined) fields[attribute] = stored
  }
  return { fields, issues }
}

/** Whether a value has the JavaScript type of a key field. */
function isOfType({ kind, transform }: FieldSpec, given: unknown): boolean {
  if (transform) return false
  const { text, key } = KINDS[kind]
  if (text) return typeof given === 'string'
  if (key === 'text' || kind === 'ttl') return given instanceof Date && !Number.isNaN(given.getTime())
  if (key === 'number') return isNumber(given) ? !Number.isNaN(given) : kind === 'decimal' && typeof given === 'string'
  return false
}

/** Whether a raw key can hold these values. A value that contains the literal after it in the template is ambiguous. */
export function canHold({ pk, sk }: CompiledIndex, fields: Item): boolean {
  if (!pk.raw) return true
  try {
    const partition = pk.print(fields)
    sk.print(fields)
    return partition === undefined || !isReserved(pk, partition)
  } catch (error) {
    if (error instanceof ValidationError) return false
    throw error
  }
}
