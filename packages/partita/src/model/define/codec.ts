/** Compiled fields: how values are encoded and decoded at any depth, and the defaults of missing values. */
import { type Issue, type IssuePath, invalid, valueText } from '../../errors/errors.js'
import { compareNumbers } from '../../value/number.js'
import { isNumber, isSet, type Value } from '../../value/value.js'
import type { FieldSpec } from './field.js'
import { type Decode, type Encode, KINDS } from './field-kinds.js'
import { refuse, wanted } from './input-issues.js'
import { fallbackOf, hasValidator, Prepared, prepareNow, transformProblem } from './validators.js'

/** How a value of a field is encoded and decoded, in a row, a list or a map. */
export interface CompiledValue {
  /** Name of the stored attribute. */
  readonly attribute: string
  /** Encodes a value. Values with validators are prepared first. */
  readonly encode: Encode
  /** Encodes without the checks that the field adds, so that values stored under earlier rules still encode. */
  readonly plain: Encode
  /** Decodes a stored value. */
  readonly decode: Decode
  /** Returns the value to write if none is given. */
  readonly fallback: (() => unknown) | undefined
  /** Returns the value to read if none is stored. Throws if the field is required. */
  readonly missing: () => unknown
  /** Whether a missing value is an error. */
  readonly required: boolean
  /** Whether a stored NULL is read as missing. */
  readonly isNullMissing: boolean
}

/** Compiles a field. */
export function compileValue(spec: FieldSpec, name: string): CompiledValue {
  const { fallback } = spec
  return {
    attribute: spec.attribute ?? name,
    encode: encoder(spec),
    plain: encoder({ ...spec, min: undefined, max: undefined, pattern: undefined, checks: [] }),
    decode: decoder(spec),
    fallback: fallback === undefined ? undefined : () => fallbackOf(spec),
    missing: missingValue(spec),
    required: !spec.optional && KINDS[spec.kind].empty === undefined,
    isNullMissing: isNullMissing(spec),
  }
}

const compiled = new WeakMap<FieldSpec, CompiledValue>()

/** The compiled form of a field, cached. */
export function codecOf(spec: FieldSpec): CompiledValue {
  let known = compiled.get(spec)
  if (!known) compiled.set(spec, (known = compileValue(spec, '')))
  return known
}

/**
 * Whether a stored NULL is read as missing. Other programs store it for "no value". For JSON and outputs of validators, null
 * is a value.
 */
export function isNullMissing({ kind, optional }: FieldSpec): boolean {
  return kind === 'set' || (optional && kind !== 'json' && kind !== 'schema')
}

/** Decodes a stored value, or returns the value for a missing one. */
export function readValue({ missing, decode, isNullMissing }: CompiledValue, stored: Value | undefined): unknown {
  return stored === undefined || (stored === null && isNullMissing) ? missing() : decode(stored)
}

const defaults = new WeakMap<FieldSpec, { readonly stored: Value | undefined }>()

/**
 * The default of a missing value in its stored form, or undefined. Defaults from functions, and those with an asynchronous
 * validator, apply only to new rows.
 */
export function plainDefault(spec: FieldSpec): Value | undefined {
  let known = defaults.get(spec)
  if (!known) defaults.set(spec, (known = { stored: storedDefault(spec, []) }))
  return known.stored
}

/** As {@link plainDefault}, but adds an issue if the field rejects its own default. */
export function storedDefault(spec: FieldSpec, issues: Issue[]): Value | undefined {
  const { fallback, kind } = spec
  if (fallback !== undefined && typeof fallback !== 'function') {
    const before = issues.length
    const prepared = prepareNow(spec, fallback, issues)
    const stored = prepared === undefined ? undefined : encoder(spec)(prepared, [], issues)
    if (stored !== undefined && issues.length === before) return stored
  }
  if (kind === 'version' || kind === 'count') return 0
  return KINDS[kind].empty
}

function missingValue(spec: FieldSpec): () => unknown {
  const stored = plainDefault(spec)
  const decode = decoder(spec)
  if (stored !== undefined) return () => decode(stored)
  if (spec.optional) return () => undefined
  return () => {
    throw invalid([], 'is missing in the stored row; make the field optional, or give it a plain default')
  }
}

const encoders = new WeakMap<FieldSpec, Encode>()

/** The encoder of a field: the checks of its kind, and those that the field adds. */
export function encoder(spec: FieldSpec): Encode {
  let known = encoders.get(spec)
  if (!known) encoders.set(spec, (known = makeEncoder(spec)))
  return known
}

function makeEncoder(spec: FieldSpec): Encode {
  const inner = KINDS[spec.kind].encode(spec)
  const { min, max, pattern, transform, checks } = spec
  const bounded = min !== undefined || max !== undefined || pattern !== undefined
  if (!bounded && !transform && checks.length === 0 && !hasValidator(spec)) return inner
  return (input, at, issues) => {
    const before = issues.length
    let outer = input
    let value = input
    if (input instanceof Prepared) {
      if (input.isRefused) return undefined
      outer = input.outer
      value = input.inner
    } else if (transform) {
      if (input === undefined) return wanted(issues, at, 'a value', input)
      try {
        value = transform.encode(input)
      } catch (error) {
        return refuse(issues, at, transformProblem(error))
      }
    }
    const stored = inner(value, at, issues)
    if (issues.length > before) return undefined
    if (bounded) checkBounds(spec, value, stored, at, issues)
    for (const check of checks) {
      const verdict = check(outer)
      if (typeof verdict === 'string') refuse(issues, at, verdict)
      else if (verdict === false) refuse(issues, at, `${valueText(outer)} is not valid`)
    }
    return issues.length > before ? undefined : stored
  }
}

/** The decoder of a field. */
export function decoder(spec: FieldSpec): Decode {
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
