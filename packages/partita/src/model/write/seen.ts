/**
 * Copies of the values that a program has read, to detect its changes. Values are compared in the program's form,
 * not in their stored form: one value may have many stored forms, such as text encrypted with a nonce or dates from
 * other programs.
 */
import { invalid } from '../../errors/errors.js'
import { Decimal } from '../../value/number.js'
import { MAX_DEPTH } from '../../value/size.js'
import { equalValues, isPlainObject, setAttribute, type Value } from '../../value/value.js'
import { codecOf } from '../define/codec.js'
import { copyOrigin } from '../define/element-origin.js'
import type { FieldSpec } from '../define/field.js'
import { KINDS } from '../define/field-kinds.js'
import { NOWHERE } from '../define/input-issues.js'

/** The value of a field at one moment. */
export interface Seen {
  /** A copy; but of a class that is not known here, the instance itself. */
  readonly value: unknown
  /** The stored form at that moment, which reveals whether an instance was mutated. */
  readonly stored: Value | undefined
}

/**
 * Copies a value that the program may change.
 * @throws ValidationError if it is nested deeper than a stored value can be.
 */
export function seenOf(spec: FieldSpec, value: unknown, at: string): Seen {
  return { value: copyOf(value, at, 0), stored: spec.transform || isOpaque(value) ? plainForm(spec, value) : undefined }
}

/** Whether a value is unchanged. */
export function isStillSeen(spec: FieldSpec, now: unknown, seen: Seen): boolean {
  if (compareSeen(now, seen.value) === true) return true
  if (now !== seen.value) return isSameValue(spec, now, seen.value)
  return !isRepeatable(spec, now) || equalStored(plainForm(spec, now), seen.stored)
}

/** Whether two values of a field are equal to a program. */
export function isSameValue(spec: FieldSpec, a: unknown, b: unknown): boolean {
  if (a === b) return true
  const same = compareSeen(a, b)
  // 5 and 5n may be the same value: for a field without a transform, equal stored forms mean equal values.
  const isDecided = same === true || (same === false && (spec.transform !== undefined || !isScalar(spec)))
  if (isDecided || a === undefined || b === undefined) return same === true
  if (isRepeatable(spec, a) && isRepeatable(spec, b)) {
    const stored = plainForm(spec, a)
    return stored !== undefined && equalStored(stored, plainForm(spec, b))
  }
  // If the encoding differs each time, the visible properties of the instances are compared.
  return String(a) === String(b) && compareMembers(a as object, b as object) === true
}

function isScalar({ kind }: FieldSpec): boolean {
  return KINDS[kind].key !== undefined
}

/** Whether a transform encodes equal values equally; one with a nonce does not. */
function isRepeatable(spec: FieldSpec, value: unknown): boolean {
  return equalStored(plainForm(spec, value), plainForm(spec, value))
}

/** The stored form without the field's checks, or undefined. */
export function plainForm(spec: FieldSpec, value: unknown): Value | undefined {
  return value === undefined ? undefined : codecOf(spec).plain(value, NOWHERE, [])
}

/** Whether two stored values are equal, or both missing. */
export function equalStored(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalValues(a, b)
}

type Comparison = boolean | 'unknown'

/** Undefined (unknown) if there are instances of classes that only the field's transform knows. */
function compareSeen(a: unknown, b: unknown): Comparison {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b) || a === b
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))
    return isPlainObject(a) && isPlainObject(b) && compareMembers(a, b)
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime())
  if (a instanceof Decimal) return a.text === (b as Decimal).text
  if (a instanceof Uint8Array) return equalValues(a, b as Uint8Array)
  if (a instanceof Set) return compareSets(a, b as Set<unknown>)
  if (isPlainObject(a) || Array.isArray(a)) return compareMembers(a, b)
  return 'unknown'
}

function compareMembers(a: object, b: object): Comparison {
  if (Array.isArray(a) && Array.isArray(b)) return compareElements(a, b)
  const left = a as { readonly [name: string]: unknown }
  const right = b as { readonly [name: string]: unknown }
  let all: Comparison = true
  let count = 0
  for (const name of Object.keys(left)) {
    const member = left[name]
    // An undefined member counts as missing.
    if (member === undefined) continue
    count++
    const same = Object.hasOwn(right, name) && compareSeen(member, right[name])
    if (same === false) return false
    if (same === 'unknown') all = 'unknown'
  }
  const others = Object.keys(right)
  const hasMore = others.length > count && others.filter(name => right[name] !== undefined).length > count
  return hasMore ? false : all
}

function compareElements(a: readonly unknown[], b: readonly unknown[]): Comparison {
  if (a.length !== b.length) return false
  let all: Comparison = true
  for (let i = 0; i < a.length; i++) {
    const same = compareSeen(a[i], b[i])
    if (same === false) return false
    if (same === 'unknown') all = 'unknown'
  }
  return all
}

function compareSets(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  if (a.size !== b.size) return false
  const members = new Set([...b].map(memberKey))
  return [...a].every(member => members.has(memberKey(member)))
}

/** A key that distinguishes members of sets by value, as a program does. */
export function memberKey(member: unknown): string {
  if (member instanceof Uint8Array) return `bytes ${member.join()}`
  if (member instanceof Date) return `date ${member.getTime()}`
  return `${typeof member} ${String(member)}`
}

function copyOf(value: unknown, at: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return new Date(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (depth > MAX_DEPTH) throw invalid([at], `is nested over ${MAX_DEPTH} levels deep`)
  const part = (inner: unknown): unknown => copyOf(inner, at, depth + 1)
  if (value instanceof Set) return new Set([...value].map(part))
  if (Array.isArray(value)) return value.map(part)
  if (!isPlainObject(value)) return value
  const copy: { [name: string]: Value } = {}
  for (const name of Object.keys(value)) setAttribute(copy, name, part(value[name]) as Value)
  copyOrigin(value, copy)
  return copy
}

/** Whether a value is, or contains, an instance of an unknown class. */
function isOpaque(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return false
  if (value instanceof Decimal || value instanceof Set) return false
  if (Array.isArray(value)) return value.some(isOpaque)
  return isPlainObject(value) ? Object.values(value).some(isOpaque) : true
}
