/** Valid requests of every operation, which the fuzzer changes. */

export interface Seed {
  readonly target: string
  readonly body: object
}

/** Values from earlier answers: the positions of pages, streams and statements. */
export interface Tokens {
  readonly iterators: readonly string[]
  readonly streams: readonly string[]
  readonly shards: readonly string[]
  readonly sequence: string
  readonly nextTokens: readonly string[]
}

const KEY = { id: { S: 'item' }, sk: { N: '1' } }
const NAMES = { '#a': 'n', '#b': 'm' }
const VALUES = { ':a': { N: '1' }, ':b': { S: 'x' } }
const arn = (table: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`

export function seeds({ iterators, streams, shards, sequence, nextTokens }: Tokens): Seed[] {
  const of = (operation: string, ...bodies: object[]) =>
    bodies.map(body => ({ target: `DynamoDB_20120810.${operation}`, body }))
  const ofStreams = (operation: string, ...bodies: object[]) =>
    bodies.map(body => ({ target: `DynamoDBStreams_20120810.${operation}`, body }))
  const item = {
    ...KEY,
    kind: { S: 'k' },
    rank: { N: '3' },
    m: { M: { a: { L: [{ N: '1' }, { S: 'x' }] } } },
    l: { L: [{ N: '1' }] },
    bytes: { B: 'AQI=' },
    set: { SS: ['a', 'b'] },
  }
  return [
    ...of(
      'PutItem',
      {
        TableName: 'fuzz-items',
        Item: item,
        ReturnValues: 'ALL_OLD',
        ReturnConsumedCapacity: 'INDEXES',
        ReturnItemCollectionMetrics: 'SIZE',
      },
      {
        TableName: 'fuzz-items',
        Item: item,
        ConditionExpression: '#a <> :a OR attribute_not_exists(#b.a[0])',
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: { ':a': { N: '1' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
      {
        TableName: 'fuzz-plain',
        Item: { id: { S: 'p1' }, n: { N: '1.5' }, __proto: { NULL: true } },
        Expected: { n: { ComparisonOperator: 'NE', AttributeValueList: [{ N: '7' }] }, m: { Exists: false } },
        ConditionalOperator: 'OR',
      },
      { TableName: '__proto__', Item: JSON.parse('{"__proto__":{"S":"a"},"constructor":{"N":"1"}}') },
      { TableName: 'fuzz-bytes', Item: { bytes: { B: 'AAEC' }, expires: { N: '1' } } },
    ),
    ...of(
      'GetItem',
      {
        TableName: 'fuzz-items',
        Key: KEY,
        ProjectionExpression: '#a, m.a[0], l',
        ExpressionAttributeNames: { '#a': 'n' },
        ConsistentRead: true,
      },
      { TableName: 'fuzz-items', Key: KEY, AttributesToGet: ['n', 'm'] },
      { TableName: '__proto__', Key: JSON.parse('{"__proto__":{"S":"a"}}') },
      { TableName: 'fuzz-bytes', Key: { bytes: { B: 'AAEC' } } },
    ),
    ...of(
      'UpdateItem',
      {
        TableName: 'fuzz-items',
        Key: KEY,
        UpdateExpression: 'SET #a = if_not_exists(#a, :a) + :a, l = list_append(l, :c) REMOVE m.a[0]',
        ConditionExpression: 'attribute_exists(id)',
        ExpressionAttributeNames: { '#a': 'n' },
        ExpressionAttributeValues: { ':a': { N: '1' }, ':c': { L: [{ S: 'x' }] } },
        ReturnValues: 'ALL_NEW',
      },
      {
        TableName: 'fuzz-plain',
        Key: { id: { S: 'p1' } },
        AttributeUpdates: { n: { Action: 'ADD', Value: { N: '1' } }, m: { Action: 'DELETE' } },
        Expected: { n: { Value: { N: '1' }, Exists: true } },
        ReturnValues: 'UPDATED_OLD',
      },
      {
        TableName: 'fuzz-items',
        Key: KEY,
        UpdateExpression: 'ADD rank :a, #s :s DELETE set :s',
        ExpressionAttributeNames: { '#s': 'strings' },
        ExpressionAttributeValues: { ':a': { N: '1' }, ':s': { SS: ['a'] } },
      },
    ),
    ...of(
      'DeleteItem',
      {
        TableName: 'fuzz-items',
        Key: KEY,
        ConditionExpression: '#a = :a',
        ExpressionAttributeNames: { '#a': 'n' },
        ExpressionAttributeValues: { ':a': { N: '1' } },
        ReturnValues: 'ALL_OLD',
      },
      { TableName: 'fuzz-plain', Key: { id: { S: 'p1' } } },
    ),
    ...of(
      'Query',
      {
        TableName: 'fuzz-items',
        KeyConditionExpression: 'id = :a AND sk BETWEEN :b AND :c',
        FilterExpression: 'contains(#a, :a)',
        ExpressionAttributeNames: { '#a': 'kind' },
        ExpressionAttributeValues: { ':a': { S: 'item' }, ':b': { N: '0' }, ':c': { N: '9' } },
        Limit: 3,
        ScanIndexForward: false,
        ReturnConsumedCapacity: 'TOTAL',
      },
      {
        TableName: 'fuzz-items',
        IndexName: 'byKind',
        KeyConditions: {
          kind: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'k' }] },
          rank: { ComparisonOperator: 'GE', AttributeValueList: [{ N: '0' }] },
        },
        QueryFilter: { n: { ComparisonOperator: 'NOT_NULL' } },
        Select: 'ALL_PROJECTED_ATTRIBUTES',
      },
      {
        TableName: 'fuzz-items',
        IndexName: 'byRank',
        KeyConditionExpression: 'id = :a AND #b > :b',
        ExpressionAttributeNames: { '#b': 'rank' },
        ExpressionAttributeValues: { ':a': { S: 'item' }, ':b': { N: '0' } },
        ExclusiveStartKey: { ...KEY, rank: { N: '3' } },
      },
      {
        TableName: '__proto__',
        IndexName: 'constructor',
        KeyConditionExpression: '#a = :a',
        ExpressionAttributeNames: { '#a': 'constructor' },
        ExpressionAttributeValues: { ':a': { N: '1' } },
      },
    ),
    ...of(
      'Scan',
      {
        TableName: 'fuzz-items',
        FilterExpression: 'size(l) > :a AND NOT (#a IN (:a, :b))',
        ExpressionAttributeNames: { '#a': 'n' },
        ExpressionAttributeValues: VALUES,
        Segment: 0,
        TotalSegments: 2,
      },
      { TableName: 'fuzz-items', IndexName: 'byKind', Limit: 2, Select: 'COUNT' },
      {
        TableName: 'fuzz-plain',
        ScanFilter: { n: { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '1' }, { N: '9' }] } },
        AttributesToGet: ['id'],
      },
      { TableName: 'fuzz-items', ExclusiveStartKey: KEY },
    ),
    ...of('BatchGetItem', {
      RequestItems: {
        'fuzz-items': {
          Keys: [KEY, { id: { S: 'item' }, sk: { N: '2' } }],
          ProjectionExpression: '#a',
          ExpressionAttributeNames: { '#a': 'n' },
        },
        'fuzz-plain': { Keys: [{ id: { S: 'p1' } }], ConsistentRead: true },
      },
      ReturnConsumedCapacity: 'TOTAL',
    }),
    ...of('BatchWriteItem', {
      RequestItems: {
        'fuzz-items': [
          { PutRequest: { Item: item } },
          { DeleteRequest: { Key: { id: { S: 'gone' }, sk: { N: '1' } } } },
        ],
        'fuzz-plain': [{ PutRequest: { Item: { id: { S: 'p2' } } } }],
      },
      ReturnItemCollectionMetrics: 'SIZE',
    }),
    ...of('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'fuzz-items', Item: item } },
        {
          Update: {
            TableName: 'fuzz-plain',
            Key: { id: { S: 'p1' } },
            UpdateExpression: 'SET n = :a',
            ExpressionAttributeValues: { ':a': { N: '1' } },
          },
        },
        {
          ConditionCheck: {
            TableName: 'fuzz-plain',
            Key: { id: { S: 'p9' } },
            ConditionExpression: 'attribute_not_exists(id)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        { Delete: { TableName: 'fuzz-bytes', Key: { bytes: { B: 'AQ==' } } } },
      ],
      ClientRequestToken: 'token-1',
      ReturnConsumedCapacity: 'INDEXES',
    }),
    ...of('TransactGetItems', {
      TransactItems: [
        { Get: { TableName: 'fuzz-items', Key: KEY, ProjectionExpression: 'n' } },
        { Get: { TableName: 'fuzz-plain', Key: { id: { S: 'p1' } } } },
      ],
    }),
    ...of(
      'ExecuteStatement',
      {
        Statement: 'SELECT * FROM "fuzz-items" WHERE id = ? AND sk > 0 ORDER BY sk DESC',
        Parameters: [{ S: 'item' }],
        Limit: 2,
        ConsistentRead: true,
      },
      {
        Statement: 'SELECT id, m.a[0] FROM "fuzz-items"."byKind" WHERE contains(kind, \'k\')',
        ReturnConsumedCapacity: 'INDEXES',
      },
      {
        Statement: "INSERT INTO \"fuzz-plain\" VALUE {'id': 'q1', 'set': <<1, 2>>, 'l': [1, {'a': ?}]}",
        Parameters: [{ N: '1' }],
      },
      {
        Statement:
          'UPDATE "fuzz-items" SET n = n + 1 SET l = list_append(l, [1]) REMOVE m.a WHERE id = \'item\' AND sk = 1 RETURNING ALL NEW *',
      },
      { Statement: 'DELETE FROM "fuzz-items" WHERE id = \'gone\' AND sk = 1 RETURNING ALL OLD *' },
      ...nextTokens.map(NextToken => ({ Statement: 'SELECT * FROM "fuzz-items"', Limit: 1, NextToken })),
    ),
    ...of(
      'BatchExecuteStatement',
      {
        Statements: [
          { Statement: 'SELECT * FROM "fuzz-items" WHERE id = \'item\' AND sk = 1' },
          { Statement: 'SELECT n FROM "fuzz-plain" WHERE id = ?', Parameters: [{ S: 'p1' }], ConsistentRead: true },
        ],
      },
      {
        Statements: [
          { Statement: "INSERT INTO \"fuzz-plain\" VALUE {'id': 'q2'}" },
          { Statement: 'DELETE FROM "fuzz-plain" WHERE id = \'q3\'' },
        ],
      },
    ),
    ...of(
      'ExecuteTransaction',
      {
        TransactStatements: [
          { Statement: 'UPDATE "fuzz-plain" SET n = 1 WHERE id = \'p1\'' },
          { Statement: 'INSERT INTO "fuzz-plain" VALUE {\'id\': ?}', Parameters: [{ S: 'q4' }] },
        ],
        ClientRequestToken: 'token-2',
      },
      { TransactStatements: [{ Statement: 'SELECT * FROM "fuzz-plain" WHERE id = \'p1\'' }] },
    ),
    ...of(
      'CreateTable',
      {
        TableName: 'fuzz-new',
        AttributeDefinitions: [
          { AttributeName: 'a', AttributeType: 'S' },
          { AttributeName: 'b', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'a', KeyType: 'HASH' },
          { AttributeName: 'b', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        Tags: [{ Key: 'k', Value: 'v' }],
      },
      {
        TableName: 'fuzz-new2',
        AttributeDefinitions: [
          { AttributeName: 'a', AttributeType: 'S' },
          { AttributeName: 'b', AttributeType: 'B' },
        ],
        KeySchema: [
          { AttributeName: 'a', KeyType: 'HASH' },
          { AttributeName: 'b', KeyType: 'RANGE' },
        ],
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
        LocalSecondaryIndexes: [
          {
            IndexName: 'local',
            KeySchema: [
              { AttributeName: 'a', KeyType: 'HASH' },
              { AttributeName: 'b', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'global',
            KeySchema: [{ AttributeName: 'b', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x'] },
            ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
          },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        SSESpecification: { Enabled: true, SSEType: 'KMS' },
      },
    ),
    ...of(
      'UpdateTable',
      {
        TableName: 'fuzz-plain',
        AttributeDefinitions: [{ AttributeName: 'n', AttributeType: 'N' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'byNumber',
              KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          },
        ],
      },
      { TableName: 'fuzz-plain', GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byNumber' } }] },
      {
        TableName: 'fuzz-plain',
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
        TableClass: 'STANDARD',
        DeletionProtectionEnabled: false,
      },
      { TableName: 'fuzz-plain', StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } },
    ),
    ...of('DeleteTable', { TableName: 'fuzz-new' }, { TableName: 'fuzz-new2' }),
    ...of('DescribeTable', { TableName: 'fuzz-items' }, { TableName: arn('fuzz-plain') }),
    ...of('ListTables', { Limit: 2, ExclusiveStartTableName: 'fuzz' }, {}),
    ...of('UpdateTimeToLive', {
      TableName: 'fuzz-bytes',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    }),
    ...of('DescribeTimeToLive', { TableName: 'fuzz-items' }),
    ...of('TagResource', { ResourceArn: arn('fuzz-items'), Tags: [{ Key: 'a', Value: 'b' }] }),
    ...of('UntagResource', { ResourceArn: arn('fuzz-items'), TagKeys: ['a'] }),
    ...of('ListTagsOfResource', { ResourceArn: arn('fuzz-items'), NextToken: 'dGFncyAx' }),
    ...of('DescribeContinuousBackups', { TableName: 'fuzz-items' }),
    ...of('UpdateContinuousBackups', {
      TableName: 'fuzz-items',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 3 },
    }),
    ...of('DescribeLimits', {}),
    ...of('DescribeEndpoints', {}),
    ...ofStreams('ListStreams', { TableName: 'fuzz-items', Limit: 1 }, {}),
    ...streams.flatMap(StreamArn => [
      ...ofStreams('DescribeStream', { StreamArn, Limit: 1 }),
      ...shards.flatMap(ShardId =>
        ofStreams(
          'GetShardIterator',
          { StreamArn, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: sequence },
          { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' },
        ),
      ),
    ]),
    ...iterators.flatMap(ShardIterator => ofStreams('GetRecords', { ShardIterator, Limit: 10 })),
  ]
}
