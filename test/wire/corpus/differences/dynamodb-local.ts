/** The answers of DynamoDB Local 3.1.0 that differ from those of AWS. */
import { ANY, CONSTRAINT, DONE, NONE, of, refused, uncounted } from './difference.js'

const NO_TABLE = /^400 ResourceNotFoundException: Cannot do operations on a non-existent table$/

export const DYNAMODB_LOCAL = of('dynamodb-local', [
  // JSON of wrong types.
  [
    'It answers 500 to JSON of another type than the member has; AWS SerializationException',
    /^400 (?:SerializationException|ValidationException: 1 validation error detected: Value null at)/,
    /^500 InternalFailure: The request processing has failed because of an unknown error/,
  ],
  [
    'NULL that is no boolean, and null in a set of bytes, end it with 500; AWS refuses the values',
    refused('1 validation error detected: One or more parameter values were invalid: (?:Null attribute|An string set)'),
    /^500 InternalFailure/,
  ],
  [
    'Scalars of one type are taken for another in its JSON, and what they mean is carried out; AWS refuses them',
    /^400 SerializationException: (?:Unexpected token received from parser$|STRING_VALUE|TRUE_VALUE|FALSE_VALUE|NUMBER_VALUE|DECIMAL_VALUE)/,
    /^(?:200 success|400 (?:ConditionalCheckFailed|Validation|ResourceNotFound)Exception: )/,
  ],
  ['Loose bits at the end of base 64 are dropped; AWS refuses them', /dectected$/, DONE],

  // Constraints of members.
  [
    'Its text for too many keys is that of several tables; AWS, 2026: the text of a constraint',
    refused('1 validation error detected: Value .*(?:less than or equal to 100$|equal to 25, Member)'),
    refused('(?:Too many items requested|Member must have length)'),
  ],
  [
    'Its texts for members that are missing, or that break a constraint, are its own, and some it does not look at',
    CONSTRAINT,
    refused(
      '(?:Value null at|Value \\w+ at|Cannot have null key|Table name is null|Value \\[\\] at|Member must|Invalid table/index name|Return values set|Item to put|The supplied Item|Empty attribute name|The list of keys|BatchGetItem must|The batch write request|BatchWriteItem cannot|Limit must|Select must|Comparison type|The filter condition|ConditionalOperator cannot|ExpressionAttributeNames contains invalid value: null|One or more parameter values were invalid: (?:Value or AttributeValueList|ExpectedAttributeValue)|Get Condition|Invalid KeyCondition|The document path|One or more parameter values were invalid: Type mismatch|Requested resource|Invalid Request|The provided starting|The table does not|Invalid ConditionExpression|1 validation error detected: Value .* at .segment.|Too many items)',
    ),
  ],
  [
    'Words that nobody knows are told of in texts of its own, end it with 500, or count as none where they are empty',
    refused('(?:1 validation error detected: )?Failed to satisfy constraint'),
    /^(?:200 success|500 InternalFailure|400 ValidationException: (?:Return values set|ConditionalOperator cannot))/,
  ],
  [
    'An item with nothing in it is told of as if it were none',
    refused('(?:One or more parameter values were invalid: Missing the key|The provided key element)'),
    refused('Item to put in PutItem cannot be null'),
  ],
  ['It takes words and lengths that the reference does not allow', CONSTRAINT, DONE],
  [
    'A table name must have three letters in every operation; AWS asks for one where items are meant (reference)',
    /^400 ResourceNotFoundException: Requested resource not found$/,
    refused('Invalid table/index name'),
  ],
  [
    'The ARN of an unknown form is not counted as an error of the input',
    refused('1 validation error detected: Valid ARN format'),
    refused('Valid ARN format'),
  ],
  ['An ARN of any region is that of the table', refused('1 validation error detected: Invalid AWS region'), DONE],
  [
    'Its refusal of an empty batch is its own; AWS, 2026: the text of a constraint, or that the parameter is required',
    refused('(?:1 validation error detected: Value at .RequestItems|The requestItems parameter is required)'),
    refused('Batch(?:Get|Write)Item (?:must|cannot) have'),
  ],

  [
    'The size of updates and projections that are too long is not told',
    refused('.*Invalid (?:Update|Projection)Expression: Expression size has exceeded'),
    refused('Invalid \\w+Expression: Expression size has exceeded the maximum allowed size;$'),
  ],

  [
    'Unknown metrics, and an unknown capacity of an update, it takes for none; AWS refuses them',
    refused('(?:.*ReturnItemCollectionMetrics can only be|Value .* at .returnConsumedCapacity. failed)'),
    DONE,
  ],
  [
    'Unknown words of an update are reported after faults of its item; AWS reports them first',
    refused('Value .* at .returnConsumedCapacity. failed to satisfy constraint'),
    refused('The document path provided in the update expression is invalid for update'),
  ],

  // Refusals that AWS counts since 2026.
  [
    'It names the members that there are not; AWS does not (AWS, 2026)',
    refused('1 validation error detected: ExpressionAttributeValues can only be specified when using expressions$'),
    refused('ExpressionAttributeValues can only be specified when using expressions: '),
  ],
  [
    'It does not count what is wrong with inputs; AWS, 2026: 1 validation error detected',
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
    'ReturnValues are looked at before the item; AWS reads the item first',
    refused('.*The parameter cannot be converted'),
    refused('Return values set to invalid value'),
  ],

  // Values.
  [
    'Its texts for numbers are its own',
    refused(
      '.*(?:The parameter cannot be converted to a numeric value|Attempting to store more than 38|Number overflow)',
    ),
    refused('.*(?:A value provided cannot be converted into a number|DynamoDB only supports precision up to 38)'),
  ],
  [
    'What a set says twice is told in the older words (AWS, 2026)',
    refused('1 validation error detected: One or more parameter values were invalid: Input collection'),
    refused('(?:One or more parameter values were invalid: )?Input collection'),
  ],
  [
    'Zero may have any power of ten; AWS takes only those of other numbers (AWS, 2026)',
    refused('.*Number overflow'),
    DONE,
  ],
  ['It takes digits of other scripts', refused('.*The parameter cannot be converted to a numeric value: １$'), DONE],
  [
    'A value of two types is read as the last of them first',
    refused('Supplied AttributeValue has more than one'),
    refused('A value provided cannot be converted'),
  ],
  [
    'A null in a set of numbers is told of as a number',
    refused('1 validation error detected: .*may not have a null string'),
    refused('A value provided cannot be converted'),
  ],
  [
    'A value that is null has a text of its own',
    refused('.*Supplied AttributeValue is empty'),
    refused('.*The supplied Item contains a null AttributeValue'),
  ],

  // Keys.
  [
    'A missing key is told of without its name',
    refused('(?:One or more parameter values were invalid: Missing the key|The provided key element does not match)'),
    refused('(?:One of the required keys was not given|The number of conditions on the keys is invalid)'),
  ],
  [
    'A key of another type is told of without its name and types, as a type that no key can be, or as an update',
    refused(
      '(?:One or more parameter values were invalid: Type mismatch for (?:key|Index Key)|The provided (?:key element|starting key)|1 validation error detected: Invalid)',
    ),
    refused(
      '(?:One or more parameter values were invalid: Type mismatch for|Invalid attribute value type|Type mismatch for attribute to update)',
    ),
  ],
  [
    'Keys that are too long are told of in one text for all',
    refused('One or more parameter values were invalid: (?:Size of hashkey|Aggregated size of all range keys)'),
    refused('(?:Hash primary key values must be under|One or more parameter values were invalid: Size limit)'),
  ],
  [
    'It writes index keys, and looks for keys, that are too long; AWS refuses them (AWS, 2026: on reads too)',
    refused('One or more parameter values were invalid: (?:Size of hashkey|Aggregated size of all range keys)'),
    DONE,
  ],
  [
    'UpdateItem gives index keys any type; AWS refuses, as it does itself in PutItem',
    refused('One or more parameter values were invalid: Type mismatch for Index Key'),
    /^(?:200 success|400 ConditionalCheckFailedException)/,
    { operation: /^UpdateItem$/ },
  ],
  [
    'A key that is no scalar is refused as an empty one in a batch',
    refused('The provided key element does not match the schema'),
    refused('The list of keys in RequestItems'),
  ],

  // The table, and what is checked before it.
  [
    'Its text for a table that is not there is its own',
    /^400 ResourceNotFoundException: Requested resource not found$/,
    NO_TABLE,
  ],
  [
    'The table is looked for before the values and expressions of a request are read; AWS reads the input first',
    /^400 ValidationException/,
    NO_TABLE,
  ],
  [
    'Keys are held to the table before expressions are read; AWS reads the input first',
    refused('1 validation error detected: Invalid UpdateExpression'),
    refused('One of the required keys'),
  ],

  // Expressions and the legacy parameters.
  [
    'Empty names and values are passed over where there is no expression; AWS refuses them',
    refused('.*ExpressionAttribute(?:Names|Values) can only be specified'),
    DONE,
  ],
  [
    'Types are told of by long names in AttributeUpdates; AWS by the names that the protocol has',
    refused('.*One or more parameter values were invalid: (?:ADD|DELETE) action'),
    refused('One or more parameter values were invalid: (?:ADD|DELETE) action.*(?:STRING|NUMBER)$'),
  ],
  [
    'With AttributeUpdates the item is returned as it was, whatever is asked for',
    ANY,
    ANY,
    { operation: /^UpdateItem$/, at: /^Attributes\.(?:word|a|b|count|num)(?:\.|$)/ },
  ],
  [
    'An attribute that is asked for twice has a text of its own',
    refused('One or more parameter values were invalid: Duplicate value in attribute name'),
    refused('Cannot have two attributes with the same name'),
  ],
  [
    'Placeholders that are not used are told in the order of a hash table',
    refused('.*Value provided in ExpressionAttribute\\w+ unused in expressions: keys: '),
    refused('Value provided in ExpressionAttribute\\w+ unused in expressions: keys: '),
  ],
  [
    'All paths of an update are held to the item before any operand is looked up; AWS acts in their order (dynoxide too)',
    refused('The provided expression refers to an attribute that does not exist'),
    refused('The document path provided in the update expression is invalid'),
  ],
  [
    'Where an update names a part of a list it returns the list; AWS returns the part (extenddb issue 98, 2026)',
    /^\[/,
    /^\[/,
    { operation: /^UpdateItem$/, at: /^Attributes\.list\.L$/ },
  ],
  [
    'Of paths that overlap it names another pair',
    refused('.*Invalid UpdateExpression: Two document paths overlap'),
    refused('Invalid UpdateExpression: Two document paths overlap'),
  ],
  [
    'It answers 500 to a comparison that no key has',
    refused('Attempted conditional constraint'),
    /^500 InternalFailure/,
  ],
  [
    'Of what is wrong with a value of an expression it tells whose it is; AWS does not (AWS, 2026)',
    refused(
      '(?:1 validation error detected: )?(?:One or more parameter values were invalid: An string set|Number overflow)',
    ),
    refused('ExpressionAttributeValues contains invalid value: (?:One or more|Number overflow)'),
  ],
  [
    'Of several paths into keys it tells another',
    refused('Key attributes must be scalars'),
    refused('Key attributes must be scalars'),
  ],
  [
    'A condition that fits no key is told of without the key',
    refused('Query condition missed key schema element: '),
    refused('Query condition missed key schema element$'),
  ],
  [
    'Of two conditions of one key it does not tell the expression (AWS, 2026)',
    refused('Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key'),
    refused('KeyConditionExpressions must only contain one condition per key'),
  ],
  [
    'Paths into keys are told of in the words for filters',
    refused('KeyConditionExpressions cannot have conditions on nested attributes'),
    refused('Key attributes must be scalars'),
  ],

  // Pages.
  [
    'Start keys of another form are told of in texts of its own',
    refused('The provided starting key is (?:invalid|outside)'),
    refused(
      '(?:Exclusive Start Key must have same size|Supplied AttributeValue is empty|One or more parameter values were invalid: An string set|The provided starting key does not match the range)',
    ),
  ],
  ['An empty start key is no start', refused('The provided starting key is invalid'), DONE],
  [
    'Its texts for consistent reads of global indexes are its own',
    refused('Consistent reads are not supported on global secondary indexes'),
    refused('Consistent read cannot be true when'),
  ],
  [
    'It refuses filters over what an index does not hold; AWS filters what it holds (guide: fetches for a local index)',
    DONE,
    refused('One or more parameter values were invalid: Secondary index .* does not project one or more filter'),
  ],
  [
    'Its texts for segments are its own',
    refused('The (?:TotalSegments|Segment) parameter is'),
    refused('(?:If (?:segment|total segments) is specified|1 validation error detected: Value .* at .segment)'),
  ],
  [
    'A page without items costs it nothing; AWS charges the least that a read costs',
    /^0\.5$|^1$|^\{/,
    /^0$|^$|^\{/,
    { operation: /^(?:Query|Scan|ExecuteStatement)$/, at: /^ConsumedCapacity/ },
  ],

  // Updates of items that do not exist.
  [
    'It creates an item for REMOVE and DELETE alone; AWS creates none (reference of AttributeUpdates)',
    NONE,
    /^\{/,
    { operation: /^UpdateItem$/, at: /^Attributes$/ },
  ],

  // Batches and transactions.
  [
    'It looks at the conditions beside an operation that is refused for its key; AWS looks at nothing else',
    /\[None, ValidationError\]$/,
    /\[ConditionalCheckFailed, ValidationError\]$/,
    { operation: /^TransactWriteItems$/ },
  ],
  [
    'It gives the reasons of conditions beside an operation that is refused for its key',
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
    'Keys without an item cost it nothing in a batch, and deletes of none less; AWS charges the least of a read or write',
    /^\d/,
    /^\d/,
    { operation: /^(?:Batch|Transact)/, at: /^ConsumedCapacity\[\d\]\.(?:Table\.)?CapacityUnits$/ },
  ],
  [
    'It does not tell reads from writes in the capacity of transactions; AWS does',
    /^\d/,
    NONE,
    { operation: /^Transact/, at: /\.(?:Read|Write)CapacityUnits$/ },
  ],
  [
    'A batch answers with the name of a table that was asked for by its ARN; AWS with what was asked for (reference)',
    ANY,
    ANY,
    { operation: /^BatchGetItem$/, at: /^Responses\.(?:arn:|zz\.batch\.hash$)/ },
  ],
  ['It keeps no item collections', /^\{/, NONE, { at: /^ItemCollectionMetrics$/ }],
  [
    'A point ends its reason',
    /^"The conditional request failed"$/,
    /^"The conditional request failed\."$/,
    { at: /^CancellationReasons/ },
  ],
  [
    'Its reasons tell less of keys than AWS does',
    /^"(?:One or more parameter values were invalid|The provided key element)/,
    /^"(?:One or more parameter values were invalid|Hash primary key|Invalid attribute|One of the required)/,
    { at: /^CancellationReasons\[\d+\]\.Message$/ },
  ],
  [
    'It refuses as a whole what one operation of a transaction cannot do; AWS cancels with reasons',
    /^400 TransactionCanceledException: .*ValidationError/,
    /^400 ValidationException: /,
  ],
  ['The same', /^\[\{/, NONE, { operation: /^TransactWriteItems$/, at: /^CancellationReasons$/ }],
  [
    'It does not say why it refuses a token that is used a second time for something else',
    /^400 IdempotentParameterMismatchException: ./,
    /^400 IdempotentParameterMismatchException: $/,
  ],
  [
    'Its text for an operation of none of the kinds is its own',
    refused('TransactItems can only contain one'),
    refused('Invalid Request'),
  ],

  [
    'TransactGetItems tells of a wrong key in the place of the summary, and gives no reasons',
    /^400 TransactionCanceledException: Transaction cancelled/,
    /^400 TransactionCanceledException: (?:The number of|One )/,
    { operation: /^TransactGetItems$/ },
  ],
  ['The same', /^\[\{/, NONE, { operation: /^TransactGetItems$/, at: /^CancellationReasons$/ }],
  [
    'It looks at what updates do before it looks whether two operations are on one item',
    refused('Transaction request cannot include multiple'),
    refused('(?:The provided expression refers|Key attributes must be scalars|The document path)'),
  ],
  [
    'DeleteItem tells capacity though nobody asked for it, where there is no item',
    NONE,
    /^\{"CapacityUnits":1/,
    { operation: /^DeleteItem$/, at: /^ConsumedCapacity$/ },
  ],

  // Tables. test/wire/tables.test.ts holds Partita to AWS's own texts.
  [
    'Its texts for definitions of tables are its own',
    /^400 (?:Validation|ResourceInUse|ResourceNotFound|LimitExceeded)Exception: /,
    /^400 (?:Validation|ResourceInUse|ResourceNotFound|LimitExceeded)Exception: /,
    { operation: /(?:Table|Tables|TimeToLive|Resource)$/ },
  ],
  [
    'It takes capacity of tables that pay per request, and empty lists of indexes',
    refused('One or more parameter values were invalid: (?:Neither ReadCapacityUnits|List of)'),
    DONE,
    { operation: /^CreateTable$/ },
  ],
  [
    'A word for billing that it does not know ends it with 500',
    CONSTRAINT,
    /^500 InternalFailure/,
    { operation: /^CreateTable$/ },
  ],
  [
    'Its text for an operation that it does not know is its own, and without a name it ends with 500',
    /^400 UnknownOperationException: $/,
    /^(?:400 UnknownOperationException: An unknown|500 InternalFailure)/,
  ],
  [
    'Tables and indexes are there at once; AWS creates them first',
    /^"CREATING"$/,
    /^"ACTIVE"$/,
    { at: /\.(?:Table|Index)Status$/ },
  ],
  [
    'It tells moments that there were none of, and a stream that there is none of (reference)',
    NONE,
    ANY,
    { operation: /^(?:Create|Describe|Delete)Table$/, at: /\.(?:Last\w+DateTime|LatestStream(?:Label|Arn))$/ },
  ],
  [
    'It does not tell ids, modes of throughput, warm throughput, and capacity of indexes (reference)',
    ANY,
    NONE,
    {
      operation: /^(?:Create|Describe|Delete)Table$/,
      at: /\.(?:TableId|TableThroughputModeSummary|WarmThroughput|ProvisionedThroughput)$/,
    },
  ],
  ['It has no tags', ANY, /^400 UnknownOperationException: Tagging is not currently supported/],

  // PartiQL. test/wire/partiql holds Partita to AWS's own texts.
  [
    'Its texts for statements that cannot be read are its own',
    refused('(?:Statement wasn|Unsupported operation|1 validation error detected)'),
    refused(
      '(?:Statement wasn|Unsupported operation|The statement was empty|BatchGetItem cannot fetch|ExecutePartiQLTransaction can not)',
    ),
  ],
  ['Its name for an item that is there is another', /^400 DuplicateItemException: /, /^400 DuplicateItem: /],
  [
    'It names an index that there is not; AWS does not, to PartiQL',
    refused('The table does not have the specified index$'),
    refused('The table does not have the specified index: '),
    { operation: /^ExecuteStatement$/ },
  ],
  ['A token that is none ends it with 500', refused('Invalid NextToken'), /^500 InternalFailure/],
  [
    'A batch tells of a read without a key in its own text',
    /^"Select statements within/,
    /^"Only single item select/,
    { at: /^Responses\[0\]\.Error\.Message$/ },
  ],
  [
    'An item that is there is told of as an input that is wrong; AWS has a code for it (reference)',
    /DuplicateItem/,
    /ValidationError/,
    { operation: /^ExecuteTransaction$/, at: /^outcome$|^CancellationReasons\[1\]\.Code$/ },
  ],

  // All refusals.
  ['Every refusal has `Message`; AWS writes `message` in those of the operations', /^"/, NONE, { at: /^message$/ }],
  ['The same', NONE, /^"/, { at: /^Message$/ }],
])
