/** Refuses every operation that is not known to only read, for read-only servers. */

import type { Wire } from '../dispatch.js'
import { parseStatement } from '../partiql/parse.js'
import { AwsError } from '../protocol/aws-error.js'
import { tableArn } from '../protocol/table-name.js'

/** The names of operations that change nothing begin with these verbs. */
const READS = /^(?:Get|BatchGet|TransactGet|Query|Scan|Describe|List)/

/** An input that is not validated yet. */
interface Unread {
  readonly TableName?: unknown
  readonly Statement?: unknown
  readonly Statements?: unknown
  readonly TransactStatements?: unknown
}

/** The action that AWS requires permission for, and its table if it has one. */
interface Action {
  readonly name: string
  readonly table: unknown
}

/** @param user the caller's name in the message. @throws AwsError `AccessDeniedException` if the operation may write */
export function checkReads(target: string, input: unknown, user: string, wire: Wire): void {
  const operation = target.slice(target.indexOf('.') + 1)
  if (READS.test(operation)) return
  const action = writeOf(operation, (input ?? {}) as Unread)
  if (!action) return
  const anywhere = tableArn(wire, '*')
  const owner = anywhere.split(':')[4]
  const resource = typeof action.table === 'string' ? tableArn(wire, action.table) : anywhere
  throw new AwsError(
    'AccessDeniedException',
    `User: arn:aws:iam::${owner}:user/${user} is not authorized to perform: dynamodb:${action.name} on resource: ${resource} because no identity-based policy allows the dynamodb:${action.name} action`,
  )
}

function writeOf(operation: string, input: Unread): Action | undefined {
  switch (operation) {
    case 'ExecuteStatement':
      return writeOfStatements([input])
    case 'BatchExecuteStatement':
      return writeOfStatements(input.Statements)
    case 'ExecuteTransaction':
      return writeOfStatements(input.TransactStatements)
  }
  return { name: operation, table: input.TableName }
}

/** The first statement that writes. The operation itself reports malformed lists and statements. */
function writeOfStatements(statements: unknown): Action | undefined {
  if (!Array.isArray(statements)) return undefined
  for (const one of statements) {
    const action = writeOfStatement((one as Unread | null)?.Statement)
    if (action) return action
  }
  return undefined
}

const PARTIQL_ACTIONS = { insert: 'PartiQLInsert', update: 'PartiQLUpdate', delete: 'PartiQLDelete' }

function writeOfStatement(text: unknown): Action | undefined {
  const statement = typeof text === 'string' ? parsed(text) : undefined
  if (!statement || statement.kind === 'select' || statement.kind === 'exists') return undefined
  return { name: PARTIQL_ACTIONS[statement.kind], table: statement.table }
}

function parsed(text: string) {
  try {
    return parseStatement(text)
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}
