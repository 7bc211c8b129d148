/** Runs random calls, one after the other, on a database and on the rules. */
import { add, removeFrom } from '../../../packages/partita/src/model/index.js'
import { change, edit, entryKey, entryRow, filter, onlyCounts, personInput, personRow } from './choices.js'
import { ends, equal, plain } from './compare.js'
import { Dice } from './dice.js'
import { type Db, emails, ids, type PersonRecord, peopleOf, ranks, rooms, start, titles } from './models.js'
import { type Context, queryDay, queryEntries, queryRank, walk } from './queries.js'
import {
  byBytes,
  type Entry,
  editsOf,
  entryId,
  merger,
  movesOtherList,
  type Person,
  type PersonKind,
  Rules,
} from './rules.js'
import { transaction } from './transaction.js'

/** A record that was read some calls ago. */
interface ReadRecord {
  readonly kind: PersonKind
  readonly record: PersonRecord
  /** The fields as they were read, and the life of the row at that time. */
  readonly base: Person
  readonly life: number
}

export interface RunOptions {
  readonly db: Db
  readonly seed: number
  /** Lists the inconsistencies of the table. */
  readonly faults: () => Promise<string[]>
  /** Deletes expired rows, if the store supports it. */
  readonly sweep?: () => Promise<unknown>
}

export class Run implements Context {
  readonly db: Db
  readonly dice: Dice
  rules = new Rules(start)
  readonly #options: RunOptions
  #records: ReadRecord[] = []
  #doing = ''

  constructor(options: RunOptions) {
    this.db = options.db
    this.dice = new Dice(options.seed)
    this.#options = options
  }

