/** Random arguments of calls, each with its meaning in the rules. */
import {
  add,
  append,
  ifNotExists,
  prepend,
  removeFrom,
  type SortRange,
  unset,
  type Where,
} from '../../../packages/partita/src/model/index.js'
import type { Dice } from './dice.js'
import {
  books,
  DAY,
  emails,
  type GuestModel,
  ids,
  kinds,
  lines,
  type PersonChanges,
  type PersonRecord,
  ranks,
  rooms,
  start,
  statuses,
  titles,
} from './models.js'
import { type Entry, type EntryKey, type Person, type PersonKind, type Test, without } from './rules.js'

export type PersonInput = Omit<Person, 'points' | 'createdAt' | 'updatedAt' | 'version'> & { readonly points?: number }

export interface Change {
  readonly argument: PersonChanges
  readonly apply: (row: Person) => Person
}

export interface Filter {
  readonly argument: Where<GuestModel>
  readonly test: Test<Person>
}

export interface Range<V> {
  readonly argument: SortRange<V>
  readonly test: Test<V>
}

export const moment = (dice: Dice) => new Date(start - 5 * DAY + dice.below(6) * DAY + dice.below(2))

/** Whole seconds, as they are stored. Some expire soon. */
export const expiry = (dice: Dice, now: number) =>
  new Date(Math.floor(now / 1000) * 1000 + 1000 + dice.below(40) * 1000)

export function personInput(dice: Dice, now: number): PersonInput {
  return {
    id: dice.pick(ids),
    ...(dice.chance(60) && { email: dice.pick(emails) }),
    ...(dice.chance(60) && { room: dice.pick(rooms) }),
    ...(dice.chance(60) && { seat: dice.pick(ranks) }),
    status: dice.pick(statuses),
    ...(dice.chance(80) && { rank: dice.pick(ranks) }),
    ...(dice.chance(80) && { title: dice.pick(titles) }),
    ...(dice.chance(60) && { day: moment(dice) }),
    ...(dice.chance(30) && { points: dice.below(100) }),
    tags: new Set(dice.chance(50) ? [dice.pick(titles), dice.pick(emails)] : []),
    log: dice.chance(50) ? [dice.pick(titles)] : [],
    ...(dice.chance(30) && { note: dice.pick(titles) }),
    ...(dice.chance(40) && { expires: expiry(dice, now) }),
  }
}

/** The row that a create or put of the input writes. */
export function personRow(kind: PersonKind, input: PersonInput, time: number): Person {
  const now = new Date(time)
  return { points: 0, ...input, createdAt: now, updatedAt: now, ...(kind === 'Member' && { version: 1 }) }
}

export function entryKey(dice: Dice): EntryKey {
  const day = new Date(start + dice.below(3) * DAY)
  return { book: dice.pick(books), day, line: dice.pick(lines), kind: dice.pick(kinds) }
}

export function entryRow(dice: Dice, now: number): Entry {
  return {
    ...entryKey(dice),
    ...(dice.chance(60) && { text: dice.pick(titles) }),
    hits: dice.below(9),
    ...(dice.chance(40) && { expires: expiry(dice, now) }),
  }
}

/** One to three changes of different fields. */
export function change(dice: Dice, now: number): Change {
  const parts = Array.from({ length: 1 + dice.below(3) }, () => oneChange(dice, now))
  const argument: PersonChanges = Object.assign({}, ...parts.map(it => it.argument))
  // The last change of a field overwrites the others in the argument, so only that one applies.
  const last = new Map(parts.map(it => [Object.keys(it.argument).join(), it]))
  return { argument, apply: row => [...last.values()].reduce((before, it) => it.apply(before), row) }
}

function oneChange(dice: Dice, now: number): Change {
  const number = dice.pick(ranks)
  const whole = dice.below(20) - 9
  const [text, other] = [dice.pick(titles), dice.pick(titles)]
  const cleared = dice.pick(['email', 'room', 'seat', 'rank', 'title', 'day', 'note', 'expires'] as const)
  const removal = dice.chance(50) ? null : unset()
  const kept = (row: Person) => [...row.tags].filter(it => it !== text && it !== other)
  return dice.pick<() => Change>([
    () => to('email', dice.pick(emails)),
    () => to('email', dice.pick(emails)),
    () => to('room', dice.pick(rooms)),
    () => to('seat', number),
    () => to('status', dice.pick(statuses)),
    () => to('rank', number),
    () => ({ argument: { rank: add(number) }, apply: row => ({ ...row, rank: (row.rank ?? 0) + number }) }),
    () => ({ argument: { rank: ifNotExists(number) }, apply: row => ({ ...row, rank: row.rank ?? number }) }),
    () => to('title', text),
    () => ({ argument: { title: ifNotExists(text) }, apply: row => ({ ...row, title: row.title ?? text }) }),
    () => to('day', moment(dice)),
    () => ({ argument: { points: add(whole) }, apply: row => ({ ...row, points: row.points + whole }) }),
    () => ({ argument: { points: add(whole) }, apply: row => ({ ...row, points: row.points + whole }) }),
    () => to('points', dice.below(50)),
    () => to('tags', new Set(dice.chance(70) ? [text, other] : [])),
    () => ({
      argument: { tags: add(text, other) },
      apply: row => ({ ...row, tags: new Set([...row.tags, text, other]) }),
    }),
    () => ({ argument: { tags: removeFrom(text, other) }, apply: row => ({ ...row, tags: new Set(kept(row)) }) }),
    () => ({ argument: { log: append(text, other) }, apply: row => ({ ...row, log: [...row.log, text, other] }) }),
    () => ({ argument: { log: prepend(text) }, apply: row => ({ ...row, log: [text, ...row.log] }) }),
    () => to('log', [text]),
    () => to('note', text),
    () => ({ argument: { note: ifNotExists(text) }, apply: row => ({ ...row, note: row.note ?? text }) }),
    () => to('expires', expiry(dice, now)),
    () => to('expires', expiry(dice, now)),
    () => ({ argument: { [cleared]: removal } as PersonChanges, apply: row => without(row, cleared) }),
    () => ({ argument: { [cleared]: removal } as PersonChanges, apply: row => without(row, cleared) }),
  ])()
}

