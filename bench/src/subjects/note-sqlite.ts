/**
 * Notes in SQLite through Drizzle, with a write-ahead log and a full flush at each commit. The package `libsql` has the
 * interface of better-sqlite3, and binaries on npm. Drizzle's own entry for that interface imports better-sqlite3, so its
 * session is made here as that entry makes it.
 */
import { join } from 'node:path'
import { and, eq } from 'drizzle-orm'
import * as sessions from 'drizzle-orm/better-sqlite3/session'
import {
  BaseSQLiteDatabase,
  index,
  integer,
  primaryKey,
  SQLiteSyncDialect,
  sqliteTable,
  text,
} from 'drizzle-orm/sqlite-core'
import Database from 'libsql'
import { authorId, NOTES_PER_AUTHOR, type Note, type NoteSubject, noteIds } from './note.js'

const notes = sqliteTable(
  'notes',
  {
    authorId: text('author_id').notNull(),
    noteId: text('note_id').notNull(),
    title: text('title').notNull(),
    body: text('body').notNull(),
    status: text('status').notNull(),
    views: integer('views').notNull(),
    createdAt: text('created_at').notNull(),
  },
  it => [primaryKey({ columns: [it.authorId, it.noteId] }), index('by_status').on(it.status, it.createdAt)],
)

const DEFINITION = `
  create table notes (author_id text not null, note_id text not null, title text not null, body text not null,
    status text not null, views integer not null, created_at text not null, primary key (author_id, note_id));
  create index by_status on notes (status, created_at);
`

type Session = ConstructorParameters<typeof BaseSQLiteDatabase<'sync', unknown>>[2]
/** Its declaration needs the types of better-sqlite3, which is not installed. */
const { BetterSQLiteSession } = sessions as unknown as {
  BetterSQLiteSession: new (client: object, dialect: object, schema: undefined, options: object) => Session
}

export function noteSqliteSubject(name: string, folder: string): NoteSubject {
  const client = new Database(join(folder, 'notes.db'))
  client.exec('pragma journal_mode = wal')
  client.exec('pragma synchronous = full')
  client.exec(DEFINITION)
  const dialect = new SQLiteSyncDialect()
  const session = new BetterSQLiteSession(client, dialect, undefined, {})
  const db = new BaseSQLiteDatabase<'sync', unknown>('sync', dialect, session, undefined)
  return {
    name,
    create: note => db.insert(notes).values(note).returning().all(),
    get(note) {
      const ids = noteIds(note)
      return db
        .select()
        .from(notes)
        .where(and(eq(notes.authorId, ids.authorId), eq(notes.noteId, ids.noteId)))
        .all()
    },
    query: author =>
      db
        .select()
        .from(notes)
        .where(eq(notes.authorId, authorId(author)))
        .orderBy(notes.noteId)
        .limit(NOTES_PER_AUTHOR)
        .all(),
    async load(loaded: readonly Note[]) {
      client.exec('begin')
      for (const note of loaded) db.insert(notes).values(note).run()
      client.exec('commit')
    },
    async close() {
      client.close()
    },
  }
}
