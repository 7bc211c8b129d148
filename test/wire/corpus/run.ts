/** Sends the same requests to Partita and to a server, and collects the differences of their answers. */
import { compare, type Found } from './comparison.js'
import type { Attributes, CorpusRequest, Family } from './family.js'
import type { Answered, Respondent } from './respondents.js'

export interface Run {
  readonly requests: number
  /** How many of them Partita refused. */
  readonly refused: number
  /** Requests that caused an internal error in Partita, with its answer. */
  readonly internalErrors: readonly string[]
  readonly found: readonly Found[]
}

/** Families run concurrently because they share no tables. */
export async function run(families: readonly Family[], partita: Respondent, server: Respondent): Promise<Run> {
  const runs = await Promise.all(families.map(family => runFamily(family, partita, server)))
  return {
    requests: runs.reduce((sum, { requests }) => sum + requests, 0),
    refused: runs.reduce((sum, { refused }) => sum + refused, 0),
    internalErrors: runs.flatMap(({ internalErrors }) => internalErrors),
    found: runs.flatMap(({ found }) => found),
  }
}

async function runFamily(family: Family, partita: Respondent, server: Respondent): Promise<Run> {
  const both = [partita, server]
  await Promise.all(both.map(it => createTables(family, it)))
  const found: Found[] = []
  const internalErrors: string[] = []
  let refused = 0
  for (const request of family.requests) {
    const [mine, other] = await Promise.all(both.map(it => ask(it, request)))
    if (!mine || !other) throw new Error('Two are request')
    if (mine.status !== 200) refused++
    if (mine.status >= 500) internalErrors.push(`${request.operation} ${JSON.stringify(request.input)}: ${mine.body}`)
    const differences = compare(request, [mine, partita], [other, server])
    found.push(...differences.map(it => ({ server: server.name, family: family.name, request, ...it })))
    if (differences.length === 0) continue
    if (request.operation === 'CreateTable') await removeTable(family, request, both)
    else if (WRITES.test(request.operation)) await Promise.all(both.map(it => restore(family, it)))
  }
  await Promise.all(family.tables.map(({ TableName }) => server.ask('DeleteTable', JSON.stringify({ TableName }))))
  return { requests: family.requests.length, refused, internalErrors, found }
}

const WRITES = /^(?:(?:Put|Update|Delete)Item|BatchWrite|TransactWrite|.*Statement|ExecuteTransaction)/

/** For a table that only one of them created. */
async function removeTable({ tables }: Family, { input }: CorpusRequest, both: readonly Respondent[]): Promise<void> {
  const { TableName } = input as { TableName?: unknown }
  if (tables.some(table => table.TableName === TableName)) return
  await Promise.all(both.map(it => it.ask('DeleteTable', JSON.stringify({ TableName }))))
}

async function ask(respondent: Respondent, { operation, input }: CorpusRequest): Promise<Answered> {
  const body = (typeof input === 'string' ? input : JSON.stringify(input)).replaceAll('{region}', respondent.region)
  // Switching time to live on takes longer on one server than on another.
  for (let tries = 0; ; tries++) {
    const answered = await respondent.ask(operation, body)
    if (tries === 100 || operation !== 'DescribeTimeToLive' || !CHANGING.test(answered.body)) return answered
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const CHANGING = /"TimeToLiveStatus":"(?:EN|DIS)ABLING"/

async function createTables(family: Family, respondent: Respondent): Promise<void> {
  for (const table of family.tables) await must(respondent, 'CreateTable', table)
  for (const { TableName } of family.tables) await active(respondent, TableName)
  await putItems(family, respondent)
}

async function active(respondent: Respondent, TableName: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { Table } = (await must(respondent, 'DescribeTable', { TableName })) as { Table: { TableStatus: string } }
    if (Table.TableStatus === 'ACTIVE') return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`${respondent.name} does not finish the table ${TableName}`)
}

/** Restores exactly the items of the start. */
async function restore(family: Family, respondent: Respondent): Promise<void> {
  for (const { TableName, KeySchema } of family.tables) {
    const names = (KeySchema as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName)
    const { Items } = (await must(respondent, 'Scan', { TableName, ConsistentRead: true })) as { Items: Attributes[] }
    for (const item of Items) {
      const Key = Object.fromEntries(names.map(name => [name, item[name]]))
      await must(respondent, 'DeleteItem', { TableName, Key })
    }
  }
  await putItems(family, respondent)
}

async function putItems({ items = {} }: Family, respondent: Respondent): Promise<void> {
  for (const TableName of Object.keys(items)) {
    for (const Item of items[TableName] ?? []) await must(respondent, 'PutItem', { TableName, Item })
  }
}

async function must(respondent: Respondent, operation: string, input: object): Promise<unknown> {
  const { status, body } = await respondent.ask(operation, JSON.stringify(input))
  if (status !== 200) throw new Error(`${respondent.name} refuses ${operation}: ${body}`)
  return JSON.parse(body)
}