function to<Name extends keyof Person>(name: Name, value: Person[Name]): Change {
  return { argument: { [name]: value } as PersonChanges, apply: row => ({ ...row, [name]: value }) }
}

export function filter(dice: Dice): Filter {
  const [status, number, tag] = [dice.pick(statuses), dice.pick(ranks), dice.pick(titles.slice(0, -1))]
  const since = new Date(start - 3 * DAY)
  return dice.pick<Filter>([
    { argument: { status }, test: row => row.status === status },
    { argument: { status: { $ne: status } }, test: row => row.status !== status },
    { argument: { points: { $gte: number } }, test: row => row.points >= number },
    { argument: { rank: { $lt: number } }, test: row => row.rank !== undefined && row.rank < number },
    { argument: { note: { $exists: false } }, test: row => row.note === undefined },
    { argument: { tags: { $contains: tag } }, test: row => row.tags.has(tag) },
    {
      argument: { $or: [{ status }, { email: { $exists: true }, points: { $gt: 5 } }] },
      test: row => row.status === status || (row.email !== undefined && row.points > 5),
    },
    { argument: { title: { $beginsWith: 'a' } }, test: row => row.title?.startsWith('a') ?? false },
    { argument: { log: { $size: { $gt: 0 } } }, test: row => row.log.length > 0 },
    { argument: { day: { $gte: since } }, test: row => row.day !== undefined && row.day >= since },
  ])
}

export function range<V extends number | Date | string>(
  dice: Dice,
  values: readonly V[],
  compare: (a: V, b: V) => number,
): Range<V> {
  const [one, other] = [dice.pick(values), dice.pick(values)]
  return dice.pick<Range<V>>([
    { argument: { $eq: one }, test: it => compare(it, one) === 0 },
    { argument: { $gt: one }, test: it => compare(it, one) > 0 },
    { argument: { $gte: one }, test: it => compare(it, one) >= 0 },
    { argument: { $lt: one }, test: it => compare(it, one) < 0 },
    { argument: { $lte: one }, test: it => compare(it, one) <= 0 },
    { argument: { $gt: one, $lte: other }, test: it => compare(it, one) > 0 && compare(it, other) <= 0 },
    { argument: { $gte: one, $lt: other }, test: it => compare(it, one) >= 0 && compare(it, other) < 0 },
    { argument: { $between: [one, other] }, test: it => compare(it, one) >= 0 && compare(it, other) <= 0 },
  ])
}

/** Whether a change adds to a counter and does nothing else. */
export function onlyCounts(argument: PersonChanges): boolean {
  return Object.keys(argument).every(name => name === 'points') && typeof argument.points === 'object'
}

/** Edits a record as a program would. */
export function edit(dice: Dice, now: number, record: PersonRecord): void {
  const clears = dice.chance(25)
  const [text, number, email, day] = [dice.pick(titles), dice.pick(ranks), dice.pick(emails), moment(dice)]
  const expires = expiry(dice, now)
  const room = dice.pick(rooms)
  const status = dice.pick(statuses)
  const last = new Set([...record.tags, text].slice(-2))
  dice.pick<() => unknown>([
    () => (clears ? delete record.email : (record.email = email)),
    () => (clears ? (record.room = undefined) : (record.room = room)),
    () => (clears ? delete record.seat : (record.seat = number)),
    () => (record.status = status),
    () => (clears ? delete record.rank : (record.rank = number)),
    () => (clears ? (record.title = undefined) : (record.title = text)),
    () => (clears ? delete record.day : (record.day = day)),
    () => (record.points += 1 + Math.abs(Math.round(number))),
    () => (record.points += 1 + Math.abs(Math.round(number))),
    () => (clears ? record.tags.clear() : record.tags.add(text)),
    () => (record.tags = last),
    () => record.log.push(text),
    () => (clears ? delete record.note : (record.note = text)),
    () => (clears ? delete record.expires : (record.expires = expires)),
  ])()
}
