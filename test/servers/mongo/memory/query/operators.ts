/** The operators of filters that test one value. */
import type { BSONRegExp, Document } from 'mongodb'
import { failed } from '../errors.js'
import { compareValues, equalValues, typeRank } from '../values/compare.js'
import { isNaNumber, isNumber, toDouble } from '../values/numbers.js'
import { typeNumber, typeNumbers } from '../values/types.js'

export type Test = (value: unknown) => boolean

/** Equality, in which null is equal to a missing field, and a regular expression matches text. */
export function equals(operand: unknown): Test {
  if (isRegExp(operand)) return matchesRegExp(operand.pattern, operand.options)
  return isEqual(operand)
}

/** The test of one operator. */
export function tests(operator: string, operand: unknown, siblings: Document): Test {
  switch (operator) {
    case '$eq':
      return isEqual(operand)
    case '$gt':
      return compares(operand, difference => difference > 0, false)
    case '$gte':
      return compares(operand, difference => difference >= 0, true)
    case '$lt':
      return compares(operand, difference => difference < 0, false)
    case '$lte':
      return compares(operand, difference => difference <= 0, true)
    case '$in': {
      if (!Array.isArray(operand)) throw failed(2, '$in needs an array')
      const candidates = operand.map(equals)
      return value => candidates.some(test => test(value))
    }
    case '$type': {
      const types = typeNumbers(operand)
      return value => types.has(typeNumber(value) as number)
    }
    case '$mod': {
      const [divisor, remainder] = (operand as unknown[]).map(one => (isNumber(one) ? toDouble(one) : 0))
      return value => isNumber(value) && Math.trunc(toDouble(value)) % (divisor as number) === remainder
    }
    case '$regex': {
      if (isRegExp(operand)) return matchesRegExp(operand.pattern, String(siblings.$options ?? operand.options))
      return matchesRegExp(String(operand), String(siblings.$options ?? ''))
    }
    default:
      throw failed(2, `unknown operator: ${operator}`)
  }
}

function isEqual(operand: unknown): Test {
  if (operand === null) return value => value === null || value === undefined
  return value => value !== undefined && equalValues(value, operand)
}

/** Only values of the operand's type are compared, and NaN only with itself. */
function compares(operand: unknown, holds: (difference: number) => boolean, orEqual: boolean): Test {
  if (operand === null) return value => orEqual && (value === null || value === undefined)
  const rank = typeRank(operand)
  const notANumber = isNumber(operand) && isNaNumber(operand)
  return value => {
    if (typeRank(value) !== rank) return false
    if (notANumber || (isNumber(value) && isNaNumber(value))) return orEqual && equalValues(value, operand)
    return holds(compareValues(value, operand))
  }
}

function isRegExp(value: unknown): value is BSONRegExp {
  return (value as { _bsontype?: string } | null)?._bsontype === 'BSONRegExp'
}

function matchesRegExp(pattern: string, options: string): Test {
  const expression = new RegExp(pattern, options.replace(/[^ims]/g, ''))
  return value => typeof value === 'string' && expression.test(value)
}
