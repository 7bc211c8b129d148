/** The operations on tables. */
import { type Family, hashTable, indexedTable, rows } from '../family.js'

const TABLE = 'zz.tables.one'
const INDEXED = 'zz.tables.indexed'
const NEW = 'zz.tables.new'

const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' })
const attribute = (AttributeName: string, AttributeType = 'S') => ({ AttributeName, AttributeType })
const all = { ProjectionType: 'ALL' }
const base = {
  TableName: NEW,
  AttributeDefinitions: [attribute('id')],
  KeySchema: [hash('id')],
  BillingMode: 'PAY_PER_REQUEST',
}
const two = { ...base, AttributeDefinitions: [attribute('id'), attribute('other')] }
const create = (more: object) => ({ ...base, ...more })
const provisioned = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 }
const globals = (...GlobalSecondaryIndexes: unknown[]) => ({ ...two, GlobalSecondaryIndexes })
const locals = (...LocalSecondaryIndexes: unknown[]) => ({
  ...two,
  KeySchema: [hash('id'), range('other')],
  LocalSecondaryIndexes,
})

const faulty = rows([
  ['nothing', 'CreateTable', {}],
  ['a short name', 'CreateTable', create({ TableName: 'ab' })],
  ['an empty name', 'CreateTable', create({ TableName: '' })],
  ['a name of forbidden letters', 'CreateTable', create({ TableName: 'a b c' })],
  ['a name of 256 letters', 'CreateTable', create({ TableName: 'a'.repeat(256) })],
  ['a name that is there', 'CreateTable', create({ TableName: TABLE })],
  ['no key schema', 'CreateTable', create({ KeySchema: undefined })],
  ['an empty key schema', 'CreateTable', create({ KeySchema: [] })],
  ['a key schema of three', 'CreateTable', create({ KeySchema: [hash('id'), range('b'), range('c')] })],
  ['a key schema of two hashes', 'CreateTable', { ...two, KeySchema: [hash('id'), hash('other')] }],
  ['a key schema of a range', 'CreateTable', create({ KeySchema: [range('id')] })],
  ['a key schema the wrong way', 'CreateTable', { ...two, KeySchema: [range('other'), hash('id')] }],
  ['a key schema of the same twice', 'CreateTable', create({ KeySchema: [hash('id'), range('id')] })],
  ['an unknown key type', 'CreateTable', create({ KeySchema: [{ AttributeName: 'id', KeyType: 'SORT' }] })],
  ['an unknown attribute type', 'CreateTable', create({ AttributeDefinitions: [attribute('id', 'BOOL')] })],
  ['no attributes', 'CreateTable', create({ AttributeDefinitions: undefined })],
  ['an empty list of attributes', 'CreateTable', create({ AttributeDefinitions: [] })],
  ['an attribute that is not used', 'CreateTable', two],
  ['an attribute that is missing', 'CreateTable', create({ KeySchema: [hash('none')] })],
  ['an attribute twice', 'CreateTable', create({ AttributeDefinitions: [attribute('id'), attribute('id', 'N')] })],
  ['no capacity', 'CreateTable', create({ BillingMode: undefined })],
  ['capacity of a table that pays per request', 'CreateTable', create({ ProvisionedThroughput: provisioned })],
  [
    'capacity of nothing',
    'CreateTable',
    create({ BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 1 } }),
  ],
  [
    'half a capacity',
    'CreateTable',
    create({ BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 1 } }),
  ],
  ['an unknown billing', 'CreateTable', create({ BillingMode: 'FREE' })],
  ['no global indexes', 'CreateTable', create({ GlobalSecondaryIndexes: [] })],
  ['no local indexes', 'CreateTable', create({ LocalSecondaryIndexes: [] })],
  ['a global index without a name', 'CreateTable', globals({ KeySchema: [hash('other')], Projection: all })],
  [
    'a global index with a short name',
    'CreateTable',
    globals({ IndexName: 'a', KeySchema: [hash('other')], Projection: all }),
  ],
  ['a global index without a projection', 'CreateTable', globals({ IndexName: 'byOther', KeySchema: [hash('other')] })],
  [
    'a global index with an unknown projection',
    'CreateTable',
    globals({ IndexName: 'byOther', KeySchema: [hash('other')], Projection: { ProjectionType: 'SOME' } }),
  ],
  [
    'a global index that includes nothing',
    'CreateTable',
    globals({ IndexName: 'byOther', KeySchema: [hash('other')], Projection: { ProjectionType: 'INCLUDE' } }),
  ],
  [
    'a global index of all that includes',
    'CreateTable',
    globals({
      IndexName: 'byOther',
      KeySchema: [hash('other')],
      Projection: { ProjectionType: 'ALL', NonKeyAttributes: ['a'] },
    }),
  ],
  [
    'a global index of an attribute that is missing',
    'CreateTable',
    globals({ IndexName: 'byOther', KeySchema: [hash('none')], Projection: all }),
  ],
  [
    'two global indexes of one name',
    'CreateTable',
    globals(
      { IndexName: 'byOther', KeySchema: [hash('other')], Projection: all },
      { IndexName: 'byOther', KeySchema: [hash('other')], Projection: all },
    ),
  ],
  [
    'a local index of a table without a sort key',
    'CreateTable',
    {
      ...two,
      LocalSecondaryIndexes: [{ IndexName: 'byOther', KeySchema: [hash('id'), range('other')], Projection: all }],
    },
  ],
  [
    'a local index of another partition',
    'CreateTable',
    locals({ IndexName: 'byOther', KeySchema: [hash('other'), range('id')], Projection: all }),
  ],
  [
    'a local index without a sort key',
    'CreateTable',
    locals({ IndexName: 'byOther', KeySchema: [hash('id')], Projection: all }),
  ],
  ['a stream without a view', 'CreateTable', create({ StreamSpecification: { StreamEnabled: true } })],
  [
    'a stream with an unknown view',
    'CreateTable',
    create({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'ALL' } }),
  ],
  ['a key schema that is a map', 'CreateTable', create({ KeySchema: {} })],
  ['a name that is a number', 'CreateTable', create({ TableName: 1 })],
  ['an unknown table', 'DescribeTable', { TableName: 'zz.absent' }],
  ['a table with a short name', 'DescribeTable', { TableName: 'a' }],
  ['a table without a name', 'DescribeTable', {}],
  ['an unknown table', 'DeleteTable', { TableName: 'zz.absent' }],
  ['a table without a name', 'DeleteTable', {}],
  ['an unknown table', 'UpdateTable', { TableName: 'zz.absent', BillingMode: 'PAY_PER_REQUEST' }],
  ['nothing to change', 'UpdateTable', { TableName: TABLE }],
  [
    'an unknown index',
    'UpdateTable',
    { TableName: TABLE, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'none' } }] },
  ],
  ['a limit of nothing', 'ListTables', { Limit: 0 }],
  ['a limit of 101', 'ListTables', { Limit: 101 }],
  ['a start that is too short', 'ListTables', { ExclusiveStartTableName: 'a' }],
  ['a start that is empty', 'ListTables', { ExclusiveStartTableName: '' }],
  ['a limit that is a text', 'ListTables', { Limit: 'x' }],
  ['of an unknown table', 'DescribeTimeToLive', { TableName: 'zz.absent' }],
  [
    'of an unknown table',
    'UpdateTimeToLive',
    { TableName: 'zz.absent', TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
  ],
  ['without an attribute', 'UpdateTimeToLive', { TableName: TABLE, TimeToLiveSpecification: { Enabled: true } }],
  [
    'of an empty attribute',
    'UpdateTimeToLive',
    { TableName: TABLE, TimeToLiveSpecification: { AttributeName: '', Enabled: true } },
  ],
  [
    'off, which it is',
    'UpdateTimeToLive',
    { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: false } },
  ],
  ['of a table by no ARN', 'ListTagsOfResource', { ResourceArn: 'x' }],
  ['of no table', 'ListTagsOfResource', {}],
  ['without tags', 'TagResource', { ResourceArn: `arn:aws:dynamodb:{region}:000000000000:table/${TABLE}` }],
  ['an operation that there is not', 'CreateTables', {}],
  ['an operation without a name', '', {}],
])

