/** Notes as a model on the embedded engine, durable as by default. */
import { connect, f, model } from 'partita'
import { embedded } from 'partita/embedded'
import { authorId, NOTES_PER_AUTHOR, type Note, type NoteSubject, noteIds } from './note.js'

const NoteModel = model('Note', {
  fields: {
    authorId: f.string(),
    noteId: f.string(),
    title: f.string(),
    body: f.string(),
    status: f.string(),
    views: f.number(),
    createdAt: f.string(),
  },
  key: { pk: 'AUTHOR#{authorId}', sk: 'NOTE#{noteId}' },
  indexes: { byStatus: { on: 'gsi1', pk: 'STATUS#{status}', sk: '{createdAt}' } },
})

/** Creations in flight while the notes are loaded, so that they share a flush. */
const AT_ONCE = 64

export async function noteModelSubject(name: string, path: string): Promise<NoteSubject> {
  const store = embedded({ path })
  const db = await connect({ store, models: { Note: NoteModel } })
  return {
    name,
    create: note => db.Note.create(note),
    get: note => db.Note.get(noteIds(note)),
    query: async author => {
      const page = await db.Note.query.key({ authorId: authorId(author) }, { limit: NOTES_PER_AUTHOR }).page()
      return page.items
    },
    async load(notes: readonly Note[]) {
      let next = 0
      const work = async (): Promise<void> => {
        while (next < notes.length) await db.Note.create(notes[next++] as Note)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    },
    async close() {
      await db.close()
      await store.close()
    },
  }
}
