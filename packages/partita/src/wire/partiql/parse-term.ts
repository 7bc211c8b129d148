/** Parses terms, by precedence: OR, AND, NOT, comparisons, `||`, sums, products, signs. */
import { MAX_IN_OPERANDS } from '../../expression/limits.js'
import { readNumber } from '../protocol/attribute-value.js'
import { validation } from '../protocol/aws-error.js'
import { ValueError } from '../protocol/legacy-messages.js'
import type { TokenPosition } from './lexer.js'
import { parsePath } from './parse-path.js'
import { malformed, unsupported } from './statement-error.js'
import type { Term } from './term.js'
import type { StatementReader } from './token-reader.js'

/** Reads a whole expression. @throws AwsError for invalid syntax, and for terms over the limits. */
export function parseTerm(cursor: StatementReader): Term {
  return cursor.nested(() => parseJoined(cursor, 'or', () => parseJoined(cursor, 'and', () => parseNot(cursor))))
}

function parseJoined(cursor: StatementReader, name: 'and' | 'or', parsePart: () => Term): Term {
  const first = parsePart()
  if (!cursor.isKeyword(name)) return first
  const { position } = cursor.token
  const operands = [first]
  while (cursor.takeKeyword(name)) {
    if (cursor.token.kind === 'end') throw malformed('Missing right-hand side expression of infix operator')
    cursor.countOperator()
    operands.push(parsePart())
  }
  return { kind: 'call', name, operands, isFunction: false, position }
}

function parseNot(cursor: StatementReader): Term {
  const { position } = cursor.token
  if (!cursor.takeKeyword('not')) return parseComparison(cursor)
  return call(cursor, 'not', [cursor.nested(() => parseNot(cursor))], position)
}

const COMPARATORS = ['=', '<>', '!=', '<', '<=', '>', '>=']

function parseComparison(cursor: StatementReader): Term {
  let left = parseBinary(cursor, 0)
  for (;;) {
    const { kind, text, position } = cursor.token
    if (kind === 'symbol' && COMPARATORS.includes(text)) {
      cursor.take()
      left = call(cursor, text === '!=' ? '<>' : text, [left, parseBinary(cursor, 0)], position)
    } else if (cursor.takeKeyword('is')) {
      left = parseIs(cursor, left, position)
    } else if (cursor.takeKeyword('not')) {
      const negated = parseWordOperator(cursor, left, position)
      if (!negated) throw malformed('Unexpected keyword')
      left = call(cursor, 'not', [negated], position)
    } else {
      const compared = parseWordOperator(cursor, left, position)
      if (!compared) return left
      left = compared
    }
  }
}

function parseWordOperator(cursor: StatementReader, left: Term, position: TokenPosition): Term | undefined {
  if (cursor.takeKeyword('between')) {
    const low = parseBinary(cursor, 0)
    cursor.expectKeyword('and')
    return call(cursor, 'between', [left, low, parseBinary(cursor, 0)], position)
  }
  if (cursor.takeKeyword('in')) return call(cursor, 'in', [left, parseMembers(cursor)], position)
  if (cursor.takeKeyword('like')) return call(cursor, 'like', [left, parseBinary(cursor, 0)], position)
  return undefined
}

/** The operand of IN: elements in parentheses, brackets or `<< >>`. */
function parseMembers(cursor: StatementReader): Term {
  const { position } = cursor.token
  if (!cursor.is('(')) return parseBinary(cursor, 0)
  cursor.take()
  const elements = cursor.list(() => parseTerm(cursor))
  cursor.expect(')')
  if (elements.length > MAX_IN_OPERANDS) {
    throw validation(`The IN operator is provided with too many operands; number of operands: ${elements.length}`)
  }
  return { kind: 'list', elements, position }
}

function parseIs(cursor: StatementReader, operand: Term, position: TokenPosition): Term {
  const isNegated = cursor.takeKeyword('not')
  const type = takeType(cursor)
  cursor.countOperator()
  const is: Term = { kind: 'is', operand, type, position }
  return isNegated ? call(cursor, 'not', [is], position) : is
}

/** Types whose names have two words, or are not keywords. */
const MORE_TYPES: { readonly [word: string]: string } = {
  double: 'precision',
  character: 'varying',
  int4: '',
  int8: '',
}

function takeType(cursor: StatementReader): string {
  const word = cursor.token.text.toLowerCase()
  const isMore = Object.hasOwn(MORE_TYPES, word)
  if (cursor.token.kind !== 'keyword' && !(cursor.token.kind === 'name' && isMore)) {
    throw malformed('Expected type name')
  }
  cursor.take()
  const second = isMore ? MORE_TYPES[word] : undefined
  return `${word}${second && cursor.takeKeyword(second) ? ` ${second}` : ''}`.toUpperCase()
}

const BINARY = [['||'], ['+', '-'], ['*', '/', '%']] as const

