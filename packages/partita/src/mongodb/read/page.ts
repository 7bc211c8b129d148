/** Pages of queries and scans: the server finds items by their keys; the filter of the request is evaluated here. */
import type { FindCursor } from 'mongodb'
import { MAX_PAGE_STEPS, PreparedCondition, projector, Work } from '../../expression/evaluate/index.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { isIndexed } from '../../store/index-key.js'
import { PAGE_BYTES } from '../../store/limits.js'
import type { ItemPage, QueryRequest, ScanRequest } from '../../store/store.js'
import { measureItem, readUnits } from '../../value/size.js'
import { getAttribute, type Item, setAttribute } from '../../value/value.js'
import type { MongoConnection } from '../connection/connection.js'
import { type StoredDocument, takeItem } from '../document/codec.js'
import type { MongoCatalog } from '../table/catalog.js'
import { BatchSizes } from './batch-sizes.js'
import { nextKey, type PagePlan, planQuery, planScan } from './page-plan.js'

/** Reads a page of a query. @param request a copy that the caller cannot change. */
export function queryPage(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: QueryRequest,
): Promise<ItemPage> {
  return readPage(connection, catalog, request, 'query', table => planQuery(table, request))
}

/** Reads a page of a scan. @param request a copy that the caller cannot change. */
export function scanPage(connection: MongoConnection, catalog: MongoCatalog, request: ScanRequest): Promise<ItemPage> {
  return readPage(connection, catalog, request, 'scan', table => planScan(table, request))
}

async function readPage(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: ScanRequest,
  operation: 'query' | 'scan',
  planned: (table: PagePlan['table']) => PagePlan,
): Promise<ItemPage> {
  const limit = connection.limit(request)
  const plan = planned(await catalog.table(request.table, limit, request.index))
  const { filter, sort, hint, projection } = plan
  const documents = connection.collection<StoredDocument>(request.table)
  const attempt = { operation, table: request.table }
  return connection.send(attempt, 'read', limit, async limits => {
    const page = new Page(plan, request)
    const sizes = BatchSizes.for(connection)
    const batch = sizes.of(request.table, hint)
    const cursor = documents.find(filter, {
      ...limits,
      sort,
      hint,
      projection,
      batchSize: Math.min(request.limit ?? batch, batch),
      // An index also has documents that are not in the page.
      limit: plan.index ? undefined : request.limit,
    })
    await page.fill(cursor)
    page.learn(sizes)
    return page.result()
  })
}

/** A page that is being read. */
class Page {
  readonly #plan: PagePlan
  readonly #request: ScanRequest
  readonly #filter: PreparedCondition | undefined
  readonly #project: (item: Item) => Item
  readonly #capacity = noCapacity()
  readonly #items: Item[] = []
  #count = 0
  #scanned = 0
  #bytes = 0
  /** The last item of a page that is full. */
  #last: Item | undefined

  constructor(plan: PagePlan, request: ScanRequest) {
    this.#plan = plan
    this.#request = request
    this.#filter = request.filter && new PreparedCondition(request.filter, new Work(MAX_PAGE_STEPS))
    this.#project = request.projection ? projector(request.projection) : item => item
  }

  /** Reads documents until the page is full or there are no more. */
  async fill(cursor: FindCursor<StoredDocument>): Promise<void> {
    try {
      while (!this.#last && (await cursor.hasNext())) {
        for (const document of cursor.readBufferedDocuments()) {
          this.#add(takeItem(document))
          if (this.#last) break
        }
      }
    } finally {
      await cursor.close()
    }
  }

  #add(item: Item): void {
    const { index } = this.#plan
    // The server's index also has items whose attribute is a list of keys, or whose keys are too long.
    if (index && !isIndexed(index, item)) return
    const entry = index?.projected ? picked(item, index.projected) : item
    this.#bytes += measureItem(entry)
    this.#scanned++
    if (this.#scanned === this.#request.limit || this.#bytes >= PAGE_BYTES) this.#last = item
    if (this.#filter && !this.#filter.test(entry)) return
    this.#count++
    if (this.#request.countOnly) return
    this.#items.push(this.#project(this.#plan.isFetched ? this.#fetched(item) : entry))
  }

  /** An item of a local index that lacks attributes is charged as a read of the table. */
  #fetched(item: Item): Item {
    const units = readUnits(measureItem(item), this.#request.consistent === true)
    addUnits(this.#capacity, this.#plan.table.name, undefined, units, 0)
    return item
  }

  /** Lets later pages of the index profit from the size of these items. */
  learn(sizes: BatchSizes): void {
    if (this.#scanned > 0) sizes.learn(this.#request.table, this.#plan.hint, this.#bytes / this.#scanned)
  }

  result(): ItemPage {
    const { table, index } = this.#plan
    const units = readUnits(this.#bytes, this.#request.consistent === true)
    addUnits(this.#capacity, table.name, index?.name, units, 0)
    return {
      items: this.#items,
      count: this.#count,
      scanned: this.#scanned,
      ...(this.#last && { next: nextKey(this.#plan, this.#last) }),
      capacity: this.#capacity,
    }
  }
}

function picked(item: Item, names: ReadonlySet<string>): Item {
  const entry: Item = {}
  for (const name of names) {
    const value = getAttribute(item, name)
    if (value !== undefined) setAttribute(entry, name, value)
  }
  return entry
}
