/**
 * Checks the constraints of an input's members. Like AWS, it reports up to ten violations at once. Members that this
 * server does not support are refused after that.
 */
import { type AwsError, validation } from './aws-error.js'
import {
  ATTRIBUTE,
  ATTRIBUTES,
  type Json,
  type Member,
  type RefusedShape,
  type Shape,
  type Structure,
} from './shape.js'

const MOST_ERRORS = 10

/** Checks an input after its types. @throws AwsError `ValidationException` that lists the violations. */
export function checkConstraints(shape: Structure, read: Json): void {
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

/** Violated constraints: all are counted, and as many are kept as the message lists. */
class ConstraintErrors {
  #count = 0
  readonly #problems: string[] = []
  #notOffered: AwsError | undefined

  add(text: () => string): void {
    this.#count++
    if (this.#problems.length < MOST_ERRORS) this.#problems.push(text())
  }

  /** Records the first unsupported member. */
  addRefused(name: string, { why }: RefusedShape): void {
    this.#notOffered ??= validation(`Unsupported input parameter: ${name}. ${why}`)
  }

  /** @throws AwsError if there are any. */
  refuse(isBare = false): void {
    if (this.#count === 0) {
      if (this.#notOffered) throw this.#notOffered
      return
    }
    if (isBare) throw validation(this.#problems[0] as string)
    const count = this.#count === 1 ? '1 validation error' : `${this.#count} validation errors`
    throw validation(`${count} detected: ${this.#problems.join('; ')}`)
  }
}

function collectMembers({ members }: Structure, value: Json, at: string, errors: ConstraintErrors): void {
  for (const name of Object.keys(members)) {
    const member = members[name] as Member
    // Attribute values have separate rules, which are reported one at a time.
    if (member === ATTRIBUTES || (member as Shape) === ATTRIBUTE) {
      if (value[name] === undefined && member.required) missing(join(at, name), errors)
      continue
    }
    if (member.type === 'refused') {
      if (value[name] !== undefined) errors.addRefused(name, member)
    } else if (value[name] !== undefined) collectMember(member, name, value[name], at, errors)
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
  const { values, otherwise, pattern, unless } = shape
  if (unless?.test(text)) return
  if (values && !values.includes(text)) {
    errors.add(() => otherwise ?? broken(text, at, `satisfy enum value set: [${values.join(', ')}]`))
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

/** As Java prints it. */
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

/** A member's path, which begins with a lowercase letter at AWS. */
function join(at: string, name: string): string {
  const small = name.charAt(0).toLowerCase() + name.slice(1)
  return at === '' ? small : `${at}.${small}`
}
