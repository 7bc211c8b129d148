/** Checks the operands of operators, functions and clauses of updates. */
import type { Operand, SetOperand } from '../../expression/ast.js'
import type { Rules } from '../../expression/parse/index.js'
import { type TypeName, typeOf } from '../../value/value.js'
import { checkDistinct, distinctTargets } from './paths.js'
import { RuleError } from './rule-error.js'
import { checkTypes, TYPE_WORDS } from './types.js'

const SETS: readonly TypeName[] = ['SS', 'NS', 'BS']
const ADDED: readonly TypeName[] = ['N', ...SETS]

/** The rules of one update. They also compare its targets with each other. */
export function updateRules(): Rules {
  return { target: distinctTargets(), operator: checkOperator }
}

function checkOperator(name: string, operands: readonly (Operand | SetOperand)[]): void {
  switch (name) {
    case '+':
    case '-':
      checkTypes(name, ['N'], operands)
      return
    case 'list_append':
      checkTypes(name, ['L'], operands)
      return
    case 'if_not_exists':
      checkDistinct(name, operands)
      return
    case 'ADD':
      checkClause(name, ADDED, operands)
      return
    case 'DELETE':
      checkClause(name, SETS, operands)
  }
}

function checkClause(name: string, types: readonly TypeName[], operands: readonly (Operand | SetOperand)[]): void {
  const [operand] = operands
  const type = operand?.kind === 'value' ? typeOf(operand.value) : undefined
  if (type === undefined || types.includes(type)) return
  const rule = 'Incorrect operand type for operator or function'
  throw new RuleError(
    `${rule}; operator: ${name}, operand type: ${TYPE_WORDS[type]}, typeSet: ALLOWED_FOR_${name}_OPERAND`,
  )
}
