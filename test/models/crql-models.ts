/** Models of which the compiler and the run time read the same queries. */
import { f, model } from 'partita'

const User = model('User', {
  fields: { userId: f.string(), email: f.email().optional(), alias: f.string(), tags: f.set(f.string()) },
  key: 'userId',
  unique: { email: ['email'], alias: ['alias'] },
})
const Team = model('Team', {
  fields: {
    teamId: f.string(),
    ownerId: f.ref('User'),
    roles: f.list(f.map({ userId: f.string(), in: f.map({ list: f.list(f.list(f.string())) }).optional() })).optional(),
    byName: f.record(f.map({ userId: f.string() })),
    json: f.json(),
    at: f.date(),
    size: f.integer(),
  },
  key: 'teamId',
})
const Pair = model('Pair', {
  fields: { a: f.ref('User'), b: f.ref('Team') },
  key: { pk: 'PAIR#{a}', sk: '{b}' },
  indexes: { byTeam: { on: 'gsi1', pk: '{b}' } },
})

export const models = { User, Team, Pair }