  async steps(count: number, checkEvery: number): Promise<void> {
    for (let step = 1; step <= count; step++) {
      try {
        await this.#any()
        if (step % checkEvery === 0 || step === count) await this.#checkWhole()
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`Step ${step} of seed ${this.#options.seed}, ${this.#doing}: ${message}`, { cause })
      }
    }
  }

  recordCall = (text: string, ...values: unknown[]): void => {
    const shown = (_: string, it: unknown) => (it instanceof Set ? { set: [...it] } : it)
    this.#doing = [text, ...values.map(it => JSON.stringify(it, shown))].join(' ')
  }

  async #any(): Promise<void> {
    const { dice } = this
    if (dice.chance(25)) this.rules.now += dice.below(dice.chance(10) ? 60_000 : 1500)
    const calls: readonly [weight: number, call: (kind: PersonKind) => Promise<void>][] = [
      [14, kind => this.#write('create', kind)],
      [6, kind => this.#write('put', kind)],
      [18, kind => this.#update(kind)],
      [5, kind => this.#remove(kind)],
      [5, kind => this.#get(kind)],
      [3, kind => this.#getMany(kind)],
      [4, kind => this.#findBy(kind)],
      [7, kind => this.#hold(kind)],
      [9, () => this.#save()],
      [9, kind => queryRank(this, kind)],
      [5, kind => queryDay(this, kind)],
      [2, kind => walk(this, kind)],
      [8, () => this.#transaction()],
      [4, () => this.#batch()],
      [9, () => this.#entry()],
      [5, () => queryEntries(this)],
      [1, () => this.#sweep()],
    ]
    let drawn = dice.below(calls.reduce((sum, [weight]) => sum + weight, 0))
    const call = calls.find(([weight]) => (drawn -= weight) < 0)?.[1]
    await call?.(dice.pick(['Member', 'Guest']))
  }

  async #write(how: 'create' | 'put', kind: PersonKind): Promise<void> {
    const input = personInput(this.dice, this.rules.now)
    this.recordCall(how, kind, input)
    const expected = this.rules[how](kind, personRow(kind, input, this.rules.now))
    await ends(peopleOf(this.db, kind)[how](input), expected)
  }

  async #update(kind: PersonKind): Promise<void> {
    const id = this.dice.pick(ids)
    const { argument, apply } = change(this.dice, this.rules.now)
    const where = this.dice.chance(25) ? filter(this.dice) : undefined
    this.recordCall('update', kind, id, argument, where?.argument)
    const expected = this.rules.update(kind, id, apply, where?.test, onlyCounts(argument))
    await ends(peopleOf(this.db, kind).update({ id }, argument, where && { if: where.argument }), expected)
  }

  async #remove(kind: PersonKind): Promise<void> {
    const id = this.dice.pick(ids)
    const where = this.dice.chance(30) ? filter(this.dice) : undefined
    this.recordCall('delete', kind, id, where?.argument)
    const expected = this.rules.remove(kind, id, where?.test)
    await ends(peopleOf(this.db, kind).delete({ id }, where && { if: where.argument }), expected)
  }

  async #get(kind: PersonKind): Promise<void> {
    const id = this.dice.pick(ids)
    this.recordCall('get', kind, id)
    const row = this.rules.person(kind, id)
    await ends(peopleOf(this.db, kind).get({ id }, { consistent: this.dice.chance(50) }), { row })
    const selected = await peopleOf(this.db, kind).get({ id }, { select: ['points', 'title', 'tags'] })
    equal(plain(selected), row && { points: row.points, tags: row.tags, ...('title' in row && { title: row.title }) })
  }

  async #getMany(kind: PersonKind): Promise<void> {
    const wanted = this.dice.some(12, () => this.dice.pick(ids))
    this.recordCall('getMany', kind, wanted)
    const rows = await peopleOf(this.db, kind).getMany(wanted.map(id => ({ id })))
    equal(
      rows.map(plain),
      wanted.map(id => this.rules.person(kind, id)),
    )
  }

  async #findBy(kind: PersonKind): Promise<void> {
    const [email, room, seat] = [this.dice.pick(emails), this.dice.pick(rooms), this.dice.pick(ranks)]
    const isByEmail = this.dice.chance(60)
    this.recordCall('findBy', kind, isByEmail ? { email } : { room, seat })
    const people = peopleOf(this.db, kind)
    if (isByEmail) await ends(people.findBy({ email }), { row: this.rules.byEmail(kind, email) })
    else await ends(people.findBy({ seat, room }), { row: this.rules.bySeat(kind, room, seat) })
  }

  async #hold(kind: PersonKind): Promise<void> {
    const id = this.dice.pick(ids)
    this.recordCall('get to hold', kind, id)
    const record = await peopleOf(this.db, kind).get({ id })
    const base = this.rules.person(kind, id)
    equal(plain(record), base)
    if (record && base) this.#records.push({ kind, record, base, life: this.rules.lifeOf(kind, id) })
    this.#records = this.#records.slice(-6)
  }

  /** Saves a record from an earlier read, sometimes after other writes of its row. */
  async #save(): Promise<void> {
    const { dice, rules } = this
    const [chosen] = this.#records.splice(dice.below(this.#records.length), 1)
    if (!chosen) return
    const { kind, record, base, life } = chosen
    if (dice.chance(40)) await this.#disturb(kind, base.id)
    const current = rules.person(kind, base.id)
    if (life !== rules.lifeOf(kind, base.id) || dice.chance(10)) {
      // Edits of a row that was replaced meanwhile have no single expected outcome.
      this.recordCall('reload', kind, base.id)
      return ends(record.reload(), current ? { row: current } : { codes: ['NotFound'] })
    }
    const isStale = kind === 'Member' && current && current.version !== base.version
    if (dice.chance(10)) {
      this.recordCall('delete of a record', kind, base.id)
      const expected = isStale ? ({ codes: ['Conflict'] } as const) : rules.remove(kind, base.id)
      return ends(
        record.delete().then(() => current),
        expected,
      )
    }
    if (dice.chance(10)) {
      const { argument, apply } = change(dice, rules.now)
      this.recordCall('update of a record', kind, base.id, argument)
      const isCounted = onlyCounts(argument)
      if (isStale && !isCounted) return ends(record.update(argument), { codes: ['Conflict'] })
      return ends(record.update(argument), rules.update(kind, base.id, apply, undefined, isCounted))
    }
    for (let edits = dice.below(4); edits > 0; edits--) edit(dice, rules.now, record)
    const after = plain(record) as Person
    this.recordCall('save', kind, base, after)
    const merged = merger(base, after)
    if (!merged) return ends(record.save(), { row: after })
    const isCounted = editsOf(base, after).every(name => name === 'points')
    const isRefused = current && movesOtherList(base, after, current)
    const expected =
      isRefused || (isStale && !isCounted)
        ? ({ codes: ['Conflict'] } as const)
        : rules.update(kind, base.id, merged, undefined, isCounted)
    await ends(record.save(), expected)
    if ('row' in expected) {
      equal(plain(record), expected.row)
      this.#records.push({ kind, record, base: expected.row, life })
    }
  }

  /** Writes a row that a record has read. The additions must not be lost. */
  async #disturb(kind: PersonKind, id: string): Promise<void> {
    const [whole, tag] = [1 + this.dice.below(9), this.dice.pick(titles)]
    const argument = this.dice.chance(50)
      ? { points: add(whole), tags: add(tag) }
      : { points: add(whole), tags: removeFrom(tag) }
    this.recordCall('update of a row that a record has read', kind, id, argument)
    const expected = this.rules.update(kind, id, row => {
      const rest = [...row.tags].filter(it => it !== tag)
      const tags = new Set(argument.tags.name === 'add' ? [...rest, tag] : rest)
      return { ...row, points: row.points + whole, tags }
    })
    await ends(peopleOf(this.db, kind).update({ id }, argument), expected)
  }

  async #transaction(): Promise<void> {
    this.rules = await transaction(this)
  }

  async #entry(): Promise<void> {
    const row = entryRow(this.dice, this.rules.now)
    const { text, hits, expires, ...key } = row
    const { Entry } = this.db
    const way = this.dice.pick(['create', 'put', 'get', 'update', 'delete'] as const)
    this.recordCall(`${way} Entry`, row)
    if (way === 'create') return ends(Entry.create(row), this.rules.createEntry(row))
    if (way === 'put') return ends(Entry.put(row), this.rules.putEntry(row))
    if (way === 'get') return ends(Entry.get(key), { row: this.rules.entry(key) })
    if (way === 'delete') return ends(Entry.delete(key), this.rules.removeEntry(key))
    const expected = this.rules.updateEntry(key, before => {
      const more = { ...(text !== undefined && { text }), ...(expires && { expires }) }
      return { ...key, hits: before.hits + hits, ...more }
    })
    return ends(Entry.update(key, { hits: add(hits), text: text ?? null, expires: expires ?? null }), expected)
  }

  async #batch(): Promise<void> {
    const { dice, rules } = this
    const writes = dice.some(30, () =>
      dice.chance(70) ? { put: entryRow(dice, rules.now) } : { delete: entryKey(dice) },
    )
    this.recordCall('batch', writes)
    await this.db.batch(batch => {
      for (const write of writes) {
        if (write.put) batch.Entry.put(write.put)
        else batch.Entry.delete(write.delete)
      }
    })
    for (const write of writes) {
      if (write.put) rules.putEntry(write.put)
      else rules.removeEntry(write.delete)
    }
  }

  async #sweep(): Promise<void> {
    this.recordCall('sweep')
    await this.#options.sweep?.()
  }

  async #checkWhole(): Promise<void> {
    this.#doing += ', then the check of the whole'
    for (const kind of ['Member', 'Guest'] as const) {
      const keys = ids.map(id => ({ id }))
      const rows = await peopleOf(this.db, kind).getMany(keys, { consistent: true })
      equal(
        rows.map(plain),
        ids.map(id => this.rules.person(kind, id)),
      )
    }
    const entries: Entry[] = []
    for await (const row of this.db.Entry.iterate()) entries.push(plain(row) as Entry)
    const byId = (a: Entry, b: Entry) => byBytes(entryId(a), entryId(b))
    equal(entries.sort(byId), this.rules.entries().sort(byId))
    equal(await this.#options.faults(), [])
  }
}
