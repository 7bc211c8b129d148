/** The grammar of update and projection expressions. */
import { ExpressionError } from '../parse-error.js'
import { asNested, readNested, readOperand, UPDATE_FUNCTIONS } from './operand.js'
import { remember } from './remember.js'
import type { ActionSyntax, OperandSyntax, PathSyntax, SumSyntax } from './syntax.js'
import { TokenReader } from './token-reader.js'

const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const

/** The actions, in the order of the text. @throws ExpressionError, LimitExceededError */
export const readUpdate = remember((text): readonly ActionSyntax[] => {
  const tokens = new TokenReader(text)
  const actions: ActionSyntax[] = []
  const clauses = new Set<string>()
  do {
    const clause = CLAUSES.find(keyword => tokens.isKeyword(keyword))
    if (!clause) throw tokens.unexpected(CLAUSES.join(', '))
    const { start } = tokens.take()
    actions.push(...tokens.list(() => readAction(tokens, clause)))
    if (clauses.has(clause)) tokens.defer(secondClause(clause, start))
    clauses.add(clause)
  } while (tokens.token.kind !== 'end')
  tokens.finish('the end')
  return actions
})

function secondClause(clause: string, start: number): ExpressionError {
  return new ExpressionError('clause', `a second ${clause} clause at position ${start}; merge the two`, {
    shown: clause,
  })
}

/** @throws ExpressionError, LimitExceededError */
export const readProjection = remember((text): readonly PathSyntax[] => {
  const tokens = new TokenReader(text)
  const paths = tokens.list(() => tokens.path())
  tokens.finish('"," or the end')
  return paths
})

function readAction(tokens: TokenReader, clause: (typeof CLAUSES)[number]): ActionSyntax {
  const path = tokens.path()
  switch (clause) {
    case 'SET':
      tokens.expect('=')
      return { clause: 'set', path, value: readSetValue(tokens) }
    case 'REMOVE':
      return { clause: 'remove', path }
    case 'ADD':
      return { clause: 'add', path, placeholder: tokens.valuePlaceholder() }
    case 'DELETE':
      return { clause: 'delete', path, placeholder: tokens.valuePlaceholder() }
  }
}

/** Reads one operand, or a sum or difference of two, with or without parentheses. */
function readSetValue(tokens: TokenReader): OperandSyntax | SumSyntax {
  tokens.undecided()
  const left = tokens.is('(') ? tokens.group(() => readSetValue(tokens)) : readOperand(tokens, UPDATE_FUNCTIONS)
  tokens.decided()
  const operator = tokens.is('+') ? '+' : tokens.is('-') ? '-' : undefined
  // A sum has two operands: the caller rejects another sign after `a + b`.
  if (!operator || left.kind === 'sum') return left
  tokens.take()
  const operand = asNested(left, tokens, UPDATE_FUNCTIONS)
  return { kind: 'sum', operator, left: operand, right: readNested(tokens, UPDATE_FUNCTIONS) }
}
