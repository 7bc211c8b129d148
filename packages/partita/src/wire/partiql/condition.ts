/** Converts the terms of WHERE to conditions. */
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
  isIn,
  not,
  notExists,
  type Operand,
  or,
  type Path,
  path as pathOperand,
  size,
  value,
} from '../../expression/ast.js'
import { isMap, isSet, TYPE_NAMES, type TypeName, typeOf, type Value } from '../../value/value.js'
import { validation } from '../protocol/aws-error.js'
import {
  checkCount,
  checkDistinct,
  checkRange,
  checkTypes,
  ORDERED,
  PREFIXES,
  SIZED,
  wrongType,
} from './operand-types.js'
import { unsupported } from './statement-error.js'
import type { CallTerm, Term } from './term.js'
import { type Parameters, termValue } from './value.js'

/** The condition of a WHERE clause. @throws AwsError for operands that an operator or function does not accept. */
export function conditionOf(term: Term, parameters: Parameters): Condition {
  return toCondition(term, parameters, 'WHERE clause must contain an expression that resolves to a boolean')
}

function toCondition(term: Term, parameters: Parameters, otherwise: string): Condition {
  if (term.kind === 'is') return toTypeCheck(term, parameters)
  if (term.kind !== 'call') throw validation(otherwise)
  if (term.isFunction) {
    if (term.name === 'size') throw validation(otherwise)
    return toFunction(term, parameters)
  }
  switch (term.name) {
    case 'and':
    case 'or': {
      const parts = term.operands.map(part =>
        toCondition(part, parameters, 'The arguments to AND/OR must be Expressions'),
      ) as [Condition, ...Condition[]]
      return term.name === 'and' ? and(...parts) : or(...parts)
    }
    case 'not': {
      const [part] = term.operands as [Term]
      return not(toCondition(part, parameters, 'The argument to NOT must be a Type or Expression'))
    }
    case 'between': {
      const [operand, low, high] = toOperands(term, parameters) as [Operand, Operand, Operand]
      checkTypes('BETWEEN', ORDERED, [operand, low, high])
      checkDistinct('BETWEEN', [operand, low, high])
      checkRange(low, high)
      return between(operand, low, high)
    }
    case 'in':
      return toIn(term, parameters)
  }
  if (!Object.hasOwn(COMPARATORS, term.name)) throw wrongOperator(term.name)
  const compared = term.name === '=' || term.name === '<>' ? toTruth(term, parameters) : undefined
  if (compared) return compared
  const [left, right] = toOperands(term, parameters) as [Operand, Operand]
  if (COMPARATORS[term.name]) checkTypes(term.name, ORDERED, [left, right])
  checkDistinct(term.name, [left, right])
  return compare(left, term.name as Comparator, right)
}

/** A condition that is compared with a boolean, such as `contains(a, b) = TRUE`. */
function toTruth({ name, operands }: CallTerm, parameters: Parameters): Condition | undefined {
  const [left, right] = operands as [Term, Term]
  const [part, other] = isCondition(left) ? [left, right] : [right, left]
  if (!isCondition(part)) return undefined
  const truth = termValue(other, parameters)
  if (typeof truth !== 'boolean') return undefined
  const condition = toCondition(part, parameters, '')
  return truth === (name === '=') ? condition : not(condition)
}

function isCondition(term: Term): boolean {
  if (term.kind !== 'call') return term.kind === 'is'
  return Object.hasOwn(term.isFunction ? FUNCTIONS : CONDITIONS, term.name)
}

/** Whether the operator needs ordered operands. */
const COMPARATORS: { readonly [operator: string]: boolean } = {
  '=': false,
  '<>': false,
  '<': true,
  '<=': true,
  '>': true,
  '>=': true,
}

const CONDITIONS: { readonly [operator: string]: boolean } = {
  ...COMPARATORS,
  and: true,
  or: true,
  not: true,
  between: true,
  in: true,
}

function wrongOperator(name: string) {
  return validation(`Unsupported operator in Condition Expression. Operator: ${name}`)
}

function toIn({ operands }: CallTerm, parameters: Parameters): Condition {
  const [left, list] = operands as [Term, Term]
  if ((list.kind !== 'list' && list.kind !== 'bag') || list.elements.length === 0) {
    throw validation(
      'IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq with at least one member',
    )
  }
  const operand = toOperand(left, parameters)
  const members = list.elements.map(element => toOperand(element, parameters))
  checkDistinct('IN', [operand, ...members])
  return isIn(operand, members)
}

