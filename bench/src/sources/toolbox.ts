import { forEach, type Source } from './source.js'

export const toolboxSource: Source = {
  library: 'dynamodb-toolbox',
  definitions: models => `
import {
  $add, boolean, Entity, GetItemCommand, item, list, number, PutItemCommand, QueryCommand, string, Table, UpdateItemCommand,
} from 'dynamodb-toolbox'
export const table = new Table({
  name: 'app',
  partitionKey: { name: 'pk', type: 'string' },
  sortKey: { name: 'sk', type: 'string' },
  indexes: {
    gsi1: { type: 'global', partitionKey: { name: 'gsi1pk', type: 'string' }, sortKey: { name: 'gsi1sk', type: 'string' } },
    gsi2: { type: 'global', partitionKey: { name: 'gsi2pk', type: 'string' }, sortKey: { name: 'gsi2sk', type: 'string' } },
  },
})
${forEach(models, definition)}`,
  uses: models => forEach(models, use),
}

/** Its index keys are attributes that are derived from others with `link`. */
function definition(n: number): string {
  return `
export const M${n} = new Entity({
  name: 'M${n}',
  table,
  schema: item({
    id: string().key().default(() => 'x'),
    orgId: string(),
    ownerId: string(),
    email: string(),
    role: string().enum('admin', 'editor', 'member').default('member'),
    views: number().default(0),
    active: boolean().default(true),
    tags: list(string()),
    createdAt: string().default(() => new Date().toISOString()),
    note${n}: string().optional(),
  }).and(prev => ({
    gsi1pk: string().hidden().link<typeof prev>(({ role }) => \`ROLE${n}#\${role}\`),
    gsi1sk: string().hidden().link<typeof prev>(({ createdAt }) => createdAt),
    gsi2pk: string().hidden().link<typeof prev>(({ orgId }) => \`ORG#\${orgId}\`),
    gsi2sk: string().hidden().link<typeof prev>(({ email }) => \`M${n}#\${email}\`),
  })),
  computeKey: ({ id }) => ({ pk: \`M${n}#\${id}\`, sk: 'M${n}' }),
  timestamps: false,
})`
}

function use(n: number): string {
  return `
export async function use${n}(since: string): Promise<string[]> {
  const { ToolboxItem: made } = await M${n}.build(PutItemCommand)
    .item({ orgId: 'o', ownerId: 'p', email: 'a@example.com', tags: ['a'], note${n}: 'n' })
    .options({ condition: { attr: 'id', exists: false } })
    .send()
  const { Item: found } = await M${n}.build(GetItemCommand).key({ id: made.id }).send()
  await M${n}.build(UpdateItemCommand)
    .item({ id: made.id, note${n}: 'm', views: $add(1) })
    .options({ condition: { and: [{ attr: 'role', eq: 'admin' }, { attr: 'views', gte: 0 }] } })
    .send()
  const { Items: page = [] } = await table.build(QueryCommand)
    .query({ index: 'gsi1', partition: 'ROLE${n}#member', range: { gte: since } })
    .entities(M${n})
    .options({ filters: { M${n}: { attr: 'email', contains: '@' } }, limit: 20 })
    .send()
  return [made.email, found?.note${n} ?? '', ...page.map(it => it.role)]
}`
}
