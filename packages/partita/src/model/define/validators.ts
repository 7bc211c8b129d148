/**
 * Standard Schema validators, wherever they are in a field: in lists, maps and records too. They may answer later, so
 * they run before the rest of a value is encoded, and their output replaces the value.
 */
import type { Issue, IssuePath } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import type { FieldSpec } from './field.js'
import { learnIntegers } from './schema-integers.js'
import type { StandardResult, StandardSchema } from './standard-schema.js'

/** A value whose validators have run. */
export class Prepared {
  /** As the program sees it: what the field's own checks are given. */
  readonly outer: unknown
  /** What the kind encodes. */
  readonly inner: unknown
  /** Whether the validator refused it, which has been noted. */
  readonly isRefused: boolean

  constructor(outer: unknown, inner: unknown, isRefused = false) {
    this.outer = outer
    this.inner = inner
    this.isRefused = isRefused
  }
}

/** Yields what a validator is asked, and is resumed with its answer. */
type Steps<T> = Generator<[schema: StandardSchema, value: unknown], T, StandardResult<unknown>>

const validated = new WeakMap<FieldSpec, boolean>()

/** Whether a field has a validator, itself or further down. */
export function hasValidator(spec: FieldSpec): boolean {
  const known = validated.get(spec)
  if (known !== undefined) return known
  const parts = [...(spec.element ? [spec.element] : []), ...Object.values(spec.shape ?? {})]
  const has = spec.schema !== undefined || parts.some(hasValidator)
  validated.set(spec, has)
  return has
}

/** Runs the validators of a value. Faults are noted; the value is then still encoded, so that all faults are listed. */
export async function prepare(spec: FieldSpec, input: unknown, at: IssuePath, issues: Issue[]): Promise<unknown> {
  if (!hasValidator(spec)) return input
  const steps = preparation(spec, input, at, issues)
  let step = steps.next()
  while (!step.done) step = steps.next(await ask(...step.value))
  return step.value
}

/**
 * The same at once, for defaults.
 * @returns undefined where a validator answers later.
 */
export function prepareNow(spec: FieldSpec, input: unknown, issues: Issue[]): unknown {
  if (!hasValidator(spec)) return input
  const steps = preparation(spec, input, [], issues)
  let step = steps.next()
  while (!step.done) {
    const answer = ask(...step.value)
    if (answer instanceof Promise) {
      // Nobody waits for it, and a rejection that nobody sees would end the process.
      answer.catch(() => undefined)
      return undefined
    }
    step = steps.next(answer)
  }
  return step.value
}

/** What a validator says of a value. */
export function ask(
  schema: StandardSchema,
  value: unknown,
): StandardResult<unknown> | Promise<StandardResult<unknown>> {
  return schema['~standard'].validate(value)
}

/** Notes what a validator refused, with the path of each fault. */
function noteRefusal(result: StandardResult<unknown>, at: IssuePath, issues: Issue[]): void {
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
    noteRefusal(result, at, issues)
    return new Prepared(input, undefined, true)
  }
  learnIntegers(schema, result.value)
  return new Prepared(transform ? input : result.value, result.value)
}

/** Each part with its validators run; what is not of the kind is left for the encoder to refuse. */
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

/** What is taken where nothing is given. */
export function fallbackOf({ fallback }: FieldSpec): unknown {
  return typeof fallback === 'function' ? (fallback as () => unknown)() : fallback
}

export function transformProblem(error: unknown): string {
  return `cannot be encoded: ${error instanceof Error ? error.message : String(error)}`
}
