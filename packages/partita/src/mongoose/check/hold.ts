/**
 * What closes the races between saves: a checked save is written only if the stored document is the one that was checked.
 * Every checked save changes the version, so that of two saves that were checked against one state, the second fails.
 */
import type { MongooseDocument } from './document.js'
import { versionKeyOf } from './loaded.js'

/** The conditions of documents as the program set them, while a save has conditions of its own. */
const own = new WeakMap<MongooseDocument, Record<string, unknown> | undefined>()

/** Makes the write of a save conditional. */
export function holdDocument(document: MongooseDocument, condition: Readonly<Record<string, unknown>>): void {
  if (document.isNew) return
  // A save that changes nothing writes nothing.
  if (document.isModified()) (document as MongooseDocument & { increment(): unknown }).increment()
  const key = versionKeyOf(document)
  const version: unknown = document.get(key)
  // Mongoose compares no version where the stored document has none.
  const all = { ...condition, ...((version === undefined || version === null) && { [key]: null }) }
  if (Object.keys(all).length === 0) return
  own.set(document, document.$where)
  document.$where = { ...document.$where, ...all }
}

/** Takes the condition away again: Mongoose would use it for other calls of the document too. */
export function releaseDocument(document: MongooseDocument): void {
  if (!own.has(document)) return
  const before = own.get(document)
  own.delete(document)
  if (before === undefined) delete (document as { $where?: unknown }).$where
  else document.$where = before
}
