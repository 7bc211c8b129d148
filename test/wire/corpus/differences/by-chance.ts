/** Differences that only random requests reveal. Not every run meets them. */
import { ANY, CONSTRAINT, type Difference, DONE, NONE, of, refused } from './difference.js'

const OR_LESS = /^(?:200 success|400 (?:ConditionalCheckFailed|TransactionCanceled|Validation)Exception)/

/**
 * A request with several errors is refused for one of them, and the requests of every run check which. If both servers
 * refuse a random request, their texts are not compared.
 */
export const BY_CHANCE: readonly Difference[] = [
  ...of('dynamodb-local', [
    ['Of several faults it tells another', refused(''), refused('')],
    [
      'Conditions are looked at before two operations on one item are found',
      refused('Transaction request cannot include multiple'),
      /^400 TransactionCanceledException/,
    ],
    ['The same', NONE, /^\[\{/, { operation: /^TransactWriteItems$/, at: /^CancellationReasons$/ }],
    ['Words that nobody knows are looked at last, if at all', CONSTRAINT, OR_LESS],
    ['Numbers within others are answered as they were written', /^"/, /^"/, { at: /\.NS?(?:\[\d+\])?$/ }],
    [
      'It counts a write of an index that an item is in neither before nor after (guide: none)',
      ANY,
      ANY,
      { operation: /Item$/, at: /^ConsumedCapacity/ },
    ],
    [
      'A transaction tells the capacity of one of its writes',
      ANY,
      ANY,
      { operation: /^TransactWriteItems$/, at: /^ConsumedCapacity/ },
    ],
  ]),
  ...of('dynoxide', [
    ['Of several faults it tells another', refused(''), refused('')],
    [
      'It does not find all faults of expressions',
      refused('.*(?:Expression|Key attributes|The document path)'),
      OR_LESS,
    ],
    ['It tells less of transactions, and does less of them', ANY, ANY, { operation: /^TransactWriteItems$/ }],
    ['The same', ANY, ANY, { operation: /^TransactWriteItems$/, at: /^CancellationReasons/ }],
    ['What is there is told beside faults that it does not find', NONE, /^\{/, { at: /^Item$/ }],
    [
      'What a projection finds nothing of is no item; AWS answers an empty one',
      /^\{\}$/,
      NONE,
      { operation: /^TransactGetItems$/, at: /^Responses/ },
    ],
    ['Values of Expected may be of no type', refused('Supplied AttributeValue is empty'), DONE],
    ['ADD and DELETE compare numbers as texts', DONE, refused('Input collection contains duplicates')],
  ]),
]
