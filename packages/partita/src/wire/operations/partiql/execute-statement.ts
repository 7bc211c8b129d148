/** ExecuteStatement: runs one statement of any kind. */

import type { Operation, Wire } from '../../dispatch.js'
import { parseStatement } from '../../partiql/parse.js'
import { runSelect } from '../../partiql/select.js'
import type { SelectStatement, WriteStatement } from '../../partiql/statement.js'
import { type Parameters, readParameters } from '../../partiql/value.js'
import { checkWrite, planWrite, returnedItem, writeError } from '../../partiql/write.js'
import { writeItem } from '../../protocol/attribute-value.js'
import { validation } from '../../protocol/aws-error.js'
import { consumed, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { mapInSteps } from '../../protocol/long-response.js'
import { STATEMENT, type StatementInput } from './inputs.js'

interface Input extends StatementInput {
  readonly ConsistentRead?: boolean
  readonly NextToken?: string
  readonly ReturnConsumedCapacity?: ReturnCapacity
  readonly Limit?: number
}

/** AWS's message for an `EXISTS` statement outside a transaction. */
export const EXISTS_ALONE = 'EXISTS can only be used in ExecuteTransaction write requests.'

/** `ExecuteStatement`: runs one statement and returns a page of a `SELECT`. */
export const executeStatement: Operation = {
  input: {
    type: 'structure',
    members: {
      ...STATEMENT,
      ConsistentRead: { type: 'boolean' },
      NextToken: { type: 'string', min: 1, max: 32768 },
      ReturnConsumedCapacity: RETURN_CAPACITY,
      Limit: { type: 'integer', min: 1 },
    },
  },
  async run(wire, input: Input) {
    const statement = parseStatement(input.Statement)
    const parameters = readParameters(input.Parameters, statement.parameters)
    if (statement.kind === 'exists') throw validation(EXISTS_ALONE)
    return statement.kind === 'select'
      ? answerSelect(wire, input, statement, parameters)
      : answerWrite(wire, input, statement, parameters)
  },
}

async function answerSelect(
  wire: Wire,
  input: Input,
  statement: SelectStatement,
  parameters: Parameters,
): Promise<object> {
  const { source, items, next, last, capacity } = await runSelect(wire, statement, parameters, {
    text: input.Statement,
    limit: input.Limit,
    token: input.NextToken,
    consistent: input.ConsistentRead ?? false,
  })
  const used = consumed(source.table, capacity, input.ReturnConsumedCapacity)
  return {
    Items: await mapInSteps(items, writeItem),
    ...(next !== undefined && { NextToken: next }),
    ...(last && { LastEvaluatedKey: writeItem(last) }),
    ...(used && { ConsumedCapacity: used }),
  }
}

async function answerWrite(
  wire: Wire,
  input: Input,
  statement: WriteStatement,
  parameters: Parameters,
): Promise<object> {
  const write = planWrite(wire, statement, parameters)
  checkWrite(write)
  const returnOldOnFailure = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
  const { item, capacity } = await wire.store.write({ ...write.request, returnOldOnFailure }).catch(error => {
    throw writeError(write, error)
  })
  const returned = returnedItem(write, item)
  const used = consumed(write.table, capacity, input.ReturnConsumedCapacity)
  return { Items: returned ? [writeItem(returned)] : [], ...(used && { ConsumedCapacity: used }) }
}
