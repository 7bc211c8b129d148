/** Models on the embedded engine, and SQLite through Drizzle: what a program on one machine could use instead. */
import assert from 'node:assert/strict'
import { temporaryFolder } from '../folder.js'
import { compare, cpuCost, type Meter, type Pace, rate } from '../measure.js'
import { type Claim, Report } from '../report.js'
import { NOTES, NOTES_PER_AUTHOR, type Note, type NoteSubject, noteOf } from '../subjects/note.js'
import { type NoteEntries, noteLmdbEntries } from '../subjects/note-lmdb.js'
import { noteModelSubject } from '../subjects/note-model.js'
import { noteSqliteSubject } from '../subjects/note-sqlite.js'

const MODEL = 'model'
const SQLITE = 'sqlite, drizzle'
const LMDB = 'lmdb'
const PACE: Pace = { rounds: 11, milliseconds: 200, warmUp: 400 }
/** The order of visits jumps, and visits every note before it starts again. */
const STRIDE = 7919

interface Case {
  readonly name: string
  readonly atOnce: number
  /** The minimum ratio of operations a second. */
  readonly bar: number
  readonly operation: (subject: NoteSubject) => () => unknown
  /** The same by bare LMDB, which shows what the disk allows a store on it. */
  readonly bare?: (entries: NoteEntries) => () => unknown
}

const CASES: readonly Case[] = [
  { name: 'get', atOnce: 1, bar: 10, operation: visiting((subject, note) => subject.get(note)) },
  { name: 'query of 25', atOnce: 1, bar: 2, operation: visiting((subject, note) => subject.query(note)) },
  { name: 'create', atOnce: 1, bar: 0.8, operation: creating, bare: creating },
  { name: 'create', atOnce: 16, bar: 2, operation: creating, bare: creating },
]

export async function measureSqlite(): Promise<void> {
  const subjects = [await noteModelSubject(MODEL, temporaryFolder()), noteSqliteSubject(SQLITE, temporaryFolder())]
  const loaded = Array.from({ length: NOTES }, (_, note) => noteOf(note))
  for (const subject of subjects) {
    await subject.load(loaded)
    await prove(subject)
  }
  const entries = await noteLmdbEntries(LMDB, temporaryFolder(), NOTES)
  await report('operations a second', rate, subjects, entries, ({ bar }) => ({ bar: { atLeast: bar } }))
  await report('microseconds of CPU', cpuCost, subjects, entries, () => ({}))
  for (const subject of subjects) await subject.close()
  await entries.close()
}

async function report(
  unit: string,
  meter: Meter,
  subjects: readonly NoteSubject[],
  entries: NoteEntries,
  barOf: (one: Case) => Pick<Claim, 'bar'>,
): Promise<void> {
  const title = 'Models on the embedded engine and SQLite through Drizzle, durable'
  const found = new Report(title, unit, [MODEL, SQLITE, LMDB])
  for (const one of CASES) {
    const contenders = subjects.map(subject => ({ name: subject.name, operation: one.operation(subject) }))
    if (one.bare) contenders.push({ name: LMDB, operation: one.bare(entries) })
    const figures = await compare(contenders, one.atOnce, meter, PACE)
    found.add(one.name, one.atOnce, figures, [
      { of: MODEL, against: SQLITE, ...barOf(one) },
      { of: MODEL, against: LMDB },
      { of: LMDB, against: SQLITE },
    ])
  }
  found.print()
}

function visiting(read: (subject: NoteSubject, note: number) => unknown): Case['operation'] {
  return subject => {
    let visited = 0
    return () => read(subject, (visited++ * STRIDE) % NOTES)
  }
}

/** Numbers of new notes go on from case to case, since each contender creates a note once. */
function creating(subject: { create(note: Note): unknown }): () => unknown {
  return () => subject.create(noteOf(nextNote++))
}

let nextNote = NOTES + 1

async function prove(subject: NoteSubject): Promise<void> {
  const [note] = [await subject.get(7)].flat()
  assert.equal((note as { views: number }).views, 7)
  assert.equal(((await subject.query(7)) as unknown[]).length, NOTES_PER_AUTHOR)
  await subject.create(noteOf(NOTES))
}
