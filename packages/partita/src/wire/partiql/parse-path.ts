/** Parses document paths, and the names of tables and indexes, which look like paths. */
import { MAX_LIST_INDEX, MAX_PATH_STEPS } from '../../expression/limits.js'
import { validation } from '../protocol/aws-error.js'
import { malformed, unsupported } from './statement-error.js'
import type { PathTerm } from './term.js'
import type { StatementReader } from './token-reader.js'

/** Reads a path within an expression. The next token is its first name. @throws AwsError */
export function parsePath(cursor: StatementReader): PathTerm {
  cursor.takeIf('@')
  const { position } = cursor.token
  const steps: [string, ...(string | number)[]] = [takeName(cursor, 'Unexpected term')]
  for (;;) {
    if (cursor.takeIf('.')) steps.push(memberStep(cursor))
    else if (cursor.takeIf('[')) steps.push(bracketStep(cursor))
    else break
  }
  if (steps.length > MAX_PATH_STEPS) {
    throw validation(`The document path has too many nesting levels; nesting levels: ${steps.length}`)
  }
  if (steps.includes('')) throw validation('Path component cannot be an empty string')
  return { kind: 'path', steps, position }
}

/** Reads the target of SET or REMOVE: a path without wildcards. @throws AwsError */
export function parseTarget(cursor: StatementReader): PathTerm {
  if (cursor.token.kind !== 'name') throw malformed('Expected identifier for simple path')
  return parsePath(cursor)
}

/**
 * Reads a table's name and the names after it, separated by dots.
 * @param mayHaveAlias whether PartiQL allows an alias here. DynamoDB does not, but its error depends on it.
 * @throws AwsError
 */
export function parseSource(cursor: StatementReader, mayHaveAlias = true): string[] {
  if (cursor.token.kind === 'end') throw malformed('Unexpected term')
  if (cursor.token.kind === 'keyword') throw malformed('Unexpected keyword')
  if (cursor.token.kind !== 'name') throw validation('Unexpected from source')
  const names = [cursor.take().text]
  while (cursor.takeIf('.')) names.push(takeName(cursor, 'Invalid path component'))
  if (cursor.is('[')) throw validation('Invalid list expression in source.')
  if (cursor.is('-') || cursor.is('+') || cursor.is('*') || cursor.is('/')) throw validation('Unexpected from source')
  if (names.length > 2) throw validation('A path may contain at most 2 components in the FROM clause')
  if (names.includes('')) throw validation('Path component cannot be an empty string')
  if (cursor.isKeyword('as') || cursor.token.kind === 'name') {
    throw mayHaveAlias ? validation('Aliasing is not supported') : malformed('Unexpected token after expression')
  }
  return names
}

function takeName(cursor: StatementReader, otherwise: string): string {
  if (cursor.token.kind === 'keyword') throw malformed('Unexpected keyword')
  if (cursor.token.kind !== 'name') throw malformed(otherwise)
  return cursor.take().text
}

function memberStep(cursor: StatementReader): string {
  if (cursor.is('*')) throw unsupported('Unpivot path component like a.*.b are not supported', cursor.token.position)
  if (cursor.token.kind === 'keyword') throw malformed('Invalid path dot component')
  return takeName(cursor, 'Invalid path dot component')
}

function bracketStep(cursor: StatementReader): string | number {
  const isNegative = cursor.takeIf('-')
  const { kind, text, position } = cursor.take()
  if (kind === 'symbol' && text === '*') {
    throw unsupported('Wildcard path component like a[*].b are not supported', position)
  }
  cursor.expect(']')
  if (kind === 'string') return text
  if (kind !== 'number' || !/^\d+$/.test(text)) throw unsupported('Unexpected path component', position)
  if (isNegative || Number(text) > MAX_LIST_INDEX) {
    throw unsupported(
      `List index is not within the allowable range; index: [${isNegative ? '-' : ''}${text}]`,
      position,
    )
  }
  return Number(text)
}
