import { forEach, type Source } from './source.js'

export const onetableSource: Source = {
  library: 'onetable',
  definitions: models => `
import { Table } from 'dynamodb-onetable'
export const table = new Table({
  name: 'app',
  partial: true,
  schema: {
    format: 'onetable:1.1.0',
    version: '1.0.0',
    indexes: {
      primary: { hash: 'pk', sort: 'sk' },
      gsi1: { hash: 'gsi1pk', sort: 'gsi1sk', project: 'all' },
      gsi2: { hash: 'gsi2pk', sort: 'gsi2sk', project: 'all' },
    },
    models: {${forEach(models, definition)}
    },
  },
})`,
}

function definition(n: number): string {
  return `
      M${n}: {
        pk: { type: String, value: 'M${n}#\${id}' },
        sk: { type: String, value: 'M${n}' },
        gsi1pk: { type: String, value: 'ROLE${n}#\${role}' },
        gsi1sk: { type: String, value: '\${createdAt}' },
        gsi2pk: { type: String, value: 'ORG#\${orgId}' },
        gsi2sk: { type: String, value: 'M${n}#\${email}' },
        id: { type: String, generate: 'ulid' },
        orgId: { type: String, required: true },
        ownerId: { type: String, required: true },
        email: { type: String, required: true, unique: true },
        role: { type: String, enum: ['admin', 'editor', 'member'], default: 'member' },
        views: { type: Number, default: 0 },
        active: { type: Boolean, default: true },
        tags: { type: Array, items: { type: String }, required: true },
        createdAt: { type: Date, required: true },
        note${n}: { type: String },
      },`
}
