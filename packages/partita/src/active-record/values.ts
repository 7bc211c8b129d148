/** Converts what programs give to fields, such as times as numbers, to what the fields take; and back. */
import { invalid } from '../errors/errors.js'
import { didYouMean } from '../errors/nearest.js'
import type { FieldSpec } from '../model/define/field.js'

/** Seconds since 1970 are smaller than this, milliseconds larger, for times from 1973 to 5138. */
const LARGEST_SECONDS = 1e11

/** The members of a record that a ref field takes instead of a key. */
interface Identified {
  getPrimaryId(): string
}

/** Text such as `+1` or `-5`: an amount to add to a counter. */
const AMOUNT = /^[+-]\d{1,15}$/

/** Whether a value is a record, whose primary id is the value of a ref field. */
export function isIdentified(value: unknown): value is Identified {
  return typeof value === 'object' && value !== null && typeof (value as Identified).getPrimaryId === 'function'
}

/** A value as the field takes it. What the field does not take is left as it is, and rejected by the field. */
export function fieldValue(spec: FieldSpec, given: unknown): unknown {
  if (spec.kind === 'ref' && isIdentified(given)) return given.getPrimaryId()
  if (spec.transform) return given
  switch (spec.kind) {
    case 'date':
    case 'createdAt':
    case 'updatedAt':
    case 'deletedAt':
      return typeof given === 'number' || typeof given === 'string' ? new Date(given) : given
    case 'ttl':
      return timeOfExpiry(given)
    case 'bytes':
      // Without the class of a Buffer, so that equal bytes are equal values.
      return given instanceof Uint8Array ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : given
    case 'set':
      return Array.isArray(given) ? new Set(given) : given
    default:
      return given
  }
}

/** A number is seconds, as DynamoDB stores them, or milliseconds, as `Date.now()` returns them. */
function timeOfExpiry(given: unknown): unknown {
  if (typeof given === 'string') return new Date(given)
  if (typeof given !== 'number') return given
  return new Date(Math.abs(given) < LARGEST_SECONDS ? given * 1000 : given)
}

/** The amount that text such as `+1` adds to a counter; undefined for any other value. */
export function amountOf(spec: FieldSpec, given: unknown): number | undefined {
  if (spec.kind !== 'counter' || spec.transform || typeof given !== 'string' || !AMOUNT.test(given)) return undefined
  return Number(given)
}

/** The part of Node's `Buffer` that is used. Other runtimes may not have it. */
interface Buffers {
  readonly Buffer?: { from(bytes: ArrayBufferLike, offset: number, length: number): Uint8Array }
}

/** A read value as active records show it: bytes are a `Buffer` where the runtime has it. */
export function shownValue({ kind, transform }: FieldSpec, value: unknown): unknown {
  const { Buffer } = globalThis as Buffers
  if (kind !== 'bytes' || transform || !Buffer || !(value instanceof Uint8Array)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/** @throws ValidationError for a name that is not a field. */
export function specOf(fields: ReadonlyMap<string, FieldSpec>, model: string, name: string): FieldSpec {
  const spec = fields.get(name)
  if (spec) return spec
  const known = [...fields.keys()]
  throw invalid([name], `is not a field of ${model}, which has ${known.join(', ')}${didYouMean(name, known)}`)
}
