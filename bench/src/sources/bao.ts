import { forEach, type Source } from './source.js'

export const baoSource: Source = {
  library: 'dynamo-bao',
  definitions: models => `
import bao from 'dynamo-bao'
const { BaoModel, fields, IndexConfig, initModels, PrimaryKeyConfig, UniqueConstraintConfig } = bao
${forEach(models, definition)}
initModels({
  aws: { region: 'local' },
  db: { tableName: 'app' },
  models: { ${Array.from({ length: models }, (_, i) => `M${i + 1}`).join(', ')} },
})`,
}

/** dynamo-bao has no enums and no lists. */
function definition(n: number): string {
  return `
export class M${n} extends BaoModel {
  static modelPrefix = 'M${n}'
  static fields = {
    id: fields.UlidField({ autoAssign: true }),
    orgId: fields.StringField({ required: true }),
    ownerId: fields.RelatedField('M${Math.max(1, n - 1)}', { required: true }),
    email: fields.StringField({ required: true }),
    role: fields.StringField({ required: true, defaultValue: 'member' }),
    views: fields.CounterField({ defaultValue: 0 }),
    active: fields.BooleanField({ defaultValue: true }),
    tags: fields.StringSetField(),
    createdAt: fields.CreateDateField(),
    note${n}: fields.StringField(),
  }
  static primaryKey = PrimaryKeyConfig('id')
  static indexes = {
    byRole: IndexConfig('role', 'createdAt', 'gsi1'),
    byOrg: IndexConfig('orgId', 'email', 'gsi2'),
  }
  static uniqueConstraints = { email: UniqueConstraintConfig('email', '_uc1') }
}`
}
