/** What a read-only server refuses: whatever is not known to only read. */
import { Fault } from '../fault.js'

/** Operations that change nothing have names that say so. */
const READS = /^(?:Get|BatchGet|TransactGet|Query|Scan|Describe|List)/

/** Operations of PartiQL, with where their statements are. */
const STATEMENTS: { readonly [operation: string]: string | undefined } = {
  ExecuteStatement: undefined,
  BatchExecuteStatement: 'Statements',
  ExecuteTransaction: 'TransactStatements',
}

/** Statements that change nothing. */
const SELECTS = /^\s*(?:select|exists)\b/i

/** @param user who asks, for the message. @throws Fault `AccessDeniedException`, as for a user who may only read */
export function checkReads(target: string, input: unknown, user: string, region: string): void {
  const operation = target.slice(target.indexOf('.') + 1)
  if (READS.test(operation) || onlySelects(operation, input)) return
  const account = '000000000000'
  const table = (input as { TableName?: unknown } | null | undefined)?.TableName
  const resource = `arn:aws:dynamodb:${region}:${account}:table/${typeof table === 'string' ? table : '*'}`
  throw new Fault(
    'AccessDeniedException',
    `User: arn:aws:iam::${account}:user/${user} is not authorized to perform: dynamodb:${operation} on resource: ${resource} because no identity-based policy allows the dynamodb:${operation} action`,
  )
}

function onlySelects(operation: string, input: unknown): boolean {
  if (!Object.hasOwn(STATEMENTS, operation) || typeof input !== 'object' || input === null) return false
  const member = STATEMENTS[operation]
  const statements = member === undefined ? [input] : (input as { [member: string]: unknown })[member]
  return Array.isArray(statements) && statements.every(isSelect)
}

function isSelect(given: unknown): boolean {
  const statement = (given as { Statement?: unknown } | null)?.Statement
  return typeof statement === 'string' && SELECTS.test(statement)
}
