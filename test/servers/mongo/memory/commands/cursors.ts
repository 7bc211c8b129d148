/** Cursors: the results of a query that are not fetched yet. */
import { BSON, type Document, Long } from 'mongodb'
import { failed } from '../errors.js'

const FIRST_BATCH = 101
const MAX_BATCH_BYTES = 16 * 1024 * 1024

export class Cursors {
  readonly #open = new Map<string, { readonly namespace: string; readonly documents: Document[]; at: number }>()
  #last = 0

  get size(): number {
    return this.#open.size
  }

  /** The first batch of results; the cursor stays open if there are more. */
  first(namespace: string, documents: Document[], size: number | undefined, isSingle: boolean): Document {
    const id = String(++this.#last)
    this.#open.set(id, { namespace, documents, at: 0 })
    const { cursor } = this.#batch(id, size ?? FIRST_BATCH, 'firstBatch')
    if (isSingle) this.kill(id)
    return { cursor: isSingle ? { ...cursor, id: Long.ZERO } : cursor }
  }

  next(id: string, size: number | undefined): Document {
    if (!this.#open.has(id)) throw failed(43, `cursor id ${id} not found`)
    return this.#batch(id, size ?? Number.POSITIVE_INFINITY, 'nextBatch')
  }

  kill(id: string): boolean {
    return this.#open.delete(id)
  }

  #batch(id: string, size: number, name: string): Document {
    const cursor = this.#open.get(id) as { readonly namespace: string; readonly documents: Document[]; at: number }
    const batch: Document[] = []
    let bytes = 0
    while (cursor.at < cursor.documents.length && batch.length < size) {
      const document = cursor.documents[cursor.at] as Document
      bytes += BSON.calculateObjectSize(document)
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break
      batch.push(document)
      cursor.at++
    }
    const isDone = cursor.at === cursor.documents.length
    if (isDone) this.kill(id)
    return { cursor: { id: isDone ? Long.ZERO : Long.fromString(id), ns: cursor.namespace, [name]: batch } }
  }
}
