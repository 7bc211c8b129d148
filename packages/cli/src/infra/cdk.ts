/** A table as a construct of the AWS CDK, in TypeScript. */
import type { IndexDefinition, KeyAttribute, KeySchema, TableDefinition } from 'partita/store'
import { pascalName } from './names.js'

const TYPES: Readonly<Record<KeyAttribute['type'], string>> = { S: 'STRING', N: 'NUMBER', B: 'BINARY' }

/** A module that exports a function, which adds the table to a stack. */
export function cdk({ name, key, globalIndexes = {}, timeToLive }: TableDefinition): string {
  const id = pascalName(name)
  const indexes = Object.entries(globalIndexes)
  const used = ['AttributeType', 'Billing', ...(indexes.length > 0 ? ['ProjectionType'] : []), 'TableV2']
  const indexLines = indexes.flatMap(([index, definition]) => [
    '      {',
    `        indexName: ${quoted(index)},`,
    ...keyLines(definition).map(line => `        ${line}`),
    ...projectionLines(definition).map(line => `        ${line}`),
    '      },',
  ])
  const lines = [
    "import { RemovalPolicy } from 'aws-cdk-lib'",
    `import { ${used.join(', ')} } from 'aws-cdk-lib/aws-dynamodb'`,
    "import type { Construct } from 'constructs'",
    '',
    `/** Adds the table ${name} to a stack, as its models need it. */`,
    `export function add${id}(scope: Construct): TableV2 {`,
    `  return new TableV2(scope, ${quoted(id)}, {`,
    `    tableName: ${quoted(name)},`,
    ...keyLines(key).map(line => `    ${line}`),
    '    billing: Billing.onDemand(),',
    ...(indexes.length > 0 ? ['    globalSecondaryIndexes: [', ...indexLines, '    ],'] : []),
    ...(timeToLive === undefined ? [] : [`    timeToLiveAttribute: ${quoted(timeToLive)},`]),
    '    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },',
    '    deletionProtection: true,',
    '    removalPolicy: RemovalPolicy.RETAIN,',
    '  })',
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function keyLines({ partition, sort }: KeySchema): string[] {
  return [`partitionKey: ${attribute(partition)},`, ...(sort ? [`sortKey: ${attribute(sort)},`] : [])]
}

function attribute({ name, type }: KeyAttribute): string {
  return `{ name: ${quoted(name)}, type: AttributeType.${TYPES[type]} }`
}

function projectionLines({ projection = 'all' }: IndexDefinition): string[] {
  if (projection === 'all') return ['projectionType: ProjectionType.ALL,']
  if (projection === 'keysOnly') return ['projectionType: ProjectionType.KEYS_ONLY,']
  const names = projection.include.map(quoted).join(', ')
  return ['projectionType: ProjectionType.INCLUDE,', `nonKeyAttributes: [${names}],`]
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
