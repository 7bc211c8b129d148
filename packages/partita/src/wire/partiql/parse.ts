/** Parses statements. */
import { validation } from '../protocol/aws-error.js'
import { parseSource, parseTarget } from './parse-path.js'
import { parseTerm } from './parse-term.js'
import type {
  Assignment,
  DeleteStatement,
  InsertStatement,
  Ordering,
  Returning,
  SelectStatement,
  Statement,
  UpdateStatement,
} from './statement.js'
import { malformed, unsupported } from './statement-error.js'
import type { PathTerm, Term } from './term.js'
import { StatementReader } from './token-reader.js'

/** @throws AwsError for text that is not PartiQL, and for PartiQL that DynamoDB does not support. */
export function parseStatement(text: string): Statement {
  const cursor = new StatementReader(text)
  const statement = parseOperation(cursor)
  if (cursor.takeIf(';') && cursor.token.kind !== 'end') {
    throw malformed('Unexpected token after semicolon. (Only one query is allowed.)')
  }
  if (cursor.token.kind !== 'end') throw malformed('Unexpected token after expression')
  return statement
}

function parseOperation(cursor: StatementReader): Statement {
  if (cursor.takeKeyword('select')) return parseSelect(cursor)
  if (cursor.takeKeyword('insert')) return parseInsert(cursor)
  if (cursor.takeKeyword('update')) return parseUpdate(cursor)
  if (cursor.takeKeyword('delete')) return parseDelete(cursor)
  if (cursor.takeKeyword('exists')) return parseExists(cursor)
  if (cursor.takeKeyword('from')) return parseFromFirst(cursor)
  const other = unsupportedOperation(cursor)
  throw other ? validation(`Unsupported operation: ${other}`) : malformed('Expected data manipulation')
}

/** PartiQL's name of a statement that DynamoDB does not support; undefined for other text. */
function unsupportedOperation(cursor: StatementReader): string | undefined {
  if (cursor.isKeyword('exec')) return 'Exec'
  const what = cursor.second?.text === 'table' ? 'Table' : cursor.second?.text === 'index' ? 'Index' : undefined
  if (cursor.isKeyword('create') && what) return `Create${what}`
  if (cursor.isKeyword('drop') && what) return `Drop${what}`
  const isType = cursor.token.kind === 'name' && cursor.second?.text === 'is'
  return isType && parseTerm(cursor).kind === 'is' ? 'IsType' : undefined
}

function parseSelect(cursor: StatementReader): SelectStatement {
  if (cursor.isKeyword('distinct')) throw validation('Unsupported token in expression: DISTINCT')
  if (cursor.isKeyword('value') || cursor.isKeyword('pivot')) {
    throw validation("Select projection doesn't support value or pivot keywords")
  }
  cursor.takeKeyword('all')
  if (cursor.isKeyword('from')) throw malformed('Cannot have empty SELECT list')
  const paths = cursor.takeIf('*') ? undefined : cursor.list(() => parseSelected(cursor))
  if (!cursor.takeKeyword('from')) throw malformed('Expected FROM after SELECT list')
  const [table, index] = parseSource(cursor) as [string, string | undefined]
  if (cursor.is(',') || cursor.isKeyword('join')) {
    throw validation('Only select from a single table or index is supported.')
  }
  const where = parseWhere(cursor)
  for (const clause of ['group', 'having']) {
    if (cursor.isKeyword(clause)) {
      throw validation(`Unsupported clause: ${clause === 'group' ? 'GROUP BY' : clause.toUpperCase()}`)
    }
  }
  const orderings = cursor.takeKeyword('order') ? parseOrderings(cursor) : []
  if (cursor.takeKeyword('limit')) throw unsupported('Unsupported clause: LIMIT', cursor.token.position)
  return { kind: 'select', paths, table, index, where, orderings, parameters: cursor.parameters }
}

function parseSelected(cursor: StatementReader): Term {
  const term = parseTerm(cursor)
  if (cursor.isKeyword('as') || cursor.token.kind === 'name') throw validation('Aliasing is not supported')
  return term
}

function parseOrderings(cursor: StatementReader): Ordering[] {
  cursor.expectKeyword('by')
  return cursor.list(() => {
    const term = parseTerm(cursor)
    if (term.kind !== 'path' || term.steps.length > 1) throw unsupported('Unexpected path component', term.position)
    const isDescending = !cursor.takeKeyword('asc') && cursor.takeKeyword('desc')
    return { name: term.steps[0], order: isDescending ? 'desc' : 'asc' }
  })
}

