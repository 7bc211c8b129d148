/** The answers of dynoxide 1.2.1 that differ from those of AWS. */
import { ANY, CONSTRAINT, DONE, NONE, of, refused, uncounted } from './difference.js'

const SERIALIZATION = /^400 SerializationException: /
/** The messages of its JSON parser. */
const READER =
  /^400 (?:Serialization|Validation)Exception: .*(?:at line 1 column \d+|floating point|sequence$|expected (?:string|boolean|array) for)/
/** The messages of its expression parser. */
const PARSER =
  'Expected |Unexpected (?:token|operator|end)|Syntax error; (?:token|Expected)|Invalid index|Invalid function name|Attribute name is a reserved|An expression attribute|Operands for|list_append requires|Two document paths'
/** Without the count, and without the name of the expression in front, which dynoxide sometimes omits. */
const withoutName = (text: string) => uncounted(text).replace(/Invalid \w+Expression: /, '')
/** Without the count, the name, and the details at the end. */
const loosely = (text: string) =>
  withoutName(text).replace(/, number of operands.*|, operand type: .*|, near: .*|path one.*/, '')

const EXPRESSION =
  '(?:1 validation error detected: )?Invalid (?:Condition|Update|Filter|Projection|KeyCondition)Expression: '
const SKIPS = /^(?:200 success|400 ConditionalCheckFailedException: The conditional request failed)$/

