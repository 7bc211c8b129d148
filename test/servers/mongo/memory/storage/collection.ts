/** A collection: rows with their versions, and the rules for writing them. */
import { BSON, type Document, UUID } from 'mongodb'
import { failed, writeConflict } from '../errors.js'
import { isDocument, valueKey } from '../values/compare.js'
import { field } from '../values/paths.js'
import { Index } from './index.js'
import { Busy, type Clock, type Transaction, type View } from './transaction.js'

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 200

/** One `_id`: its committed versions, the oldest first, and what an open transaction has written. */
export interface Row {
  readonly id: string
  versions: { readonly time: number; readonly document: Document | undefined }[]
  pending: { readonly transaction: Transaction; readonly document: Document | undefined } | undefined
}

export class Collection {
  readonly uuid = new UUID()
  readonly indexes = new Map<string, Index>([['_id_', new Index({ name: '_id_', key: { _id: 1 }, unique: true })]])
  readonly #rows = new Map<string, Row>()
  readonly #clock: Clock

  constructor(
    readonly name: string,
    readonly options: Document,
    clock: Clock,
  ) {
    this.#clock = clock
  }

  /** The documents that a view sees, in the order of their insertion. */
  *read(view: View): Generator<Document> {
    for (const row of this.#rows.values()) {
      const document = visible(row, view)
      if (document) yield document
    }
  }

  get(id: unknown, view: View): Document | undefined {
    const row = this.#rows.get(valueKey(id))
    return row && visible(row, view)
  }

  /** The documents that a filter on `_id` can match; undefined if it is on other fields alone. */
  byId(filter: Document, view: View): Document[] | undefined {
    const ids = idsOf(filter)
    if (!ids) return undefined
    return [...new Set(ids.map(valueKey))].flatMap(key => {
      const row = this.#rows.get(key)
      const document = row && visible(row, view)
      return document ? [document] : []
    })
  }

  insert(document: Document, view: View): void {
    const id = document._id
    if (Array.isArray(id)) throw failed(53, "The '_id' value cannot be of type array")
    const key = valueKey(id)
    const row = this.#rows.get(key) ?? { id: key, versions: [], pending: undefined }
    claim(row, view)
    if (visible(row, view)) throw duplicate(this.name, this.indexes.get('_id_') as Index, { _id: id })
    this.#check(document, key, view)
    this.#rows.set(key, row)
    this.#write(row, document, view)
  }

  replace(document: Document, view: View): void {
    const row = this.#rows.get(valueKey(document._id)) as Row
    claim(row, view)
    this.#check(document, row.id, view)
    this.#write(row, document, view)
  }

  delete(document: Document, view: View): void {
    const row = this.#rows.get(valueKey(document._id)) as Row
    claim(row, view)
    this.#write(row, undefined, view)
  }

  /** The transactions that have written here. */
  writers(): Transaction[] {
    return [...this.#rows.values()].flatMap(row => row.pending?.transaction ?? [])
  }

  /** Builds an index. All documents must be valid for it. */
  addIndex(index: Index): void {
    const keys = new Set<string>()
    for (const document of this.read({ time: this.#clock.time })) {
      for (const key of index.keys(document)) {
        if (index.unique && keys.has(key)) throw duplicate(this.name, index, index.values(document))
        keys.add(key)
      }
    }
    this.indexes.set(index.name, index)
  }

  /** Removes versions that nobody can read any more. */
  prune(row: Row): void {
    row.versions = row.versions.slice(-1)
    if (row.versions[0]?.document === undefined && !row.pending && this.#rows.get(row.id) === row)
      this.#rows.delete(row.id)
  }

  #write(row: Row, document: Document | undefined, { transaction }: View): void {
    if (transaction) {
      row.pending = { transaction, document }
      transaction.written.set(row, this)
      return
    }
    row.versions.push({ time: ++this.#clock.time, document })
    this.#clock.outdate(this, row)
  }

  #check(document: Document, key: string, view: View): void {
    checkDocument(document)
    for (const index of this.indexes.values()) {
      const keys = index.keys(document)
      if (index.unique && index.name !== '_id_') this.#checkUnique(index, keys, key, view, document)
    }
  }

  /** Another transaction's key, or one committed after the snapshot, is a conflict; a visible one is a duplicate. */
  #checkUnique(index: Index, keys: readonly string[], own: string, view: View, document: Document): void {
    const clashes = (other: Document | undefined) =>
      other !== undefined && index.keys(other).some(key => keys.includes(key))
    for (const row of this.#rows.values()) {
      if (row.id === own) continue
      if (clashes(visible(row, view))) throw duplicate(this.name, index, index.values(document))
      if (row.pending && row.pending.transaction !== view.transaction) {
        if (clashes(row.pending.document)) throw new Busy(row.pending.transaction)
      } else if (clashes(row.versions.at(-1)?.document) && !row.pending) throw writeConflict()
    }
  }
}

/** The values of `_id` that a filter names. */
function idsOf(filter: Document): unknown[] | undefined {
  const operand = field(filter, '_id')
  if (operand === undefined || operand === null) {
    for (const part of Array.isArray(filter.$and) ? filter.$and : []) {
      const ids = idsOf(part)
      if (ids) return ids
    }
    return undefined
  }
  const hasOperators = isDocument(operand) && Object.keys(operand).some(name => name.startsWith('$'))
  const ids = !hasOperators ? [operand] : Object.hasOwn(operand, '$eq') ? [operand.$eq] : operand.$in
  if (!Array.isArray(ids) || ids.some(id => (id as { _bsontype?: string })?._bsontype === 'BSONRegExp'))
    return undefined
  return ids
}

function visible({ pending, versions }: Row, { time, transaction }: View): Document | undefined {
  if (pending && pending.transaction === transaction) return pending.document
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i] as Row['versions'][number]
    if (version.time <= time) return version.document
  }
  return undefined
}

/** Snapshot isolation: the first writer wins, whether it has committed since the snapshot or is still open. */
function claim({ pending, versions }: Row, { time, transaction }: View): void {
  if (pending && pending.transaction !== transaction) throw new Busy(pending.transaction)
  if (!pending && (versions.at(-1)?.time ?? 0) > time) throw writeConflict()
}

function checkDocument(document: Document): void {
  if (depthOf(document) > MAX_DEPTH) throw failed(15, 'BSONObj exceeded maximum nested object depth: 200')
  const bytes = BSON.calculateObjectSize(document)
  if (bytes > MAX_DOCUMENT_BYTES)
    throw failed(10334, `BSONObj size: ${bytes} is invalid. Size must be between 0 and 16793600(16MB)`)
}

function depthOf(value: unknown): number {
  const inner = Array.isArray(value) ? value : isDocument(value) ? Object.values(value) : undefined
  if (!inner) return 0
  let deepest = 0
  for (const one of inner) deepest = Math.max(deepest, depthOf(one))
  return deepest + 1
}

function duplicate(collection: string, { name, key }: Index, keyValue: Document): Error {
  return failed(
    11000,
    `E11000 duplicate key error collection: ${collection} index: ${name} dup key: ${JSON.stringify(keyValue)}`,
    {
      keyPattern: key,
      keyValue,
    },
  )
}
