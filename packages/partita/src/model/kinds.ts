/**
 * What each kind of field does with its values: a check that makes the stored form, and the way back. A fault in what a
 * program gives is noted with its path, so that one error lists all of them; a stored value that is not of the kind
 * fails the read, since a row that is not what its type says is worse than an error.
 */
import { type Issue, type IssuePath, invalid, PartitaError, valueText } from '../errors.js'
import { compareNumbers, Decimal, decimal, type NumberValue, numberFault, numberText } from '../value/number.js'
import { MAX_DEPTH } from '../value/size.js'
import { isNumber, isPlainObject, isSet, type KeyValue, setAttribute, typeOf, type Value } from '../value/value.js'
import type { FieldKind, FieldSpec } from './field.js'
import type { KeyType } from './template.js'

/** Makes the stored form; undefined where nothing is to be stored, or a fault was noted. */
export type Encode = (input: unknown, at: IssuePath, issues: Issue[]) => Value | undefined
/** @throws ValidationFailed for a stored value of another kind. */
type Decode = (stored: Value) => unknown

export interface Kind {
  encode(spec: FieldSpec): Encode
  decode(spec: FieldSpec): Decode
  /** What `min` and `max` bound. */
  readonly bounds?: 'value' | 'length'
  /** How values stand in keys; undefined for kinds that no key can hold. */
  readonly key?: KeyType
  /** Text for a program's eye, of any length and form; filters may compare it with any other text. */
  readonly text?: true
  /** Nothing stored stands for an empty one. */
  readonly empty?: () => unknown
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/
const LONGEST_EMAIL = 254
/** The year 5138. Milliseconds taken for seconds lie beyond it. */
const LATEST_SECONDS = 1e11

function refuse(issues: Issue[], at: IssuePath, message: string): undefined {
  issues.push({ path: at, message })
}

function wanted(issues: Issue[], at: IssuePath, what: string, input: unknown): undefined {
  return refuse(
    issues,
    at,
    input === undefined ? `is missing; it takes ${what}` : `is ${valueText(input)}, not ${what}`,
  )
}

export const NOWHERE: IssuePath = Object.freeze([])

/** Encodes a part of what stands at a place; the part's own path is made only where there is something to tell of it. */
export function encodeAt(
  encode: Encode,
  part: unknown,
  at: IssuePath,
  step: string | number,
  issues: Issue[],
): Value | undefined {
  const before = issues.length
  const stored = encode(part, NOWHERE, issues)
  for (let i = before; i < issues.length; i++) {
    const { path, message } = issues[i] as Issue
    issues[i] = { path: [...at, step, ...path], message }
  }
  return stored
}

function mismatch(kind: FieldKind, stored: Value): never {
  throw invalid([], `holds ${valueText(stored)} (${typeOf(stored)}), which a field of kind ${kind} cannot give`)
}

/** Text of which some is refused. */
function text(fault: (input: string, spec: FieldSpec) => string | undefined = () => undefined): Kind {
  return {
    key: 'text',
    text: true,
    bounds: 'length',
    encode: spec => (input, at, issues) => {
      if (typeof input !== 'string') return wanted(issues, at, 'text', input)
      const wrong = fault(input, spec)
      return wrong === undefined ? input : refuse(issues, at, wrong)
    },
    decode: spec => stored => (typeof stored === 'string' ? stored : mismatch(spec.kind, stored)),
  }
}

/** A number, given or stored in any of the forms that a double can hold exactly. */
function double(isFine: (input: number) => boolean, what: string): Kind {
  return {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (typeof input !== 'number' || !isFine(input)) return wanted(issues, at, what, input)
      const fault = numberFault(input)
      return fault === undefined ? (input === 0 ? 0 : input) : refuse(issues, at, fault)
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
    return refuse(
      issues,
      at,
      Number.isNaN(year) ? 'is an invalid date' : `is in the year ${year}; dates have 0 to 9999`,
    )
  },
  decode: spec => stored => {
    const date = typeof stored === 'string' ? new Date(stored) : undefined
    return date && !Number.isNaN(date.getTime()) ? date : mismatch(spec.kind, stored)
  },
}

const integer = double(Number.isSafeInteger, 'a whole number up to 2^53 - 1')

export const KINDS: Readonly<Record<FieldKind, Kind>> = {
  string: text(),
  ref: text(input => (input === '' ? 'is empty; it names no row' : undefined)),
  email: text(input => (EMAIL.test(input) && input.length <= LONGEST_EMAIL ? undefined : 'is no e-mail address')),
  url: text(input => (URL.canParse(input) ? undefined : 'is no absolute URL')),
  ulid: text(input => (ULID.test(input) ? undefined : 'is no ULID: 26 of 0-9 A-Z without I L O U')),
  enum: text((input, { values = [] }) =>
    values.includes(input) ? undefined : `is ${valueText(input)}, not one of ${values.join(', ')}`,
  ),
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
  bigint: {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (typeof input !== 'bigint' && !Number.isSafeInteger(input)) return wanted(issues, at, 'a bigint', input)
      const fault = numberFault(input as bigint)
      return fault === undefined ? exactly(input as bigint) : refuse(issues, at, fault)
    },
    decode: spec => stored => {
      if (typeof stored === 'bigint') return stored
      return Number.isInteger(stored) ? BigInt(stored as number) : mismatch(spec.kind, stored)
    },
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
  ttl: {
    key: 'number',
    bounds: 'value',
    encode: () => (input, at, issues) => {
      if (!(input instanceof Date)) return wanted(issues, at, 'a Date', input)
      const seconds = Math.floor(input.getTime() / 1000)
      if (seconds > 0 && seconds < LATEST_SECONDS) return seconds
      return refuse(issues, at, Number.isNaN(seconds) ? 'is an invalid date' : 'is no moment between 1970 and 5138')
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
        // By position, so that holes are seen.
        for (let i = 0; i < input.length; i++) list.push(encodeAt(element, input[i], at, i, issues) as Value)
        return list
      }
    },
    decode: spec => {
      const element = decoder(elementOf(spec))
      return stored => (Array.isArray(stored) ? stored.map(it => element(it)) : mismatch(spec.kind, stored))
    },
  },
  set: {
    bounds: 'length',
    empty: () => new Set(),
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
        return members.size === 0 ? undefined : (new Set(members.values()) as ReadonlySet<string>)
      }
    },
    decode: spec => {
      const element = decoder(elementOf(spec))
      return stored => (isSet(stored) ? new Set([...stored].map(it => element(it))) : mismatch(spec.kind, stored))
    },
  },
  map: {
    encode: spec => {
      const fields = Object.entries(spec.shape ?? {}).map(([name, it]) => ({ name, ...compileValue(it, name) }))
      const known = new Set(fields.map(({ name }) => name))
      return (input, at, issues) => {
        if (!isPlainObject(input)) return wanted(issues, at, 'an object', input)
        for (const name of Object.keys(input)) {
          if (!known.has(name)) refuse(issues, [...at, name], `is no field here; there are ${[...known].join(', ')}`)
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
        for (const { name, attribute, decode, missing } of fields) {
          const value = Object.hasOwn(stored, attribute) ? decode(stored[attribute] as Value) : missing()
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
          if (name === '__proto__') refuse(issues, [...at, name], 'cannot be a name here')
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
    encode: () => (input, at, issues) => copyJson(input, at, issues, 0),
    decode: () => copyStored,
  },
  schema: {
    // What the validator gave; the store's own check names what cannot be kept.
    encode: () => input => copyStored(input as Value),
    decode: () => copyStored,
  },
}

function elementOf(spec: FieldSpec): FieldSpec {
  return spec.element as FieldSpec
}

/** How a value of a field is written and read, wherever it stands: in a row, a list or a map. */
export interface CompiledValue {
  readonly attribute: string
  readonly encode: Encode
  /** The stored form, without the checks that the field adds: what was stored under other rules is still the same. */
  readonly plain: Encode
  readonly decode: Decode
  /** What is written where nothing is given. */
  readonly fallback: (() => unknown) | undefined
  /** What is read where nothing is stored: undefined where it may be missing. Throws where it may not. */
  readonly missing: () => unknown
  /** Whether a missing value is a fault. */
  readonly required: boolean
}

export function compileValue(spec: FieldSpec, name: string): CompiledValue {
  const encode = encoder(spec)
  const decode = decoder(spec)
  const { fallback } = spec
  const { empty } = KINDS[spec.kind]
  return {
    attribute: spec.attribute ?? name,
    encode,
    plain: encoder({ ...spec, min: undefined, max: undefined, pattern: undefined, checks: [] }),
    decode,
    fallback:
      fallback === undefined
        ? undefined
        : typeof fallback === 'function'
          ? (fallback as () => unknown)
          : () => fallback,
    missing: missingValue(spec, encode, decode),
    required: !spec.optional && empty === undefined,
  }
}

function missingValue(spec: FieldSpec, encode: Encode, decode: Decode): () => unknown {
  const { kind, fallback, optional } = spec
  const { empty } = KINDS[kind]
  if (fallback !== undefined && typeof fallback !== 'function') {
    const issues: Issue[] = []
    const stored = encode(fallback, ['default'], issues)
    // A fallback that the field itself refuses is told of by the model's definition.
    if (stored !== undefined && issues.length === 0) return () => decode(stored)
  }
  if (empty) return empty
  if (optional) return () => undefined
  if (kind === 'version') return () => 0
  return () => {
    throw invalid([], 'is missing in the stored row; make the field optional, or give it a plain default')
  }
}

/** The kind's own check, and those that the field adds. */
export function encoder(spec: FieldSpec): Encode {
  const inner = KINDS[spec.kind].encode(spec)
  const { min, max, pattern, transform, checks } = spec
  const bounded = min !== undefined || max !== undefined || pattern !== undefined
  if (!bounded && !transform && checks.length === 0) return inner
  return (input, at, issues) => {
    const before = issues.length
    let value = input
    if (transform) {
      if (input === undefined) return wanted(issues, at, 'a value', input)
      try {
        value = transform.encode(input)
      } catch (error) {
        return refuse(issues, at, `cannot be encoded: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    const stored = inner(value, at, issues)
    if (issues.length > before) return undefined
    if (bounded) checkBounds(spec, value, stored, at, issues)
    for (const check of checks) {
      const verdict = check(input)
      if (typeof verdict === 'string') refuse(issues, at, verdict)
      else if (verdict === false) refuse(issues, at, `${valueText(input)} is not valid`)
    }
    return issues.length > before ? undefined : stored
  }
}

function decoder(spec: FieldSpec): Decode {
  const inner = KINDS[spec.kind].decode(spec)
  const { transform } = spec
  return transform ? stored => transform.decode(inner(stored)) : inner
}

function checkBounds(spec: FieldSpec, input: unknown, stored: Value | undefined, at: IssuePath, issues: Issue[]): void {
  const { min, max, pattern } = spec
  const byLength = KINDS[spec.kind].bounds === 'length'
  if (pattern && typeof stored === 'string' && !pattern.test(stored)) {
    refuse(issues, at, `${valueText(stored)} does not match ${pattern}`)
  }
  const measured = byLength ? lengthOf(stored) : isNumber(stored) && spec.kind !== 'ttl' ? stored : input
  if (min !== undefined && isBelow(measured, min)) {
    refuse(
      issues,
      at,
      byLength ? `has a length of ${measured}; the least is ${min}` : `is ${shown(input)}, below ${shown(min)}`,
    )
  }
  if (max !== undefined && isBelow(max, measured)) {
    refuse(
      issues,
      at,
      byLength ? `has a length of ${measured}; the most is ${max}` : `is ${shown(input)}, above ${shown(max)}`,
    )
  }
}

function shown(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

function isBelow(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) < 0
  return (a as number) < (b as number)
}

function lengthOf(stored: Value | undefined): number {
  if (stored === undefined) return 0
  if (typeof stored === 'string' || Array.isArray(stored) || stored instanceof Uint8Array) return stored.length
  return isSet(stored) ? stored.size : Object.keys(stored as object).length
}

function copyJson(input: unknown, at: IssuePath, issues: Issue[], depth: number): Value | undefined {
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input
  if (typeof input === 'number' && Number.isFinite(input)) return input
  if (depth > MAX_DEPTH) return refuse(issues, at.slice(0, 3), `is nested over ${MAX_DEPTH} levels deep`)
  if (Array.isArray(input)) return Array.from(input, (it, i) => copyJson(it, [...at, i], issues, depth + 1) as Value)
  if (!isPlainObject(input)) return wanted(issues, at, 'JSON', input)
  const copy: { [name: string]: Value } = {}
  for (const name of Object.keys(input)) {
    const value = copyJson(input[name], [...at, name], issues, depth + 1)
    if (value !== undefined) setAttribute(copy, name, value)
  }
  return copy
}

/** Documents are copied both ways, so that neither the caller nor a record can change what the other holds. */
export function copyStored(stored: Value): Value {
  if (typeof stored !== 'object' || stored === null) return stored
  if (Array.isArray(stored)) return stored.map(copyStored)
  if (stored instanceof Uint8Array) return new Uint8Array(stored)
  if (isSet(stored)) return new Set(stored as ReadonlySet<KeyValue>) as ReadonlySet<string>
  if (!isPlainObject(stored)) return stored
  const copy: { [name: string]: Value } = {}
  for (const name of Object.keys(stored)) {
    const value = stored[name] as Value | undefined
    if (value !== undefined) setAttribute(copy, name, copyStored(value))
  }
  return copy
}
