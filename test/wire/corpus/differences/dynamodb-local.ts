/** The answers of DynamoDB Local 3.1.0 that differ from those of AWS. */
import { ANY, CONSTRAINT, DONE, NONE, of, refused, uncounted } from './difference.js'

const NO_TABLE = /^400 ResourceNotFoundException: Cannot do operations on a non-existent table$/

export const DYNAMODB_LOCAL = of('dynamodb-local', [
  // JSON of wrong types.
  [
    'It answers 500 to JSON of the wrong type for a member; AWS answers SerializationException',
    /^400 (?:SerializationException|ValidationException: 1 validation error detected: Value null at)/,
    /^500 InternalFailure: The request processing has failed because of an unknown error/,
  ],
  [
    'It answers 500 to a NULL that is not a boolean and to null in a binary set; AWS refuses the values',
    refused('1 validation error detected: One or more parameter values were invalid: (?:Null attribute|An string set)'),
    /^500 InternalFailure/,
  ],
  [
    'It converts scalars of the wrong JSON type and executes the request; AWS refuses them',
    /^400 SerializationException: (?:Unexpected token received from parser$|STRING_VALUE|TRUE_VALUE|FALSE_VALUE|NUMBER_VALUE|DECIMAL_VALUE)/,
    /^(?:200 success|400 (?:ConditionalCheckFailed|Validation|ResourceNotFound)Exception: )/,
  ],
  ['It drops extra bits at the end of base64; AWS refuses them', /dectected$/, DONE],

  // Constraints of members.
  [
    'It words too many keys as for several tables; AWS, 2026: the text of a constraint',
    refused('1 validation error detected: Value .*(?:less than or equal to 100$|equal to 25, Member)'),
    refused('(?:Too many items requested|Member must have length)'),
  ],
  [
    'It has its own texts for missing members and violated constraints, and does not check all of them',
    CONSTRAINT,
    refused(
      '(?:Value null at|Value \\w+ at|Cannot have null key|Table name is null|Value \\[\\] at|Member must|Invalid table/index name|Return values set|Item to put|The supplied Item|Empty attribute name|The list of keys|BatchGetItem must|The batch write request|BatchWriteItem cannot|Limit must|Select must|Comparison type|The filter condition|ConditionalOperator cannot|ExpressionAttributeNames contains invalid value: null|One or more parameter values were invalid: (?:Value or AttributeValueList|ExpectedAttributeValue)|Get Condition|Invalid KeyCondition|The document path|One or more parameter values were invalid: Type mismatch|Requested resource|Invalid Request|The provided starting|The table does not|Invalid ConditionExpression|1 validation error detected: Value .* at .segment.|Too many items)',
    ),
  ],
  [
    'It refuses unknown enumeration values in its own words, answers 500 to them, or ignores empty ones',
    refused('(?:1 validation error detected: )?Failed to satisfy constraint'),
    /^(?:200 success|500 InternalFailure|400 ValidationException: (?:Return values set|ConditionalOperator cannot))/,
  ],
  [
    'It reports an empty item as a missing one',
    refused('(?:One or more parameter values were invalid: Missing the key|The provided key element)'),
    refused('Item to put in PutItem cannot be null'),
  ],
  ['It accepts values and lengths that the reference does not allow', CONSTRAINT, DONE],
  [
    'It requires three characters in a table name for every operation; AWS requires one for operations on items (reference)',
    /^400 ResourceNotFoundException: Requested resource not found$/,
    refused('Invalid table/index name'),
  ],
  [
    'It does not count a malformed ARN as an error of the input',
    refused('1 validation error detected: Valid ARN format'),
    refused('Valid ARN format'),
  ],
  ['It accepts an ARN of any region for the table', refused('1 validation error detected: Invalid AWS region'), DONE],
  [
    'It has its own text for an empty batch; AWS, 2026: the text of a constraint, or that the parameter is required',
    refused('(?:1 validation error detected: Value at .RequestItems|The requestItems parameter is required)'),
    refused('Batch(?:Get|Write)Item (?:must|cannot) have'),
  ],

  [
    'It does not report the size of updates and projections that are too long',
    refused('.*Invalid (?:Update|Projection)Expression: Expression size has exceeded'),
    refused('Invalid \\w+Expression: Expression size has exceeded the maximum allowed size;$'),
  ],

  [
    'It ignores an unknown value for metrics, and for the capacity of an update; AWS refuses them',
    refused('(?:.*ReturnItemCollectionMetrics can only be|Value .* at .returnConsumedCapacity. failed)'),
    DONE,
  ],
  [
    'It reports unknown enumeration values of an update after errors of its item; AWS reports them first',
    refused('Value .* at .returnConsumedCapacity. failed to satisfy constraint'),
    refused('The document path provided in the update expression is invalid for update'),
  ],

  // Refusals that AWS counts since 2026.
  [
    'It names the missing members; AWS does not (AWS, 2026)',
    refused('1 validation error detected: ExpressionAttributeValues can only be specified when using expressions$'),
    refused('ExpressionAttributeValues can only be specified when using expressions: '),
  ],
  [
    'It does not count the errors of an input; AWS, 2026: 1 validation error detected',
    refused('1 validation error detected: '),
    refused(''),
    { operation: /^(?:Put|Update|Delete)Item$/, but: uncounted },
  ],
  [
    'It has the older text; AWS, 2026: ReturnValues can only be ALL_OLD or NONE',
    refused('1 validation error detected: ReturnValues can only be'),
    refused('Return values set to invalid value'),
    { operation: /^(?:Put|Delete)Item$/ },
  ],
  [
    'It checks ReturnValues before the item; AWS reads the item first',
    refused('.*The parameter cannot be converted'),
    refused('Return values set to invalid value'),
  ],

  // Values.
  [
    'It has its own texts for numbers',
    refused(
      '.*(?:The parameter cannot be converted to a numeric value|Attempting to store more than 38|Number overflow)',
    ),
    refused('.*(?:A value provided cannot be converted into a number|DynamoDB only supports precision up to 38)'),
  ],
  [
    'It reports repeated members of a set in the older words (AWS, 2026)',
    refused('1 validation error detected: One or more parameter values were invalid: Input collection'),
    refused('(?:One or more parameter values were invalid: )?Input collection'),
  ],
  [
    'It accepts a zero with any exponent; AWS accepts only the exponents of other numbers (AWS, 2026)',
    refused('.*Number overflow'),
    DONE,
  ],
  ['It accepts digits of other scripts', refused('.*The parameter cannot be converted to a numeric value: １$'), DONE],
  [
    'It checks the last type of a value with two types first',
    refused('Supplied AttributeValue has more than one'),
    refused('A value provided cannot be converted'),
  ],
  [
    'It reports a null in a number set as a number',
    refused('1 validation error detected: .*may not have a null string'),
    refused('A value provided cannot be converted'),
  ],
  [
    'It has its own text for a value that is null',
    refused('.*Supplied AttributeValue is empty'),
    refused('.*The supplied Item contains a null AttributeValue'),
  ],

  // Keys.
  [
    'It reports a missing key without its name',
    refused('(?:One or more parameter values were invalid: Missing the key|The provided key element does not match)'),
    refused('(?:One of the required keys was not given|The number of conditions on the keys is invalid)'),
  ],
  [
    'It reports a key of the wrong type without its name and types, as a type that no key can have, or as an update',
    refused(
      '(?:One or more parameter values were invalid: Type mismatch for (?:key|Index Key)|The provided (?:key element|starting key)|1 validation error detected: Invalid)',
    ),
    refused(
      '(?:One or more parameter values were invalid: Type mismatch for|Invalid attribute value type|Type mismatch for attribute to update)',
    ),
  ],
  [
    'It has a single text for all keys that are too long',
    refused('One or more parameter values were invalid: (?:Size of hashkey|Aggregated size of all range keys)'),
    refused('(?:Hash primary key values must be under|One or more parameter values were invalid: Size limit)'),
  ],
  [
    'It writes and reads index keys that are too long; AWS refuses them (AWS, 2026: also for reads)',
    refused('One or more parameter values were invalid: (?:Size of hashkey|Aggregated size of all range keys)'),
    DONE,
  ],
  [
    'It accepts any type for index keys in UpdateItem; AWS refuses it, as this server does in PutItem',
    refused('One or more parameter values were invalid: Type mismatch for Index Key'),
    /^(?:200 success|400 ConditionalCheckFailedException)/,
    { operation: /^UpdateItem$/ },
  ],
  [
    'It reports a key in a batch that is not a scalar as an empty one',
    refused('The provided key element does not match the schema'),
    refused('The list of keys in RequestItems'),
  ],

  // The table, and what is checked before it.
  [
    'It has its own text for an unknown table',
    /^400 ResourceNotFoundException: Requested resource not found$/,
    NO_TABLE,
  ],
  [
    'It looks up the table before it reads the values and expressions of a request; AWS reads the input first',
    /^400 ValidationException/,
    NO_TABLE,
  ],
  [
    'It checks keys against the table before it parses expressions; AWS reads the input first',
    refused('1 validation error detected: Invalid UpdateExpression'),
    refused('One of the required keys'),
  ],

  // Expressions and the legacy parameters.
  [
    'It ignores empty names and values without an expression; AWS refuses them',
    refused('.*ExpressionAttribute(?:Names|Values) can only be specified'),
    DONE,
  ],
  [
    'It reports types in AttributeUpdates by long names; AWS by those of the protocol',
    refused('.*One or more parameter values were invalid: (?:ADD|DELETE) action'),
    refused('One or more parameter values were invalid: (?:ADD|DELETE) action.*(?:STRING|NUMBER)$'),
  ],
  [
    'It returns the old item for AttributeUpdates, whatever the request asks for',
    ANY,
    ANY,
    { operation: /^UpdateItem$/, at: /^Attributes\.(?:word|a|b|count|num)(?:\.|$)/ },
  ],
  [
    'It has its own text for a repeated attribute',
    refused('One or more parameter values were invalid: Duplicate value in attribute name'),
    refused('Cannot have two attributes with the same name'),
  ],
  [
    'It lists unused placeholders in the order of a hash table',
    refused('.*Value provided in ExpressionAttribute\\w+ unused in expressions: keys: '),
    refused('Value provided in ExpressionAttribute\\w+ unused in expressions: keys: '),
  ],
  [
    'It checks all paths of an update against the item before any operand; AWS evaluates in their order (dynoxide too)',
    refused('The provided expression refers to an attribute that does not exist'),
    refused('The document path provided in the update expression is invalid'),
  ],
  [
    'It returns the whole list for an update of a part; AWS returns the part (extenddb issue 98, 2026)',
    /^\[/,
    /^\[/,
    { operation: /^UpdateItem$/, at: /^Attributes\.list\.L$/ },
  ],
  [
    'It names another pair of overlapping paths',
    refused('.*Invalid UpdateExpression: Two document paths overlap'),
    refused('Invalid UpdateExpression: Two document paths overlap'),
  ],
  [
    'It answers 500 to a comparison that keys do not support',
    refused('Attempted conditional constraint'),
    /^500 InternalFailure/,
  ],
  [
    'It names the placeholder of an invalid value in an expression; AWS does not (AWS, 2026)',
    refused(
      '(?:1 validation error detected: )?(?:One or more parameter values were invalid: An string set|Number overflow)',
    ),
    refused('ExpressionAttributeValues contains invalid value: (?:One or more|Number overflow)'),
  ],
  [
    'It reports another of several paths into keys',
    refused('Key attributes must be scalars'),
    refused('Key attributes must be scalars'),
  ],
  [
    'It reports a condition that matches no key without the key',
    refused('Query condition missed key schema element: '),
    refused('Query condition missed key schema element$'),
  ],
  [
    'It reports two conditions on one key without the expression (AWS, 2026)',
    refused('Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key'),
    refused('KeyConditionExpressions must only contain one condition per key'),
  ],
  [
    'It reports paths into keys in the words for filters',
    refused('KeyConditionExpressions cannot have conditions on nested attributes'),
    refused('Key attributes must be scalars'),
  ],

  // Pages.
  [
    'It has its own texts for start keys of another form',
    refused('The provided starting key is (?:invalid|outside)'),
    refused(
      '(?:Exclusive Start Key must have same size|Supplied AttributeValue is empty|One or more parameter values were invalid: An string set|The provided starting key does not match the range)',
    ),
  ],
  ['It ignores an empty start key', refused('The provided starting key is invalid'), DONE],
  [
    'It has its own texts for consistent reads of global indexes',
    refused('Consistent reads are not supported on global secondary indexes'),
    refused('Consistent read cannot be true when'),
  ],
  [
    'It refuses filters on attributes that an index does not have; AWS filters those that it has (guide: fetches for a local index)',
    DONE,
    refused('One or more parameter values were invalid: Secondary index .* does not project one or more filter'),
  ],
  [
    'It has its own texts for segments',
    refused('The (?:TotalSegments|Segment) parameter is'),
    refused('(?:If (?:segment|total segments) is specified|1 validation error detected: Value .* at .segment)'),
  ],
  [
    'It charges nothing for a page without items; AWS charges the minimum of a read',
    /^0\.5$|^1$|^\{/,
    /^0$|^$|^\{/,
    { operation: /^(?:Query|Scan|ExecuteStatement)$/, at: /^ConsumedCapacity/ },
  ],

  // Updates of items that do not exist.
  [
    'It creates an item for REMOVE and DELETE alone; AWS does not (reference of AttributeUpdates)',
    NONE,
    /^\{/,
    { operation: /^UpdateItem$/, at: /^Attributes$/ },
  ],

  // Batches and transactions.
  [
    'It checks conditions beside an operation that is refused for its key; AWS checks nothing else',
    /\[None, ValidationError\]$/,
    /\[ConditionalCheckFailed, ValidationError\]$/,
    { operation: /^TransactWriteItems$/ },
  ],
  [
    'It reports the reasons of conditions beside an operation that is refused for its key',
    /^(?:"None")?$/,
    /^"(?:ConditionalCheckFailed|The conditional request failed\.)"$/,
    { operation: /^TransactWriteItems$/, at: /^CancellationReasons\[0\]\.(?:Code|Message)$/ },
  ],
  [
    'It charges a transaction twice for its indexes; AWS charges the table twice and the indexes once',
    /^\d+$/,
    /^\d+$/,
    { operation: /^TransactWriteItems$/, at: /^ConsumedCapacity\[\d\]\..*SecondaryIndexes\..*\.CapacityUnits$/ },
  ],
  [
    'It charges nothing for missing keys in a batch, and less for deletes of them; AWS charges the minimum of a read or write',
    /^\d/,
    /^\d/,
    { operation: /^(?:Batch|Transact)/, at: /^ConsumedCapacity\[\d\]\.(?:Table\.)?CapacityUnits$/ },
  ],
  [
    'It does not separate reads from writes in the capacity of transactions; AWS does',
    /^\d/,
    NONE,
    { operation: /^Transact/, at: /\.(?:Read|Write)CapacityUnits$/ },
  ],
  [
    'It answers a batch for an ARN with the name of the table; AWS answers with the ARN (reference)',
    ANY,
    ANY,
    { operation: /^BatchGetItem$/, at: /^Responses\.(?:arn:|zz\.batch\.hash$)/ },
  ],
  ['It does not support item collections', /^\{/, NONE, { at: /^ItemCollectionMetrics$/ }],
  [
    'It ends its reason with a period',
    /^"The conditional request failed"$/,
    /^"The conditional request failed\."$/,
    { at: /^CancellationReasons/ },
  ],
  [
    'It reports less about keys in its reasons than AWS',
    /^"(?:One or more parameter values were invalid|The provided key element)/,
    /^"(?:One or more parameter values were invalid|Hash primary key|Invalid attribute|One of the required)/,
    { at: /^CancellationReasons\[\d+\]\.Message$/ },
  ],
  [
    'It refuses a transaction for an invalid operation; AWS cancels it with reasons',
    /^400 TransactionCanceledException: .*ValidationError/,
    /^400 ValidationException: /,
  ],
  ['The same', /^\[\{/, NONE, { operation: /^TransactWriteItems$/, at: /^CancellationReasons$/ }],
  [
    'It does not explain why it refuses a token that is reused for another request',
    /^400 IdempotentParameterMismatchException: ./,
    /^400 IdempotentParameterMismatchException: $/,
  ],
  [
    'It has its own text for an operation of no kind',
    refused('TransactItems can only contain one'),
    refused('Invalid Request'),
  ],

  [
    'It reports a wrong key in TransactGetItems instead of the summary, and without reasons',
    /^400 TransactionCanceledException: Transaction cancelled/,
    /^400 TransactionCanceledException: (?:The number of|One )/,
    { operation: /^TransactGetItems$/ },
  ],
  ['The same', /^\[\{/, NONE, { operation: /^TransactGetItems$/, at: /^CancellationReasons$/ }],
  [
    'It evaluates updates before it checks for two operations on one item',
    refused('Transaction request cannot include multiple'),
    refused('(?:The provided expression refers|Key attributes must be scalars|The document path)'),
  ],
  [
    'It reports the capacity of DeleteItem for a missing item without a request for it',
    NONE,
    /^\{"CapacityUnits":1/,
    { operation: /^DeleteItem$/, at: /^ConsumedCapacity$/ },
  ],

  // Tables. test/wire/tables.test.ts holds Partita to AWS's own texts.
  [
    'It has its own texts for definitions of tables',
    /^400 (?:Validation|ResourceInUse|ResourceNotFound|LimitExceeded)Exception: /,
    /^400 (?:Validation|ResourceInUse|ResourceNotFound|LimitExceeded)Exception: /,
    { operation: /(?:Table|Tables|TimeToLive|Resource)$/ },
  ],
  [
    'It accepts the capacity of on-demand tables, and empty lists of indexes',
    refused('One or more parameter values were invalid: (?:Neither ReadCapacityUnits|List of)'),
    DONE,
    { operation: /^CreateTable$/ },
  ],
  ['It answers 500 to an unknown billing mode', CONSTRAINT, /^500 InternalFailure/, { operation: /^CreateTable$/ }],
  [
    'It has its own text for an unknown operation, and answers 500 to a missing one',
    /^400 UnknownOperationException: $/,
    /^(?:400 UnknownOperationException: An unknown|500 InternalFailure)/,
  ],
  [
    'It has tables and indexes at once; AWS creates them first',
    /^"CREATING"$/,
    /^"ACTIVE"$/,
    { at: /\.(?:Table|Index)Status$/ },
  ],
  [
    'It reports times of events that never happened, and a stream that does not exist (reference)',
    NONE,
    ANY,
    { operation: /^(?:Create|Describe|Delete)Table$/, at: /\.(?:Last\w+DateTime|LatestStream(?:Label|Arn))$/ },
  ],
  [
    'It does not report ids, throughput modes, warm throughput, and the capacity of indexes (reference)',
    ANY,
    NONE,
    {
      operation: /^(?:Create|Describe|Delete)Table$/,
      at: /\.(?:TableId|TableThroughputModeSummary|WarmThroughput|ProvisionedThroughput)$/,
    },
  ],
  ['It does not support tags', ANY, /^400 UnknownOperationException: Tagging is not currently supported/],

  // PartiQL. test/wire/partiql holds Partita to AWS's own texts.
  [
    'It has its own texts for malformed statements',
    refused('(?:Statement wasn|Unsupported operation|1 validation error detected)'),
    refused(
      '(?:Statement wasn|Unsupported operation|The statement was empty|BatchGetItem cannot fetch|ExecutePartiQLTransaction can not)',
    ),
  ],
  ['It has another name for the error of an existing item', /^400 DuplicateItemException: /, /^400 DuplicateItem: /],
  [
    'It names an unknown index; AWS does not for PartiQL',
    refused('The table does not have the specified index$'),
    refused('The table does not have the specified index: '),
    { operation: /^ExecuteStatement$/ },
  ],
  ['It answers 500 to an invalid token', refused('Invalid NextToken'), /^500 InternalFailure/],
  [
    'It has its own text for a read without a key in a batch',
    /^"Select statements within/,
    /^"Only single item select/,
    { at: /^Responses\[0\]\.Error\.Message$/ },
  ],
  [
    'It reports an existing item as an invalid input; AWS has a code for it (reference)',
    /DuplicateItem/,
    /ValidationError/,
    { operation: /^ExecuteTransaction$/, at: /^outcome$|^CancellationReasons\[1\]\.Code$/ },
  ],

  // All refusals.
  ['It has `Message` in every refusal; AWS has `message` in those of the operations', /^"/, NONE, { at: /^message$/ }],
  ['The same', NONE, /^"/, { at: /^Message$/ }],
])
