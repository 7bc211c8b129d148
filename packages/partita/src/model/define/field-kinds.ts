/**
 * The kinds of fields: how each checks, encodes and decodes values. Issues of a program's input are collected with their
 * paths, so that one error lists all of them. A stored value of another kind fails the read, since a row that does not
 * match its type is worse than an error.
 */
import {
  type Issue,
  type IssuePath,
  invalid,
  MAX_ISSUES,
  PartitaError,
  ValidationError,
  valueText,
} from '../../errors/errors.js'
import { Decimal, decimal, type NumberValue, numberProblem, numberText, wholeNumber } from '../../value/number.js'
import { measureValue } from '../../value/size.js'
import { isNumber, isPlainObject, isSet, setAttribute, typeOf, type Value } from '../../value/value.js'
import { assetKind } from './asset-kind.js'
import { compileValue, decoder, encoder, readValue } from './codec.js'
import { copyJson, copyStored, holdsProto, NO_NAME, PROTO, refuseAssets } from './document.js'
import { rememberOrigin } from './element-origin.js'
import type { FieldKind, FieldSpec } from './field.js'
import { NOWHERE, refuse, unknownName, wanted } from './input-issues.js'
import { withBigints } from './schema-integers.js'
import type { KeyType } from './template.js'

/** Encodes a value; returns undefined if nothing is to be stored or an issue was added. */
export type Encode = (input: unknown, at: IssuePath, issues: Issue[]) => Value | undefined
/** Decodes a stored value. @throws ValidationError for a value of another kind. */
export type Decode = (stored: Value) => unknown

/** The implementation of a kind. */
export interface Kind {
  /** Makes the encoder of a field. */
  encode(spec: FieldSpec): Encode
  /** Makes the decoder of a field. */
  decode(spec: FieldSpec): Decode
  /** Whether `min` and `max` bound the value or its length. */
  readonly bounds?: 'value' | 'length'
  /** How values are written into keys; undefined for kinds that keys do not support. */
  readonly key?: KeyType
  /** Whether values are text. Filters may compare them with any text, also with text that is not valid for the kind. */
  readonly text?: true
  /** The stored form of the empty value that a missing attribute is read as. */
  readonly empty?: Value
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/
const LONGEST_EMAIL = 254
/** The year 5138. Milliseconds passed as seconds exceed it. */
const LATEST_SECONDS = 1e11

/** Encodes a part of a value. The part's path is built only if there are issues. */
export function encodeAt(
  encode: Encode,
  part: unknown,
  at: IssuePath,
  step: string | number,
  issues: Issue[],
): Value | undefined {
  const before = issues.length
  const stored = encode(part, NOWHERE, issues)
  for (let i = before; i < Math.min(issues.length, MAX_ISSUES); i++) {
    const { path, message } = issues[i] as Issue
    issues[i] = { path: [...at, step, ...path], message }
  }
  return stored
}

function mismatch(kind: FieldKind, stored: Value): never {
  throw invalid([], `holds ${valueText(stored)} (${typeOf(stored)}), which a field of kind ${kind} cannot read`)
}

/** A kind of text, with an optional check. */
function text(problem: (input: string, spec: FieldSpec) => string | undefined = () => undefined): Kind {
  return {
    key: 'text',
    text: true,
    bounds: 'length',
    encode: spec => (input, at, issues) => {
      if (typeof input !== 'string') return wanted(issues, at, 'text', input)
      const wrong = problem(input, spec)
      return wrong === undefined ? input : refuse(issues, at, wrong)
    },
    decode: spec => stored => (typeof stored === 'string' ? stored : mismatch(spec.kind, stored)),
  }
}

/** A kind of number that is represented by a double. */
function double(isFine: (input: number) => boolean, what: string): Kind {
  return {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (typeof input !== 'number' || !isFine(input)) return wanted(issues, at, what, input)
      const problem = numberProblem(input)
      return problem === undefined ? (input === 0 ? 0 : input) : refuse(issues, at, problem)
    },
    decode: spec => stored => (typeof stored === 'number' && isFine(stored) ? stored : mismatch(spec.kind, stored)),
  }
}

const exactly = (input: NumberValue): NumberValue => decimal(numberText(input))

const moment: Kind = {
  key: 'text',
  bounds: 'value',
  encode: () => (input, at, issues) => {
    if (!(input instanceof Date)) return wanted(issues, at, 'a Date', input)
    const year = input.getUTCFullYear()
    if (year >= 0 && year <= 9999) return input.toISOString()
    return refuse(issues, at, Number.isNaN(year) ? 'is an invalid date' : `is in the year ${year}; use years 0 to 9999`)
  },
  decode: spec => stored => {
    const date = typeof stored === 'string' ? new Date(stored) : undefined
    return date && !Number.isNaN(date.getTime()) ? date : mismatch(spec.kind, stored)
  },
}

