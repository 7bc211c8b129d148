/** Fields made ready: how values are written and read, wherever they are, and the default of a missing one. */
import { type Issue, type IssuePath, invalid, valueText } from '../../errors/errors.js'
import { compareNumbers } from '../../value/number.js'
import { isNumber, isSet, type Value } from '../../value/value.js'
import type { FieldSpec } from './field.js'
import { type Decode, type Encode, KINDS } from './field-kinds.js'
import { refuse, wanted } from './input-issues.js'
import { fallbackOf, hasValidator, Prepared, prepareNow, transformProblem } from './validators.js'

/** How a value of a field is written and read, wherever it is: in a row, a list or a map. */
export interface CompiledValue {
  readonly attribute: string
  /** What has validators is prepared first. */
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
  /** Whether a stored NULL is read as missing. */
  readonly isNullMissing: boolean
}

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

/** Of the value at a path, compiled once. */
export function codecOf(spec: FieldSpec): CompiledValue {
  let known = compiled.get(spec)
  if (!known) compiled.set(spec, (known = compileValue(spec, '')))
  return known
}

/**
 * Whether a stored NULL is read as missing. Other programs store it for "no value". Of JSON, and of what a validator
 * gave, null is a value.
 */
export function isNullMissing({ kind, optional }: FieldSpec): boolean {
  return kind === 'set' || (optional && kind !== 'json' && kind !== 'schema')
}

/** What is read of a stored value, or of none. */
export function readValue({ missing, decode, isNullMissing }: CompiledValue, stored: Value | undefined): unknown {
  return stored === undefined || (stored === null && isNullMissing) ? missing() : decode(stored)
}

const defaults = new WeakMap<FieldSpec, { readonly stored: Value | undefined }>()

/**
 * The default of a missing value, in its stored form, or undefined. What a function makes is
 * for new rows alone, and so is a default whose validator answers later.
 */
export function plainDefault(spec: FieldSpec): Value | undefined {
  let known = defaults.get(spec)
  if (!known) defaults.set(spec, (known = { stored: storedDefault(spec, []) }))
  return known.stored
}

/** As {@link plainDefault}, noting what the field itself refuses. */
export function storedDefault(spec: FieldSpec, issues: Issue[]): Value | undefined {
  const { fallback, kind } = spec
  if (fallback !== undefined && typeof fallback !== 'function') {
    const before = issues.length
    const prepared = prepareNow(spec, fallback, issues)
    const stored = prepared === undefined ? undefined : encoder(spec)(prepared, [], issues)
    if (stored !== undefined && issues.length === before) return stored
  }
  if (kind === 'version') return 0
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

/** The kind's own check, and those that the field adds. */
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
