/** Notes of about 1 KB with one secondary index: what a program on one machine stores. */

export const NOTES = 20_000
export const NOTES_PER_AUTHOR = 25
const AUTHORS = NOTES / NOTES_PER_AUTHOR
const BODY = 'It weaves algebraical patterns just as the loom weaves flowers and leaves. '.repeat(11)

export interface Note {
  readonly authorId: string
  readonly noteId: string
  readonly title: string
  readonly body: string
  readonly status: string
  readonly views: number
  readonly createdAt: string
}

/** A store of notes: a model, or a table of SQLite. */
export interface NoteSubject {
  readonly name: string
  create(note: Note): unknown
  get(note: number): unknown
  /** The notes of one author, in the order of their ids. */
  query(author: number): unknown
  /** Loads the notes, many in a transaction where that is possible. */
  load(notes: readonly Note[]): Promise<void>
  close(): Promise<void>
}

export function noteIds(note: number): { readonly authorId: string; readonly noteId: string } {
  return { authorId: authorId(note), noteId: String(note).padStart(8, '0') }
}

export function authorId(author: number): string {
  return String(author % AUTHORS).padStart(6, '0')
}

/** @param note numbers from `NOTES` on are of new authors, so that queries still find 25 notes. */
export function noteOf(note: number): Note {
  const ids = note < NOTES ? noteIds(note) : { ...noteIds(note), authorId: `new-${note}` }
  return {
    ...ids,
    title: `Notes on the analytical engine, part ${note}`,
    body: BODY,
    status: `status-${note % 20}`,
    views: note,
    createdAt: new Date(1_700_000_000_000 + note * 1000).toISOString(),
  }
}
