/** The operators that change an array. */
import type { Document } from 'mongodb'
import { failed } from '../errors.js'
import { compileFilter, hasOperators } from '../query/match.js'
import { comparator } from '../query/sort.js'
import { compareValues, equalValues, isDocument } from '../values/compare.js'
import { isNumber, toDouble } from '../values/numbers.js'
import { copyValue } from '../values/paths.js'
import { setAt, valueAt } from './fields.js'
import type { Operator } from './update.js'

/** A copy of the array of a path; undefined if the field is missing. */
function arrayAt(document: Document, path: readonly string[], operator: string): unknown[] | undefined {
  const value = valueAt(document, path)
  if (value === undefined) return undefined
  if (!Array.isArray(value))
    throw failed(
      2,
      `The field '${path.join('.')}' must be an array for ${operator} but is of another type in document {_id: ${String(document._id)}}`,
    )
  return [...value]
}

/** The elements that `$push` and `$addToSet` add: the argument, or those of `$each`. */
function added(argument: unknown): unknown[] {
  if (!isDocument(argument) || !Object.hasOwn(argument, '$each')) return [copyValue(argument)]
  if (!Array.isArray(argument.$each)) throw failed(2, 'The argument to $each in $push must be an array')
  return argument.$each.map(copyValue)
}

function modifier(argument: unknown, name: string): unknown {
  return isDocument(argument) && Object.hasOwn(argument, '$each') ? argument[name] : undefined
}

function integer(value: unknown): number | undefined {
  return isNumber(value) ? toDouble(value) : undefined
}

const push: Operator = (document, path, argument) => {
  const array = arrayAt(document, path, '$push') ?? []
  array.splice(integer(modifier(argument, '$position')) ?? array.length, 0, ...added(argument))
  const sort = modifier(argument, '$sort')
  if (isNumber(sort)) array.sort((a, b) => compareValues(a, b) * toDouble(sort))
  else if (isDocument(sort)) (array as Document[]).sort(comparator(sort))
  const slice = integer(modifier(argument, '$slice'))
  setAt(document, path, slice === undefined ? array : slice < 0 ? array.slice(slice) : array.slice(0, slice))
}

const addToSet: Operator = (document, path, argument) => {
  const array = arrayAt(document, path, '$addToSet') ?? []
  for (const element of added(argument)) if (!array.some(one => equalValues(one, element))) array.push(element)
  setAt(document, path, array)
}

const pull: Operator = (document, path, argument) => {
  const array = arrayAt(document, path, '$pull')
  if (!array) return
  const byElement = !isDocument(argument) || hasOperators(argument)
  const matches = compileFilter(byElement ? { element: argument } : argument)
  setAt(
    document,
    path,
    array.filter(element => !matches(byElement ? { element } : element)),
  )
}

const pullAll: Operator = (document, path, argument) => {
  const array = arrayAt(document, path, '$pullAll')
  if (!array) return
  if (!Array.isArray(argument)) throw failed(2, '$pullAll requires an array argument')
  setAt(
    document,
    path,
    array.filter(element => !argument.some(one => equalValues(one, element))),
  )
}

const pop: Operator = (document, path, argument) => {
  const array = arrayAt(document, path, '$pop')
  if (!array) return
  setAt(document, path, integer(argument) === -1 ? array.slice(1) : array.slice(0, -1))
}

export const arrayOperators: Readonly<Record<string, Operator>> = {
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
}
