/** The grammar of condition, filter and key condition expressions. */
import type { Comparator } from '../../ast.js'
import { asNested, CONDITION_FUNCTIONS, readNested, readOperand } from './operand.js'
import { remember } from './remember.js'
import type { ConditionSyntax, OperandSyntax } from './syntax.js'
import { Cursor } from './token-reader.js'

/** Until a comparator is seen, `(a` may begin a condition or be an operand: `(a = :v)`, `(a) = :v`. */
type Term = ConditionSyntax | OperandSyntax

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>=']
const OPERATOR = 'a comparator, BETWEEN or IN'

/** @throws ExpressionError, LimitExceededError */
export const readCondition = remember((text): ConditionSyntax => {
  const cursor = new Cursor(text)
  const condition = asCondition(readOr(cursor), cursor)
  cursor.finish('AND, OR or the end')
  return condition
})

function readOr(cursor: Cursor): Term {
  return readJoined(cursor, 'OR', readAnd)
}

function readAnd(cursor: Cursor): Term {
  return readJoined(cursor, 'AND', readNot)
}

function readJoined(cursor: Cursor, keyword: 'AND' | 'OR', readPart: (cursor: Cursor) => Term): Term {
  const first = readPart(cursor)
  if (!cursor.isKeyword(keyword)) return first
  const conditions = [asCondition(first, cursor)]
  while (cursor.takeKeyword(keyword)) conditions.push(asCondition(readPart(cursor), cursor))
  return { kind: keyword === 'AND' ? 'and' : 'or', conditions }
}

function readNot(cursor: Cursor): Term {
  if (!cursor.takeKeyword('NOT')) return readComparison(cursor)
  cursor.decided()
  return { kind: 'not', condition: asCondition(readNot(cursor), cursor) }
}

function readComparison(cursor: Cursor): Term {
  cursor.undecided()
  const left = cursor.is('(') ? cursor.group(() => readOr(cursor)) : readOperand(cursor, CONDITION_FUNCTIONS)
  if (!isOperand(left)) {
    cursor.decided()
    return left
  }
  const { kind, text } = cursor.token
  if (kind === 'symbol' && COMPARATORS.includes(text)) {
    cursor.decided()
    cursor.take()
    const operand = asNested(left, cursor, CONDITION_FUNCTIONS)
    return { kind: 'compare', comparator: text as Comparator, left: operand, right: readRight(cursor) }
  }
  if (cursor.isKeyword('BETWEEN')) return readBetween(asNested(left, cursor, CONDITION_FUNCTIONS), cursor)
  if (cursor.isKeyword('IN')) return readIn(asNested(left, cursor, CONDITION_FUNCTIONS), cursor)
  return left
}

function readBetween(operand: OperandSyntax, cursor: Cursor): ConditionSyntax {
  cursor.decided()
  cursor.take()
  const low = readRight(cursor)
  if (!cursor.takeKeyword('AND')) throw cursor.unexpected('AND and the upper bound of BETWEEN')
  return { kind: 'between', operand, low, high: readRight(cursor) }
}

function readIn(operand: OperandSyntax, cursor: Cursor): ConditionSyntax {
  cursor.decided()
  cursor.take()
  cursor.expect('(')
  const list = cursor.list(() => readRight(cursor))
  cursor.expect(')')
  return { kind: 'in', operand, list }
}

function readRight(cursor: Cursor): OperandSyntax {
  return readNested(cursor, CONDITION_FUNCTIONS)
}

function isOperand(term: Term): term is OperandSyntax {
  return term.kind === 'path' || term.kind === 'value' || term.kind === 'call'
}

function asCondition(term: Term, cursor: Cursor): ConditionSyntax {
  if (term.kind === 'path' || term.kind === 'value') throw cursor.unexpected(OPERATOR)
  if (cursor.isKeyword('AND') || cursor.isKeyword('OR') || cursor.is(')') || cursor.token.kind === 'end')
    cursor.decided()
  if (term.kind === 'call' && term.name.text === CONDITION_FUNCTIONS.nested) {
    cursor.refuse('functionUse', `${OPERATOR} after size(path), or another function`, term.name)
  }
  return term
}
