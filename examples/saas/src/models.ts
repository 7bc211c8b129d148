/** The models of each tenant: users, sessions and tasks. No model has a tenant field; the scope sets the tenant. */
import { f, many, model, one } from 'partita'

export const User = model('User', {
  fields: { userId: f.ulid().auto(), name: f.string().min(1), email: f.email(), createdAt: f.createdAt() },
  key: { pk: 'USER#{userId}' },
  unique: { email: { fields: ['email'], lower: true, trim: true } },
  relations: { sessions: many('Session', 'byUser') },
})

/** A session that expires when it is not used. Its token is unique until the session expires. */
export const Session = model('Session', {
  fields: {
    sessionId: f.ulid().auto(),
    token: f.string().min(16),
    userId: f.ref('User'),
    expiresAt: f.ttl(),
  },
  key: { pk: 'SESSION#{sessionId}' },
  unique: { token: ['token'] },
  indexes: { byUser: { on: 'gsi1', pk: 'USER#{userId}', sk: 'SESSION#{sessionId}' } },
  relations: { user: one('User', 'userId') },
  iterable: false,
})

export const Task = model('Task', {
  fields: {
    taskId: f.ulid().auto(),
    title: f.string().min(1),
    state: f.enum('open', 'done').default('open'),
    ownerId: f.ref('User'),
    createdAt: f.createdAt(),
  },
  key: { pk: 'TASK#{taskId}' },
  indexes: { byState: { on: 'gsi1', pk: 'TASKS#{state}', sk: '{createdAt}#{taskId}' } },
  relations: { owner: one('User', 'ownerId') },
  iterable: false,
})
