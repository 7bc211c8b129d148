/** Handles: the database itself, its scopes, and the views of its transactions. */
import { type Issue, invalid, valueText } from '../../errors/errors.js'
import { checkFunction } from '../../store/options.js'
import { equalValues, type Item, type Value } from '../../value/value.js'
import { DatabaseAssets } from '../assets/assets.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../compile/compiled-model.js'
import { batches, collections, crql, transactions } from '../on-demand.js'
import type { CompiledCollection } from '../read/collection.js'
import { Loader } from '../read/loader.js'
import type { Collections, DecodedKey, ScopeOptions, TransactionOptions } from '../types/database.js'
import type { OperationListener, WarningListener } from '../types/events.js'
import type { writeBatch } from '../write/batch.js'
import { DATABASE_CONTEXT, type DatabaseContext } from './context.js'
import { ModelRepository } from './repository.js'
import { type ScopeState, scopeWithin } from './scope.js'

type Handle = Record<string | symbol, unknown>

/** Compiles the collections of a database. @throws ValidationError for one that does not fit the models. */
export async function compileCollections(db: DatabaseContext, given: Collections): Promise<CompiledCollection[]> {
  const named = Object.entries(given)
  if (named.length === 0) return []
  const { compileCollection } = await collections.load()
  return named.map(([name, collection]) => {
    if (collection.name === name) return compileCollection(db, collection)
    throw invalid(['collections', name], `is the collection ${collection.name}; connect it under that name`)
  })
}

/** The handle of the database itself. Its calls belong to the scope that is running. */
export function databaseHandle(
  db: DatabaseContext,
  compiled: readonly CompiledCollection[],
  createTable: () => Promise<void>,
  close: () => Promise<void>,
): object {
  const handle = scopeHandle(db, compiled, () => db.scopes.getStore() ?? db.root)
  // Not enumerable, so that a database that is printed or copied shows its own members alone.
  Object.defineProperty(handle, DATABASE_CONTEXT, { value: db })
  return Object.assign(handle, { createTable, close, [Symbol.asyncDispose]: close })
}

function scopeHandle(db: DatabaseContext, compiled: readonly CompiledCollection[], scope: () => ScopeState): Handle {
  const handle: Handle = {
    ...repositories(db, scope),
    async transaction<T>(run: (tx: object) => Promise<T>, options: TransactionOptions = {}): Promise<T | undefined> {
      checkFunction('transaction', run)
      const state = scope()
      const { transact } = await transactions.load()
      return transact(db, state, view => run(repositories(db, () => view)), options)
    },
    async explain(run: (tx: object) => Promise<unknown>) {
      checkFunction('explain', run)
      const state = scope()
      return (await transactions.load()).explain(db, state, view => run(repositories(db, () => view)))
    },
    outside<T>(run: () => T): T {
      checkFunction('outside', run)
      return db.transactions.outside(run)
    },
    async batch(fill: Parameters<typeof writeBatch>[2]) {
      checkFunction('batch', fill)
      const state = scope()
      return (await batches.load()).writeBatch(db, state, fill)
    },
    async run<T>(options: ScopeOptions, run: (scope: object) => Promise<T>): Promise<T> {
      checkFunction('run', run)
      const inner = scopeWithin(scope(), options, () => new Loader())
      return db.scopes.run(inner, () => run(scopeHandle(db, compiled, () => inner)))
    },
    scope(options: ScopeOptions): object {
      const inner = scopeWithin(scope(), options, () => new Loader())
      return scopeHandle(db, compiled, () => inner)
    },
    on(event: string, listener: OperationListener | WarningListener): () => void {
      checkFunction('on', listener)
      if (event === 'warning') return db.warnings.add(listener as WarningListener)
      if (event !== 'operation') {
        throw invalid([], `There is no event ${valueText(event)}; the events are operation and warning`)
      }
      db.listeners.add(listener as OperationListener)
      return () => db.listeners.delete(listener as OperationListener)
    },
    assets: new DatabaseAssets(db, scope),
    async crql(text: string, contexts: readonly object[]) {
      const state = scope()
      return (await crql.load()).runQuery(db, state, text, contexts)
    },
    decodeKey: (pk: string, sk?: string, database?: string) => decodeKey(db, scope(), pk, sk, database),
  }
  for (const collection of compiled) {
    const { name } = collection.collection
    if (name in handle)
      throw invalid(['collections', name], 'is already the name of a model or of a method of the database')
    handle[name] = new collections.loaded.ModelCollection(db, collection, scope)
  }
  const readings = {
    tenant: () => scope().tenant,
    actor: () => scope().actor,
    capacity: () => ({ read: scope().capacity.read, write: scope().capacity.write }),
  }
  for (const [name, get] of Object.entries(readings)) Object.defineProperty(handle, name, { get, enumerable: true })
  return handle
}

function repositories(db: DatabaseContext, scope: () => ScopeState): Handle {
  return Object.fromEntries([...db.models].map(([name, model]) => [name, new ModelRepository(db, model, scope)]))
}

/**
 * @throws ValidationError for a key that no model writes, such as that of a unique marker.
 */
function decodeKey(db: DatabaseContext, scope: ScopeState, pk: string, sk = '', database?: string): DecodedKey {
  const tenant = tenantOf(pk)
  if (scope.tenant !== undefined && tenant !== scope.tenant) throw unknownKey(pk, sk)
  const rest = pk.slice(tenantPrefix(tenant).length)
  for (const model of db.models.values()) {
    if (database !== undefined && database !== model.table.database) continue
    const stored = model.readKeyTexts(rest, sk)
    const fields = stored && keyFields(model, stored)
    if (fields) return { model: model.name, tenant, fields }
  }
  throw unknownKey(pk, sk)
}

/** The fields of a key; undefined if the model would not write these values. */
function keyFields(model: CompiledModel, stored: Item): DecodedKey['fields'] | undefined {
  const fields: { [name: string]: unknown } = {}
  const issues: Issue[] = []
  for (const { name, attribute, decode, plain } of model.keyFields) {
    const value = stored[attribute] as Value
    try {
      fields[name] = decode(value)
    } catch {
      return undefined
    }
    const again = plain(fields[name], [name], issues)
    if (again === undefined || !equalValues(again, value)) return undefined
  }
  return fields
}

function unknownKey(pk: string, sk: string): Error {
  const what = 'is not the key of a connected model'
  if (sk === '') return invalid([], `${valueText(pk)} ${what}; pass the sort key too, if the table has one`)
  return invalid([], `${valueText([pk, sk])} ${what}`)
}
