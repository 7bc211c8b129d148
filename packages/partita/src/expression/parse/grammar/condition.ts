/** The grammar of condition, filter and key condition expressions. */
import type { Comparator } from '../../ast.js'
import { asNested, CONDITION_FUNCTIONS, readNested, readOperand } from './operand.js'
import { remember } from './remember.js'
import type { ConditionSyntax, OperandSyntax } from './syntax.js'
import { TokenReader } from './token-reader.js'

/** Until a comparator is seen, `(a` may begin a condition or be an operand: `(a = :v)`, `(a) = :v`. */
type Term = ConditionSyntax | OperandSyntax

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>=']
const OPERATOR = 'a comparator, BETWEEN or IN'

/** @throws ExpressionError, LimitExceededError */
export const readCondition = remember((text): ConditionSyntax => {
  const tokens = new TokenReader(text)
  const condition = asCondition(readOr(tokens), tokens)
  tokens.finish('AND, OR or the end')
  return condition
})

function readOr(tokens: TokenReader): Term {
  return readJoined(tokens, 'OR', readAnd)
}

function readAnd(tokens: TokenReader): Term {
  return readJoined(tokens, 'AND', readNot)
}

function readJoined(tokens: TokenReader, keyword: 'AND' | 'OR', readPart: (tokens: TokenReader) => Term): Term {
  const first = readPart(tokens)
  if (!tokens.isKeyword(keyword)) return first
  const conditions = [asCondition(first, tokens)]
  while (tokens.takeKeyword(keyword)) conditions.push(asCondition(readPart(tokens), tokens))
  return { kind: keyword === 'AND' ? 'and' : 'or', conditions }
}

function readNot(tokens: TokenReader): Term {
  if (!tokens.takeKeyword('NOT')) return readComparison(tokens)
  tokens.decided()
  return { kind: 'not', condition: asCondition(readNot(tokens), tokens) }
}

function readComparison(tokens: TokenReader): Term {
  tokens.undecided()
  const left = tokens.is('(') ? tokens.group(() => readOr(tokens)) : readOperand(tokens, CONDITION_FUNCTIONS)
  if (!isOperand(left)) {
    tokens.decided()
    return left
  }
  const { kind, text } = tokens.token
  if (kind === 'symbol' && COMPARATORS.includes(text)) {
    tokens.decided()
    tokens.take()
    const operand = asNested(left, tokens, CONDITION_FUNCTIONS)
    return { kind: 'compare', comparator: text as Comparator, left: operand, right: readRight(tokens) }
  }
  if (tokens.isKeyword('BETWEEN')) return readBetween(asNested(left, tokens, CONDITION_FUNCTIONS), tokens)
  if (tokens.isKeyword('IN')) return readIn(asNested(left, tokens, CONDITION_FUNCTIONS), tokens)
  return left
}

function readBetween(operand: OperandSyntax, tokens: TokenReader): ConditionSyntax {
  tokens.decided()
  tokens.take()
  const low = readRight(tokens)
  if (!tokens.takeKeyword('AND')) throw tokens.unexpected('AND and the upper bound of BETWEEN')
  return { kind: 'between', operand, low, high: readRight(tokens) }
}

function readIn(operand: OperandSyntax, tokens: TokenReader): ConditionSyntax {
  tokens.decided()
  tokens.take()
  tokens.expect('(')
  const list = tokens.list(() => readRight(tokens))
  tokens.expect(')')
  return { kind: 'in', operand, list }
}

function readRight(tokens: TokenReader): OperandSyntax {
  return readNested(tokens, CONDITION_FUNCTIONS)
}

function isOperand(term: Term): term is OperandSyntax {
  return term.kind === 'path' || term.kind === 'value' || term.kind === 'call'
}

function asCondition(term: Term, tokens: TokenReader): ConditionSyntax {
  if (term.kind === 'path' || term.kind === 'value') throw tokens.unexpected(OPERATOR)
  if (tokens.isKeyword('AND') || tokens.isKeyword('OR') || tokens.is(')') || tokens.token.kind === 'end')
    tokens.decided()
  if (term.kind === 'call' && term.name.text === CONDITION_FUNCTIONS.nested) {
    tokens.refuse('functionUse', `${OPERATOR} after size(path), or another function`, term.name)
  }
  return term
}