const IS_TYPES: { readonly [type: string]: TypeName } = {
  NULL: 'NULL',
  BOOLEAN: 'BOOL',
  BOOL: 'BOOL',
  BLOB: 'B',
  STRING: 'S',
  NUMERIC: 'N',
  STRUCT: 'M',
  TUPLE: 'M',
  LIST: 'L',
}

function toTypeCheck({ operand, type, position }: Extract<Term, { kind: 'is' }>, parameters: Parameters): Condition {
  if (operand.kind === 'call' || operand.kind === 'is') {
    throw validation('The left hand side argument to IS must be a Variable Reference, Literal, or Path')
  }
  const isMissing = type === 'MISSING'
  const name = Object.hasOwn(IS_TYPES, type) ? IS_TYPES[type] : undefined
  if (!isMissing && !name) {
    throw unsupported(
      `Unsupported data type for IS operator: ${type}. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]`,
      position,
    )
  }
  const path = toPath(operand, isMissing ? 'attribute_not_exists' : 'attribute_type', parameters)
  return isMissing ? notExists(path) : hasType(path, value(name as TypeName))
}

const FUNCTIONS: { readonly [name: string]: (term: CallTerm, parameters: Parameters) => Condition } = {
  attribute_exists: (term, parameters) => exists(onlyPath(term, parameters)),
  attribute_not_exists: (term, parameters) => notExists(onlyPath(term, parameters)),
  attribute_type: (term, parameters) => {
    checkCount(term.name, 2, term.operands.length)
    const path = toPath(term.operands[0] as Term, term.name, parameters)
    const type = toOperand(term.operands[1] as Term, parameters)
    if (type.kind !== 'value')
      throw validation('Operator or function requires a value; operator or function: attribute_type')
    if (typeof type.value !== 'string') throw wrongType(term.name, typeOf(type.value))
    if (TYPE_NAMES.includes(type.value as TypeName)) return hasType(path, type)
    throw validation(
      `Invalid attribute type name found; type: ${type.value}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
    )
  },
  begins_with: (term, parameters) => {
    const [operand, prefix] = toPair(term, parameters)
    checkTypes(term.name, PREFIXES, [operand, prefix])
    return beginsWith(operand, prefix)
  },
  contains: (term, parameters) => contains(...toPair(term, parameters)),
}

function toFunction(term: CallTerm, parameters: Parameters): Condition {
  const read = Object.hasOwn(FUNCTIONS, term.name) ? FUNCTIONS[term.name] : undefined
  if (!read) throw unsupported(`Unrecognized function: ${term.name}`, term.position)
  return read(term, parameters)
}

function onlyPath(term: CallTerm, parameters: Parameters): Path {
  checkCount(term.name, 1, term.operands.length)
  return toPath(term.operands[0] as Term, term.name, parameters)
}

function toPair(term: CallTerm, parameters: Parameters): [Operand, Operand] {
  checkCount(term.name, 2, term.operands.length)
  const pair = toOperands(term, parameters) as [Operand, Operand]
  checkDistinct(term.name, pair)
  return pair
}

function toPath(term: Term, operator: string, parameters: Parameters): Path {
  const operand = toOperand(term, parameters)
  if (operand.kind === 'path') return operand.path
  throw validation(`Operator or function requires a document path; operator or function: ${operator}`)
}

function toOperands({ operands }: CallTerm, parameters: Parameters): Operand[] {
  return operands.map(operand => toOperand(operand, parameters))
}

function toOperand(term: Term, parameters: Parameters): Operand {
  if (term.kind === 'path') return pathOperand(...term.steps)
  if (term.kind === 'call' && term.isFunction && term.name === 'size') return toSize(term, parameters)
  const given = termValue(term, parameters)
  if (given !== undefined) return value(given)
  if (term.kind !== 'call') throw wrongOperator('IS')
  throw term.isFunction && !Object.hasOwn(FUNCTIONS, term.name)
    ? unsupported(`Unrecognized function: ${term.name}`, term.position)
    : wrongOperator(term.name)
}

function toSize(term: CallTerm, parameters: Parameters): Operand {
  checkCount('size', 1, term.operands.length)
  const operand = toOperand(term.operands[0] as Term, parameters)
  checkTypes('size', SIZED, [operand])
  return operand.kind === 'value' ? value(lengthOf(operand.value)) : size(...operand.path)
}

/** The size of a value, as the function `size` returns it. */
function lengthOf(it: Value): number {
  if (isSet(it)) return it.size
  if (isMap(it)) return Object.keys(it).length
  return typeOf(it) === 'S' ? (it as string).length : (it as Uint8Array | readonly Value[]).length
}
