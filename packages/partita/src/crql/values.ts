/** The values at a path of a document, through lists and sets at any depth. */
import { isPlainObject } from '../value/value.js'

/** Names of the parts of a document, and indexes of lists. */
export type Steps = readonly (string | number)[]

/** A value at a path, with the indexes of the lists on the way. */
export interface Found<Value> {
  readonly value: Value
  readonly at: Steps
}

/**
 * The values at a path. Missing and null values are left out.
 *
 * @typeParam Value the type of the values that documents consist of.
 */
export function valuesAt<Value>(document: object | Value, steps: Steps): Found<Value>[] {
  const found: Found<Value>[] = []
  collect(document as Value, steps, 0, [], found)
  return found
}

function collect<Value>(value: Value | undefined, steps: Steps, i: number, at: Steps, found: Found<Value>[]): void {
  if (value === undefined || value === null) return
  const step = steps[i]
  if (Array.isArray(value)) {
    if (typeof step === 'number') collect(value[step] as Value | undefined, steps, i + 1, [...at, step], found)
    else
      value.forEach((element, index) => {
        collect(element as Value, steps, i, [...at, index], found)
      })
    return
  }
  if (step === undefined) {
    if (value instanceof Set) for (const member of value) found.push({ value: member as Value, at })
    else found.push({ value, at })
    return
  }
  // Only own members: a path can name any property of an object's prototype.
  if (isPlainObject(value) && Object.hasOwn(value, step)) {
    collect(value[step] as Value | undefined, steps, i + 1, [...at, step], found)
  }
}
