/** The Store contract on DynamoDB, from the modules of this folder. */

import type { TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import type * as Contract from '../store/store.js'
import { snapshot } from '../value/snapshot.js'
import {
  createTable,
  deleteTable,
  describeTable,
  existingTable,
  listTables,
  readKeySchema,
  updateTable,
} from './administration.js'
import { batchGet, batchWrite } from './batch.js'
import { KeySchemas } from './key-schemas.js'
import type { DynamoDBOptions } from './options.js'
import { queryPage, scanPage } from './page.js'
import { type Keyed, type Look, pageErrorOr, requestErrorOr } from './request-error.js'
import { Sender } from './sender.js'
import { getItem, writeItem } from './single.js'
import { transactGet, transactWrite } from './transaction.js'

/** The store that `dynamodb` returns. */
export class DynamoDBStore implements Contract.Store {
  readonly provisioning = 'explicit'
  readonly #sender: Sender
  readonly #schemas: KeySchemas
  readonly #look: Look

  constructor(options: DynamoDBOptions) {
    this.#sender = new Sender(options)
    this.#schemas = new KeySchemas((table, call) => readKeySchema(this.#sender, table, call))
    this.#look = {
      table: table => existingTable(this.#sender, table),
      item: async (table, key) => (await getItem(this.#sender, { table, key, consistent: true })).item,
    }
  }

  get(request: Contract.GetRequest): Promise<Contract.GetResult> {
    return this.#explained([request], () => getItem(this.#sender, request))
  }

  batchGet(request: Contract.BatchGetRequest): Promise<Contract.BatchGetResult> {
    const own = snapshot(request)
    return this.#explained(own.gets, () => batchGet(this.#sender, own))
  }

  write(request: Contract.WriteRequest): Promise<Contract.WriteResult> {
    return this.#explained([request], () => writeItem(this.#sender, request))
  }

  batchWrite(request: Contract.BatchWriteRequest): Promise<Contract.BatchWriteResult> {
    const own = snapshot(request)
    return this.#sender.run(() => batchWrite(this.#sender, this.#schemas, own))
  }

  transactWrite(request: Contract.TransactWriteRequest): Promise<Contract.TransactWriteResult> {
    const own = snapshot(request)
    return this.#explained(own.writes, () => transactWrite(this.#sender, own))
  }

  transactGet(request: Contract.TransactGetRequest): Promise<Contract.TransactGetResult> {
    return this.#explained(request.gets, () => transactGet(this.#sender, request))
  }

  query(request: Contract.QueryRequest): Promise<Contract.ItemPage> {
    return this.#sender.run(
      () => queryPage(this.#sender, request),
      error => pageErrorOr(error, this.#look, request),
    )
  }

  scan(request: Contract.ScanRequest): Promise<Contract.ItemPage> {
    return this.#sender.run(
      () => scanPage(this.#sender, request),
      error => pageErrorOr(error, this.#look, request),
    )
  }

  createTable(definition: TableDefinition): Promise<TableDescription> {
    const own = snapshot(definition)
    return this.#sender.run(() => createTable(this.#sender, own))
  }

  describeTable(table: string): Promise<TableDescription | undefined> {
    return this.#sender.run(() => describeTable(this.#sender, table))
  }

  updateTable(table: string, change: TableChange): Promise<TableDescription> {
    const own = snapshot(change)
    return this.#sender.run(() => updateTable(this.#sender, table, own))
  }

  deleteTable(table: string): Promise<void> {
    this.#schemas.forget(table)
    return this.#sender.run(() => deleteTable(this.#sender, table))
  }

  listTables(): Promise<string[]> {
    return this.#sender.run(() => listTables(this.#sender))
  }

  close(): Promise<void> {
    return this.#sender.close()
  }

  #explained<T>(requests: readonly Keyed[], call: () => Promise<T>): Promise<T> {
    return this.#sender.run(call, error => requestErrorOr(error, this.#look, requests))
  }
}
