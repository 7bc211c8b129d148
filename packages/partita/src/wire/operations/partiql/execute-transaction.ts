/** ExecuteTransaction: up to 100 reads or writes of single items, all or nothing. */
import { TransactionFailedError } from '../../../errors/errors.js'
import type { Capacity } from '../../../store/capacity.js'
import type { Operation, Wire } from '../../dispatch.js'
import { type Get, getRequest, planGet } from '../../partiql/get.js'
import { itemName } from '../../partiql/key.js'
import { parseStatement } from '../../partiql/parse.js'
import { select } from '../../partiql/projection.js'
import type { SelectStatement, Statement, WriteStatement } from '../../partiql/statement.js'
import { checkOptions, type Parameters, readValues } from '../../partiql/value.js'
import { checkWrite, DUPLICATE, planWrite, type Write } from '../../partiql/write.js'
import { writeItem } from '../../protocol/attribute-value.js'
import { type AwsError, validation } from '../../protocol/aws-error.js'
import { consumedByAll, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { mapInSteps } from '../../protocol/long-response.js'
import { awsErrorOf, awsTransactionErrorOf, cancellation } from '../../protocol/translate-error.js'
import { cancelledAt } from '../item/refused.js'
import { STATEMENT, type StatementInput } from './inputs.js'

interface Input {
  readonly TransactStatements: readonly StatementInput[]
  readonly ClientRequestToken?: string
  readonly ReturnConsumedCapacity?: ReturnCapacity
}

interface Reason {
  readonly Code: string
  readonly Message?: string
}

/** `ExecuteTransaction`: up to 100 statements, either all reads or all writes, all or nothing. */
export const executeTransaction: Operation = {
  input: {
    type: 'structure',
    members: {
      TransactStatements: {
        type: 'list',
        min: 1,
        max: 100,
        required: true,
        of: { type: 'structure', members: STATEMENT },
      },
      ClientRequestToken: { type: 'string', min: 1, max: 36 },
      ReturnConsumedCapacity: RETURN_CAPACITY,
    },
  },
  async run(wire, input: Input) {
    const values = input.TransactStatements.map(({ Parameters: given }) => readValues(given))
    const statements = await inEach(input.TransactStatements, ({ Statement }) => parseStatement(Statement))
    if (statements.every(isRead)) return readAll(wire, input, statements, values)
    if (statements.every(isWrite)) return writeAll(wire, input, statements, values)
    throw validation('ExecuteTransaction API does not support both read and write operations in the same request.')
  },
}

function isRead(statement: Statement): statement is SelectStatement {
  return statement.kind === 'select'
}

function isWrite(statement: Statement): statement is WriteStatement {
  return statement.kind !== 'select'
}

async function readAll(
  wire: Wire,
  input: Input,
  statements: readonly SelectStatement[],
  values: readonly Parameters[],
): Promise<object> {
  const gets = await inEach(statements, (statement, i): Get => {
    const parameters = checkOptions(values[i] ?? [], statement.parameters)
    if (statement.index !== undefined) throw validation('Reads on indices are not supported within transactions.')
    return planGet(wire, statement, parameters, 'ExecuteTransaction')
  })
  const requests = checkEach(gets, get => getRequest(get, false))
  checkDistinct(gets)
  const { items, capacity } = await wire.store.transactGet({ gets: requests })
  return {
    Responses: await mapInSteps(items, (item, i) => (item ? { Item: writeItem(select(gets[i]?.selected, item)) } : {})),
    ...consumedBy(wire, input, gets, capacity),
  }
}

async function writeAll(
  wire: Wire,
  input: Input,
  statements: readonly WriteStatement[],
  values: readonly Parameters[],
): Promise<object> {
  const writes = await inEach(statements, (statement, i): Write => {
    const parameters = checkOptions(values[i] ?? [], statement.parameters)
    if ('returning' in statement && statement.returning) {
      throw validation('RETURNING clause is not supported in ExecuteTransaction.')
    }
    return planWrite(wire, statement, parameters)
  })
  checkEach(writes, checkWrite)
  checkDistinct(writes)
  const { ClientRequestToken: token } = input
  const requests = writes.map(({ request }, i) => {
    const returnOldOnFailure = input.TransactStatements[i]?.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
    return { ...request, returnOldOnFailure }
  })
  const { capacity } = await wire.store
    .transactWrite({ writes: requests, ...(token !== undefined && { token }) })
    .catch(error => {
      throw transactionError(writes, error)
    })
  return { Responses: [], ...consumedBy(wire, input, writes, capacity) }
}

/**
 * Reads each statement, and yields to the event loop between them: statements may have 800 KB of text together.
 * @throws AwsError that names the invalid statement.
 */
function inEach<Of, Read>(statements: readonly Of[], read: (statement: Of, index: number) => Read): Promise<Read[]> {
  return mapInSteps(statements, (statement, i) => {
    try {
      return read(statement, i)
    } catch (error) {
      const awsError = awsErrorOf(error)
      if (awsError.name !== 'ValidationException') throw awsError
      throw validation(`Validation failed in TransactStatements[${i}]: ${awsError.message}`)
    }
  })
}

/** The first invalid key cancels the transaction. @throws AwsError */
function checkEach<Plan, Checked>(plans: readonly Plan[], check: (plan: Plan) => Checked): Checked[] {
  return plans.map((plan, i) => {
    try {
      return check(plan)
    } catch (error) {
      throw cancelledAt(i, plans.length, awsErrorOf(error))
    }
  })
}

function checkDistinct(items: readonly (Get | Write)[]): void {
  const names = items.map(({ table, key }) => itemName(table, key))
  if (new Set(names).size === names.length) return
  throw validation('Transaction request cannot include multiple operations on one item')
}

function consumedBy(wire: Wire, input: Input, items: readonly (Get | Write)[], capacity: Capacity): object {
  const names = items.map(({ table }) => table.definition.name)
  const used = consumedByAll(wire, names, capacity, input.ReturnConsumedCapacity, true)
  return used ? { ConsumedCapacity: used } : {}
}

/** An INSERT of an item that exists has its own cancellation reason. */
function transactionError(writes: readonly Write[], error: unknown): AwsError {
  const awsError = awsTransactionErrorOf(error, i => writes[i]?.statement === 'update')
  if (!(error instanceof TransactionFailedError)) return awsError
  const reasons = awsError.more.CancellationReasons as readonly Reason[]
  return cancellation(
    reasons.map((reason, i) =>
      writes[i]?.statement === 'insert' && reason.Code === 'ConditionalCheckFailed'
        ? { Code: 'DuplicateItem', Message: DUPLICATE }
        : reason,
    ),
  )
}
