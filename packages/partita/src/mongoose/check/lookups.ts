/**
 * Finds documents by values. The lookups of one save are shared: a value is looked up once, and what the constraints need of
 * one model at the same time is one query. Middleware of the program does not run, since integrity must not depend on who looks.
 */
import type { ClientSession, Connection } from 'mongoose'
import type { QuerySource, Search, ValuesById } from '../../crql/run.js'
import { valuesAt } from '../../crql/values.js'
import { bsonIdentity } from '../schema/bson.js'
import { livingFilter } from '../schema/deleted.js'
import type { DocumentMatch, DocumentQuery, MongooseModel } from '../schema/models.js'
import { castTo, type Leaf } from '../schema/paths.js'
import type { PlainDocument } from './document.js'
import { Projections } from './projections.js'

/** The most values of one query, so that no command comes near the 16 MB that MongoDB accepts. */
const MAX_VALUES = 5000

/** Documents of Mongoose, as queries run over them. */
export type QueriedDocuments = QuerySource<PlainDocument, unknown, Leaf, DocumentMatch>

/** A lookup that waits for the others of its turn. */
interface Waiting {
  readonly match: DocumentMatch
  readonly values: ValuesById<unknown>
  readonly settle: (found: ReadonlyMap<string, readonly PlainDocument[]>) => void
  readonly fail: (error: unknown) => void
}

/** The lookups of one save or query. */
export class DocumentLookups {
  /** Queries sent so far. */
  queries = 0
  /** Identities of the distinct documents found so far. */
  readonly documents = new Set<string>()
  readonly #connection: Connection
  readonly #session: ClientSession | null | undefined
  readonly #projections: Projections
  readonly #known = new Map<string, Map<string, Promise<readonly PlainDocument[]>>>()
  readonly #waiting = new Map<MongooseModel, Waiting[]>()
  /** The last query of a transaction: a session runs one command at a time. */
  #last: Promise<unknown> = Promise.resolve()

  /**
   * @param connection that the session belongs to.
   * @param queries all that will run, which decides on what is read of the documents.
   */
  constructor(connection: Connection, session: ClientSession | null | undefined, queries: readonly DocumentQuery[]) {
    this.#connection = connection
    this.#session = session
    this.#projections = new Projections(queries)
  }

  /** The documents as queries run over them. */
  queried(
    find: QueriedDocuments['find'] = (match, values, search) => this.find(match, values, search),
  ): QueriedDocuments {
    return {
      read: (document, { steps }) => valuesAt<unknown>(document, steps).map(({ value }) => value),
      convert: castTo,
      identity: bsonIdentity,
      find,
    }
  }

  /** The documents that have one of the values at the match's path, by the identity of the value. */
  async find(
    match: DocumentMatch,
    values: ValuesById<unknown>,
    _search?: Search<Leaf>,
  ): Promise<Map<string, readonly PlainDocument[]>> {
    const id = `${match.model.db.id} ${match.model.modelName} ${match.path.name}`
    let known = this.#known.get(id)
    if (!known) this.#known.set(id, (known = new Map()))
    const unknown = new Map([...values].filter(([value]) => !known.has(value)))
    if (unknown.size > 0) {
      const reading = this.#enqueue(match, unknown)
      for (const value of unknown.keys()) {
        const found = reading.then(documents => documents.get(value) ?? [])
        // Whoever awaits `find` sees the error.
        found.catch(() => {})
        known.set(value, found)
      }
    }
    return new Map(
      await Promise.all([...values.keys()].map(async value => [value, (await known.get(value)) ?? []] as const)),
    )
  }

  #enqueue(match: DocumentMatch, values: ValuesById<unknown>): Promise<ReadonlyMap<string, readonly PlainDocument[]>> {
    return new Promise((settle, fail) => {
      const waiting = { match, values, settle, fail }
      const others = this.#waiting.get(match.model)
      if (others) {
        others.push(waiting)
        return
      }
      this.#waiting.set(match.model, [waiting])
      // By then, all constraints that run at the same time are waiting.
      process.nextTick(() => void this.#send(match.model))
    })
  }

  async #send(model: MongooseModel): Promise<void> {
    const waiting = this.#waiting.get(model) ?? []
    this.#waiting.delete(model)
    try {
      const documents = new Map<string, PlainDocument>()
      for (const conditions of conditionsOf(waiting)) {
        for (const document of await this.#inTurn(() => this.#query(model, conditions))) {
          documents.set(bsonIdentity(document._id), document)
        }
      }
      for (const { match, values, settle } of waiting) settle(this.#matched(match, values, documents))
    } catch (error) {
      for (const { fail } of waiting) fail(error)
    }
  }

  #matched(
    { model, path }: DocumentMatch,
    values: ValuesById<unknown>,
    documents: ReadonlyMap<string, PlainDocument>,
  ): Map<string, PlainDocument[]> {
    const found = new Map<string, PlainDocument[]>()
    for (const [id, document] of documents) {
      for (const value of new Set(valuesAt<unknown>(document, path.steps).map(each => bsonIdentity(each.value)))) {
        if (!values.has(value)) continue
        this.documents.add(`${model.db.id} ${model.collection.name} ${id}`)
        found.set(value, [...(found.get(value) ?? []), document])
      }
    }
    return found
  }

  #query(model: MongooseModel, conditions: readonly object[]): Promise<PlainDocument[]> {
    this.queries++
    const living = livingFilter(model.schema)
    const any = conditions.length === 1 ? conditions[0] : { $or: conditions }
    return model
      .find((living ? { $and: [any, trusted(model, living)] } : any) as object, this.#projections.of(model))
      .setOptions({
        // The hooks and settings of the program must not change what is found.
        ...{ middleware: false, strictQuery: false },
        ...(this.#session !== undefined && { session: this.#sessionFor(model) }),
        readPreference: 'primary',
      })
      .lean()
      .exec() as unknown as Promise<PlainDocument[]>
  }

  /** A session is known to its own client only. */
  #sessionFor(model: MongooseModel): ClientSession | null {
    const isKnown = model.db === this.#connection || model.db.getClient() === this.#connection.getClient()
    return isKnown ? (this.#session ?? null) : null
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    if (!this.#session?.inTransaction()) return run()
    const turn = this.#last.then(run, run)
    this.#last = turn
    turn.catch(() => {})
    return turn
  }
}

/** The conditions of the lookups of one turn, as those of one query or of several with as many values as fit. */
function conditionsOf(waiting: readonly Waiting[]): object[][] {
  const queries: object[][] = []
  let room = 0
  for (const { match, values } of waiting) {
    const all = [...values.values()]
    for (let from = 0; from < all.length; ) {
      if (room === 0) {
        queries.push([])
        room = MAX_VALUES
      }
      const some = all.slice(from, from + room)
      queries.at(-1)?.push(trusted(match.model, { [match.path.steps.join('.')]: { $in: some } }))
      from += some.length
      room -= some.length
    }
  }
  return queries
}

/** A condition whose operators are our own, so that Mongoose's setting `sanitizeFilter` leaves them. */
function trusted({ base }: MongooseModel, condition: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(condition).map(([path, value]) => [path, value === null ? null : base.trusted(value as object)]),
  )
}
