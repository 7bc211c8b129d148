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
  ['It has its own texts for malformed JSON', ANY, READER],
  ['It reports another type for JSON of the wrong type', SERIALIZATION, /^400 SerializationException: /],
  [
    'It accepts or ignores JSON of the wrong type',
    SERIALIZATION,
    /^(?:200 success|400 (?:ConditionalCheckFailedException|ValidationException: (?:Supplied AttributeValue|The provided starting key|1 validation error detected: Value null|TransactItem must|Either the KeyConditions)))/,
  ],
  [
    'It refuses a value whose type is null as JSON; AWS removes nulls and finds a value without a type',
    refused('.*Supplied AttributeValue is empty'),
    /^400 SerializationException: TRUE_VALUE/,
  ],
  [
    'It does not read texts as booleans; AWS does',
    DONE,
    /^400 (?:Serialization|Validation)Exception/,
    { operation: /^(?:Put|Get)Item$/ },
  ],
  ['It accepts enumeration values, lengths and names of indexes that the reference does not allow', CONSTRAINT, SKIPS],
  [
    'It has its own texts for some missing members and violated constraints',
    CONSTRAINT,
    refused(
      '\\d+ validation errors? detected: |Unsupported KeyConditions|Either the KeyConditions|The table does not have|TransactItem must|The Segment parameter|One or more parameter values were invalid: (?:Value or AttributeValueList|ProvisionedThroughput)|Read capacity|Too many statements|The requestItems|Invalid KeySchema|Missing',
    ),
  ],
  [
    'It reports unknown enumeration values in the older words, or not at all (AWS, 2026)',
    refused('(?:1 validation error detected: )?Failed to satisfy constraint'),
    /^(?:200 success|400 ValidationException: 1 validation error detected: Value)/,
  ],
  [
    'It does not check the names of tables in batches',
    CONSTRAINT,
    /^400 ResourceNotFoundException/,
    { operation: /^Batch/ },
  ],
  [
    'It checks the constraints of a transaction after its operations',
    CONSTRAINT,
    /^400 (?:TransactionCanceledException|ResourceNotFoundException)/,
    { operation: /^Transact/ },
  ],
  [
    'It accepts a table only by its name; AWS accepts its ARN (reference)',
    /^(?:200 success|400 ResourceNotFoundException|400 ValidationException: 1 validation error detected: (?:Invalid AWS|Valid ARN))/,
    refused('1 validation error detected: Value .arn:'),
  ],
  [
    'It words a batch that is too large as a constraint; AWS counts all tables (reference)',
    refused('Too many items requested for the Batch'),
    refused('1 validation error detected: '),
  ],
  [
    'It accepts a put and a delete in one request of a batch; AWS refuses them',
    refused('Supplied AttributeValue has more than one'),
    DONE,
    { operation: /^BatchWriteItem$/ },
  ],

  // Values.
  [
    'It accepts names of attributes that are empty or too long (reference)',
    refused('.*(?:Empty attribute name|Attribute name is too large)'),
    SKIPS,
  ],
  ['It ignores an exponent that is too long', refused('.*Number overflow'), DONE],
  [
    'It writes and reads index keys that are too long or empty; AWS refuses them',
    refused('One or more parameter values (?:were invalid: (?:Size of hashkey|Aggregated size)|are not valid)'),
    DONE,
  ],
  [
    'It has no colon before a text without letters; AWS, 2026: it has one',
    refused('.*The parameter cannot be converted to a numeric value: $'),
    refused('The parameter cannot be converted to a numeric value$'),
  ],
  [
    'It reports a missing key as in PutItem; AWS, 2026: as in a delete',
    refused('The provided key element does not match the schema'),
    refused('One or more parameter values were invalid: Missing the key'),
    { operation: /^BatchWriteItem$/ },
  ],
  [
    'It does not count every error of an input; AWS, 2026: 1 validation error detected',
    refused('1 validation error detected: '),
    refused(''),
    { operation: /^(?:Put|Update|Delete)Item$/, but: withoutName },
  ],
  [
    'It reports repeated members of a set in the older words (AWS, 2026)',
    refused('1 validation error detected: One or more parameter values were invalid: Input collection'),
    refused('1 validation error detected: (?:One or more parameter values were invalid: )?Input collection'),
  ],
  [
    'It checks ReturnValues after the condition; AWS checks them first',
    refused('1 validation error detected: ReturnValues'),
    refused('1 validation error detected: Invalid ConditionExpression'),
  ],
  [
    'It names the placeholder of an invalid value in an expression; AWS does not (AWS, 2026)',
    refused('(?:1 validation error detected: )?One or more parameter values were invalid: An string set'),
    refused('(?:1 validation error detected: )?ExpressionAttributeValues contains invalid value: One or more'),
  ],
  [
    'It reports values of expressions as values of items, and before it checks the placeholders',
    refused('.*(?:ExpressionAttributeValues contains invalid|Supplied AttributeValue)'),
    refused(
      '(?:Supplied AttributeValue|The parameter cannot be converted|Number (?:over|under)flow|1 validation error detected: ExpressionAttributeValues contains)',
    ),
  ],
  [
    'It has the older text for DeleteItem; AWS, 2026: ReturnValues can only be ALL_OLD or NONE',
    refused('1 validation error detected: ReturnValues'),
    refused('1 validation error detected: Value .* at .returnValues'),
  ],

  // Expressions.
  [
    'It has its own texts for invalid expressions',
    refused(
      `${EXPRESSION}|Invalid (?:operator used|condition) in KeyConditionExpression|KeyConditionExpressions (?:cannot|must)|An operand in the update|Query key condition not supported`,
    ),
    refused(
      `(?:1 validation error detected: )?(?:Invalid (?:Condition|Update|Filter|Projection|KeyCondition)Expression: )?(?:${PARSER}|partition key must use equality|Query filter contains|Query condition missed key|Cannot convert partition)`,
    ),
  ],
  [
    'It reports long names of types, and words operators differently',
    refused(EXPRESSION),
    refused('1 validation error detected: Invalid UpdateExpression: '),
    { but: loosely },
  ],
  [
    'It does not check the operands of operators and functions in expressions, or their limits',
    refused(
      `${EXPRESSION}(?:Incorrect operand type|The (?:BETWEEN operator|IN operator|first operand|function|expression|document path)|Invalid attribute type|Invalid function name|Two document paths|Syntax error; token: "(?:<EOF>|_)"|Attribute name is a reserved)`,
    ),
    SKIPS,
  ],
  [
    'It reports other errors before those of expressions',
    refused(EXPRESSION),
    refused(
      '(?:1 validation error detected: Invalid UpdateExpression: Incorrect operand type|Supplied AttributeValue|Value provided in|Consistent reads|Filter Expression can only|Cannot specify|Transaction request|The (?:provided expression|document path)|Invalid KeyConditionExpression: The BETWEEN|One or more parameter values were invalid: (?:Type|Global))',
    ),
  ],
  [
    'It does not report the size of an update that is too long (AWS, 2026)',
    refused('1 validation error detected: Invalid UpdateExpression: Expression size'),
    refused('1 validation error detected: Invalid UpdateExpression: Expression size'),
  ],
  [
    'It requires the partition key first in a key condition; AWS does not (guide)',
    DONE,
    refused('Query condition missed key schema element: pk'),
    { operation: /^Query$/ },
  ],
  [
    'It names the expression before a text that AWS has without the name',
    refused('KeyConditionExpressions cannot have conditions on nested'),
    refused('Invalid KeyConditionExpression: KeyConditionExpressions cannot'),
  ],
  [
    'It reports the existing item beside an error that it does not find',
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
    'It finds unused placeholders only if the condition is true, and does not find every invalid one',
    refused('.*(?:Value provided in ExpressionAttribute|ExpressionAttributeNames (?:contains|can only|must))'),
    /^(?:200 success|400 ConditionalCheckFailedException|400 ValidationException: (?:Value provided in|Unexpected token|Invalid ProjectionExpression: An expression|ExpressionAttributeNames))/,
  ],
  [
    'It names members without an expression in other words',
    refused('.*ExpressionAttributeValues can only be specified when using expressions(?:$|: .* are null)'),
    refused('.*ExpressionAttributeValues can only be specified when using expressions: .* is null'),
  ],
  [
    'It accepts paths into keys; AWS refuses them',
    refused('Key attributes must be scalars'),
    /^(?:200 success|400 (?:ConditionalCheckFailedException|ValidationException: (?:Filter Expression can only|The (?:document path|provided expression)|An operand)))/,
  ],
  [
    'It accepts the removal of missing parts; AWS refuses a path without a parent',
    refused('The document path provided in the update expression is invalid'),
    /^(?:200 success|400 ValidationException: (?:An operand|One or more parameter values were invalid: Type mismatch))/,
  ],
  [
    'It compares operands of ADD and DELETE as text: 2 and 2.0 are different numbers',
    /^(?:200 success|\["2"\])$/,
    /^(?:400 ValidationException: Input collection contains duplicates|\["1","2"\])$/,
    { operation: /^UpdateItem$/, at: /^outcome$|^Attributes\.ns\.NS$/ },
  ],
  [
    'It pads lists with NULL up to an index past their end; AWS appends (AWS, 2026)',
    /^\[/,
    /"NULL":true/,
    { operation: /^UpdateItem$/, at: /^Attributes/ },
  ],
  [
    'It removes elements of a list one after another; AWS by their indexes before the update (guide)',
    /^\[\{"N":"1"\}\]$/,
    /^\[\{"N":"1"\},\{"N":"2"\}\]$/,
    { operation: /^UpdateItem$/, at: /^Attributes\.list\.L$/ },
  ],
  [
    'It returns the whole list for an update of a part; AWS returns the part (extenddb issue 98, 2026)',
    /^\[\{"N":"1"\}\]$/,
    /^\[\{"N":"0"\}/,
    { operation: /^UpdateItem$/, at: /^Attributes\.list\.L$/ },
  ],
  [
    'It returns the key of a missing item as the old item',
    NONE,
    /^\{/,
    { operation: /^UpdateItem$/, at: /^Attributes$/ },
  ],

  // Legacy parameters.
  [
    'It accepts ConditionalOperator alone, or beside an expression',
    refused('(?:ConditionalOperator can|1 validation error detected: Can not use both expression)'),
    /^(?:200 success|400 ConditionalCheckFailedException)/,
  ],
  [
    'It accepts BETWEEN with swapped bounds, and has its own text for comparisons that keys do not support',
    refused('(?:The BETWEEN condition was|Attempted conditional|Conditions can be)'),
    /^(?:200 success|400 ValidationException: (?:Unsupported KeyConditions|Invalid KeyConditionExpression|Unexpected token))/,
  ],
  [
    'It refuses KeyConditions beside a filter or projection; AWS accepts them, as does DynamoDB Local',
    DONE,
    refused('Can not use both expression and non-expression parameters'),
  ],
  [
    'It applies NOT_CONTAINS to other types too; AWS compares only texts and sets, as does DynamoDB Local',
    ANY,
    ANY,
    { operation: /^Query$/, at: /^(?:Items|Count)$/ },
  ],

  // Pages.
  [
    'It hardly checks start keys',
    refused('The provided starting key'),
    /^(?:200 success|400 ValidationException: The provided (?:key element|starting key))/,
  ],
  [
    'It does not check the types of values in key conditions',
    refused('One or more parameter values were invalid: Condition parameter type'),
    /^(?:200 success|400 ValidationException: Cannot convert)/,
  ],
  [
    'It does not know which attributes a global index has',
    refused('One or more parameter values were invalid: Global secondary index'),
    DONE,
  ],
  [
    'It does not fetch attributes that a local index does not have',
    ANY,
    ANY,
    { operation: /^Query$/, at: /^(?:Items\[\d\]\.|ConsumedCapacity)/ },
  ],
  [
    'It charges a scan of a local index to the table; AWS reports the index',
    ANY,
    ANY,
    { operation: /^Scan$/, at: /^ConsumedCapacity\./ },
  ],
  [
    'It charges a read for what it returns; AWS charges for the item (guide)',
    /^1$/,
    /^0\.5$/,
    { operation: /^GetItem$/, at: /^ConsumedCapacity/ },
  ],
  ['It accepts COUNT together with a projection', refused('Cannot specify the AttributesToGet'), DONE],
  [
    'It counts an error of Select',
    refused('Must specify the AttributesToGet'),
    refused('1 validation error detected: '),
    { but: uncounted },
  ],

  // Batches and transactions.
  [
    'It reports the exact size of an item collection; AWS reports bounds in whole gigabytes (reference)',
    /^[01]$/,
    ANY,
    { at: /SizeEstimateRangeGB/ },
  ],
  ['It does not support item collections in transactions', /^\{/, NONE, { at: /^ItemCollectionMetrics$/ }],
  [
    "It counts the errors of an update's enumeration values, and reports metrics like other members; AWS does neither",
    refused('(?:.*ReturnItemCollectionMetrics can only be|Value .* at .returnConsumedCapacity. failed)'),
    refused('1 validation error detected: Value .* at .return(?:ItemCollectionMetrics|ConsumedCapacity). failed'),
  ],
  [
    'It limits the length of legacy parameters like that of expressions; AWS does not',
    DONE,
    refused('Invalid FilterExpression: Expression size has exceeded'),
    { operation: /^Scan$/ },
  ],
  [
    'It reports a sum of numbers of too different magnitudes as one with too many digits; AWS reports an overflow',
    refused('Number overflow'),
    refused('Attempting to store more than 38 significant digits in a Number'),
  ],
  [
    'It reports the reasons of conditions beside an operation that is refused for its key; AWS checks nothing else',
    NONE,
    /^"The conditional request failed"$/,
    { operation: /^TransactWriteItems$/, at: /^CancellationReasons\[0\]\.Message$/ },
  ],
  [
    'It has its own text for a reused token',
    /^400 IdempotentParameterMismatchException/,
    /^400 IdempotentParameterMismatchException/,
  ],
  [
    'It cancels a transaction for an invalid input; AWS refuses it (AWS, 2026: sizes of expressions)',
    /^400 (?:ValidationException|ResourceNotFoundException)/,
    /^400 (?:TransactionCanceledException|ValidationException: TransactItem must|ResourceNotFoundException)/,
    { operation: /^Transact/ },
  ],
  ['The same', NONE, /^\[\{/, { operation: /^Transact/, at: /^CancellationReasons$/ }],
  [
    'It accepts updates of keys in transactions, and operations with two kinds or empty expressions',
    /^400 (?:TransactionCanceledException|ValidationException: (?:TransactItems can only|Invalid \w+Expression: The expression can not be empty))/,
    DONE,
    { operation: /^Transact/ },
  ],
  [
    'It does not evaluate updates if another operation fails, or check that paths lead to scalars',
    /ValidationError|^"/,
    /None|ConditionalCheckFailed|^$|^"/,
    { operation: /^TransactWriteItems$/, at: /^outcome$|^CancellationReasons\[\d+\]/ },
  ],
  [
    'It returns the key in transaction reads beside the requested attributes',
    NONE,
    /^\{"S"/,
    { operation: /^TransactGetItems$/, at: /^Responses/ },
  ],

  // Tables. test/wire/tables.test.ts holds Partita to AWS's own texts.
  [
    'It has its own texts for some definitions of tables',
    /^400 \w+: /,
    /^400 \w+: /,
    { operation: /(?:Table|Tables|TimeToLive|Resource)$/ },
  ],
  [
    'It accepts definitions that AWS refuses',
    /^400 ValidationException: /,
    DONE,
    { operation: /(?:Table|Tables|TimeToLive|Resource)$/ },
  ],
  [
    'It does not report times of billing changes, warm throughput, and protection (reference)',
    ANY,
    NONE,
    {
      operation: /^(?:Create|Describe|Delete)Table$/,
      at: /\.(?:LastUpdateToPayPerRequestDateTime|WarmThroughput|DeletionProtectionEnabled)$/,
    },
  ],

  // PartiQL. test/wire/partiql holds Partita to AWS's own texts.
  [
    'It has its own texts for statements',
    /^400 (?:Validation|ResourceNotFound)Exception: /,
    /^400 (?:Validation|ResourceNotFound)Exception: /,
    { operation: /^ExecuteStatement$/ },
  ],
  [
    'It does not support functions or updates of several clauses',
    DONE,
    refused("(?:Statement wasn't well formed|UPDATE requires a WHERE)"),
    { operation: /^ExecuteStatement$/ },
  ],
  ['It executes statements that AWS refuses', refused(''), DONE, { operation: /^(?:Batch)?ExecuteStatement$/ }],
  [
    'It answers writing statements without items; AWS and DynamoDB Local with an empty list',
    /^\[\]$/,
    NONE,
    { operation: /^ExecuteStatement$/, at: /^Items$/ },
  ],
  [
    'It returns a response for each write of a transaction; AWS and DynamoDB Local return none',
    /^\[\]$/,
    /^\[\{\},\{\}\]$/,
    { operation: /^ExecuteTransaction$/, at: /^Responses$/ },
  ],
])
