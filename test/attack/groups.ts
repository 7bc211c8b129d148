/** Models of groups and their members. Each suite defines its own users. */
import { f, model, one, through } from 'partita'

export const Group = model('Group', {
  fields: { groupId: f.string() },
  key: 'groupId',
  relations: { members: through('User', 'Member', 'key') },
})
export const Member = model('Member', {
  fields: { groupId: f.ref('Group'), userId: f.ref('User') },
  key: { pk: 'GROUP#{groupId}', sk: '{userId}' },
  indexes: { byUser: { on: 'gsi1', pk: 'MEMBER#{userId}', sk: '{groupId}' } },
  relations: { group: one('Group', 'groupId'), user: one('User', 'userId') },
})
