/**
 * Restores bigints in the output of validators. Stores do not distinguish 5 from 5n. So the type of each integer in a
 * validator's output is recorded by its path. For a path that this process has not written yet, the validator is called
 * once with the stored value. If it accepts both types, reads return a number.
 */
import { wholeNumber } from '../../value/number.js'
import { MAX_DEPTH } from '../../value/size.js'
import { isPlainObject } from '../../value/value.js'
import type { StandardResult, StandardSchema } from './standard-schema.js'

type Form = 'number' | 'bigint'
type Steps = readonly (string | number)[]

const forms = new WeakMap<StandardSchema, Map<string, Form>>()

function formsOf(schema: StandardSchema): Map<string, Form> {
  let known = forms.get(schema)
  if (!known) forms.set(schema, (known = new Map()))
  return known
}

/** The text of a path. All positions of a list share one text. */
function pathText(path: Steps): string {
  return path.map(step => (typeof step === 'number' ? '[]' : `.${step}`)).join('')
}

/** Records the types of the integers in a validator's output. */
export function learnIntegers(schema: StandardSchema, output: unknown): void {
  if (typeof output !== 'number' && typeof output !== 'bigint' && typeof output !== 'object') return
  const known = formsOf(schema)
  replaceIntegers(output, [], (integer, path) => {
    const text = pathText(path)
    const form = typeof integer as Form
    // If both types occur at a path, reads return numbers.
    if (!known.has(text)) known.set(text, form)
    else if (known.get(text) !== form) known.set(text, 'number')
    return integer
  })
}

/** A stored value with its bigints restored. */
export function withBigints(schema: StandardSchema, stored: unknown): unknown {
  const known = formsOf(schema)
  return replaceIntegers(stored, [], (integer, path) => {
    if (typeof integer === 'bigint') return integer
    const text = pathText(path)
    let form = known.get(text)
    if (form === undefined) {
      form = askForm(schema, stored, path, integer)
      if (form !== undefined) known.set(text, form)
    }
    return form === 'bigint' ? wholeNumber(integer) : integer
  })
}

/** The type that a validator accepts; undefined if it is asynchronous or rejects every type. */
function askForm(schema: StandardSchema, stored: unknown, path: Steps, integer: number): Form | undefined {
  for (const form of [integer, wholeNumber(integer) as bigint, String(integer)]) {
    const result = schema['~standard'].validate(replaceAt(stored, path, form))
    if (result instanceof Promise) {
      result.catch(() => undefined)
      return undefined
    }
    if (!result.issues) {
      const output = valueAt(result.value, path)
      if (typeof output === 'bigint' || typeof output === 'number') return typeof output as Form
      return undefined
    }
    // Rejected because of another part, about which nothing is known yet.
    if (typeof form !== 'string' && !isAbout(result, path)) return typeof form as Form
  }
  return undefined
}

function isAbout({ issues = [] }: StandardResult<unknown>, path: Steps): boolean {
  return (issues ?? []).some(issue => {
    const steps = (issue.path ?? []).map(part => (typeof part === 'object' ? part.key : part))
    return steps.length <= path.length && steps.every((step, i) => String(step) === String(path[i]))
  })
}

/** Replaces integers; copies only the changed parts. */
function replaceIntegers(
  value: unknown,
  path: Steps,
  replace: (integer: number | bigint, path: Steps) => unknown,
): unknown {
  if (typeof value === 'bigint' || Number.isInteger(value)) return replace(value as number, path)
  // Values nested deeper are rejected when they are encoded.
  if (path.length > MAX_DEPTH) return value
  if (Array.isArray(value)) {
    let list: unknown[] | undefined
    for (let i = 0; i < value.length; i++) {
      const part = replaceIntegers(value[i], [...path, i], replace)
      if (part !== value[i]) (list ??= [...value])[i] = part
    }
    return list ?? value
  }
  if (!isPlainObject(value)) return value
  let object: { readonly [name: string]: unknown } = value
  for (const name of Object.keys(value)) {
    const part = replaceIntegers(value[name], [...path, name], replace)
    if (part !== value[name]) object = { ...object, [name]: part }
  }
  return object
}

function replaceAt(value: unknown, [step, ...rest]: Steps, part: unknown): unknown {
  if (step === undefined) return part
  if (Array.isArray(value)) return value.with(step as number, replaceAt(value[step as number], rest, part))
  const object = value as { readonly [name: string]: unknown }
  return { ...object, [step]: replaceAt(object[step], rest, part) }
}

function valueAt(value: unknown, path: Steps): unknown {
  return path.reduce((it, step) => (it as { readonly [step: string]: unknown } | undefined)?.[step], value)
}
