/** The rules of rows as plain maps: what any database that keeps them must answer. */
import { isDeepStrictEqual } from 'node:util'
import type { ErrorCode } from '../../../packages/partita/src/errors/errors.js'

export interface Person {
  readonly id: string
  readonly email?: string
  readonly room?: 'blue' | 'red'
  readonly seat?: number
  readonly status: 'new' | 'open' | 'done'
  readonly rank?: number
  readonly title?: string
  readonly day?: Date
  readonly points: number
  readonly tags: ReadonlySet<string>
  readonly log: readonly string[]
  readonly note?: string
  readonly expires?: Date
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Of members alone. */
  readonly version?: number
}

export interface Entry {
  readonly book: string
  readonly day: Date
  readonly line: number
  readonly kind: 'in' | 'out'
  readonly text?: string
  readonly hits: number
  readonly expires?: Date
}

export type EntryKey = Pick<Entry, 'book' | 'day' | 'line' | 'kind'>

export type PersonKind = 'Member' | 'Guest'

/** A row, or the errors of which the write must end in one. */
export type Outcome<Row> = { readonly row: Row } | { readonly codes: readonly ErrorCode[] }

/** What a write asks of the row that is there. */
export type Test<Row> = (row: Row) => boolean

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

export const entryId = ({ book, day, line, kind }: EntryKey) => JSON.stringify([book, day.getTime(), line, kind])

export class Rules {
  now: number
  readonly #people: Record<PersonKind, Map<string, Person>>
  readonly #entries: Map<string, Entry>
  /** How often a row was made or replaced whole: what was read of an earlier one is of another row. */
  readonly #lives: Map<string, number>
  /** Unique values are looked at once, when the transaction ends. */
  readonly #deferring: boolean
  /** Whether two rows had one value for a time. */
  clashed = false

