/** Reads the documents of a transaction: one command for each table. */
import type { ClientSession } from 'mongodb'
import type { MongoConnection } from '../connection/connection.js'
import type { TimeLimit } from '../connection/time-limit.js'
import { type StoredDocument, sizedItem } from '../document/codec.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'

/** The table and the `_id` of a document. */
export interface DocumentAddress {
  readonly table: Pick<MongoTable, 'name'>
  readonly id: string
}

/** Documents that were read, by table and `_id`. */
export class Documents {
  readonly #found = new Map<string, Map<string, StoredDocument>>()

  add(table: string, documents: readonly StoredDocument[]): void {
    this.#found.set(table, new Map(documents.map(document => [document._id, document])))
  }

  /** The document; undefined if it does not exist. */
  of({ table, id }: DocumentAddress): StoredDocument | undefined {
    return this.#found.get(table.name)?.get(id)
  }

  /** The bytes of the item, as DynamoDB counts them; 0 if it does not exist. */
  sizeOf(address: DocumentAddress): number {
    const document = this.of(address)
    return document ? sizedItem(document).size : 0
  }
}

/** Reads documents, in the transaction of the session if there is one. @throws the driver's errors */
export async function readDocuments(
  connection: MongoConnection,
  addresses: readonly DocumentAddress[],
  limit: TimeLimit,
  session?: ClientSession,
): Promise<Documents> {
  const documents = new Documents()
  for (const [table, members] of byTable(addresses)) {
    const collection = connection.collection<StoredDocument>(table)
    const filter = { _id: { $in: members.map(({ id }) => id) } }
    // One after the other: a session runs one command at a time.
    const found = await connection.bounded(limit, limits =>
      collection.find(filter, { ...limits, ...(session && { session }) }).toArray(),
    )
    documents.add(table, found)
  }
  return documents
}

/** Groups operations by the name of their table, in the order in which the tables appear. */
export function byTable<Operation extends { readonly table: Pick<MongoTable, 'name'> }>(
  operations: readonly Operation[],
): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    const group = groups.get(operation.table.name)
    if (group) group.push(operation)
    else groups.set(operation.table.name, [operation])
  }
  return groups
}

/** The tables that requests name. @throws TableNotFoundError */
export async function tablesOf(
  catalog: MongoCatalog,
  requests: readonly { readonly table: string }[],
  limit: TimeLimit,
): Promise<ReadonlyMap<string, MongoTable>> {
  const tables = new Map<string, MongoTable>()
  for (const { table } of requests) if (!tables.has(table)) tables.set(table, await catalog.table(table, limit))
  return tables
}