/** Left-associative operators of one precedence. */
function parseBinary(cursor: StatementReader, level: number): Term {
  const operators: readonly string[] | undefined = BINARY[level]
  if (!operators) return parseSigned(cursor)
  let left = parseBinary(cursor, level + 1)
  while (cursor.token.kind === 'symbol' && operators.includes(cursor.token.text)) {
    const { text, position } = cursor.take()
    left = call(cursor, text, [left, parseBinary(cursor, level + 1)], position)
  }
  return left
}

function parseSigned(cursor: StatementReader): Term {
  const { position } = cursor.token
  if (!cursor.is('-') && !cursor.is('+')) return parsePrimary(cursor)
  const sign = cursor.take().text
  if (cursor.token.kind === 'number') {
    return numberLiteral(sign + cursor.take().text, position)
  }
  return call(cursor, sign, [cursor.nested(() => parseSigned(cursor))], position)
}

function parsePrimary(cursor: StatementReader): Term {
  const { kind, text, position } = cursor.token
  switch (kind) {
    case 'string':
      cursor.take()
      return { kind: 'literal', value: text, position }
    case 'number':
      cursor.take()
      return numberLiteral(text, position)
    case 'parameter':
      cursor.take()
      return { kind: 'parameter', index: Number(text), position }
    case 'ion':
      cursor.take()
      return { kind: 'ion', position }
    case 'name':
      return isCall(cursor) ? parseFunction(cursor) : parsePath(cursor)
    case 'keyword':
      return parseWord(cursor)
    case 'symbol':
      return parseEnclosed(cursor)
    case 'end':
      throw malformed('Unexpected term')
  }
}

const CONSTANTS: { readonly [word: string]: boolean | null } = { true: true, false: false, null: null }

function parseWord(cursor: StatementReader): Term {
  const { text, position } = cursor.token
  if (text === 'missing') {
    cursor.take()
    return { kind: 'missing', position }
  }
  if (Object.hasOwn(CONSTANTS, text)) {
    cursor.take()
    return { kind: 'literal', value: CONSTANTS[text] as boolean | null, position }
  }
  if (text === 'case' || text === 'cast' || text === 'select') {
    throw unsupported(`Unsupported token in expression: ${text.toUpperCase()}`, position)
  }
  if (FUNCTION_WORDS.includes(text) && isCall(cursor)) return parseFunction(cursor)
  throw malformed(OPERATOR_WORDS.includes(text) ? 'Unexpected operator' : 'Unexpected keyword')
}

const OPERATOR_WORDS = ['and', 'or', 'is', 'in', 'like', 'between']

/** Keywords that are also names of functions. DynamoDB supports the first two. */
const FUNCTION_WORDS = [
  'size',
  'exists',
  'avg',
  'bit_length',
  'char_length',
  'character_length',
  'coalesce',
  'count',
  'date_add',
  'date_diff',
  'lower',
  'max',
  'min',
  'nullif',
  'octet_length',
  'sum',
  'upper',
]

function isCall({ second }: StatementReader): boolean {
  return second?.kind === 'symbol' && second.text === '('
}

function parseFunction(cursor: StatementReader): Term {
  const { text, position } = cursor.take()
  cursor.expect('(')
  // COUNT(*) is a term in PartiQL, although DynamoDB does not support it.
  const isEmpty = cursor.is(')') || cursor.takeIf('*')
  const operands = isEmpty ? [] : cursor.list(() => parseTerm(cursor))
  cursor.expect(')')
  cursor.countOperator()
  return { kind: 'call', name: text.toLowerCase(), operands, isFunction: true, position }
}

/** A term that begins with a bracket. */
function parseEnclosed(cursor: StatementReader): Term {
  const { position } = cursor.token
  if (cursor.is('@')) return parsePath(cursor)
  if (cursor.takeIf('(')) {
    const elements = cursor.list(() => parseTerm(cursor))
    cursor.expect(')')
    return elements.length === 1 ? (elements[0] as Term) : { kind: 'list', elements, position }
  }
  if (cursor.takeIf('[')) return { kind: 'list', elements: parseElements(cursor, ']'), position }
  if (cursor.takeIf('<<')) return { kind: 'bag', elements: parseElements(cursor, '>>'), position }
  if (!cursor.takeIf('{')) throw malformed('Unexpected term')
  if (cursor.takeIf('}')) return { kind: 'struct', entries: [], position }
  const entries = cursor.list((): readonly [Term, Term] => {
    const name = parseTerm(cursor)
    cursor.expect(':')
    return [name, parseTerm(cursor)]
  })
  cursor.expect('}')
  return { kind: 'struct', entries, position }
}

function parseElements(cursor: StatementReader, end: string): Term[] {
  if (cursor.takeIf(end)) return []
  const elements = cursor.list(() => parseTerm(cursor))
  cursor.expect(end)
  return elements
}

function call(cursor: StatementReader, name: string, operands: readonly Term[], position: TokenPosition): Term {
  cursor.countOperator()
  return { kind: 'call', name, operands, isFunction: false, position }
}

function numberLiteral(text: string, position: TokenPosition): Term {
  try {
    return { kind: 'literal', value: readNumber(text), position }
  } catch (error) {
    if (error instanceof ValueError) return { kind: 'unstorable', text: error.older, position }
    throw error
  }
}
