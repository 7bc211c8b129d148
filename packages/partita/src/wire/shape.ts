/**
 * What an operation's input may look like, as data, and the two kinds of refusal that come before any operation looks at
 * it: JSON of the wrong type (`SerializationException`), and members that break their constraints, of which AWS lists
 * up to ten at once.
 */
import { Fault, validation } from './fault.js'

export type Shape =
  | {
      readonly type: 'string'
      readonly min?: number
      readonly max?: number
      readonly pattern?: RegExp
      readonly values?: readonly string[]
      /** The values as AWS's newer front end lists them, which tells neither the value nor the member. */
      readonly listed?: string
      /** Texts that the constraints are not for. */
      readonly unless?: RegExp
    }
  | { readonly type: 'integer' | 'long'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' | 'double' | 'blob' }
  | { readonly type: 'list'; readonly of: Shape; readonly min?: number; readonly max?: number }
  /** `className` is that of the values at AWS, which a refusal tells. */
  | {
      readonly type: 'map'
      readonly of: Shape
      readonly className?: string
      /** What is wrong with the names as one, if anything. */
      readonly checkNames?: (map: { readonly [name: string]: unknown }) => string | undefined
      readonly min?: number
      readonly max?: number
    }
  | Structure

export interface Structure {
  readonly type: 'structure'
  readonly members: { readonly [name: string]: Member }
  /** What AWS prints before its members where a refusal shows it. */
  readonly className?: string
  /** The same for requests that only AWS's older front end answers. */
  readonly older?: { readonly shape: Structure; readonly answers: (input: object) => boolean }
}

/**
 * Of a member that stands `alone`, what is wrong is told before that of others, and without it; its absence as that of
 * a `parameter`, or as a `constraint` like any other; of one that is `bare`, without a count. Of one that is `brief`, too little is told as AWS's newer front end
 * does it: without the value, and with the member's own name.
 */
export type Member = Shape & {
  readonly required?: boolean
  readonly alone?: 'parameter' | 'constraint' | 'bare'
  readonly brief?: boolean
}

/** JSON as it came, its types unknown. */
type Json = { [name: string]: unknown }

const MOST_ERRORS = 10

/** An attribute value, which holds others of its kind. */
export const ATTRIBUTE: Structure = {
  type: 'structure',
  className: 'AttributeValue',
  members: {
    S: { type: 'string' },
    N: { type: 'string' },
    B: { type: 'blob' },
    SS: { type: 'list', of: { type: 'string' } },
    NS: { type: 'list', of: { type: 'string' } },
    BS: { type: 'list', of: { type: 'blob' } },
    get M() {
      return ATTRIBUTES
    },
    get L() {
      return { type: 'list' as const, of: ATTRIBUTE }
    },
    NULL: { type: 'boolean' },
    BOOL: { type: 'boolean' },
  },
}

/** Attribute values by name: an item, a key. */
export const ATTRIBUTES: Shape = { type: 'map', of: ATTRIBUTE, className: 'AttributeValue' }

/**
 * Checks an input, and changes it: members that are null or that nobody knows are taken out, as AWS does.
 *
 * @throws Fault `SerializationException` for JSON of another type than the shape's, `ValidationException` listing the
 *   constraints that are not met.
 */
export function readShape(shape: Structure, input: unknown): Json {
  const read = readType(shape, input) as Json
  try {
    checkConstraints(shape, read)
  } catch (error) {
    if (shape.older?.answers(read)) checkConstraints(shape.older.shape, read)
    throw error
  }
  return read
}

function checkConstraints(shape: Structure, read: Json): void {
  for (const name in shape.members) {
    if (shape.members[name]?.alone) checkAlone(name, shape.members[name], read[name])
  }
  const errors = new ConstraintErrors()
  collectMembers(shape, read, '', errors)
  errors.refuse()
}

function checkAlone(name: string, member: Member, value: unknown): void {
  if (value === undefined) {
    if (!member.required) return
    if (member.alone === 'parameter') {
      throw validation(`The parameter '${name}' is required but was not present in the request`)
    }
  }
  const errors = new ConstraintErrors()
  if (value === undefined) missing(join('', name), errors)
  else collectMember(member, name, value, '', errors)
  errors.refuse(member.alone === 'bare')
}

/** What breaks its constraint: all are counted, and as many are kept as are told. */
class ConstraintErrors {
  #count = 0
  readonly #told: string[] = []

  add(text: () => string): void {
    this.#count++
    if (this.#told.length < MOST_ERRORS) this.#told.push(text())
  }

  /** @throws Fault where there are any */
  refuse(isBare = false): void {
    if (this.#count === 0) return
    if (isBare) throw validation(this.#told[0] as string)
    const count = this.#count === 1 ? '1 validation error' : `${this.#count} validation errors`
    throw validation(`${count} detected: ${this.#told.join('; ')}`)
  }
}

function serialization(message: string): Fault {
  return new Fault('SerializationException', message)
}

/** The value as the shape's type. Nesting is bounded by whoever parsed the JSON. */
function readType(shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? value : refuseScalar(value, 'String')
    case 'boolean':
      return typeof value === 'boolean' ? value : readBoolean(value)
    case 'integer':
      return readWhole(value, 'Integer', 2 ** 31 - 1)
    case 'long':
      return readWhole(value, 'Long', 2 ** 63)
    case 'double':
      return typeof value === 'number' ? value : refuseScalar(value, 'Double')
    case 'blob':
      return readBlob(value)
    case 'list':
      return readList(shape.of, value)
    case 'map':
      return readMap(shape.of, value, shape.className)
    case 'structure':
      return shape === ATTRIBUTE && isScalar(value) ? value : readStructure(shape, value)
  }
}

/** Whether it is an attribute value of one member that is what it is to be: so are nearly all that come. */
function isScalar(value: unknown): boolean {
  let type: string | undefined
  for (const name in value as Json) {
    if (type !== undefined) return false
    type = name
  }
  if (type === 'S' || type === 'N') return typeof (value as Json)[type] === 'string'
  return (type === 'BOOL' || type === 'NULL') && typeof (value as Json)[type] === 'boolean'
}

/** @param most what the type holds; JSON has numbers beyond all bounds. */
function readWhole(value: unknown, type: 'Integer' | 'Long', most: number): number {
  if (typeof value !== 'number') return refuseScalar(value, type)
  const whole = Math.trunc(value)
  if (Math.abs(whole) > most) throw serialization('')
  return whole
}

function refuseScalar(value: unknown, type: string): never {
  if (typeof value === 'string') throw serialization(`STRING_VALUE cannot be converted to ${type}`)
  if (typeof value === 'boolean') {
    throw serialization(`${value ? 'TRUE_VALUE' : 'FALSE_VALUE'} cannot be converted to ${type}`)
  }
  if (typeof value === 'number') {
    throw serialization(`${Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'} cannot be converted to ${type}`)
  }
  return refuseNesting(value, `class java.lang.${type}`)
}

function refuseNesting(value: unknown, className: string): never {
  if (Array.isArray(value)) throw serialization(`Unrecognized collection type ${className}`)
  throw serialization('Start of structure or map found where not expected')
}

function readBoolean(value: unknown): boolean {
  if (typeof value !== 'string') return refuseScalar(value, 'Boolean')
  const text = value.toUpperCase()
  if (text === 'TRUE' || text === '1' || text === 'YES') return true
  if (text === 'FALSE' || text === '0' || text === 'NO') return false
  throw serialization('Unexpected token received from parser')
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Bytes; base 64 is decoded in the same pass that checks it. */
function readBlob(value: unknown): Uint8Array {
  // Read before: the tree of an attribute value is walked once for types, and by whoever wants its values.
  if (value instanceof Uint8Array) return value
  if (typeof value === 'number' || typeof value === 'boolean') {
    throw serialization('only base-64-encoded strings are convertible to bytes')
  }
  if (typeof value !== 'string') return refuseNesting(value, 'class java.nio.ByteBuffer')
  if (value.length % 4 !== 0) {
    throw serialization(`Base64 encoded length is expected a multiple of 4 bytes but found: ${value.length}`)
  }
  if (!BASE64.test(value)) throw serialization('Invalid Base64 character detected')
  const bytes = Buffer.from(value, 'base64')
  if (value.endsWith('=') && bytes.toString('base64') !== value) {
    throw serialization('Invalid last non-pad Base64 character dectected')
  }
  return new Uint8Array(bytes)
}

function readList(of: Shape, value: unknown): unknown[] {
  if (!Array.isArray(value)) {
    if (typeof value === 'object') throw serialization('Start of structure or map found where not expected')
    throw serialization('Unexpected field type')
  }
  for (let i = 0; i < value.length; i++) value[i] = value[i] === null ? null : readType(of, value[i])
  return value
}

function readMap(of: Shape, value: unknown, className: string | undefined): Json {
  if (typeof value !== 'object' || value === null) throw serialization('Unexpected field type')
  if (Array.isArray(value)) {
    throw serialization(`Unrecognized collection type java.util.Map<java.lang.String, ${fullName(className)}>`)
  }
  const map = value as Json
  for (const name of Object.keys(map)) {
    const read = map[name] === null ? null : readType(of, map[name])
    if (read !== map[name]) define(map, name, read)
  }
  return map
}

function fullName(className: string | undefined): string {
  if (className === undefined) return 'java.lang.String'
  return className.startsWith('java.') ? className : `com.amazonaws.dynamodb.v20120810.${className}`
}

function readStructure({ members, className = 'java.lang.Object' }: Structure, value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw serialization('Unexpected value type in payload')
  if (Array.isArray(value)) throw serialization(`Unrecognized collection type class ${fullName(className)}`)
  const structure = value as Json
  for (const name of Object.keys(structure)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined
    if (member === undefined || structure[name] === null) {
      delete structure[name]
      continue
    }
    const read = readType(member, structure[name])
    if (read !== structure[name]) structure[name] = read
  }
  return structure
}

/** `__proto__` is a name like any other. */
function define(map: Json, name: string, value: unknown): void {
  Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
}

function collectMembers({ members }: Structure, value: Json, at: string, errors: ConstraintErrors): void {
  for (const name of Object.keys(members)) {
    const member = members[name] as Member
    // Attribute values have rules of their own, which are told one at a time.
    if (member === ATTRIBUTES || (member as Shape) === ATTRIBUTE) {
      if (value[name] === undefined && member.required) missing(join(at, name), errors)
      continue
    }
    if (value[name] !== undefined) collectMember(member, name, value[name], at, errors)
    else if (member.required) missing(join(at, name), errors)
  }
}

function collectMember(member: Member, name: string, value: unknown, at: string, errors: ConstraintErrors): void {
  const { brief = false, min = 0 } = member as { brief?: boolean; min?: number }
  if (!brief || (typeof value === 'number' ? value : (value as string).length) >= min) {
    collect(member, value, join(at, name), errors)
    return
  }
  const what = typeof value === 'number' ? 'value' : 'length'
  errors.add(
    () => `Value at '${name}' failed to satisfy constraint: Member must have ${what} greater than or equal to ${min}`,
  )
}

function collect(shape: Shape, value: unknown, at: string, errors: ConstraintErrors): void {
  switch (shape.type) {
    case 'string':
      collectString(shape, value as string, at, errors)
      return
    case 'integer':
    case 'long':
      if (shape.min !== undefined && (value as number) < shape.min) {
        errors.add(() => broken(value, at, `have value greater than or equal to ${shape.min}`))
      }
      if (shape.max !== undefined && (value as number) > shape.max) {
        errors.add(() => broken(value, at, `have value less than or equal to ${shape.max}`))
      }
      return
    case 'list': {
      const list = value as unknown[]
      collectLength(shape, list.length, value, at, errors)
      list.forEach((element, i) => {
        if (element === null) missing(`${at}.${i + 1}.member`, errors)
        else collect(shape.of, element, `${at}.${i + 1}.member`, errors)
      })
      return
    }
    case 'map': {
      const map = value as Json
      const names = Object.keys(map)
      collectLength(shape, names.length, value, at, errors)
      if (shape.of === ATTRIBUTE) return
      const wrong = shape.checkNames?.(map)
      if (wrong !== undefined) errors.add(() => wrong)
      for (const name of names) {
        if (map[name] === null) missing(`${at}.${name}.member`, errors)
        else collect(shape.of, map[name], `${at}.${name}.member`, errors)
      }
      return
    }
    case 'structure':
      if (shape !== ATTRIBUTE) collectMembers(shape, value as Json, at, errors)
      return
  }
}

function collectString(
  shape: Extract<Shape, { type: 'string' }>,
  text: string,
  at: string,
  errors: ConstraintErrors,
): void {
  const { values, listed, pattern, unless } = shape
  if (unless?.test(text)) return
  if (values && !values.includes(text)) {
    errors.add(() =>
      listed === undefined
        ? broken(text, at, `satisfy enum value set: [${values.join(', ')}]`)
        : `Failed to satisfy constraint: Member must satisfy enum value set: [${listed}]`,
    )
  }
  if (pattern && text !== '' && !pattern.test(text)) {
    errors.add(() => broken(text, at, `satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`))
  }
  collectLength(shape, text.length, text, at, errors)
}

function collectLength(
  shape: Exclude<Extract<Shape, { readonly min?: number }>, { type: 'integer' | 'long' }>,
  length: number,
  value: unknown,
  at: string,
  errors: ConstraintErrors,
): void {
  const { min, max } = shape
  const tell = (constraint: string) => errors.add(() => broken(value, at, constraint, shape))
  if (min !== undefined && length < min) tell(`have length greater than or equal to ${min}`)
  if (max !== undefined && length > max) tell(`have length less than or equal to ${max}`)
}

function missing(at: string, errors: ConstraintErrors): void {
  errors.add(() => `Value null at '${at}' failed to satisfy constraint: Member must not be null`)
}

function broken(value: unknown, at: string, constraint: string, shape?: Shape): string {
  return `Value '${shown(value, shape)}' at '${at}' failed to satisfy constraint: Member must ${constraint}`
}

/** As Java would print it. */
function shown(value: unknown, shape?: Shape): string {
  if (Array.isArray(value)) {
    const of = shape?.type === 'list' ? shape.of : undefined
    return `[${value.map(element => shown(element, of)).join(', ')}]`
  }
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (shape?.type === 'structure' && shape.className !== undefined) {
    const { className, members } = shape
    const parts = Object.entries(value).map(([name, member]) => `${join('', name)}=${shown(member, members[name])}`)
    return `${className}(${parts.join(', ')})`
  }
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}=${shown(member)}`)
    .join(', ')}}`
}

/** A member's place, which begins with a small letter at AWS. */
function join(at: string, name: string): string {
  const small = name.charAt(0).toLowerCase() + name.slice(1)
  return at === '' ? small : `${at}.${small}`
}
