/** The check of one document: what a save of it would violate, and what must still hold when it is written. */
import type { ClientSession } from 'mongoose'
import { valuesAt } from '../../crql/values.js'
import { bsonIdentity } from '../schema/bson.js'
import { deletedPath, isDeleted, partAt } from '../schema/deleted.js'
import type { DocumentMatch, MongooseModel } from '../schema/models.js'
import { elementType } from '../schema/paths.js'
import { rulesOf } from '../schema/rules.js'
import { type Affected, affectedBy } from './affected.js'
import { type MongooseDocument, type PlainDocument, partsOf, plainDocument } from './document.js'
import { Guards } from './guards.js'
import { notLoaded } from './loaded.js'
import { lockViolations } from './locks.js'
import { DocumentLookups, type QueriedDocuments } from './lookups.js'
import { referenceViolations } from './references.js'
import { uniqueViolations } from './unique.js'
import type { DocumentViolation } from './violation.js'

/** The check of a document as it is now. */
export class DocumentCheck {
  readonly #document: MongooseDocument
  readonly #model: MongooseModel
  readonly #plain: PlainDocument
  readonly #affected: Affected
  readonly #guards = new Guards()
  #stored: PlainDocument | undefined

  constructor(document: MongooseDocument) {
    this.#document = document
    this.#model = document.constructor as MongooseModel
    this.#plain = plainDocument(document)
    this.#affected = affectedBy(document, partsOf(this.#model.schema, this.#plain))
  }

  /** Whether any constraint needs to be checked. */
  get isNeeded(): boolean {
    const { references, unique, locked } = this.#affected
    return references.length + unique.length + locked.length > 0
  }

  /** A text that is the same while the result is: it has all values that the check reads from the document. */
  get fingerprint(): string {
    const { references, fields } = this.#affected
    const values = [...fields].sort().map(field => [field, bsonIdentity(this.#plain[field])])
    const which = references.map(({ reference, parts }) => [
      reference.kind,
      reference.path,
      reference.query,
      parts.length,
    ])
    return JSON.stringify([this.#document.isNew, which, values])
  }

  /** All violations. */
  async violations(): Promise<DocumentViolation[]> {
    const { references, unique, needed } = this.#affected
    const missing = notLoaded(this.#document, needed)
    if (missing.length > 0) return missing
    const root = this.#model.schema
    const session = sessionOf(this.#document)
    const queries = references.map(({ reference }) => reference.compiled)
    const lookups = new DocumentLookups(this.#model.db, session, queries)
    const locked = await this.#lockViolations(session)
    const found = await Promise.all(
      references.map(each => {
        const find: QueriedDocuments['find'] = async (match, values) => {
          const documents = await lookups.find(match, values)
          if (each.reference.guard) this.#guards.add(match.model, [...documents.values()].flat())
          return this.#withDocument(match, documents)
        }
        return referenceViolations(each, this.#plain, lookups.queried(find))
      }),
    )
    return [...locked, ...unique.flatMap(({ option, part }) => uniqueViolations(option, part, root)), ...found.flat()]
  }

  /**
   * What the stored document must still be when the save writes it: its locked values, as long as no list or map is on the
   * way. Whoever changes the rest by `save` also changes the version.
   */
  condition(): Readonly<Record<string, unknown>> {
    const { schema } = this.#model
    const stored = this.#stored
    if (!stored) return {}
    const locks = rulesOf(schema).locks.filter(
      lock => this.#affected.locked.includes(lock.split('.')[0] as string) && isPlainPath(this.#model, lock),
    )
    return Object.fromEntries(locks.map(lock => [lock, partAt(stored, lock.split('.')) ?? null]))
  }

  /** Writes to the documents that guarded references found. @throws ValidationError outside of a transaction. */
  async guardDocuments(): Promise<void> {
    await this.#guards.write(sessionOf(this.#document))
  }

  async #lockViolations(session: ClientSession | null | undefined): Promise<DocumentViolation[]> {
    const { locked } = this.#affected
    if (locked.length === 0) return []
    // Plugins that hide deleted documents replace the calls of models: a lock holds for those too.
    const stored = await this.#model.collection.findOne(
      { _id: this.#plain._id as never },
      {
        projection: Object.fromEntries(locked.map(field => [field, 1])),
        readPreference: 'primary',
        ...(session && { session }),
      },
    )
    // Without the stored document the save itself fails.
    if (!stored) return []
    this.#stored = Object.fromEntries(locked.map(field => [field, (stored as PlainDocument)[field]]))
    return lockViolations(this.#model.schema, this.#stored, this.#plain)
  }

  /** What a lookup finds if the document is as the save will store it. What is stored under its `_id` does not count. */
  #withDocument(
    { model, path }: DocumentMatch,
    found: ReadonlyMap<string, readonly PlainDocument[]>,
  ): ReadonlyMap<string, readonly PlainDocument[]> {
    if (model.db !== this.#model.db || model.collection.name !== this.#model.collection.name) return found
    const own = bsonIdentity(this.#plain._id)
    const isFound = this.#document instanceof model && !isDeleted(this.#plain, deletedPath(this.#model.schema))
    const ids = isFound
      ? new Set(valuesAt<unknown>(this.#plain, path.steps).map(({ value }) => bsonIdentity(value)))
      : undefined
    return new Map(
      [...found].map(([id, documents]) => {
        const others = documents.filter(({ _id }) => bsonIdentity(_id) !== own)
        return [id, ids?.has(id) ? [...others, this.#plain] : others] as const
      }),
    )
  }
}

/** Whether a lock names one value of a document, rather than values in lists or maps. */
function isPlainPath({ schema }: MongooseModel, lock: string): boolean {
  const names = lock.split('.')
  return names.every((_, i) => {
    const path = names.slice(0, i + 1).join('.')
    const type = Object.hasOwn(schema.paths, path) ? schema.paths[path] : undefined
    return !type || !elementType(type)
  })
}

/** The session of a save: the document's own, or that of the transaction that the program runs in. */
function sessionOf(document: MongooseDocument): ClientSession | null | undefined {
  const storage = (
    (document.constructor as MongooseModel).base as unknown as {
      readonly transactionAsyncLocalStorage?: { getStore(): { readonly session?: ClientSession } | undefined }
    }
  ).transactionAsyncLocalStorage
  return document.$session() ?? storage?.getStore()?.session
}
