/** The grammar of update and projection expressions. */
import { ExpressionError } from '../parse-error.js'
import { asNested, readNested, readOperand, UPDATE_FUNCTIONS } from './operand.js'
import { remember } from './remember.js'
import type { ActionSyntax, OperandSyntax, PathSyntax, SumSyntax } from './syntax.js'
import { Cursor } from './token-reader.js'

const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const

/** The actions, in the order of the text. @throws ExpressionError, LimitExceededError */
export const readUpdate = remember((text): readonly ActionSyntax[] => {
  const cursor = new Cursor(text)
  const actions: ActionSyntax[] = []
  const clauses = new Set<string>()
  do {
    const clause = CLAUSES.find(keyword => cursor.isKeyword(keyword))
    if (!clause) throw cursor.unexpected(CLAUSES.join(', '))
    const { start } = cursor.take()
    actions.push(...cursor.list(() => readAction(cursor, clause)))
    if (clauses.has(clause)) cursor.note(secondClause(clause, start))
    clauses.add(clause)
  } while (cursor.token.kind !== 'end')
  cursor.finish('the end')
  return actions
})

function secondClause(clause: string, start: number): ExpressionError {
  return new ExpressionError('clause', `a second ${clause} at position ${start}; join the two`, { shown: clause })
}

/** @throws ExpressionError, LimitExceededError */
export const readProjection = remember((text): readonly PathSyntax[] => {
  const cursor = new Cursor(text)
  const paths = cursor.list(() => cursor.path())
  cursor.finish('"," or the end')
  return paths
})

function readAction(cursor: Cursor, clause: (typeof CLAUSES)[number]): ActionSyntax {
  const path = cursor.path()
  switch (clause) {
    case 'SET':
      cursor.expect('=')
      return { clause: 'set', path, value: readSetValue(cursor) }
    case 'REMOVE':
      return { clause: 'remove', path }
    case 'ADD':
      return { clause: 'add', path, placeholder: cursor.valuePlaceholder() }
    case 'DELETE':
      return { clause: 'delete', path, placeholder: cursor.valuePlaceholder() }
  }
}

/** One operand, or two with a sign between them, which may stand in parentheses together. */
function readSetValue(cursor: Cursor): OperandSyntax | SumSyntax {
  cursor.undecided()
  const left = cursor.is('(') ? cursor.group(() => readSetValue(cursor)) : readOperand(cursor, UPDATE_FUNCTIONS)
  cursor.decided()
  const operator = cursor.is('+') ? '+' : cursor.is('-') ? '-' : undefined
  // Two operands, not three: whoever reads what follows `a + b` refuses another sign.
  if (!operator || left.kind === 'sum') return left
  cursor.take()
  const operand = asNested(left, cursor, UPDATE_FUNCTIONS)
  return { kind: 'sum', operator, left: operand, right: readNested(cursor, UPDATE_FUNCTIONS) }
}
