/** All databases of a server, their collections, and the removal of expired documents. */
import type { Document } from 'mongodb'
import { failed } from '../errors.js'
import { valuesAt } from '../values/paths.js'
import { Collection } from './collection.js'
import { Busy, Clock, LATEST } from './transaction.js'

export class Databases {
  readonly clock = new Clock()
  readonly #databases = new Map<string, Map<string, Collection>>()

  names(): string[] {
    return [...this.#databases.keys()]
  }

  collections(database: string): Map<string, Collection> {
    let collections = this.#databases.get(database)
    if (!collections) {
      collections = new Map()
      this.#databases.set(database, collections)
    }
    return collections
  }

  find(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name)
  }

  /** The collection, which a write creates if it is missing. */
  ensure(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name, {})
  }

  create(database: string, name: string, options: Document): Collection {
    if (name === '' || name.includes('\0') || name.includes('$') || Buffer.byteLength(`${database}.${name}`) > 255)
      throw failed(73, `Invalid namespace specified '${database}.${name}'`)
    const collection = new Collection(`${database}.${name}`, options, this.clock)
    this.collections(database).set(name, collection)
    return collection
  }

  drop(database: string, name?: string): boolean {
    return name === undefined
      ? this.#databases.delete(database)
      : (this.#databases.get(database)?.delete(name) ?? false)
  }

  /** What MongoDB does about once a minute: deletes the documents whose date is past, by every TTL index. */
  expire(now: number = Date.now()): number {
    let deleted = 0
    for (const collections of this.#databases.values())
      for (const collection of collections.values())
        for (const { key, definition } of collection.indexes.values()) {
          if (definition.expireAfterSeconds === undefined) continue
          const after = Number(definition.expireAfterSeconds.valueOf()) * 1000
          const path = (Object.keys(key)[0] as string).split('.')
          for (const document of [...collection.read(LATEST)])
            if (isExpired(document, path, now - after) && removed(collection, document)) deleted++
        }
    return deleted
  }
}

/** Of several dates the earliest counts; other values never expire. */
function isExpired(document: Document, path: readonly string[], before: number): boolean {
  return [...valuesAt(document, path)].flat().some(value => value instanceof Date && value.getTime() <= before)
}

/** A document that a transaction is writing is left for the next time. */
function removed(collection: Collection, document: Document): boolean {
  try {
    collection.delete(document, LATEST)
    return true
  } catch (error) {
    if (error instanceof Busy) return false
    throw error
  }
}
