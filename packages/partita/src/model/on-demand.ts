/**
 * The parts of the model layer that a program loads when it first needs them. Importing the library loads only what defines
 * models; `connect` loads what reads and writes rows, and the rules and relations that its models have.
 */

/** A module that is loaded once, when it is first needed. */
class OnDemand<Part> {
  readonly #import: () => Promise<Part>
  #part: Part | undefined

  constructor(load: () => Promise<Part>) {
    this.#import = load
  }

  async load(): Promise<Part> {
    this.#part ??= await this.#import()
    return this.#part
  }

  /** The module, which was loaded before. For calls that cannot wait: `connect` has loaded what they need. */
  get loaded(): Part {
    if (!this.#part) throw new Error('A part of the library was used before it was loaded')
    return this.#part
  }
}

/** What connects models, and reads and writes their rows. Loaded by the first `connect`, and by a model that validates input. */
export const connection = new OnDemand(() => import('./parts/connection.js'))
/** Loaded by `connect` if it is given a store URL, no store, or several databases. */
export const stores = new OnDemand(() => import('./parts/stores.js'))
/** Loaded by `connect` if a model has rules, or fields whose writes need the same pipeline. */
export const rules = new OnDemand(() => import('./parts/rules.js'))
/** Loaded by `connect` together with the rules, whose writes are transactions. */
export const transactions = new OnDemand(() => import('./parts/transactions.js'))
/** Loaded by `connect` if a model has relations. */
export const relations = new OnDemand(() => import('./parts/relations.js'))
/** Loaded by `connect` if it is given collections. */
export const collections = new OnDemand(() => import('./parts/collections.js'))
/** Loaded by `connect` if a model has upgrade steps. */
export const upgrades = new OnDemand(() => import('./parts/upgrades.js'))
/** Loaded by the first cursor, iteration or history. */
export const longReads = new OnDemand(() => import('./parts/long-reads.js'))
/** Loaded by the first `explain` of a query. */
export const explanation = new OnDemand(() => import('./parts/explanation.js'))
/** Loaded by the first `save` of a record. */
export const saving = new OnDemand(() => import('./parts/saving.js'))
/** Loaded by the first upsert. */
export const upserting = new OnDemand(() => import('./parts/upserting.js'))
/** Loaded by the first batch or `createMany`. */
export const batches = new OnDemand(() => import('./parts/batches.js'))
/** Loaded by the first `crql`. */
export const crql = new OnDemand(() => import('./parts/crql.js'))
/** Loaded by the first `reindex`. */
export const reindexing = new OnDemand(() => import('./parts/reindexing.js'))
/** Loaded by the first upload or sweep of assets. */
export const assets = new OnDemand(() => import('./parts/assets.js'))