const sound = rows([
  ['by name', 'DescribeTable', { TableName: TABLE }],
  ['with indexes', 'DescribeTable', { TableName: INDEXED }],
  ['by ARN', 'DescribeTable', { TableName: `arn:aws:dynamodb:{region}:000000000000:table/${TABLE}` }],
  ['with a start', 'ListTables', { ExclusiveStartTableName: 'zz.tables', Limit: 2 }],
  ['past the last', 'ListTables', { ExclusiveStartTableName: 'zzz' }],
  ['a table', 'CreateTable', base],
  ['that table', 'DescribeTable', { TableName: NEW }],
  ['that table', 'DeleteTable', { TableName: NEW }],
  [
    'a table with a global index',
    'CreateTable',
    globals({
      IndexName: 'byOther',
      KeySchema: [hash('other')],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a', 'b'] },
    }),
  ],
  ['that table', 'DescribeTable', { TableName: NEW }],
  ['that table', 'DeleteTable', { TableName: NEW }],
  [
    'a table with a local index',
    'CreateTable',
    locals({
      IndexName: 'local',
      KeySchema: [hash('id'), range('other')],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    }),
  ],
  ['that table', 'DescribeTable', { TableName: NEW }],
  ['that table', 'DeleteTable', { TableName: NEW }],
  ['a table with capacity', 'CreateTable', create({ BillingMode: undefined, ProvisionedThroughput: provisioned })],
  ['that table', 'DescribeTable', { TableName: NEW }],
  ['that table', 'DeleteTable', { TableName: NEW }],
  ['that it is off', 'DescribeTimeToLive', { TableName: TABLE }],
  ['on', 'UpdateTimeToLive', { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } }],
  ['that it is on', 'DescribeTimeToLive', { TableName: TABLE }],
  [
    'on, which it is',
    'UpdateTimeToLive',
    { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
  ],
  [
    'two',
    'TagResource',
    {
      ResourceArn: `arn:aws:dynamodb:{region}:000000000000:table/${TABLE}`,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '' },
      ],
    },
  ],
  ['of the table', 'ListTagsOfResource', { ResourceArn: `arn:aws:dynamodb:{region}:000000000000:table/${TABLE}` }],
  ['one', 'UntagResource', { ResourceArn: `arn:aws:dynamodb:{region}:000000000000:table/${TABLE}`, TagKeys: ['a'] }],
  ['of the table', 'ListTagsOfResource', { ResourceArn: `arn:aws:dynamodb:{region}:000000000000:table/${TABLE}` }],
])

export const TABLES: Family = {
  name: 'tables',
  tables: [hashTable(TABLE), indexedTable(INDEXED)],
  requests: [...faulty, ...sound],
}
