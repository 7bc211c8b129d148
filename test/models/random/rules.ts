/** A simple model of the rows in maps. It computes the expected result of every call. */
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
  /** Only members have a version. */
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

/** The resulting row, or the possible error codes of the write. */
export type Outcome<Row> = { readonly row: Row } | { readonly codes: readonly ErrorCode[] }

/** A condition on the existing row. */
export type Test<Row> = (row: Row) => boolean

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

export const entryId = ({ book, day, line, kind }: EntryKey) => JSON.stringify([book, day.getTime(), line, kind])

export class Rules {
  now: number
  readonly #people: Record<PersonKind, Map<string, Person>>
  readonly #entries: Map<string, Entry>
  /** How often a row was created or replaced. A record read earlier belongs to a different row. */
  readonly #lives: Map<string, number>
  /** Whether unique values are checked only at the end of the transaction. */
  readonly #deferring: boolean
  /** Whether two rows temporarily contained the same unique value. */
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

  /** A copy of the rows for a transaction, which replaces these rows if it commits. */
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
    // The row replaces another, and continues its creation time and version.
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
    // Adding to a counter does not change the version.
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

  /** A copy of the rows after a transaction that committed. */
  settled(): Rules {
    return new Rules(this.now, this, false)
  }

  /** Whether two live rows contain the same unique value. */
  isBroken(): boolean {
    return (['Member', 'Guest'] as const).some(kind => this.people(kind).some(row => this.#clash(kind, row)))
  }

  /** Sets the version, because several writes of one row in a transaction may increment it once or several times. */
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

/** The effect of `save()` on the existing row, given the edited fields. Undefined if nothing was edited. */
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

/** Whether an edit refers to positions in a list that has changed since it was read. */
export function movesOtherList(base: Person, after: Person, current: Person): boolean {
  return !appendedTo(base.log, after.log) && !isDeepStrictEqual(current.log, base.log)
}

/** The elements that were appended to a list, or undefined if the list was changed in another way. */
function appendedTo(base: readonly string[], after: readonly string[]): readonly string[] | undefined {
  return isDeepStrictEqual(after.slice(0, base.length), base) ? after.slice(base.length) : undefined
}