function parseWhere(cursor: StatementReader): Term | undefined {
  return cursor.takeKeyword('where') ? parseTerm(cursor) : undefined
}

function parseInsert(cursor: StatementReader): InsertStatement {
  cursor.expectKeyword('into')
  const otherwise = 'FROM clause may only contain a single table name in data manipulation statements'
  const table = parseTable(cursor, otherwise, false)
  if (cursor.isKeyword('values') || cursor.is('<<')) throw validation('Unsupported operation: InsertOp')
  cursor.expectKeyword('value')
  const item = parseTerm(cursor)
  if (item.kind !== 'struct') {
    throw unsupported(
      'Unsupported format in item expression. Please use struct format {...} to express item values for insert statement.',
      item.position,
    )
  }
  if (cursor.isKeyword('returning')) throw validation('RETURNING is not supported in INSERT')
  return { kind: 'insert', table, item, parameters: cursor.parameters }
}

function parseTable(cursor: StatementReader, otherwise: string, mayHaveAlias = true): string {
  const [table = '', ...more] = parseSource(cursor, mayHaveAlias)
  if (more.length > 0) throw validation(otherwise)
  return table
}

const NO_INDEX = 'This operation is not supported on an index'

function parseUpdate(cursor: StatementReader): UpdateStatement {
  const table = parseTable(cursor, NO_INDEX)
  const changes = parseChanges(cursor)
  const where = parseWhere(cursor)
  const { returning } = parseReturning(cursor)
  return { kind: 'update', table, ...changes, where, returning, parameters: cursor.parameters }
}

/** `FROM table WHERE key SET ...`, another form of UPDATE. */
function parseFromFirst(cursor: StatementReader): UpdateStatement {
  const table = parseTable(cursor, NO_INDEX)
  const where = parseWhere(cursor)
  const changes = parseChanges(cursor)
  const { returning } = parseReturning(cursor)
  return { kind: 'update', table, ...changes, where, returning, parameters: cursor.parameters }
}

function parseChanges(cursor: StatementReader): Pick<UpdateStatement, 'set' | 'remove'> {
  const set: Assignment[] = []
  const remove: PathTerm[] = []
  for (;;) {
    if (cursor.takeKeyword('set')) set.push(...cursor.list(() => parseAssignment(cursor)))
    else if (cursor.takeKeyword('remove')) remove.push(parseTarget(cursor))
    else break
  }
  if (set.length + remove.length === 0) throw malformed('Expected data manipulation')
  return { set, remove }
}

function parseAssignment(cursor: StatementReader): Assignment {
  const target = parseTarget(cursor)
  cursor.expect('=')
  return { target, value: parseTerm(cursor) }
}

function parseDelete(cursor: StatementReader): DeleteStatement {
  cursor.expectKeyword('from')
  const { kind } = cursor.token
  if (kind === 'end' || kind === 'keyword' || cursor.is(';')) throw malformed('Expected identifier for simple path')
  const table = parseTable(cursor, NO_INDEX)
  const where = parseWhere(cursor)
  const { returning, text } = parseReturning(cursor)
  if (returning && (returning.what !== 'all' || returning.when !== 'old')) {
    throw validation(`Invalid returning clause: ${text}. Only RETURNING ALL OLD * is allowed in DELETE statements.`)
  }
  return { kind: 'delete', table, where, returning, parameters: cursor.parameters }
}

function parseReturning(cursor: StatementReader): { readonly returning: Returning | undefined; readonly text: string } {
  if (!cursor.takeKeyword('returning')) return { returning: undefined, text: '' }
  const what = cursor.take().text
  const when = cursor.take().text
  if ((what !== 'all' && what !== 'modified') || (when !== 'old' && when !== 'new')) {
    throw malformed('Expected ALL or MODIFIED, then OLD or NEW, after RETURNING')
  }
  if (!cursor.takeIf('*')) {
    throw validation("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause")
  }
  if (cursor.is(',')) throw validation('Invalid syntax with multiple returning elements in RETURNING clause')
  return { returning: { what, when }, text: `RETURNING ${what} ${when} *`.toUpperCase() }
}

function parseExists(cursor: StatementReader): Statement {
  cursor.expect('(')
  cursor.expectKeyword('select')
  const select = parseSelect(cursor)
  cursor.expect(')')
  return { kind: 'exists', select, parameters: cursor.parameters }
}
