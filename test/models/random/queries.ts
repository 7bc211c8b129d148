/** Random queries and iterations, read in every way. */
import type { Query, QueryOptions, Repository } from '../../../packages/partita/src/model/index.js'
import { filter, moment, type Range, range } from './choices.js'
import { equal, plain } from './compare.js'
import type { Dice } from './dice.js'
import {
  type All,
  books,
  DAY,
  type Db,
  kinds,
  lines,
  type PersonRecord,
  peopleOf,
  ranks,
  rooms,
  start,
  statuses,
  titles,
} from './models.js'
import { byBytes, type Entry, entryId, type Person, type PersonKind, type Rules } from './rules.js'

export interface Context {
  readonly db: Db
  readonly dice: Dice
  readonly rules: Rules
  /** Records the current call for the message of a failure. */
  recordCall(text: string, ...values: unknown[]): void
}

type Key<Index extends 'byRank' | 'byDay'> = Parameters<Repository<All, 'Guest'>['query'][Index]>[0]
type Options = QueryOptions<All, 'Guest', never, never>

export async function queryRank(context: Context, kind: PersonKind): Promise<void> {
  const { db, dice, rules } = context
  const status = dice.pick(statuses)
  const texts = titles.slice(0, -1)
  // A row without a title, or with an empty one, is not in the index.
  const ranked = rules.people(kind).filter(row => row.status === status && row.rank !== undefined && row.title)
  const numberOf = (row: Person) => row.rank ?? 0
  const titleOf = (row: Person) => row.title ?? ''
  const sorted = ranked.sort((a, b) => numberOf(a) - numberOf(b) || byBytes(titleOf(a), titleOf(b)))
  const ask = (key: Key<'byRank'>, rows: readonly Person[]) =>
    lists(
      context,
      kind,
      key,
      options => peopleOf(db, kind).query.byRank(key, options),
      rows,
      it => `${it.rank} ${it.title}`,
    )

  const way = dice.below(4)
  if (way === 0) return ask({ status }, sorted)
  if (way === 1) {
    const { argument, test } = range(dice, ranks, (a, b) => a - b)
    return ask(
      { status, rank: argument },
      sorted.filter(row => test(numberOf(row))),
    )
  }
  const rank = sorted.length > 0 ? numberOf(dice.pick(sorted)) : 0
  const ofRank = sorted.filter(row => row.rank === rank)
  if (way === 2) return ask({ status, rank }, ofRank)
  const prefix = dice.pick(texts)
  const begins: Range<string> = { argument: { $beginsWith: prefix }, test: it => it.startsWith(prefix) }
  const { argument, test } = dice.chance(40) ? begins : range(dice, texts, byBytes)
  return ask(
    { status, rank, title: argument },
    ofRank.filter(row => test(titleOf(row))),
  )
}

export async function queryDay(context: Context, kind: PersonKind): Promise<void> {
  const { db, dice, rules } = context
  const room = dice.pick(rooms)
  const timeOf = (row: Person) => row.day?.getTime() ?? 0
  const sorted = rules
    .people(kind)
    .filter(row => row.room === room && row.day !== undefined)
    .sort((a, b) => timeOf(a) - timeOf(b) || byBytes(a.id, b.id))
  const ask = (key: Key<'byDay'>, rows: readonly Person[]) =>
    lists(
      context,
      kind,
      key,
      options => peopleOf(db, kind).query.byDay(key, options),
      rows,
      row => row.id,
    )
  if (dice.chance(40)) return ask({ room }, sorted)
  const days = [...Array.from({ length: 8 }, () => moment(dice)), ...sorted.flatMap(row => row.day ?? [])]
  const { argument, test } = range(dice, days, (a, b) => a.getTime() - b.getTime())
  return ask(
    { room, day: argument },
    sorted.filter(row => row.day && test(row.day)),
  )
}

