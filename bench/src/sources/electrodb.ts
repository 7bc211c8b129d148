import { forEach, type Source } from './source.js'

export const electrodbSource: Source = {
  library: 'electrodb',
  definitions: models => `
import { Entity } from 'electrodb'
${forEach(models, definition)}`,
  uses: models => forEach(models, use),
}

function definition(n: number): string {
  return `
export const M${n} = new Entity({
  model: { entity: 'M${n}', version: '1', service: 'app' },
  attributes: {
    id: { type: 'string', required: true, default: () => 'x' },
    orgId: { type: 'string', required: true },
    ownerId: { type: 'string', required: true },
    email: { type: 'string', required: true },
    role: { type: ['admin', 'editor', 'member'] as const, required: true, default: 'member' },
    views: { type: 'number', required: true, default: 0 },
    active: { type: 'boolean', required: true, default: true },
    tags: { type: 'list', items: { type: 'string' }, required: true },
    createdAt: { type: 'string', required: true, readOnly: true, default: () => new Date().toISOString() },
    note${n}: { type: 'string' },
  },
  indexes: {
    primary: { pk: { field: 'pk', composite: ['id'] }, sk: { field: 'sk', composite: [] } },
    byRole: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['role'] },
      sk: { field: 'gsi1sk', composite: ['createdAt'] },
    },
    byOrg: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['orgId'] },
      sk: { field: 'gsi2sk', composite: ['email'] },
    },
  },
}, { table: 'app' })`
}

function use(n: number): string {
  return `
export async function use${n}(since: string): Promise<string[]> {
  const { data: made } = await M${n}.create({ orgId: 'o', ownerId: 'p', email: 'a@example.com', tags: ['a'], note${n}: 'n' }).go()
  const { data: found } = await M${n}.get({ id: made.id }).go()
  await M${n}.update({ id: made.id })
    .set({ note${n}: 'm' })
    .add({ views: 1 })
    .where(({ role, views }, { eq, gte }) => \`\${eq(role, 'admin')} AND \${gte(views, 0)}\`)
    .go()
  const page = await M${n}.query
    .byRole({ role: 'member' })
    .gte({ createdAt: since })
    .where(({ email }, { contains }) => contains(email, '@'))
    .go({ limit: 20 })
  return [made.email, found?.note${n} ?? '', ...page.data.map(it => it.role)]
}`
}
