/** Examines whether the table and its rows are as the models need them. Nothing is changed. */
import { connect, type IncompleteEvent, type Store } from 'partita'
import type { TableDefinition } from 'partita/store'
import type { LoadedModels } from '../models/load.js'
import { tableDifferences } from '../table/table-diff.js'
import { type Finding, messageOf, ok, problem, warning } from './finding.js'

/** Methods of a store that change tables. */
const CHANGES: readonly PropertyKey[] = ['createTable', 'updateTable', 'deleteTable', 'batchWrite', 'transactWrite']

/** Compares the table with the definition that the models need, and the rows with the parts that the models have. */
export async function driftFindings(store: Store, wanted: TableDefinition, loaded: LoadedModels): Promise<Finding[]> {
  const found = await store.describeTable(wanted.name)
  if (!found) return [warning('table', `there is no table ${wanted.name} yet`, 'run "partita table create"')]
  const differences = tableDifferences(wanted, found).map(({ message, kind, canBeAdded }) => {
    if (canBeAdded) return problem('table', message, 'run "partita table create", which adds it')
    if (kind === 'extra') return warning('table', message, 'delete the index if no program uses it')
    return problem('table', message, 'use another table, or give the models a layout that fits this one')
  })
  const isUsable = differences.every(({ status }) => status !== 'problem')
  const table =
    differences.length > 0 ? differences : [ok('table', `the table ${wanted.name} is as the models need it`)]
  return isUsable ? [...table, ...(await rowFindings(store, wanted.name, loaded))] : table
}

async function rowFindings(store: Store, table: string, { models, layout }: LoadedModels): Promise<Finding[]> {
  try {
    const db = await connect({ models, store: withoutWrites(store), table, ...(layout && { layout }) })
    const incomplete: IncompleteEvent[] = []
    db.on('warning', event => {
      if (event.kind === 'incomplete') incomplete.push(event)
    })
    await db.close()
    if (incomplete.length === 0) return [ok('rows', 'all rows have the indexes and constraints of their models')]
    return incomplete.map(({ model, part, name }) => {
      const what = part === name ? part : `the ${part} ${name}`
      return warning('rows', `older rows of ${model} may lack ${what}`, `run "partita reindex ${model}"`)
    })
  } catch (error) {
    return [warning('rows', `the rows could not be examined: ${messageOf(error)}`, 'correct that and try again')]
  }
}

/** `connect` records which models a table has. An examination leaves no record, so its writes are dropped. */
function withoutWrites(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'write') return async () => ({ item: undefined, capacity: { read: 0, write: 0, tables: {} } })
      if (CHANGES.includes(name)) return async () => Promise.reject(new Error('an examination changes nothing'))
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
