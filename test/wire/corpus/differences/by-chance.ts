/** Differences that only random requests reveal. Not every run meets them. */
import { ANY, CONSTRAINT, type Difference, DONE, NONE, of, refused } from './difference.js'

const OR_LESS = /^(?:200 success|400 (?:ConditionalCheckFailed|TransactionCanceled|Validation)Exception)/

/**
 * A request with several errors is refused for one of them, and the requests of every run check which. If both servers
 * refuse a random request, their texts are not compared.
 */
export const BY_CHANCE: readonly Difference[] = [
  ...of('dynamodb-local', [
    ['It reports another of several errors', refused(''), refused('')],
    [
      'It checks conditions before it finds two operations on one item',
      refused('Transaction request cannot include multiple'),
      /^400 TransactionCanceledException/,
    ],
    ['The same', NONE, /^\[\{/, { operation: /^TransactWriteItems$/, at: /^CancellationReasons$/ }],
    ['It checks enumeration values last, or not at all', CONSTRAINT, OR_LESS],
    ['It returns numbers inside other values as they were written', /^"/, /^"/, { at: /\.NS?(?:\[\d+\])?$/ }],
    [
      'It charges for an index that has the item neither before nor after (guide: no charge)',
      ANY,
      ANY,
      { operation: /Item$/, at: /^ConsumedCapacity/ },
    ],
    [
      'It reports the capacity of only one write of a transaction',
      ANY,
      ANY,
      { operation: /^TransactWriteItems$/, at: /^ConsumedCapacity/ },
    ],
  ]),
  ...of('dynoxide', [
    ['It reports another of several errors', refused(''), refused('')],
    [
      'It does not find every error in expressions',
      refused('.*(?:Expression|Key attributes|The document path)'),
      OR_LESS,
    ],
    ['It reports less about transactions, and supports less in them', ANY, ANY, { operation: /^TransactWriteItems$/ }],
    ['The same', ANY, ANY, { operation: /^TransactWriteItems$/, at: /^CancellationReasons/ }],
    ['It reports the existing item beside errors that it does not find', NONE, /^\{/, { at: /^Item$/ }],
    [
      'It returns no item if a projection finds nothing; AWS returns an empty one',
      /^\{\}$/,
      NONE,
      { operation: /^TransactGetItems$/, at: /^Responses/ },
    ],
    ['It accepts values without a type in Expected', refused('Supplied AttributeValue is empty'), DONE],
    ['It compares numbers in ADD and DELETE as text', DONE, refused('Input collection contains duplicates')],
  ]),
]
