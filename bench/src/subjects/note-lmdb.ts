/**
 * What the embedded engine writes for a note, by bare LMDB with the engine's settings: the row and its entries in the
 * secondary index and the iteration index. The creation of a note cannot be faster than this in a store on LMDB.
 */
import { createHash } from 'node:crypto'
import { open } from 'lmdb'
import { type Note, noteOf } from './note.js'

/** The lengths of the engine's keys. */
const KEY_BYTES = [36, 82, 62]
const RECORD = Buffer.alloc(1000, 'x')
const LOADED_AT_ONCE = 500

export interface NoteEntries {
  readonly name: string
  create(note: Note): Promise<unknown>
  close(): Promise<void>
}

/** @param notes the number of notes in the file before it is measured. */
export async function noteLmdbEntries(name: string, path: string, notes: number): Promise<NoteEntries> {
  const db = open(path, {
    pageSize: 8192,
    keyEncoding: 'binary',
    encoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
  })
  const put = (note: Note) => {
    for (const [entry, length] of KEY_BYTES.entries()) void db.put(keyOf(entry, length, note), RECORD)
  }
  for (let first = 0; first < notes; first += LOADED_AT_ONCE) {
    await db.transaction(() => {
      for (let i = first; i < Math.min(first + LOADED_AT_ONCE, notes); i++) put(noteOf(i))
    })
  }
  return { name, create: note => db.transaction(() => put(note)), close: () => db.close() }
}

/** Like partitions of the engine, the entries of each kind are spread over the range of their kind. */
function keyOf(entry: number, length: number, note: Note): Buffer {
  const key = Buffer.alloc(length, entry)
  createHash('sha256').update(note.noteId).digest().copy(key, 1)
  return key
}
