/** The operators that change one field. */
import { type Document, Int32, Timestamp } from 'mongodb'
import { failed } from '../errors.js'
import { compareValues, isDocument } from '../values/compare.js'
import { calculate, isNumber } from '../values/numbers.js'
import { arrayIndex, copyValue, field, setField } from '../values/paths.js'
import type { Operator } from './update.js'

const MOST_PADDING = 1_500_000

/** The value of a path; undefined where it is missing. Unlike a filter, an update enters arrays by position only. */
export function valueAt(document: Document, path: readonly string[]): unknown {
  let node: unknown = document
  for (const name of path) {
    if (Array.isArray(node)) node = node[arrayIndex(name) ?? -1]
    else if (isDocument(node)) node = field(node, name)
    else return undefined
  }
  return node
}

/** Sets a path, and creates the documents that are missing on the way. */
export function setAt(document: Document, path: readonly string[], value: unknown): void {
  let node: Document | unknown[] = document
  for (const [i, name] of path.entries()) {
    const isLast = i === path.length - 1
    const inner: unknown = isLast ? value : (child(node, name) ?? {})
    if (Array.isArray(node)) setElement(node, name, inner, path)
    else setField(node, name, inner)
    if (isLast) return
    if (!Array.isArray(inner) && !isDocument(inner))
      throw failed(28, `Cannot create field '${path[i + 1]}' in element {${name}: ${String(inner)}}`)
    node = inner
  }
}

function child(node: Document | unknown[], name: string): unknown {
  return Array.isArray(node) ? node[arrayIndex(name) ?? -1] : field(node, name)
}

/** An element behind the end pads the array with nulls. */
function setElement(array: unknown[], name: string, value: unknown, path: readonly string[]): void {
  const index = arrayIndex(name)
  if (index === undefined) throw failed(28, `Cannot create field '${name}' in the array of ${path.join('.')}`)
  if (index - array.length > MOST_PADDING) throw failed(2, "can't backfill more than 1500000 elements")
  while (array.length < index) array.push(null)
  array[index] = value
}

/** Removes a field; an element of an array becomes null. */
function unsetAt(document: Document, path: readonly string[]): void {
  const parent = valueAt(document, path.slice(0, -1))
  const name = path.at(-1) as string
  if (Array.isArray(parent)) {
    const index = arrayIndex(name)
    if (index !== undefined && index < parent.length) parent[index] = null
  } else if (isDocument(parent)) delete parent[name]
}

function arithmetic(operator: '+' | '*'): Operator {
  const name = operator === '+' ? '$inc' : '$mul'
  return (document, path, argument) => {
    if (!isNumber(argument))
      throw failed(
        14,
        `Cannot ${operator === '+' ? 'increment' : 'multiply'} with non-numeric argument: {${path.join('.')}}`,
      )
    const before = valueAt(document, path)
    if (before === undefined)
      return setAt(document, path, operator === '+' ? argument : calculate('*', argument, new Int32(0)))
    if (!isNumber(before))
      throw failed(
        14,
        `Cannot apply ${name} to a value of non-numeric type. {_id: ${String(document._id)}} has the field '${path.at(-1)}' of non-numeric type`,
      )
    const after = calculate(operator, before, argument)
    if (!after)
      throw failed(
        2,
        `Failed to apply ${name} operations to current value (${String(before)}) for document {_id: ${String(document._id)}}`,
      )
    setAt(document, path, after)
  }
}

function extreme(sign: 1 | -1): Operator {
  return (document, path, argument) => {
    const before = valueAt(document, path)
    if (before === undefined || compareValues(argument, before) * sign > 0) setAt(document, path, copyValue(argument))
  }
}

export const fieldOperators: Readonly<Record<string, Operator>> = {
  $set: (document, path, argument) => setAt(document, path, copyValue(argument)),
  $setOnInsert: (document, path, argument, inserts) => {
    if (inserts) setAt(document, path, copyValue(argument))
  },
  $unset: unsetAt,
  $inc: arithmetic('+'),
  $mul: arithmetic('*'),
  $min: extreme(-1),
  $max: extreme(1),
  $rename: (document, path, argument) => {
    const value = valueAt(document, path)
    if (value === undefined) return
    unsetAt(document, path)
    setAt(document, String(argument).split('.'), value)
  },
  $currentDate: (document, path, argument) => {
    const isTimestamp = isDocument(argument) && argument.$type === 'timestamp'
    setAt(document, path, isTimestamp ? new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 }) : new Date())
  },
}