async function lists(
  { dice, rules, recordCall }: Context,
  kind: PersonKind,
  key: object,
  query: (options: Options) => Query<PersonRecord>,
  inIndex: readonly Person[],
  order: (row: Person) => string,
): Promise<void> {
  const where = dice.chance(30) ? filter(dice) : undefined
  const limit = dice.chance(60) ? 1 + dice.below(4) : undefined
  const direction = dice.pick(['asc', 'desc'] as const)
  const options: Options = {
    order: direction,
    ...(where && { where: where.argument }),
    ...(limit && { limit }),
    ...(dice.chance(30) && { pageSize: 1 + dice.below(3) }),
  }
  const way = dice.pick(['all', 'page', 'first', 'count', 'for await'] as const)
  recordCall(`${way} of the query`, kind, key, options)
  const rows = inIndex.filter(where?.test ?? (() => true))
  if (direction === 'desc') rows.reverse()
  const found: PersonRecord[] = []
  if (way === 'count') return equal(await query(options).count(), Math.min(limit ?? rows.length, rows.length))
  if (way === 'first') {
    const first = await query(options).first()
    if (first) found.push(first)
    rows.splice(1)
  } else if (way === 'page') {
    let after: string | undefined
    do {
      const { items, cursor, stopped } = await query({ ...options, after }).page()
      found.push(...items)
      after = cursor
      if (after !== undefined) equal([items.length, stopped], [limit ?? 100, 'limit'])
    } while (after !== undefined)
  } else {
    if (way === 'all') found.push(...(await query(options).all()))
    else for await (const row of query(options)) found.push(row)
    rows.splice(limit ?? rows.length)
  }
  // Rows with equal index keys may be in any order, and any of them may be within a limit.
  const got = found.map(it => plain(it) as Person)
  equal(got.map(order), rows.map(order))
  equal(new Set(got.map(row => row.id)).size, got.length)
  for (const row of got) equal(row, rules.person(kind, row.id))
}

/** All rows of a kind, by the iteration index. */
export async function walk({ db, dice, rules, recordCall }: Context, kind: PersonKind): Promise<void> {
  const where = dice.chance(50) ? filter(dice) : undefined
  const options = { batchSize: 1 + dice.below(6), parallel: 1 + dice.below(4), ...(where && { where: where.argument }) }
  recordCall('all', kind, options)
  const found: Person[] = []
  for await (const row of peopleOf(db, kind).iterate(options)) found.push(plain(row) as Person)
  const rows = rules.people(kind).filter(where?.test ?? (() => true))
  const byId = (a: Person, b: Person) => byBytes(a.id, b.id)
  equal(found.sort(byId), rows.sort(byId))
}

export async function queryEntries({ db, dice, rules, recordCall }: Context): Promise<void> {
  const [book, kind, order] = [dice.pick(books), dice.pick(kinds), dice.pick(['asc', 'desc'] as const)]
  const day = new Date(start + dice.below(3) * DAY)
  if (dice.chance(30)) {
    recordCall('Entry by text', kind, order)
    const rows = rules.entries().filter(row => row.kind === kind && row.text)
    rows.sort((a, b) => byBytes(a.text ?? '', b.text ?? '') || a.line - b.line)
    const found = (await db.Entry.query.byText({ kind }, { order }).all()).map(it => plain(it) as Entry)
    const keyOf = (row: Entry) => `${row.text} ${row.line}`
    equal(found.map(keyOf), (order === 'asc' ? rows : rows.reverse()).map(keyOf))
    return equal(found.map(entryId).sort(), rows.map(entryId).sort())
  }
  const isNarrow = dice.chance(60)
  const { argument, test } = range(dice, lines, (a, b) => a - b)
  recordCall('Entry by key', book, isNarrow && [day, argument], order)
  const query = isNarrow
    ? db.Entry.query.key({ book, day, line: argument }, { order, consistent: true })
    : db.Entry.query.key({ book }, { order, consistent: true })
  const rows = rules
    .entries()
    .filter(row => row.book === book && (!isNarrow || (row.day.getTime() === day.getTime() && test(row.line))))
    .sort((a, b) => a.day.getTime() - b.day.getTime() || a.line - b.line || byBytes(a.kind, b.kind))
  equal((await query.all()).map(plain), order === 'asc' ? rows : rows.reverse())
}
