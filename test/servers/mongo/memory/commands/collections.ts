/** Commands on collections and their indexes. */
import { type Document, Int32, Long } from 'mongodb'
import { failed } from '../errors.js'
import { compileFilter } from '../query/match.js'
import type { Collection } from '../storage/collection.js'
import { Index } from '../storage/index.js'
import { equalValues } from '../values/compare.js'
import { type Call, collectionName, existing, type Handler, isSet, namespace, untilEnded } from './context.js'

const create: Handler = call => {
  const name = collectionName(call)
  if (existing(call)) throw failed(48, `Collection ${namespace(call)} already exists.`)
  const { create: _, $db: __, lsid: ___, ...rest } = call.command
  const options = Object.fromEntries(
    Object.entries(rest).filter(([option]) =>
      ['capped', 'size', 'max', 'collation', 'validator', 'timeseries'].includes(option),
    ),
  )
  call.state.databases.create(call.database, name, options)
  return {}
}

const drop: Handler = async call => {
  const collection = existing(call)
  if (!collection) return {}
  await withoutWriters(call, collection)
  call.state.databases.drop(call.database, collectionName(call))
  return { ns: namespace(call), nIndexesWas: new Int32(collection.indexes.size) }
}

const dropDatabase: Handler = async call => {
  for (const collection of call.state.databases.collections(call.database).values())
    await withoutWriters(call, collection)
  call.state.databases.drop(call.database)
  return { dropped: call.database }
}

/** A change of the collection waits for the transactions that have written to it, which hold a lock. */
async function withoutWriters({ end }: Call, collection: Collection): Promise<void> {
  for (let [writer] = collection.writers(); writer; [writer] = collection.writers()) await untilEnded(writer.ended, end)
}

const listCollections: Handler = call => {
  const matches = compileFilter(call.command.filter ?? {})
  const all = [...call.state.databases.collections(call.database)].map(([name, { options, uuid }]) => ({
    name,
    type: 'collection',
    options,
    info: { readOnly: false, uuid },
    idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
  }))
  const found = all.filter(matches)
  const listed = isSet(call.command.nameOnly) ? found.map(({ name, type }) => ({ name, type })) : found
  return { cursor: { id: Long.ZERO, ns: `${call.database}.$cmd.listCollections`, firstBatch: listed } }
}

const listDatabases: Handler = ({ state }) => {
  const databases = state.databases.names().map(name => ({ name, sizeOnDisk: new Int32(0), empty: false }))
  return { databases, totalSize: new Int32(0) }
}

const createIndexes: Handler = async call => {
  const isNew = !existing(call)
  const collection = call.state.databases.ensure(call.database, collectionName(call))
  const before = collection.indexes.size
  for (const definition of call.command.indexes as Document[]) {
    const index = new Index(definition)
    const others = [...collection.indexes.values()]
    const same = others.find(({ signature }) => equalValues(signature, index.signature))
    const named = others.find(({ name }) => name === index.name)
    if (named && named !== same)
      throw failed(86, `An existing index has the same name as the requested index: ${index.name}`)
    if (!same) {
      await withoutWriters(call, collection)
      collection.addIndex(index)
    } else if (same.name !== '_id_' && !equalValues(same.describe(), index.describe())) {
      throw failed(85, `Index already exists with a different name or other options: ${same.name}`)
    }
  }
  const numbers = { numIndexesBefore: new Int32(before), numIndexesAfter: new Int32(collection.indexes.size) }
  if (before === collection.indexes.size && !isNew) return { ...numbers, note: 'all indexes already exist' }
  return { ...numbers, createdCollectionAutomatically: isNew }
}

const listIndexes: Handler = call => {
  const collection = existing(call)
  if (!collection) throw failed(26, `ns does not exist: ${namespace(call)}`)
  const indexes = [...collection.indexes.values()].map(index => index.describe())
  return { cursor: { id: Long.ZERO, ns: namespace(call), firstBatch: indexes } }
}

const dropIndexes: Handler = async call => {
  const collection = existing(call)
  if (!collection) throw failed(26, `ns not found ${namespace(call)}`)
  await withoutWriters(call, collection)
  const was = collection.indexes.size
  for (const name of indexNames(collection, call.command.index)) {
    if (name === '_id_') throw failed(72, 'cannot drop _id index')
    if (!collection.indexes.delete(name)) throw failed(27, `index not found with name [${name}]`)
  }
  return { nIndexesWas: new Int32(was) }
}

function indexNames({ indexes }: Collection, wanted: unknown): string[] {
  if (wanted === '*') return [...indexes.keys()].filter(name => name !== '_id_')
  if (typeof wanted === 'string') return [wanted]
  if (Array.isArray(wanted)) return wanted.map(String)
  const found = [...indexes.values()].find(({ key }) => equalValues(key, wanted))
  if (!found) throw failed(27, "can't find index with key")
  return [found.name]
}

/** Changes the time after which a TTL index removes documents. */
const collMod: Handler = call => {
  const collection = existing(call)
  if (!collection) throw failed(26, `ns does not exist: ${namespace(call)}`)
  const { index } = call.command
  if (!index) throw failed(72, 'This server changes indexes only')
  const [name] = indexNames(collection, index.name ?? index.keyPattern)
  const old = collection.indexes.get(name as string)
  if (!old) throw failed(27, `cannot find index ${name} for ns ${namespace(call)}`)
  const { expireAfterSeconds } = index
  collection.indexes.set(old.name, new Index({ ...old.definition, expireAfterSeconds }))
  return { expireAfterSeconds_old: old.definition.expireAfterSeconds, expireAfterSeconds_new: expireAfterSeconds }
}

/** None of these runs in a transaction. */
export const collectionCommands: Readonly<Record<string, Handler>> = {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  createIndexes,
  listIndexes,
  dropIndexes,
  collMod,
}
