/** Parameters that several methods take, typed by the table's configuration. */
import { type IssuePath, invalid, ValidationFailed, valueText } from '../errors.js'
import type { NumberValue } from '../value/number.js'
import type { IndexName, SingleTableConfig } from './config.js'
import type { ExpiryInput } from './expiry.js'
import type { IndexKeyInput, KeyInput } from './key.js'

/** The key of one item. */
export interface ItemKey {
  readonly partitionKey: KeyInput
  readonly rangeKey: KeyInput
}

/**
 * An item's place in an index. Both attributes are written together, so that an item is never in an index under half
 * of an old key and half of a new one; where a part is null, undefined or empty, the item is not in the index.
 */
export interface IndexKey {
  readonly partitionKey: IndexKeyInput
  readonly rangeKey: IndexKeyInput
}

/** A place in an index that is sorted by number. */
export interface NumericIndexKey {
  readonly partitionKey: IndexKeyInput
  readonly rangeKey: NumberValue | readonly [NumberValue] | null | undefined
}

type IndexKeyOf<Config, Name> = Config extends { readonly indexes: infer Indexes }
  ? Name extends keyof Indexes
    ? Indexes[Name] extends { readonly numeric: true }
      ? NumericIndexKey
      : IndexKey
    : never
  : IndexKey

/** Whether nothing is known of the configuration, as in code that takes any table. */
export type AnyConfig<Config> = SingleTableConfig extends Config ? true : false

/** Places in the table's indexes by their names; `Out` is what takes an item out of one. */
export type IndexKeys<Config, Out = never> =
  AnyConfig<Config> extends true
    ? Readonly<Record<string, IndexKey | Out>>
    : [IndexName<Config>] extends [never]
      ? undefined
      : { readonly [Name in IndexName<Config>]?: IndexKeyOf<Config, Name> | Out }

/** Where the table has a type index, every item has a type. */
export type TypeParameter<Config> =
  AnyConfig<Config> extends true
    ? { readonly type?: string }
    : Config extends { readonly typeIndex: object }
      ? { readonly type: string }
      : { readonly type?: undefined }

/** Where the table has an attribute for it, an item may have an expiry; `Out` is what removes it. */
export type ExpiryParameter<Config, Out = never> =
  AnyConfig<Config> extends true
    ? { readonly expiresAt?: ExpiryInput | Out }
    : Config extends { readonly expiresAt: string }
      ? { readonly expiresAt?: ExpiryInput | Out }
      : { readonly expiresAt?: undefined }

/** The properties that a read returns: all, or those that it names. */
export type Retrieved<Entity, Name extends keyof Entity> = [Name] extends [never] ? Entity : Pick<Entity, Name>

/** Parameters that are true or false, in whichever method they are. */
const FLAGS: ReadonlySet<string> = new Set([
  'consistent',
  'consistentRead',
  'createOnly',
  'createTable',
  'exactlyOnce',
  'fullRetrieval',
  'ifUnchanged',
  'loader',
  'mustExist',
  'returnOldOnFailure',
  'returnUpdatedProperties',
  'strict',
])

/**
 * Refuses misspelt parameters: a condition under a wrong name would otherwise be no condition at all. Refuses what is
 * neither true nor false where it has to be: the text 'false' would otherwise mean true.
 * @throws ValidationFailed naming the parameter; one that is undefined counts as left out.
 */
export function checkParameters(parameters: object, known: readonly string[], at: IssuePath = []): void {
  if (typeof parameters !== 'object' || parameters === null) throw invalid(at, 'is no object of parameters')
  for (const name in parameters) {
    const value: unknown = parameters[name as keyof typeof parameters]
    if (value === undefined) continue
    if (!known.includes(name)) throw invalid([...at, name], `is no parameter here; there are ${known.join(', ')}`)
    if (FLAGS.has(name) && typeof value !== 'boolean') {
      throw invalid([...at, name], `is ${valueText(value)}; it is true or false`)
    }
  }
}

/** @throws ValidationFailed where a method is called without the function that it takes. */
export function checkFunction(method: string, given: unknown): void {
  if (typeof given !== 'function') throw invalid([], `${method} takes a function, not ${valueText(given)}`)
}

/** @throws ValidationFailed for a count that is given and is no whole number from 1 to the most. */
export function checkCount(name: string, count: number | undefined, most = Number.POSITIVE_INFINITY): void {
  if (count === undefined || (Number.isInteger(count) && count > 0 && count <= most)) return
  const range = most === Number.POSITIVE_INFINITY ? 'from 1' : `from 1 to ${most}`
  throw invalid([name], `is ${typeof count === 'number' ? count : valueText(count)}; it is a whole number ${range}`)
}

/** Runs a step whose faults are told by where they lie in it, and tells them by where they lie in the whole. */
export function within<T>(at: IssuePath, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof ValidationFailed)) throw error
    const { issues, more } = error.details
    throw new ValidationFailed(
      issues.map(({ path, message }) => ({ path: [...at, ...path], message })),
      error.cause,
      more,
    )
  }
}
