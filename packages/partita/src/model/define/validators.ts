/**
 * Runs Standard Schema validators at any depth of a field. Since they may be asynchronous, they run before the value is
 * encoded, and their output replaces the value.
 */
import type { Issue, IssuePath } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import type { FieldSpec } from './field.js'
import { learnIntegers } from './schema-integers.js'
import type { StandardResult, StandardSchema } from './standard-schema.js'

/** A value whose validators have run. */
export class Prepared {
  /** The value that the program uses, for the field's own checks. */
  readonly outer: unknown
  /** The value that the kind encodes. */
  readonly inner: unknown
  /** Whether the validator rejected it and its issues were added. */
  readonly isRefused: boolean

  constructor(outer: unknown, inner: unknown, isRefused = false) {
    this.outer = outer
    this.inner = inner
    this.isRefused = isRefused
  }
}

/** Yields the calls of validators, and is resumed with their results. */
type Steps<T> = Generator<[schema: StandardSchema, value: unknown], T, StandardResult<unknown>>

const validated = new WeakMap<FieldSpec, boolean>()

/** Whether a field has a validator at any depth. */
export function hasValidator(spec: FieldSpec): boolean {
  const known = validated.get(spec)
  if (known !== undefined) return known
  const parts = [...(spec.element ? [spec.element] : []), ...Object.values(spec.shape ?? {})]
  const has = spec.schema !== undefined || parts.some(hasValidator)
  validated.set(spec, has)
  return has
}

/** Runs the validators of a value. After issues the value is still encoded, so that all issues are listed. */
export async function prepare(spec: FieldSpec, input: unknown, at: IssuePath, issues: Issue[]): Promise<unknown> {
  if (!hasValidator(spec)) return input
  const steps = preparation(spec, input, at, issues)
  let step = steps.next()
  while (!step.done) step = steps.next(await ask(...step.value))
  return step.value
}

/**
 * As {@link prepare}, but synchronous, for defaults.
 * @returns undefined if a validator is asynchronous.
 */
export function prepareNow(spec: FieldSpec, input: unknown, issues: Issue[]): unknown {
  if (!hasValidator(spec)) return input
  const steps = preparation(spec, input, [], issues)
  let step = steps.next()
  while (!step.done) {
    const answer = ask(...step.value)
    if (answer instanceof Promise) {
      // Not awaited; an unhandled rejection would end the process.
      answer.catch(() => undefined)
      return undefined
    }
    step = steps.next(answer)
  }
  return step.value
}

/** Calls a validator. */
export function ask(
  schema: StandardSchema,
  value: unknown,
): StandardResult<unknown> | Promise<StandardResult<unknown>> {
  return schema['~standard'].validate(value)
}

/** Adds the issues of a validator with their paths. */
function addIssues(result: StandardResult<unknown>, at: IssuePath, issues: Issue[]): void {
  for (const { path = [], message } of result.issues ?? []) {
    const below = path.map(part => (typeof part === 'object' && part !== null ? part.key : part))
    issues.push({ path: [...at, ...below.map(it => (typeof it === 'number' ? it : String(it)))], message })
  }
}

function* preparation(spec: FieldSpec, input: unknown, at: IssuePath, issues: Issue[]): Steps<unknown> {
  if (!hasValidator(spec)) return input
  const { transform, schema } = spec
  let value = input
  if (transform && input !== undefined) {
    try {
      value = transform.encode(input)
    } catch (error) {
      issues.push({ path: at, message: transformProblem(error) })
      return new Prepared(input, undefined, true)
    }
  }
  if (!schema) return new Prepared(input, yield* partsOf(spec, value, at, issues))
  const result = yield [schema, value]
  if (result.issues) {
    addIssues(result, at, issues)
    return new Prepared(input, undefined, true)
  }
  learnIntegers(schema, result.value)
  return new Prepared(transform ? input : result.value, result.value)
}

/** Runs the validators of all parts. Values of another kind are left to the encoder, which rejects them. */
function* partsOf(spec: FieldSpec, value: unknown, at: IssuePath, issues: Issue[]): Steps<unknown> {
  const { kind, element, shape = {} } = spec
  if (kind === 'list' && element && Array.isArray(value)) {
    const list: unknown[] = []
    for (let i = 0; i < value.length; i++) list.push(yield* preparation(element, value[i], [...at, i], issues))
    return list
  }
  if (!isPlainObject(value)) return value
  const object: { [name: string]: unknown } = { ...value }
  if (kind === 'record' && element) {
    for (const name of Object.keys(object)) {
      object[name] = yield* preparation(element, object[name], [...at, name], issues)
    }
  }
  if (kind === 'map') {
    for (const [name, part] of Object.entries(shape)) {
      if (!hasValidator(part)) continue
      const given = Object.hasOwn(object, name) ? object[name] : undefined
      const it = given === undefined ? fallbackOf(part) : given
      if (it !== undefined || !part.optional) object[name] = yield* preparation(part, it, [...at, name], issues)
    }
  }
  return object
}

/** The default of a field for a create. */
export function fallbackOf({ fallback }: FieldSpec): unknown {
  return typeof fallback === 'function' ? (fallback as () => unknown)() : fallback
}

/** The message for an error of `transform.encode`. */
export function transformProblem(error: unknown): string {
  return `cannot be encoded: ${error instanceof Error ? error.message : String(error)}`
}
