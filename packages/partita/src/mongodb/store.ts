/** The Store contract on MongoDB, from the modules of this folder. */
import type { TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import type * as Contract from '../store/store.js'
import type { MongoDBOptions } from './connection/client.js'
import { MongoConnection } from './connection/connection.js'
import { type ExplainedCommand, explainRequest } from './explain.js'
import { batchGet } from './read/batch.js'
import { getItem } from './read/get.js'
import { queryPage, scanPage } from './read/page.js'
import { createTable, deleteTable, describeTable, listTables, updateTable } from './table/administration.js'
import { MongoCatalog } from './table/catalog.js'
import { transactGet } from './transaction/read.js'
import { transactWrite } from './transaction/write.js'
import { batchWrite } from './write/batch.js'
import { writeItem } from './write/single.js'

/** The store that `mongodb` returns. Requests are copied, because the work on them continues after a call has returned. */
export class MongoDBStore implements Contract.Store {
  readonly provisioning = 'automatic'
  readonly #connection: MongoConnection
  readonly #catalog: MongoCatalog

  /** @throws ValidationError for invalid options */
  constructor(options: MongoDBOptions) {
    this.#connection = new MongoConnection(options)
    this.#catalog = new MongoCatalog(this.#connection)
  }

  get(request: Contract.GetRequest): Promise<Contract.GetResult> {
    return this.#connection.run(request, own => getItem(this.#connection, this.#catalog, own))
  }

  batchGet(request: Contract.BatchGetRequest): Promise<Contract.BatchGetResult> {
    return this.#connection.run(request, own => batchGet(this.#connection, this.#catalog, own))
  }

  write(request: Contract.WriteRequest): Promise<Contract.WriteResult> {
    return this.#connection.run(request, own => writeItem(this.#connection, this.#catalog, own))
  }

  batchWrite(request: Contract.BatchWriteRequest): Promise<Contract.BatchWriteResult> {
    return this.#connection.run(request, own => batchWrite(this.#connection, this.#catalog, own))
  }

  transactWrite(request: Contract.TransactWriteRequest): Promise<Contract.TransactWriteResult> {
    return this.#connection.run(request, own => transactWrite(this.#connection, this.#catalog, own))
  }

  transactGet(request: Contract.TransactGetRequest): Promise<Contract.TransactGetResult> {
    return this.#connection.run(request, own => transactGet(this.#connection, this.#catalog, own))
  }

  query(request: Contract.QueryRequest): Promise<Contract.ItemPage> {
    return this.#connection.run(request, own => queryPage(this.#connection, this.#catalog, own))
  }

  scan(request: Contract.ScanRequest): Promise<Contract.ItemPage> {
    return this.#connection.run(request, own => scanPage(this.#connection, this.#catalog, own))
  }

  /**
   * Returns the commands that a request would send, with their filters and indexes. Sends nothing but the read of the
   * table's definition.
   * @throws ValidationError, TableNotFoundError, IndexNotFoundError as the request itself.
   */
  explain(request: Contract.ExplainRequest): Promise<ExplainedCommand[]> {
    return this.#connection.run(request, own => explainRequest(this.#connection, this.#catalog, own))
  }

  createTable(definition: TableDefinition): Promise<TableDescription> {
    return this.#connection.run(definition, own => createTable(this.#connection, this.#catalog, own))
  }

  describeTable(table: string): Promise<TableDescription | undefined> {
    return this.#connection.run(table, own => describeTable(this.#connection, own))
  }

  updateTable(table: string, change: TableChange): Promise<TableDescription> {
    return this.#connection.run(change, own => updateTable(this.#connection, this.#catalog, table, own))
  }

  deleteTable(table: string): Promise<void> {
    return this.#connection.run(table, own => deleteTable(this.#connection, this.#catalog, own))
  }

  listTables(): Promise<string[]> {
    return this.#connection.run(undefined, () => listTables(this.#connection))
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