const integer = double(Number.isSafeInteger, 'a whole number up to 2^53 - 1')

/** The implementations of all kinds. */
export const KINDS: Readonly<Record<FieldKind, Kind>> = {
  string: text(),
  ref: text(input => (input === '' ? 'is empty; give the key of a row' : undefined)),
  email: text(input => (input.length <= LONGEST_EMAIL && EMAIL.test(input) ? undefined : 'is not an e-mail address')),
  url: text(input => (URL.canParse(input) ? undefined : 'is not an absolute URL')),
  ulid: text(input =>
    ULID.test(input) ? undefined : 'is not a ULID: 26 characters of 0-9 and A-Z without I, L, O, U',
  ),
  enum: {
    ...text((input, { values = [] }) =>
      values.includes(input) ? undefined : `is ${valueText(input)}, not one of ${values.join(', ')}`,
    ),
    // Other text does not match the type of the field, as a number does not.
    decode: spec => {
      const values: ReadonlySet<unknown> = new Set(spec.values)
      return stored => (values.has(stored) ? stored : mismatch(spec.kind, stored))
    },
  },
  uuid: {
    ...text(),
    encode: () => (input, at, issues) => {
      const lower = typeof input === 'string' ? input.toLowerCase() : ''
      return UUID.test(lower) ? lower : wanted(issues, at, 'a UUID', input)
    },
  },
  number: double(Number.isFinite, 'a number'),
  integer,
  counter: integer,
  version: integer,
  count: integer,
  bigint: {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (typeof input !== 'bigint' && !Number.isSafeInteger(input)) return wanted(issues, at, 'a bigint', input)
      const problem = numberProblem(input as bigint)
      return problem === undefined ? exactly(input as bigint) : refuse(issues, at, problem)
    },
    decode: spec => stored => (isNumber(stored) ? wholeNumber(stored) : undefined) ?? mismatch(spec.kind, stored),
  },
  decimal: {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (typeof input !== 'string' && !isNumber(input)) return wanted(issues, at, 'a decimal number', input)
      try {
        return decimal(String(input))
      } catch (error) {
        if (!(error instanceof PartitaError)) throw error
        return refuse(issues, at, error.message)
      }
    },
    decode: spec => stored => (isNumber(stored) ? new Decimal(numberText(stored)) : mismatch(spec.kind, stored)),
  },
  boolean: {
    key: 'boolean',
    encode: () => (input, at, issues) =>
      typeof input === 'boolean' ? input : wanted(issues, at, 'true or false', input),
    decode: spec => stored => (typeof stored === 'boolean' ? stored : mismatch(spec.kind, stored)),
  },
  date: moment,
  createdAt: moment,
  updatedAt: moment,
  deletedAt: moment,
  ttl: {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (!(input instanceof Date)) return wanted(issues, at, 'a Date', input)
      const seconds = Math.floor(input.getTime() / 1000)
      if (seconds > 0 && seconds < LATEST_SECONDS) return seconds
      return refuse(issues, at, Number.isNaN(seconds) ? 'is an invalid date' : 'is not between the years 1970 and 5138')
    },
    decode: spec => stored =>
      typeof stored === 'number' && Math.abs(stored) < LATEST_SECONDS
        ? new Date(stored * 1000)
        : mismatch(spec.kind, stored),
  },
  bytes: {
    bounds: 'length',
    encode: () => (input, at, issues) =>
      input instanceof Uint8Array ? new Uint8Array(input) : wanted(issues, at, 'a Uint8Array', input),
    decode: spec => stored => (stored instanceof Uint8Array ? new Uint8Array(stored) : mismatch(spec.kind, stored)),
  },
  list: {
    bounds: 'length',
    encode: spec => {
      const element = encoder(elementOf(spec))
      return (input, at, issues) => {
        if (!Array.isArray(input)) return wanted(issues, at, 'a list', input)
        const list: Value[] = []
        // By index, so that holes are included.
        for (let i = 0; i < input.length; i++) list.push(encodeAt(element, input[i], at, i, issues) as Value)
        return list
      }
    },
    decode: spec => {
      const element = decoder(elementOf(spec))
      const read = spec.element?.kind === 'map' || spec.element?.kind === 'record' ? remembering(element) : element
      return stored => (Array.isArray(stored) ? stored.map(it => read(it)) : mismatch(spec.kind, stored))
    },
  },
  set: {
    bounds: 'length',
    empty: [],
    encode: spec => {
      const element = encoder(elementOf(spec))
      return (input, at, issues) => {
        if (!isSet(input) && !Array.isArray(input)) return wanted(issues, at, 'a Set', input)
        const members = new Map<unknown, Value>()
        let i = 0
        for (const it of input as Iterable<unknown>) {
          const member = encodeAt(element, it, at, i++, issues)
          if (member !== undefined) members.set(member instanceof Uint8Array ? String(member) : member, member)
        }
        if (members.size === 0) return isDefaultFilled(spec) ? [] : undefined
        return new Set(members.values()) as ReadonlySet<string>
      }
    },
    decode: spec => {
      const element = decoder(elementOf(spec))
      return stored => {
        if (isSet(stored)) return new Set([...stored].map(it => element(it)))
        return Array.isArray(stored) && stored.length === 0 ? new Set() : mismatch(spec.kind, stored)
      }
    },
  },
  map: {
    encode: spec => {
      const fields = Object.entries(spec.shape ?? {}).map(([name, it]) => ({ name, ...compileValue(it, name) }))
      const known = new Set(fields.map(({ name }) => name))
      return (input, at, issues) => {
        if (!isPlainObject(input)) return wanted(issues, at, 'an object', input)
        const before = issues.length
        for (const name of Object.keys(input)) {
          if (!known.has(name)) refuse(issues, [...at, name], unknownName(name, known, issues.length - before))
        }
        const stored: { [name: string]: Value } = {}
        for (const { name, attribute, encode, fallback, required } of fields) {
          const given = Object.hasOwn(input, name) ? input[name] : undefined
          const value = given === undefined ? fallback?.() : given
          if (value === undefined && !required) continue
          const encoded = encodeAt(encode, value, at, name, issues)
          if (encoded !== undefined) setAttribute(stored, attribute, encoded)
        }
        return stored
      }
    },
    decode: spec => {
      const fields = Object.entries(spec.shape ?? {}).map(([name, it]) => ({ name, ...compileValue(it, name) }))
      return stored => {
        if (!isPlainObject(stored)) return mismatch(spec.kind, stored)
        const map: { [name: string]: unknown } = {}
        for (const field of fields) {
          const { name, attribute } = field
          const value = readValue(field, Object.hasOwn(stored, attribute) ? (stored[attribute] as Value) : undefined)
          if (value !== undefined) map[name] = value
        }
        return map
      }
    },
  },
  record: {
    bounds: 'length',
    encode: spec => {
      const element = encoder(elementOf(spec))
      return (input, at, issues) => {
        if (!isPlainObject(input)) return wanted(issues, at, 'an object', input)
        const stored: { [name: string]: Value } = {}
        for (const name of Object.keys(input)) {
          if (name === PROTO) refuse(issues, [...at, name], NO_NAME)
          const value = encodeAt(element, input[name], at, name, issues)
          if (value !== undefined) setAttribute(stored, name, value)
        }
        return stored
      }
    },
    decode: spec => {
      const element = decoder(elementOf(spec))
      return stored => {
        if (!isPlainObject(stored)) return mismatch(spec.kind, stored)
        const record: { [name: string]: Value } = {}
        for (const name of Object.keys(stored)) setAttribute(record, name, element(stored[name] as Value) as Value)
        return record
      }
    },
  },
  json: {
    encode: () => (input, at, issues) => refuseAssets(copyJson(input, at, issues, 0), at, issues),
    decode: () => copyStored,
  },
  schema: {
    // The output of the validator.
    encode: () => (input, at, issues) => {
      if (input === undefined) return wanted(issues, at, 'a value', input)
      try {
        const stored = copyStored(input as Value)
        measureValue(stored)
        if (holdsProto(stored)) return refuse(issues, at, `holds ${PROTO}, which ${NO_NAME}`)
        return refuseAssets(stored, at, issues)
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        for (const { path, message } of error.details.issues) refuse(issues, [...at, ...path], message)
        return undefined
      }
    },
    decode: ({ schema }) => (schema ? stored => copyStored(withBigints(schema, stored) as Value) : copyStored),
  },
  asset: assetKind,
}

/**
 * Whether a missing set is read as anything but an empty set: as a default with members, or, in a list or record, as an
 * absent element. An empty set is then stored as an empty list, since stores do not support empty sets.
 */
export function isDefaultFilled({ kind, fallback, isElement }: FieldSpec): boolean {
  if (kind !== 'set') return false
  if (isElement) return true
  if (fallback === undefined || typeof fallback === 'function') return false
  return !(isSet(fallback) && fallback.size === 0) && !(Array.isArray(fallback) && fallback.length === 0)
}

function remembering(decode: Decode): Decode {
  return stored => {
    const read = decode(stored)
    rememberOrigin(read, stored)
    return read
  }
}

function elementOf(spec: FieldSpec): FieldSpec {
  return spec.element as FieldSpec
}

/**
 * Whether keys and unique markers can be made from a field. A count changes in the transactions of the counted rows, which do
 * not write the keys of its row.
 */
export function canBeInKeys({ kind }: FieldSpec): boolean {
  return kind !== 'count' && KINDS[kind].key !== undefined
}