  constructor(now: number, from?: Rules, deferring = from !== undefined) {
    this.now = now
    this.#people = from
      ? { Member: new Map(from.#people.Member), Guest: new Map(from.#people.Guest) }
      : { Member: new Map(), Guest: new Map() }
    this.#entries = from ? new Map(from.#entries) : new Map()
    this.#lives = from ? new Map(from.#lives) : new Map()
    this.#deferring = deferring
  }

  /** The rows as a transaction sees them, to be taken over when it ends well. */
  fork(): Rules {
    return new Rules(this.now, this)
  }

  person(kind: PersonKind, id: string): Person | undefined {
    const row = this.#people[kind].get(id)
    return row && this.#isLive(row) ? row : undefined
  }

  people(kind: PersonKind): Person[] {
    return [...this.#people[kind].values()].filter(row => this.#isLive(row))
  }

  entry(key: EntryKey): Entry | undefined {
    const row = this.#entries.get(entryId(key))
    return row && this.#isLive(row) ? row : undefined
  }

  entries(): Entry[] {
    return [...this.#entries.values()].filter(row => this.#isLive(row))
  }

  lifeOf(kind: PersonKind, id: string): number {
    return this.#lives.get(`${kind} ${id}`) ?? 0
  }

  byEmail(kind: PersonKind, email: string): Person | undefined {
    return this.people(kind).find(row => row.email !== undefined && same(row.email, email))
  }

  bySeat(kind: PersonKind, room: string, seat: number): Person | undefined {
    return this.people(kind).find(row => row.room === room && row.seat === seat)
  }

  create(kind: PersonKind, row: Person): Outcome<Person> {
    const clash = this.#clash(kind, row)
    if (this.person(kind, row.id)) return { codes: clash ? ['AlreadyExists', 'UniqueViolation'] : ['AlreadyExists'] }
    return this.#write(kind, row, clash, true)
  }

  put(kind: PersonKind, row: Person): Outcome<Person> {
    const before = this.person(kind, row.id)
    if (!before) return this.#write(kind, row, this.#clash(kind, row), true)
    // It takes the place of a row, whose beginning and count of writes it goes on with.
    const version = before.version === undefined ? {} : { version: before.version + 1 }
    return this.#write(kind, { ...row, createdAt: before.createdAt, ...version }, this.#clash(kind, row), true)
  }

  update(
    kind: PersonKind,
    id: string,
    change: (row: Person) => Person,
    test: Test<Person> = () => true,
    onlyCounts = false,
  ): Outcome<Person> {
    const before = this.person(kind, id)
    if (!before) return { codes: ['NotFound'] }
    const changed = change(before)
    // Counting is no new version of a row.
    const version = before.version === undefined || onlyCounts ? {} : { version: before.version + 1 }
    const row = { ...changed, ...version, updatedAt: new Date(this.now) }
    const clash = this.#clash(kind, row)
    if (!test(before)) return { codes: clash ? ['ConditionFailed', 'UniqueViolation'] : ['ConditionFailed'] }
    return this.#write(kind, row, clash, false)
  }

  remove(kind: PersonKind, id: string, test?: Test<Person>): Outcome<Person | undefined> {
    const row = this.person(kind, id)
    if (test && !(row && test(row))) return { codes: ['ConditionFailed'] }
    if (row) this.#people[kind].delete(id)
    this.#live(kind, id)
    return { row }
  }

  createEntry(row: Entry): Outcome<Entry> {
    return this.entry(row) ? { codes: ['AlreadyExists'] } : this.putEntry(row)
  }

  putEntry(row: Entry): Outcome<Entry> {
    this.#entries.set(entryId(row), row)
    return { row }
  }

  updateEntry(key: EntryKey, change: (row: Entry) => Entry): Outcome<Entry> {
    const before = this.entry(key)
    return before ? this.putEntry(change(before)) : { codes: ['NotFound'] }
  }

  removeEntry(key: EntryKey): Outcome<Entry | undefined> {
    const row = this.entry(key)
    this.#entries.delete(entryId(key))
    return { row }
  }

  /** The rows after a transaction. */
  settled(): Rules {
    return new Rules(this.now, this, false)
  }

  /** Whether two live rows hold one unique value. */
  isBroken(): boolean {
    return (['Member', 'Guest'] as const).some(kind => this.people(kind).some(row => this.#clash(kind, row)))
  }

  /** Several writes of one row in a transaction may count as one or as several. */
  setVersion(id: string, version: number): void {
    const row = this.#people.Member.get(id)
    if (row) this.#people.Member.set(id, { ...row, version })
  }

  #write(kind: PersonKind, row: Person, clash: boolean, whole: boolean): Outcome<Person> {
    if (clash && !this.#deferring) return { codes: ['UniqueViolation'] }
    if (clash) this.clashed = true
    this.#people[kind].set(row.id, row)
    if (whole) this.#live(kind, row.id)
    return { row }
  }

  #live(kind: PersonKind, id: string): void {
    this.#lives.set(`${kind} ${id}`, this.lifeOf(kind, id) + 1)
  }

  #clash(kind: PersonKind, row: Person): boolean {
    if (!this.#isLive(row)) return false
    return this.people(kind).some(other => {
      if (other.id === row.id) return false
      if (other.email !== undefined && row.email !== undefined && same(other.email, row.email)) return true
      return row.room !== undefined && row.seat !== undefined && row.room === other.room && row.seat === other.seat
    })
  }

  #isLive({ expires }: { readonly expires?: Date }): boolean {
    return expires === undefined || expires.getTime() > this.now
  }
}

function same(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase()
}

export function without<Row extends object>(row: Row, name: keyof Row): Row {
  const { [name]: _, ...rest } = row
  return rest as Row
}

/** The fields in which two rows differ. */
export function editsOf(base: Person, after: Person): (keyof Person)[] {
  const names = [...new Set([...Object.keys(base), ...Object.keys(after)])] as (keyof Person)[]
  return names.filter(name => !isDeepStrictEqual(base[name], after[name]))
}

/** What `save()` does to the row that is there, by what was edited; undefined where nothing was. */
export function merger(base: Person, after: Person): ((row: Person) => Person) | undefined {
  const edited = editsOf(base, after)
  if (edited.length === 0) return undefined
  return row => {
    const merged: { -readonly [Name in keyof Person]: unknown } = { ...row }
    for (const name of edited) merged[name] = after[name]
    merged.points = row.points + after.points - base.points
    const kept = [...row.tags].filter(tag => after.tags.has(tag) || !base.tags.has(tag))
    merged.tags = new Set([...kept, ...[...after.tags].filter(tag => !base.tags.has(tag))])
    const added = appendedTo(base.log, after.log)
    if (added) merged.log = [...row.log, ...added]
    for (const name of edited) if (after[name] === undefined) delete merged[name]
    return merged as Person
  }
}

/** Whether an edit of the list is about positions in the one that was read, and another is there by now. */
export function movesOtherList(base: Person, after: Person, current: Person): boolean {
  return !appendedTo(base.log, after.log) && !isDeepStrictEqual(current.log, base.log)
}

/** What was put behind a list, if that is all that was done to it. */
function appendedTo(base: readonly string[], after: readonly string[]): readonly string[] | undefined {
  return isDeepStrictEqual(after.slice(0, base.length), base) ? after.slice(base.length) : undefined
}
