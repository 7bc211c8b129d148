/** Condition and filter expressions. */
import {
  and,
  beginsWith,
  between,
  type Comparator,
  type Condition,
  compare,
  contains,
  exists,
  hasType,
  not,
  notExists,
  type Operand,
  or,
  path as pathOperand,
  size,
  value,
} from '../ast.js'
import type { Aliases } from './aliases.js'
import { Cursor } from './cursor.js'

/** Until a comparator is seen, `(a` may begin a condition or be an operand: `(a = :v)`, `(a) = :v`. */
type Term = Condition | Operand

/**
 * Reads a condition or filter expression. Parentheses stay as grouping: `(a AND b) AND c` is an `and` within an `and`.
 *
 * @throws ValidationFailed with the position of the fault and what was expected there.
 * @throws LimitExceeded for a text of over 4 KB, or over 300 operators and functions.
 */
export function parseCondition(text: string, aliases: Aliases): Condition {
  const cursor = new Cursor(text, aliases)
  const condition = asCondition(parseOr(cursor), cursor)
  cursor.expectEnd('AND, OR or the end')
  return condition
}

function parseOr(cursor: Cursor): Term {
  return parseJoined(cursor, 'OR', parseAnd, or)
}

function parseAnd(cursor: Cursor): Term {
  return parseJoined(cursor, 'AND', parseNot, and)
}

function parseJoined(
  cursor: Cursor,
  keyword: 'AND' | 'OR',
  parsePart: (cursor: Cursor) => Term,
  join: typeof and,
): Term {
  const first = parsePart(cursor)
  if (!cursor.isKeyword(keyword)) return first
  const parts: [Condition, ...Condition[]] = [asCondition(first, cursor)]
  while (cursor.takeKeyword(keyword)) {
    cursor.operators.add(1)
    parts.push(asCondition(parsePart(cursor), cursor))
  }
  return join(...parts)
}

function parseNot(cursor: Cursor): Term {
  if (!cursor.takeKeyword('NOT')) return parseComparison(cursor)
  cursor.operators.add(1)
  return not(asCondition(parseNot(cursor), cursor))
}

function parseComparison(cursor: Cursor): Term {
  const left = parseTerm(cursor)
  if (!isOperand(left)) return left
  const comparator = takeComparator(cursor)
  if (comparator) return compare(left, comparator, parseOperand(cursor))
  if (cursor.takeKeyword('BETWEEN')) {
    cursor.operators.add(1)
    const low = parseOperand(cursor)
    if (!cursor.takeKeyword('AND')) throw cursor.unexpected('AND and the upper bound of BETWEEN')
    return between(left, low, parseOperand(cursor))
  }
  return cursor.takeKeyword('IN') ? parseIn(left, cursor) : left
}

function parseIn(operand: Operand, cursor: Cursor): Condition {
  cursor.operators.add(1)
  cursor.expect('(')
  const list = [parseOperand(cursor)]
  while (cursor.takeIf(',')) list.push(parseOperand(cursor))
  cursor.expect(')')
  return Object.freeze({ kind: 'in', operand, list: Object.freeze(list) })
}

function takeComparator(cursor: Cursor): Comparator | undefined {
  const { kind, text } = cursor.token
  if (kind !== 'symbol' || !COMPARATORS.includes(text)) return undefined
  cursor.operators.add(1)
  return cursor.take().text as Comparator
}

function parseTerm(cursor: Cursor): Term {
  if (cursor.is('(')) return cursor.group(() => parseOr(cursor))
  if (cursor.isFunction() && cursor.token.text !== 'size') return parseFunction(cursor)
  return parseOperand(cursor)
}

function parseFunction(cursor: Cursor): Condition {
  const read = Object.hasOwn(FUNCTIONS, cursor.token.text) ? FUNCTIONS[cursor.token.text] : undefined
  if (!read) throw cursor.unexpected(`a function for conditions (size, ${Object.keys(FUNCTIONS).join(', ')})`)
  cursor.operators.add(1)
  cursor.take()
  cursor.expect('(')
  const condition = read(cursor)
  cursor.expect(')')
  return condition
}

const FUNCTIONS: { readonly [name: string]: (cursor: Cursor) => Condition } = {
  attribute_exists: cursor => exists(cursor.groupedPath()),
  attribute_not_exists: cursor => notExists(cursor.groupedPath()),
  attribute_type: cursor => hasType(cursor.groupedPath(), parseNext(cursor)),
  begins_with: cursor => beginsWith(parseOperand(cursor), parseNext(cursor)),
  contains: cursor => contains(parseOperand(cursor), parseNext(cursor)),
}

function parseNext(cursor: Cursor): Operand {
  cursor.expect(',')
  return parseOperand(cursor)
}

function parseOperand(cursor: Cursor): Operand {
  if (cursor.is('(')) return cursor.group(() => parseOperand(cursor))
  if (cursor.token.kind === 'value') return value(cursor.value())
  if (!cursor.isFunction()) return pathOperand(...cursor.path())
  if (cursor.token.text !== 'size') throw cursor.unexpected('a path, a value or size(path)')
  cursor.operators.add(1)
  cursor.take()
  cursor.expect('(')
  const measured = size(...cursor.groupedPath())
  cursor.expect(')')
  return measured
}

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>=']

function isOperand(term: Term): term is Operand {
  return term.kind === 'path' || term.kind === 'value' || term.kind === 'size'
}

function asCondition(term: Term, cursor: Cursor): Condition {
  if (isOperand(term)) throw cursor.unexpected('a comparator, BETWEEN or IN')
  return term
}
