/** Filters, compiled to predicates on documents. */
import type { Document } from 'mongodb'
import { failed } from '../errors.js'
import { isDocument } from '../values/compare.js'
import { valuesAt } from '../values/paths.js'
import { equals, type Test, tests } from './operators.js'

export type Predicate = (document: unknown) => boolean

/**
 * Compiles a filter.
 * @throws ServerError for an operator that is unknown, or that this server does not have.
 */
export function compileFilter(filter: Document): Predicate {
  const parts = Object.entries(filter).flatMap(([name, operand]) =>
    name.startsWith('$') ? topLevel(name, operand) : [onPath(name.split('.'), operand)],
  )
  if (parts.length === 1) return parts[0] as Predicate
  return document => parts.every(part => part(document))
}

function topLevel(name: string, operand: unknown): Predicate[] {
  if (name === '$comment') return []
  if (name !== '$and' && name !== '$or' && name !== '$nor') throw failed(2, `unknown top level operator: ${name}`)
  if (!Array.isArray(operand) || operand.length === 0 || !operand.every(isDocument))
    throw failed(2, `${name} argument must be a nonempty array of objects`)
  const parts = operand.map(compileFilter)
  if (name === '$and') return [document => parts.every(part => part(document))]
  const any: Predicate = document => parts.some(part => part(document))
  return [name === '$or' ? any : document => !any(document)]
}

/** True for `{ $gt: 1 }`, false for a literal document, whose first field has an ordinary name. */
export function hasOperators(operand: unknown): operand is Document {
  return isDocument(operand) && Object.keys(operand)[0]?.startsWith('$') === true
}

function onPath(path: readonly string[], operand: unknown): Predicate {
  if (!hasOperators(operand)) return anyValue(path, equals(operand))
  const parts = Object.entries(operand)
    .filter(([operator]) => operator !== '$options')
    .map(([operator, argument]) => operatorOn(path, operator, argument, operand))
  return document => parts.every(part => part(document))
}

function operatorOn(path: readonly string[], operator: string, argument: unknown, siblings: Document): Predicate {
  const not =
    (part: Predicate): Predicate =>
    document =>
      !part(document)
  switch (operator) {
    case '$ne':
      return not(operatorOn(path, '$eq', argument, siblings))
    case '$nin':
      return not(operatorOn(path, '$in', argument, siblings))
    case '$not':
      if (hasOperators(argument)) return not(onPath(path, argument))
      if ((argument as { _bsontype?: string })?._bsontype === 'BSONRegExp')
        return not(onPath(path, { $regex: argument }))
      throw failed(2, '$not needs a regex or a document')
    case '$exists': {
      const exists: Predicate = document => {
        for (const value of valuesAt(document, path)) if (value !== undefined) return true
        return false
      }
      return isTrue(argument) ? exists : not(exists)
    }
    case '$all': {
      if (!Array.isArray(argument)) throw failed(2, '$all needs an array')
      const parts = argument.map(one => onPath(path, hasOperators(one) ? one : { $eq: one }))
      return document => parts.length > 0 && parts.every(part => part(document))
    }
    case '$elemMatch': {
      if (!isDocument(argument)) throw failed(2, '$elemMatch needs an Object')
      const element = hasOperators(argument) && !isLogical(argument) ? onPath([], argument) : compileFilter(argument)
      return wholeValue(path, value => Array.isArray(value) && value.some(one => element(one)))
    }
    case '$size':
      return wholeValue(path, value => Array.isArray(value) && value.length === Number(argument))
    default:
      return anyValue(path, tests(operator, argument, siblings))
  }
}

function isLogical(argument: Document): boolean {
  return ['$and', '$or', '$nor'].includes(Object.keys(argument)[0] ?? '')
}

function isTrue(argument: unknown): boolean {
  return argument !== null && argument !== false && String(argument) !== '0'
}

/** Tests the value, and each element of an array. */
function anyValue(path: readonly string[], test: Test): Predicate {
  return document => {
    for (const value of valuesAt(document, path)) {
      if (test(value)) return true
      // With an empty path, the value is an element of $elemMatch already.
      if (Array.isArray(value) && path.length > 0 && value.some(element => test(element))) return true
    }
    return false
  }
}

function wholeValue(path: readonly string[], test: Test): Predicate {
  return document => {
    for (const value of valuesAt(document, path)) if (test(value)) return true
    return false
  }
}
