/** Guards of references: the documents that a save relies on are written to, so that nobody deletes them before it commits. */
import type { ClientSession } from 'mongoose'
import { invalid } from '../../errors/errors.js'
import { bsonIdentity } from '../schema/bson.js'
import { livingFilter } from '../schema/deleted.js'
import type { MongooseModel } from '../schema/models.js'
import type { PlainDocument } from './document.js'

/** The field that a guard writes. Its value means nothing. */
const GUARD_FIELD = 'goodiesGuard'

/** The documents that the guarded references of one save found. */
export class Guards {
  readonly #found = new Map<MongooseModel, Map<string, unknown>>()

  /** Adds documents. */
  add(model: MongooseModel, documents: Iterable<PlainDocument>): void {
    let known = this.#found.get(model)
    if (!known) this.#found.set(model, (known = new Map()))
    for (const { _id } of documents) known.set(bsonIdentity(_id), _id)
  }

  /**
   * Writes to the documents. In a transaction a document that was only read can be deleted by others before the commit; one
   * that was written to cannot.
   * @throws ValidationError if the save is not part of a transaction, or a document has been deleted since it was found.
   */
  async write(session: ClientSession | null | undefined): Promise<void> {
    for (const [model, found] of this.#found) {
      if (found.size === 0) continue
      if (!session?.inTransaction()) {
        throw invalid(['guard'], 'needs a transaction; save the document with the session of one')
      }
      const filter = { _id: { $in: [...found.values()] }, ...livingFilter(model.schema) }
      const update = { $set: { [GUARD_FIELD]: new model.base.Types.ObjectId() } }
      const { matchedCount } = await model.collection.updateMany(filter as never, update, { session })
      if (matchedCount === found.size) continue
      throw invalid(['guard'], `finds that a document of ${model.modelName} was deleted meanwhile; save again`)
    }
  }
}
