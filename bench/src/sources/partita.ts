import { forEach, type Source } from './source.js'

export const partitaSource: Source = {
  library: 'partita',
  definitions: models => `
import { add, connect, f, model, one } from 'partita'
${forEach(models, definition)}`,
  uses: models => `
const models = { ${Array.from({ length: models }, (_, i) => `M${i + 1}`).join(', ')} }
const db = await connect({ models })
${forEach(models, use)}`,
}

/** With a relation from each model to the previous one, which the other libraries do not have. */
function definition(n: number): string {
  return `
export const M${n} = model('M${n}', {
  fields: {
    id: f.ulid().auto(),
    orgId: f.string(),
    ownerId: f.ref('M${Math.max(1, n - 1)}'),
    email: f.email(),
    role: f.enum('admin', 'editor', 'member').default('member'),
    views: f.counter(),
    active: f.boolean().default(true),
    tags: f.list(f.string()),
    createdAt: f.createdAt(),
    note${n}: f.string().optional(),
  },
  key: { pk: 'M${n}#{id}' },
  unique: { email: ['email'] },
  indexes: {
    byRole: { on: 'gsi1', pk: 'ROLE${n}#{role}', sk: '{createdAt}' },
    byOrg: { on: 'gsi2', pk: 'ORG#{orgId}', sk: 'M${n}#{email}' },
  },
  relations: { owner: one('M${Math.max(1, n - 1)}', 'ownerId') },
})`
}

function use(n: number): string {
  return `
export async function use${n}(since: Date): Promise<string[]> {
  const made = await db.M${n}.create({ orgId: 'o', ownerId: 'p', email: 'a@example.com', tags: ['a'], note${n}: 'n' })
  const found = await db.M${n}.get({ id: made.id })
  await db.M${n}.update({ id: made.id }, { note${n}: 'm', views: add(1) }, { if: { role: 'admin', views: { $gte: 0 } } })
  const page = await db.M${n}.query
    .byRole({ role: 'member', createdAt: { $gte: since } }, { where: { email: { $contains: '@' } }, limit: 20 })
    .page()
  return [made.email, found?.note${n} ?? '', ...page.items.map(it => it.role)]
}`
}