export const DYNOXIDE = of('dynoxide', [
  // JSON of wrong types, and constraints.
  ['Its JSON reader tells of what it meets in texts of its own', ANY, READER],
  ['Of JSON of another type than the member has it tells another type', SERIALIZATION, /^400 SerializationException: /],
  [
    'It takes JSON of another type, or passes over it',
    SERIALIZATION,
    /^(?:200 success|400 (?:ConditionalCheckFailedException|ValidationException: (?:Supplied AttributeValue|The provided starting key|1 validation error detected: Value null|TransactItem must|Either the KeyConditions)))/,
  ],
  [
    'A value whose type is null is no JSON to it; AWS takes nulls out and finds a value without a type',
    refused('.*Supplied AttributeValue is empty'),
    /^400 SerializationException: TRUE_VALUE/,
  ],
  [
    'It does not read texts as booleans; AWS does',
    DONE,
    /^400 (?:Serialization|Validation)Exception/,
    { operation: /^(?:Put|Get)Item$/ },
  ],
  ['It takes words, lengths and names of indexes that the reference does not allow', CONSTRAINT, SKIPS],
  [
    'Its texts for members that are missing, or that break a constraint, are its own in places',
    CONSTRAINT,
    refused(
      '\\d+ validation errors? detected: |Unsupported KeyConditions|Either the KeyConditions|The table does not have|TransactItem must|The Segment parameter|One or more parameter values were invalid: (?:Value or AttributeValueList|ProvisionedThroughput)|Read capacity|Too many statements|The requestItems|Invalid KeySchema|Missing',
    ),
  ],
  [
    'Words that nobody knows are told of in the older texts, or not at all (AWS, 2026)',
    refused('(?:1 validation error detected: )?Failed to satisfy constraint'),
    /^(?:200 success|400 ValidationException: 1 validation error detected: Value)/,
  ],
  [
    'Names of tables are not looked at in batches',
    CONSTRAINT,
    /^400 ResourceNotFoundException/,
    { operation: /^Batch/ },
  ],
  [
    'Constraints of a transaction are looked at after its operations',
    CONSTRAINT,
    /^400 (?:TransactionCanceledException|ResourceNotFoundException)/,
    { operation: /^Transact/ },
  ],
  [
    'A table is known by its name alone; AWS takes its ARN (reference)',
    /^(?:200 success|400 ResourceNotFoundException|400 ValidationException: 1 validation error detected: (?:Invalid AWS|Valid ARN))/,
    refused('1 validation error detected: Value .arn:'),
  ],
  [
    'Its text for a batch that is too large is that of a constraint, where AWS counts all tables (reference)',
    refused('Too many items requested for the Batch'),
    refused('1 validation error detected: '),
  ],
  [
    'A batch may put and delete in one request of it; AWS refuses',
    refused('Supplied AttributeValue has more than one'),
    DONE,
    { operation: /^BatchWriteItem$/ },
  ],

  // Values.
  [
    'Names of attributes may be empty, or too long (reference)',
    refused('.*(?:Empty attribute name|Attribute name is too large)'),
    SKIPS,
  ],
  ['A power of ten that is too long counts as none', refused('.*Number overflow'), DONE],
  [
    'It writes index keys, and looks for keys, that are too long or empty; AWS refuses them',
    refused('One or more parameter values (?:were invalid: (?:Size of hashkey|Aggregated size)|are not valid)'),
    DONE,
  ],
  [
    'A text without letters has no colon before it; AWS, 2026: it has',
    refused('.*The parameter cannot be converted to a numeric value: $'),
    refused('The parameter cannot be converted to a numeric value$'),
  ],
  [
    'A missing key is told of as by PutItem; AWS, 2026: as that of a delete would be',
    refused('The provided key element does not match the schema'),
    refused('One or more parameter values were invalid: Missing the key'),
    { operation: /^BatchWriteItem$/ },
  ],
  [
    'It does not count all that is wrong with inputs; AWS, 2026: 1 validation error detected',
    refused('1 validation error detected: '),
    refused(''),
    { operation: /^(?:Put|Update|Delete)Item$/, but: withoutName },
  ],
  [
    'What a set says twice is told in the older words (AWS, 2026)',
    refused('1 validation error detected: One or more parameter values were invalid: Input collection'),
    refused('1 validation error detected: (?:One or more parameter values were invalid: )?Input collection'),
  ],
  [
    'ReturnValues are looked at after the condition; AWS looks at them first',
    refused('1 validation error detected: ReturnValues'),
    refused('1 validation error detected: Invalid ConditionExpression'),
  ],
  [
    'Of what is wrong with a value of an expression it tells whose it is; AWS does not (AWS, 2026)',
    refused('(?:1 validation error detected: )?One or more parameter values were invalid: An string set'),
    refused('(?:1 validation error detected: )?ExpressionAttributeValues contains invalid value: One or more'),
  ],
  [
    'Values of expressions are told of as values of items, and before the placeholders are looked at',
    refused('.*(?:ExpressionAttributeValues contains invalid|Supplied AttributeValue)'),
    refused(
      '(?:Supplied AttributeValue|The parameter cannot be converted|Number (?:over|under)flow|1 validation error detected: ExpressionAttributeValues contains)',
    ),
  ],
  [
    'DeleteItem has the older text; AWS, 2026: ReturnValues can only be ALL_OLD or NONE',
    refused('1 validation error detected: ReturnValues'),
    refused('1 validation error detected: Value .* at .returnValues'),
  ],

  // Expressions.
  [
    'Its texts for expressions that are wrong are its own',
    refused(
      `${EXPRESSION}|Invalid (?:operator used|condition) in KeyConditionExpression|KeyConditionExpressions (?:cannot|must)|An operand in the update|Query key condition not supported`,
    ),
    refused(
      `(?:1 validation error detected: )?(?:Invalid (?:Condition|Update|Filter|Projection|KeyCondition)Expression: )?(?:${PARSER}|partition key must use equality|Query filter contains|Query condition missed key|Cannot convert partition)`,
    ),
  ],
  [
    'It tells long names of types, and of operators in other words',
    refused(EXPRESSION),
    refused('1 validation error detected: Invalid UpdateExpression: '),
    { but: loosely },
  ],
  [
    'It does not hold expressions to what their operators and functions may be given, nor to their bounds',
    refused(
      `${EXPRESSION}(?:Incorrect operand type|The (?:BETWEEN operator|IN operator|first operand|function|expression|document path)|Invalid attribute type|Invalid function name|Two document paths|Syntax error; token: "(?:<EOF>|_)"|Attribute name is a reserved)`,
    ),
    SKIPS,
  ],
  [
    'It looks at other faults before those of expressions',
    refused(EXPRESSION),
    refused(
      '(?:1 validation error detected: Invalid UpdateExpression: Incorrect operand type|Supplied AttributeValue|Value provided in|Consistent reads|Filter Expression can only|Cannot specify|Transaction request|The (?:provided expression|document path)|Invalid KeyConditionExpression: The BETWEEN|One or more parameter values were invalid: (?:Type|Global))',
    ),
  ],
  [
    'The size of an update that is too long is not told (AWS, 2026)',
    refused('1 validation error detected: Invalid UpdateExpression: Expression size'),
    refused('1 validation error detected: Invalid UpdateExpression: Expression size'),
  ],
  [
    'A key condition must name the partition key first; AWS has no such rule (guide)',
    DONE,
    refused('Query condition missed key schema element: pk'),
    { operation: /^Query$/ },
  ],
  [
    'It names the expression before a text that AWS has without',
    refused('KeyConditionExpressions cannot have conditions on nested'),
    refused('Invalid KeyConditionExpression: KeyConditionExpressions cannot'),
  ],
  [
    'What is there is told of beside a fault that it does not find',
    NONE,
    /^\{/,
    { operation: /^DeleteItem$/, at: /^Item$/ },
  ],
  [
    'It refuses size() of a value, which the guide allows',
    DONE,
    refused('Invalid FilterExpression: Expected attribute name, got :'),
  ],
  [
    'Placeholders that nobody uses are looked for only where the condition holds, and not all that are wrong are found',
    refused('.*(?:Value provided in ExpressionAttribute|ExpressionAttributeNames (?:contains|can only|must))'),
    /^(?:200 success|400 ConditionalCheckFailedException|400 ValidationException: (?:Value provided in|Unexpected token|Invalid ProjectionExpression: An expression|ExpressionAttributeNames))/,
  ],
  [
    'It names the members without an expression in other words',
    refused('.*ExpressionAttributeValues can only be specified when using expressions(?:$|: .* are null)'),
    refused('.*ExpressionAttributeValues can only be specified when using expressions: .* is null'),
  ],
  [
    'Paths go into keys; AWS refuses them',
    refused('Key attributes must be scalars'),
    /^(?:200 success|400 (?:ConditionalCheckFailedException|ValidationException: (?:Filter Expression can only|The (?:document path|provided expression)|An operand)))/,
  ],
  [
    'Parts that are not there are taken out all the same; AWS refuses a path without a parent',
    refused('The document path provided in the update expression is invalid'),
    /^(?:200 success|400 ValidationException: (?:An operand|One or more parameter values were invalid: Type mismatch))/,
  ],
  [
    'Operands of ADD and DELETE are compared as texts: 2 and 2.0 are two numbers',
    /^(?:200 success|\["2"\])$/,
    /^(?:400 ValidationException: Input collection contains duplicates|\["1","2"\])$/,
    { operation: /^UpdateItem$/, at: /^outcome$|^Attributes\.ns\.NS$/ },
  ],
  [
    'Lists are padded with NULL up to a position past their end; AWS appends (AWS, 2026)',
    /^\[/,
    /"NULL":true/,
    { operation: /^UpdateItem$/, at: /^Attributes/ },
  ],
  [
    'Elements are taken out of a list one after another; AWS by the positions before the update (guide)',
    /^\[\{"N":"1"\}\]$/,
    /^\[\{"N":"1"\},\{"N":"2"\}\]$/,
    { operation: /^UpdateItem$/, at: /^Attributes\.list\.L$/ },
  ],
  [
    'Where an update names a part of a list it returns the list; AWS returns the part (extenddb issue 98, 2026)',
    /^\[\{"N":"1"\}\]$/,
    /^\[\{"N":"0"\}/,
    { operation: /^UpdateItem$/, at: /^Attributes\.list\.L$/ },
  ],
  [
    'It returns the key of an item that was not there as the old item',
    NONE,
    /^\{/,
    { operation: /^UpdateItem$/, at: /^Attributes$/ },
  ],

  // Legacy parameters.
  [
    'ConditionalOperator may stand alone, or beside an expression',
    refused('(?:ConditionalOperator can|1 validation error detected: Can not use both expression)'),
    /^(?:200 success|400 ConditionalCheckFailedException)/,
  ],
  [
    'BETWEEN may be the wrong way round, and comparisons that no key has have a text of their own',
    refused('(?:The BETWEEN condition was|Attempted conditional|Conditions can be)'),
    /^(?:200 success|400 ValidationException: (?:Unsupported KeyConditions|Invalid KeyConditionExpression|Unexpected token))/,
  ],
  [
    'KeyConditions do not stand beside a filter or projection; AWS takes them, as does DynamoDB Local',
    DONE,
    refused('Can not use both expression and non-expression parameters'),
  ],
  [
    'NOT_CONTAINS holds for other types too; AWS compares but texts and sets, as does DynamoDB Local',
    ANY,
    ANY,
    { operation: /^Query$/, at: /^(?:Items|Count)$/ },
  ],

  // Pages.
  [
    'Start keys are hardly looked at',
    refused('The provided starting key'),
    /^(?:200 success|400 ValidationException: The provided (?:key element|starting key))/,
  ],
  [
    'Values of key conditions are not held to the types of keys',
    refused('One or more parameter values were invalid: Condition parameter type'),
    /^(?:200 success|400 ValidationException: Cannot convert)/,
  ],
  [
    'It does not know what a global index holds',
    refused('One or more parameter values were invalid: Global secondary index'),
    DONE,
  ],
  [
    'It does not fetch what a local index does not hold',
    ANY,
    ANY,
    { operation: /^Query$/, at: /^(?:Items\[\d\]\.|ConsumedCapacity)/ },
  ],
  [
    'A scan of a local index is counted as one of the table; AWS tells the index',
    ANY,
    ANY,
    { operation: /^Scan$/, at: /^ConsumedCapacity\./ },
  ],
  [
    'A read is counted by what it gives; AWS counts the item (guide)',
    /^1$/,
    /^0\.5$/,
    { operation: /^GetItem$/, at: /^ConsumedCapacity/ },
  ],
  ['Counting and choosing may go together', refused('Cannot specify the AttributesToGet'), DONE],
  [
    'It counts a fault of Select',
    refused('Must specify the AttributesToGet'),
    refused('1 validation error detected: '),
    { but: uncounted },
  ],

  // Batches and transactions.
  [
    'It tells the size of an item collection as it is; AWS gives bounds of whole gigabytes (reference)',
    /^[01]$/,
    ANY,
    { at: /SizeEstimateRangeGB/ },
  ],
  ['It keeps no item collections in transactions', /^\{/, NONE, { at: /^ItemCollectionMetrics$/ }],
  [
    'It counts what is wrong with the words of an update, and tells of metrics as of other members; AWS does neither',
    refused('(?:.*ReturnItemCollectionMetrics can only be|Value .* at .returnConsumedCapacity. failed)'),
    refused('1 validation error detected: Value .* at .return(?:ItemCollectionMetrics|ConsumedCapacity). failed'),
  ],
  [
    'It holds the parameters older than expressions to the length of an expression; AWS does not',
    DONE,
    refused('Invalid FilterExpression: Expression size has exceeded'),
    { operation: /^Scan$/ },
  ],
  [
    'A sum of numbers of too different magnitude is reported as one of too many digits; AWS reports an overflow',
    refused('Number overflow'),
    refused('Attempting to store more than 38 significant digits in a Number'),
  ],
  [
    'It gives the reasons of conditions beside an operation that is refused for its key; AWS looks at nothing else',
    NONE,
    /^"The conditional request failed"$/,
    { operation: /^TransactWriteItems$/, at: /^CancellationReasons\[0\]\.Message$/ },
  ],
  [
    'Its text for a token used twice is its own',
    /^400 IdempotentParameterMismatchException/,
    /^400 IdempotentParameterMismatchException/,
  ],
  [
    'It cancels a transaction for what is wrong with an input; AWS refuses it as a whole (AWS, 2026: sizes of expressions)',
    /^400 (?:ValidationException|ResourceNotFoundException)/,
    /^400 (?:TransactionCanceledException|ValidationException: TransactItem must|ResourceNotFoundException)/,
    { operation: /^Transact/ },
  ],
  ['The same', NONE, /^\[\{/, { operation: /^Transact/, at: /^CancellationReasons$/ }],
  [
    'Keys may be updated in transactions, and operations have two kinds or empty expressions',
    /^400 (?:TransactionCanceledException|ValidationException: (?:TransactItems can only|Invalid \w+Expression: The expression can not be empty))/,
    DONE,
    { operation: /^Transact/ },
  ],
  [
    'It does not do what updates do where another operation fails, nor hold paths to scalars',
    /ValidationError|^"/,
    /None|ConditionalCheckFailed|^$|^"/,
    { operation: /^TransactWriteItems$/, at: /^outcome$|^CancellationReasons\[\d+\]/ },
  ],
  [
    'Reads in a transaction have the key beside what was asked for',
    NONE,
    /^\{"S"/,
    { operation: /^TransactGetItems$/, at: /^Responses/ },
  ],

  // Tables. test/wire/tables.test.ts holds Partita to AWS's own texts.
  [
    'Its texts for definitions of tables are its own in places',
    /^400 \w+: /,
    /^400 \w+: /,
    { operation: /(?:Table|Tables|TimeToLive|Resource)$/ },
  ],
  [
    'It takes definitions that AWS refuses',
    /^400 ValidationException: /,
    DONE,
    { operation: /(?:Table|Tables|TimeToLive|Resource)$/ },
  ],
  [
    'It does not tell moments of billing, warm throughput, and protection (reference)',
    ANY,
    NONE,
    {
      operation: /^(?:Create|Describe|Delete)Table$/,
      at: /\.(?:LastUpdateToPayPerRequestDateTime|WarmThroughput|DeletionProtectionEnabled)$/,
    },
  ],

  // PartiQL. test/wire/partiql holds Partita to AWS's own texts.
  [
    'Its texts for statements are its own',
    /^400 (?:Validation|ResourceNotFound)Exception: /,
    /^400 (?:Validation|ResourceNotFound)Exception: /,
    { operation: /^ExecuteStatement$/ },
  ],
  [
    'It does not know functions, nor updates of several clauses',
    DONE,
    refused("(?:Statement wasn't well formed|UPDATE requires a WHERE)"),
    { operation: /^ExecuteStatement$/ },
  ],
  ['It runs statements that AWS refuses', refused(''), DONE, { operation: /^(?:Batch)?ExecuteStatement$/ }],
  [
    'Statements that write answer without items; AWS and DynamoDB Local with none',
    /^\[\]$/,
    NONE,
    { operation: /^ExecuteStatement$/, at: /^Items$/ },
  ],
  [
    'A transaction of writes has a response for each; AWS and DynamoDB Local have none',
    /^\[\]$/,
    /^\[\{\},\{\}\]$/,
    { operation: /^ExecuteTransaction$/, at: /^Responses$/ },
  ],
])
