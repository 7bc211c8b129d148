/** The models of the random calls, with every feature that can fail, and values that make failures likely. */

import {
  f,
  model,
  type RecordOf,
  type Repository,
  type UpdateInput,
} from '../../../packages/partita/src/model/index.js'
import type { Scope, Transaction } from '../../../packages/partita/src/model/types/database.js'
import type { PersonKind } from './rules.js'

const person = {
  id: f.string(),
  email: f.string().optional(),
  room: f.enum('blue', 'red').optional(),
  seat: f.number().optional(),
  status: f.enum('new', 'open', 'done').default('new'),
  rank: f.number().optional(),
  title: f.string().optional(),
  day: f.date().optional(),
  points: f.counter(),
  tags: f.set(f.string()).default([]),
  log: f.list(f.string()).default([]),
  note: f.string().optional(),
  expires: f.ttl().optional(),
  createdAt: f.createdAt(),
  updatedAt: f.updatedAt(),
}
const unique = { email: { fields: ['email'], lower: true, trim: true }, chair: ['room', 'seat'] } as const
// Both kinds of people share the partitions of the indexes.
const indexes = {
  byRank: { on: 'gsi1', pk: 'STATUS#{status}', sk: '{rank}#{title}' },
  byDay: { on: 'gsi2', pk: 'ROOM#{room}', sk: '{day}#{id}' },
} as const

const Member = model('Member', { fields: { ...person, version: f.version() }, key: 'id', unique, indexes })
const Guest = model('Guest', { fields: person, key: { pk: 'GUEST#{id}' }, unique, indexes })
const Entry = model('Entry', {
  fields: {
    book: f.string(),
    day: f.date(),
    line: f.number(),
    kind: f.enum('in', 'out'),
    text: f.string().optional(),
    hits: f.counter(),
    expires: f.ttl().optional(),
  },
  key: { pk: 'BOOK#{book}', sk: 'LINE#{day}#{line}#{kind}' },
  indexes: { byText: { on: 'gsi1', pk: 'KIND#{kind}', sk: '{text}#{line}' } },
})

export const models = { Member, Guest, Entry }
export type All = typeof models
export type Db = Scope<All, Readonly<Record<never, never>>>
export type Tx = Transaction<All>
export type PersonRecord = RecordOf<All, 'Guest'>
export type PersonChanges = UpdateInput<typeof Guest>
export type GuestModel = typeof Guest

/** A member has a version too, which no call accepts, so both kinds use the type of guests. */
export function peopleOf(db: Db, kind: PersonKind): Repository<All, 'Guest'>
export function peopleOf(db: Tx, kind: PersonKind): Tx['Guest']
export function peopleOf(db: Db | Tx, kind: PersonKind) {
  return db[kind] as unknown as Repository<All, 'Guest'>
}

export const ids = ['a', 'b', 'c#', 'c', '%23', ' ', 'é😀', '\u0001']
export const emails = ['ada@x', 'ADA@X', ' ada@x ', 'bob@x', 'Bob#x', 'eve%23', '#', ' ']
export const titles = ['a', 'a#', 'a b', 'ab', 'A', '!', '"', '#', '%', 'é', '😀', '\uffff', '\u0000', '']
/** Sums of these are doubles too, so the rules can add them up. */
export const ranks = [-100, -2.5, -2, -0.5, 0, 0.5, 1, 2, 10, 2 ** 40]
export const statuses = ['new', 'open', 'done'] as const
export const rooms = ['blue', 'red'] as const
export const books = ['x', 'x#', 'x%23']
export const lines = [-3, -1.5, 0, 0.25, 1, 10, 100]
export const kinds = ['in', 'out'] as const

export const DAY = 86_400_000
/** The start time of the runs, in the future, so that no row expires by the clock of a server. */
export const start = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000
