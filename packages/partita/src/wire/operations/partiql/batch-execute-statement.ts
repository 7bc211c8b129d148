/** BatchExecuteStatement: up to 25 reads or writes of single items, each with its own result. */
import { YieldPace } from '../../../embedded/event-loop.js'
import { MAX_PAGE_STEPS, Work } from '../../../expression/evaluate/index.js'
import { addCapacity, type Capacity, noCapacity } from '../../../store/capacity.js'
import { MAX_ITEM_BYTES } from '../../../value/size.js'
import type { Item } from '../../../value/value.js'
import type { Operation, Wire } from '../../dispatch.js'
import { type Get, getRequest, planGet } from '../../partiql/get.js'
import { itemName } from '../../partiql/key.js'
import { parseStatement } from '../../partiql/parse.js'
import { select } from '../../partiql/projection.js'
import { readParameters } from '../../partiql/value.js'
import { checkWrite, planWrite, returnedItem, type Write, writeError } from '../../partiql/write.js'
import { writeItem } from '../../protocol/attribute-value.js'
import { type AwsError, type AwsErrorName, validation } from '../../protocol/aws-error.js'
import { consumedByAll, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { mapInSteps } from '../../protocol/long-response.js'
import { awsErrorOf } from '../../protocol/translate-error.js'
import { EXISTS_ALONE } from './execute-statement.js'
import { STATEMENT, type StatementInput } from './inputs.js'

interface BatchedInput extends StatementInput {
  readonly ConsistentRead?: boolean
}

interface Input {
  readonly Statements: readonly BatchedInput[]
  readonly ReturnConsumedCapacity?: ReturnCapacity
}

/** A planned statement, or the error that prevents it. */
type Planned = { readonly get: Get } | { readonly write: Write } | { readonly error: AwsError }

/** `BatchExecuteStatement`: up to 25 statements, either all reads or all writes. */
export const batchExecuteStatement: Operation = {
  input: {
    type: 'structure',
    members: {
      Statements: {
        type: 'list',
        min: 1,
        max: 25,
        required: true,
        of: { type: 'structure', members: { ...STATEMENT, ConsistentRead: { type: 'boolean' } } },
      },
      ReturnConsumedCapacity: RETURN_CAPACITY,
    },
  },
  async run(wire, input: Input) {
    const planned = await mapInSteps(input.Statements, statement => plan(wire, statement))
    checkKinds(planned)
    checkDistinct(planned)
    const capacity = noCapacity()
    const pace = new YieldPace()
    const work = new Work(MAX_PAGE_STEPS)
    const responses: object[] = []
    const answer = (statement: Planned, i: number) =>
      respond(wire, statement, input.Statements[i] as BatchedInput, { capacity, work })
    // Writes share a commit. Reads are synchronous and of up to 400 KB each, so they run one by one.
    if (planned.some(it => 'write' in it)) responses.push(...(await Promise.all(planned.map(answer))))
    else {
      for (const [i, statement] of planned.entries()) {
        responses.push(await answer(statement, i))
        if (pace.isDue(MAX_ITEM_BYTES)) await pace.yield()
      }
    }
    const used = consumedByAll(wire, Object.keys(capacity.tables), capacity, input.ReturnConsumedCapacity)
    return { Responses: responses, ...(used && { ConsumedCapacity: used }) }
  },
}

function plan(wire: Wire, { Statement, Parameters }: BatchedInput): Planned {
  try {
    const statement = parseStatement(Statement)
    const parameters = readParameters(Parameters, statement.parameters)
    if (statement.kind === 'exists') throw validation(EXISTS_ALONE)
    if (statement.kind !== 'select') {
      const write = planWrite(wire, statement, parameters)
      checkWrite(write)
      return { write }
    }
    const get = planGet(wire, statement, parameters, 'BatchExecuteStatement')
    getRequest(get, false)
    return { get }
  } catch (error) {
    return { error: awsErrorOf(error) }
  }
}

function checkKinds(planned: readonly Planned[]): void {
  if (planned.some(it => 'get' in it) && planned.some(it => 'write' in it)) {
    throw validation('Read and write requests together in the same batch is not supported.')
  }
}

function checkDistinct(planned: readonly Planned[]): void {
  const items = planned.flatMap((it): (Get | Write)[] => ('get' in it ? [it.get] : 'write' in it ? [it.write] : []))
  const names = items.map(({ table, key }) => itemName(table, key))
  if (new Set(names).size < names.length) throw validation('Provided list of item keys contains duplicates')
}

/** What the statements of a request share. */
interface Total {
  readonly capacity: Capacity
  /** Counts the evaluation steps of all writes. The text of a statement is too short for many steps of a read. */
  readonly work: Work
}

async function respond(wire: Wire, planned: Planned, input: BatchedInput, total: Total): Promise<object> {
  if ('error' in planned) return { Error: errorOf(planned.error) }
  const { table } = 'get' in planned ? planned.get : planned.write
  const TableName = table.definition.name
  try {
    const { item, capacity } = await ('get' in planned
      ? read(wire, planned.get, input)
      : write(wire, planned.write, input, total.work))
    addCapacity(total.capacity, capacity)
    return { TableName, ...(item && { Item: writeItem(item) }) }
  } catch (error) {
    return { TableName, Error: errorOf('write' in planned ? writeError(planned.write, error) : awsErrorOf(error)) }
  }
}

interface Done {
  readonly item: Item | undefined
  readonly capacity: Capacity
}

async function read(wire: Wire, get: Get, { ConsistentRead }: BatchedInput): Promise<Done> {
  const { item, capacity } = await wire.store.get(getRequest(get, ConsistentRead ?? false))
  return { item: item && select(get.selected, item), capacity }
}

async function write(wire: Wire, write: Write, input: BatchedInput, work: Work): Promise<Done> {
  const returnOldOnFailure = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
  const { item, capacity } = await wire.store.write({ ...write.request, returnOldOnFailure }, { work })
  return { item: returnedItem(write, item), capacity }
}

/** The codes of batches for errors whose code is not the error's name without its suffix. */
const CODES: { readonly [name in AwsErrorName]?: string } = {
  ValidationException: 'ValidationError',
  InternalServerError: 'InternalServerError',
}

function errorOf({ name, message, more }: AwsError): object {
  return { Code: CODES[name] ?? name.replace(/Exception$/, ''), Message: message, ...more }
}
