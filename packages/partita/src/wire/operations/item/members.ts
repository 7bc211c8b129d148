/** Input members that several operations on items share. */
import { ATTRIBUTE, ATTRIBUTES, type Member } from '../../protocol/shape.js'

/** `Key`: the key of an item, required. */
export const KEY = { ...ATTRIBUTES, required: true } as const satisfies Member

const OPERATORS = [
  'IN',
  'NULL',
  'BETWEEN',
  'LT',
  'NOT_CONTAINS',
  'EQ',
  'GT',
  'NOT_NULL',
  'NE',
  'LE',
  'BEGINS_WITH',
  'GE',
  'CONTAINS',
]
const COMPARISON = {
  AttributeValueList: { type: 'list', of: ATTRIBUTE },
  ComparisonOperator: { type: 'string', values: OPERATORS },
} as const satisfies Record<string, Member>

/** KeyConditions, QueryFilter, ScanFilter: comparisons by attribute. */
export const COMPARISONS = {
  type: 'map',
  className: 'Condition',
  of: {
    type: 'structure',
    members: { ...COMPARISON, ComparisonOperator: { ...COMPARISON.ComparisonOperator, required: true } },
  },
} as const satisfies Member

/** `Expected`: the legacy condition of a write. */
export const EXPECTED = {
  type: 'map',
  className: 'ExpectedAttributeValue',
  of: { type: 'structure', members: { ...COMPARISON, Exists: { type: 'boolean' }, Value: ATTRIBUTE } },
} as const satisfies Member

/** `ConditionalOperator`: joins legacy conditions. */
export const CONDITIONAL_OPERATOR = { type: 'string', values: ['OR', 'AND'] } as const satisfies Member

/** As AWS's newer front end lists its values, including one that does not exist. */
export const LISTED_OPERATOR = {
  ...CONDITIONAL_OPERATOR,
  otherwise: 'Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]',
} as const satisfies Member

/** An expression of any kind. */
export const EXPRESSION = { type: 'string' } as const satisfies Member

/** `ExpressionAttributeNames`. */
export const NAMES = { type: 'map', of: { type: 'string' } } as const satisfies Member

/** The placeholders of a request's expressions. */
export const PLACEHOLDERS = {
  ExpressionAttributeNames: NAMES,
  ExpressionAttributeValues: ATTRIBUTES,
} as const satisfies Record<string, Member>

/** `AttributesToGet`: the legacy projection. */
export const ATTRIBUTES_TO_GET = { type: 'list', of: { type: 'string', max: 65535 }, min: 1 } as const satisfies Member

/** `ReturnValues`. */
export const RETURN_VALUES = {
  type: 'string',
  values: ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'],
} as const satisfies Member

/** As AWS's newer front end lists its values, with a misspelling. */
export const LISTED_RETURN_VALUES = {
  ...RETURN_VALUES,
  otherwise:
    'Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]',
} as const satisfies Member

/** `ReturnItemCollectionMetrics`. */
export const RETURN_METRICS = { type: 'string', values: ['SIZE', 'NONE'] } as const satisfies Member

/** As AWS's newer front end lists its values. */
export const PLAIN_METRICS = {
  ...RETURN_METRICS,
  otherwise: 'ReturnItemCollectionMetrics can only be SIZE or NONE',
} as const satisfies Member

/** `ReturnValuesOnConditionCheckFailure`. */
export const ON_CHECK_FAILURE = { type: 'string', values: ['ALL_OLD', 'NONE'] } as const satisfies Member

/** `IndexName`. */
export const INDEX_NAME = { type: 'string', min: 3, max: 255, pattern: /^[a-zA-Z0-9_.-]+$/ } as const satisfies Member

/** `Select`: which attributes a query or scan returns, or only their count. */
export const SELECT = {
  type: 'string',
  values: ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'],
} as const satisfies Member
