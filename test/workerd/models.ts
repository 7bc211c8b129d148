/** The models of the Worker. The test also uses them from Node, on the same table. */
import { f, model } from 'partita'

export const models = {
  User: model('User', {
    fields: {
      userId: f.ulid().auto(),
      name: f.string().min(1),
      email: f.email(),
      role: f.enum('admin', 'member').default('member'),
      visits: f.counter(),
      createdAt: f.createdAt(),
    },
    key: { pk: 'USER#{userId}' },
    unique: { email: ['email'] },
    indexes: { byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{name}' } },
  }),
}
