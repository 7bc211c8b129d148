/** Requests with rarely used members, valid enough that the operation reads all of them. */
import type { Seed } from '../fuzz/seeds.js'

const KEY = { id: { S: 'item' }, sk: { N: '1' } }
const PLAIN = { TableName: 'fuzz-plain', Key: { id: { S: 'rare' } } }
const ALL = { ReturnConsumedCapacity: 'INDEXES' }
const EQUAL = { ComparisonOperator: 'EQ', AttributeValueList: [{ N: '1' }] }
const TWO_CONDITIONS = { n: EQUAL, m: { Value: { N: '1' }, Exists: true } }
const GUARD = {
  ConditionExpression: 'attribute_not_exists(#n) OR #n <> :x',
  ExpressionAttributeNames: { '#n': 'nothing' },
  ExpressionAttributeValues: { ':x': { S: 'x' } },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
}
const UNITS = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 }
const WARM = { ReadUnitsPerSecond: 20_000, WriteUnitsPerSecond: 20_000 }
const LIMITS = { MaxReadRequestUnits: 10, MaxWriteRequestUnits: 10 }
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' })
const string = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' })

export function rareRequests(streams: readonly string[], shards: readonly string[]): Seed[] {
  const of = (operation: string, ...bodies: object[]) =>
    bodies.map(body => ({ target: `DynamoDB_20120810.${operation}`, body }))
  const ofStreams = (operation: string, body: object) => ({ target: `DynamoDBStreams_20120810.${operation}`, body })
  const guardedKey = { ...PLAIN, ...GUARD }
  return [
    ...of('PutItem', {
      TableName: 'fuzz-plain',
      Item: PLAIN.Key,
      Expected: TWO_CONDITIONS,
      ConditionalOperator: 'AND',
    }),
    ...of('GetItem', { ...PLAIN, ...ALL }),
    ...of(
      'UpdateItem',
      { ...PLAIN, Expected: TWO_CONDITIONS, ConditionalOperator: 'AND' },
      { ...guardedKey, UpdateExpression: 'REMOVE a', ...ALL, ReturnItemCollectionMetrics: 'SIZE' },
    ),
    ...of(
      'DeleteItem',
      { ...PLAIN, Expected: TWO_CONDITIONS, ConditionalOperator: 'AND' },
      { ...guardedKey, ...ALL, ReturnItemCollectionMetrics: 'SIZE' },
    ),
    ...of(
      'Query',
      {
        TableName: 'fuzz-items',
        KeyConditionExpression: 'id = :i',
        ExpressionAttributeValues: { ':i': KEY.id },
        ProjectionExpression: 'n',
        ConsistentRead: true,
      },
      {
        TableName: 'fuzz-items',
        KeyConditions: { id: { ComparisonOperator: 'EQ', AttributeValueList: [KEY.id] } },
        QueryFilter: { n: EQUAL, m: EQUAL },
        ConditionalOperator: 'OR',
        AttributesToGet: ['n'],
      },
    ),
    ...of(
      'Scan',
      { TableName: 'fuzz-plain', ProjectionExpression: 'n', ConsistentRead: true, ...ALL },
      { TableName: 'fuzz-plain', ScanFilter: { n: EQUAL, m: EQUAL }, ConditionalOperator: 'OR' },
    ),
    ...of('BatchGetItem', { RequestItems: { 'fuzz-plain': { Keys: [PLAIN.Key], AttributesToGet: ['n'] } } }),
    ...of('BatchWriteItem', { RequestItems: { 'fuzz-plain': [{ PutRequest: { Item: PLAIN.Key } }] }, ...ALL }),
    ...of('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'fuzz-plain', Item: { id: { S: 'a' } }, ...GUARD } },
        { Delete: { ...guardedKey, Key: { id: { S: 'b' } } } },
        { ConditionCheck: { ...guardedKey, Key: { id: { S: 'c' } } } },
        { Update: { ...guardedKey, Key: { id: { S: 'd' } }, UpdateExpression: 'SET n = :x' } },
      ],
      ReturnItemCollectionMetrics: 'SIZE',
    }),
    ...of('TransactGetItems', {
      TransactItems: [{ Get: { ...PLAIN, ProjectionExpression: '#n', ExpressionAttributeNames: { '#n': 'n' } } }],
      ...ALL,
    }),
    ...of(
      'ExecuteStatement',
      {
        Statement: `DELETE FROM "fuzz-plain" WHERE id = 'nobody' AND n = 7`,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
      { Statement: 'SELECT * FROM "fuzz-plain"', ...ALL },
    ),
    ...of('BatchExecuteStatement', {
      Statements: [
        {
          Statement: `DELETE FROM "fuzz-plain" WHERE id = 'nobody' AND n = 7`,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      ],
      ...ALL,
    }),
    ...of('ExecuteTransaction', {
      TransactStatements: [
        {
          Statement: `DELETE FROM "fuzz-plain" WHERE id = 'nobody' AND n = 7`,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
        { Statement: `INSERT INTO "fuzz-plain" VALUE {'id': 'rarest'}` },
      ],
      ...ALL,
    }),
    ...of('CreateTable', {
      TableName: 'rare-local',
      AttributeDefinitions: [string('a'), string('b'), string('c')],
      KeySchema: [hash('a'), range('b')],
      BillingMode: 'PAY_PER_REQUEST',
      LocalSecondaryIndexes: [
        {
          IndexName: 'local',
          KeySchema: [hash('a'), range('c')],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x'] },
        },
      ],
    }),
    ...of('CreateTable', {
      TableName: 'rare-on-demand',
      AttributeDefinitions: [string('a'), string('b')],
      KeySchema: [hash('a')],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [
        {
          IndexName: 'global',
          KeySchema: [hash('b')],
          Projection: { ProjectionType: 'ALL' },
          OnDemandThroughput: LIMITS,
          WarmThroughput: WARM,
        },
      ],
      OnDemandThroughput: LIMITS,
      WarmThroughput: WARM,
      TableClass: 'STANDARD',
      DeletionProtectionEnabled: false,
      SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'alias/key' },
    }),
    ...of(
      'UpdateTable',
      { TableName: 'rare-on-demand', OnDemandThroughput: LIMITS },
      { TableName: 'rare-on-demand', WarmThroughput: { ReadUnitsPerSecond: 21_000, WriteUnitsPerSecond: 21_000 } },
      {
        TableName: 'rare-on-demand',
        SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'alias/other' },
      },
      {
        TableName: 'rare-on-demand',
        GlobalSecondaryIndexUpdates: [
          {
            Update: {
              IndexName: 'global',
              OnDemandThroughput: LIMITS,
              WarmThroughput: { ReadUnitsPerSecond: 21_000, WriteUnitsPerSecond: 21_000 },
            },
          },
        ],
      },
      {
        TableName: 'rare-on-demand',
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: UNITS,
        GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'global', ProvisionedThroughput: UNITS } }],
      },
      {
        TableName: 'rare-on-demand',
        AttributeDefinitions: [string('c'), string('a')],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'more',
              KeySchema: [hash('c')],
              Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x'] },
              ProvisionedThroughput: UNITS,
            },
          },
        ],
      },
      {
        TableName: 'fuzz-plain',
        AttributeDefinitions: [string('c'), string('id')],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'warm',
              KeySchema: [hash('c')],
              Projection: { ProjectionType: 'ALL' },
              OnDemandThroughput: LIMITS,
              WarmThroughput: WARM,
            },
          },
        ],
      },
    ),
    ...streams.flatMap(StreamArn => [
      ofStreams('ListStreams', { ExclusiveStartStreamArn: StreamArn }),
      ...shards.flatMap(ShardId => [
        ofStreams('DescribeStream', { StreamArn, ExclusiveStartShardId: ShardId }),
        ofStreams('DescribeStream', { StreamArn, ShardFilter: { Type: 'CHILD_SHARDS', ShardId } }),
      ]),
    ]),
  ]
}
