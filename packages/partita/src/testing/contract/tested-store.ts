/** The engine under test: its store, open from the first test of a group to the last, and the tables of the tests. */
import type { TableDefinition } from '../../store/definition.js'
import type { Store } from '../../store/store.js'
import type { TestRunner } from './runner.js'
import { allSupports, type Supports } from './supports.js'

/** An engine to run the contract on. */
export interface TestedEngine {
  /** Its name in the titles of the tests. */
  readonly name: string
  /**
   * Opens a store, which the contract closes. Each group of tests opens one, and some tests another. They may share their
   * data: the names of the tables are unique.
   */
  open(): Promise<Store>
  /** The details of DynamoDB's behavior that the engine lacks. Default: none. */
  readonly supports?: Supports
}

/** The store of a group of tests. */
export interface TestedStore {
  readonly supports: Required<Supports>
  /** Open only while tests run. */
  readonly store: Store
  /** Opens another store of the engine; the caller closes it. */
  open(): Promise<Store>
  /** A table name that no other run uses; the table is deleted after the group. */
  tableName(): string
  /** Creates a table under such a name, and returns the name. */
  table(definition: Omit<TableDefinition, 'name'>): Promise<string>
  /** The number of table names in use. */
  tables(): number
  /** Deletes the tables beyond the first `kept`, where they exist. */
  deleteTables(kept: number): Promise<void>
}

/** Opens a store before the tests of the group, and closes it after them. */
export function testedStore(engine: TestedEngine, runner: Pick<TestRunner, 'beforeAll' | 'afterAll'>): TestedStore {
  const supports = allSupports(engine.supports)
  const run = `partita-test-${crypto.randomUUID()}`
  const names: string[] = []
  let created = 0
  let store: Store | undefined
  const opened = (): Store => {
    if (!store) throw new Error('The store is open only while tests run')
    return store
  }
  const tableName = (): string => {
    const name = `${run}-${++created}`
    names.push(name)
    return name
  }
  const deleteTables = async (kept: number): Promise<void> => {
    const past = names.splice(kept)
    const present = new Set(past.length > 0 ? await store?.listTables() : [])
    await Promise.all(past.filter(name => present.has(name)).map(name => store?.deleteTable(name)))
  }
  runner.beforeAll(async () => {
    store = await engine.open()
  })
  runner.afterAll(async () => {
    await deleteTables(0)
    await store?.close()
  })
  return {
    supports,
    get store() {
      return opened()
    },
    open: () => engine.open(),
    tableName,
    table: async definition => (await opened().createTable({ ...definition, name: tableName() })).name,
    tables: () => names.length,
    deleteTables,
  }
}
