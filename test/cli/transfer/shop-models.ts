/** The models whose rows are imported and exported: a module as the command loads it. */
import { f, model } from 'partita'
export const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    email: f.email(),
    born: f.date().optional(),
    balance: f.decimal().optional(),
    tags: f.set(f.string()).optional(),
    photo: f.bytes().optional(),
    address: f.map({ city: f.string(), since: f.date().optional() }).optional(),
    visits: f.list(f.date()).optional(),
    admin: f.boolean().default(false),
    createdAt: f.createdAt(),
    updatedAt: f.updatedAt(),
    version: f.version(),
  },
  key: 'userId',
  unique: { email: ['email'] },
})
export const Log = model('Log', {
  fields: { id: f.string(), text: f.string() },
  key: { pk: 'LOG#{id}' },
  iterable: false,
})
