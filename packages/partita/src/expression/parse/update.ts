/** Update and projection expressions. */
import { invalid } from '../../errors.js'
import {
  ifNotExists,
  listAppend,
  minus,
  type Path,
  type Projection,
  path as pathOperand,
  plus,
  type SetAction,
  type SetOperand,
  type SetValue,
  type Update,
  update,
  type ValueAction,
  value,
} from '../ast.js'
import type { Aliases } from './aliases.js'
import { Cursor } from './cursor.js'

const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const

/**
 * Reads an update expression: SET, REMOVE, ADD and DELETE in any order, each at most once.
 *
 * @throws ValidationFailed with the position of the fault and what was expected there.
 * @throws LimitExceeded for a text of over 4 KB, or over 300 operators and functions.
 */
export function parseUpdate(text: string, aliases: Aliases): Update {
  const cursor = new Cursor(text, aliases)
  const clauses: { set?: SetAction[]; remove?: Path[]; add?: ValueAction[]; delete?: ValueAction[] } = {}
  do {
    const clause = CLAUSES.find(keyword => cursor.isKeyword(keyword))
    if (!clause) throw cursor.unexpected(CLAUSES.join(', '))
    const key = clause.toLowerCase() as Lowercase<typeof clause>
    if (clauses[key]) throw invalid([], `a second ${clause} at position ${cursor.token.position}; join the two`)
    cursor.take()
    if (key === 'set') clauses.set = parseList(cursor, parseSetAction)
    else if (key === 'remove') clauses.remove = parseList(cursor, it => it.path())
    else clauses[key] = parseList(cursor, parseValueAction)
  } while (cursor.token.kind !== 'end')
  return update(clauses)
}

/**
 * Reads a projection expression: paths with commas between them.
 *
 * @throws ValidationFailed with the position of the fault and what was expected there.
 * @throws LimitExceeded for a text of over 4 KB.
 */
export function parseProjection(text: string, aliases: Aliases): Projection {
  const cursor = new Cursor(text, aliases)
  const paths = parseList(cursor, it => it.path())
  cursor.expectEnd('"," or the end')
  return Object.freeze(paths)
}

function parseList<T>(cursor: Cursor, parseElement: (cursor: Cursor) => T): T[] {
  const list = [parseElement(cursor)]
  while (cursor.takeIf(',')) list.push(parseElement(cursor))
  return list
}

function parseSetAction(cursor: Cursor): SetAction {
  const path = cursor.path()
  cursor.expect('=')
  return Object.freeze({ path, value: parseSetValue(cursor) })
}

function parseValueAction(cursor: Cursor): ValueAction {
  const path = cursor.path()
  return Object.freeze({ path, value: cursor.value() })
}

function parseSetValue(cursor: Cursor): SetValue {
  const left = cursor.is('(') ? cursor.group(() => parseSetValue(cursor)) : parseSetOperand(cursor)
  const join = cursor.is('+') ? plus : cursor.is('-') ? minus : undefined
  // DynamoDB adds two operands, not three: `a + b + c` ends in the fault of whoever reads what follows.
  if (!join || left.kind === 'plus' || left.kind === 'minus') return left
  cursor.operators.add(1)
  cursor.take()
  return join(left, parseSetOperand(cursor))
}

function parseSetOperand(cursor: Cursor): SetOperand {
  if (cursor.is('(')) return cursor.group(() => parseSetOperand(cursor))
  if (cursor.token.kind === 'value') return value(cursor.value())
  if (!cursor.isFunction()) return pathOperand(...cursor.path())
  const name = cursor.token.text
  if (name !== 'if_not_exists' && name !== 'list_append') throw cursor.unexpected('if_not_exists or list_append')
  cursor.operators.add(1)
  cursor.take()
  cursor.expect('(')
  const operand = name === 'if_not_exists' ? parseIfNotExists(cursor) : parseListAppend(cursor)
  cursor.expect(')')
  return operand
}

function parseIfNotExists(cursor: Cursor): SetOperand {
  const path = cursor.groupedPath()
  cursor.expect(',')
  return ifNotExists(path, parseSetOperand(cursor))
}

function parseListAppend(cursor: Cursor): SetOperand {
  const left = parseSetOperand(cursor)
  cursor.expect(',')
  return listAppend(left, parseSetOperand(cursor))
}
