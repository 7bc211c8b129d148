/** Query and Scan: one page of a table or index. */

import type { RequestExtras } from '../../../embedded/engine-store.js'
import { ItemFilter } from '../../../embedded/read/filter.js'
import type { Condition, KeyCondition, Projection } from '../../../expression/ast.js'
import { matches } from '../../../expression/evaluate/index.js'
import { addCapacity } from '../../../store/capacity.js'
import { pickKey } from '../../../store/definition.js'
import { OutsideStart } from '../../../store/page-request.js'
import type { ItemPage, QueryRequest, ScanRequest } from '../../../store/store.js'
import { equalValues, type Item, type Key, type Value } from '../../../value/value.js'
import type { Operation, Wire } from '../../dispatch.js'
import { type ExpressionInput, Expressions } from '../../expression-rules/index.js'
import {
  type LegacyInput,
  legacyCondition,
  legacyKeyCondition,
  legacyProjection,
  refuseMixture,
} from '../../legacy/index.js'
import { writeItem } from '../../protocol/attribute-value.js'
import { type AwsError, EmptyKeyError, validation } from '../../protocol/aws-error.js'
import { consumed, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { inOlderWords } from '../../protocol/legacy-messages.js'
import { mapInSteps } from '../../protocol/long-response.js'
import { ATTRIBUTES } from '../../protocol/shape.js'
import { TABLE_NAME, tableOf } from '../../protocol/table-name.js'
import {
  ATTRIBUTES_TO_GET,
  COMPARISONS,
  CONDITIONAL_OPERATOR,
  EXPRESSION,
  INDEX_NAME,
  LISTED_OPERATOR,
  PLACEHOLDERS,
  SELECT,
} from './members.js'
import { checkScalarKeys } from './scalar-keys.js'
import {
  checkFilter,
  checkSelect,
  checkSource,
  checkStart,
  type PageInput,
  readStartKey,
  type Source,
  sourceOf,
} from './source.js'

interface ReadInput extends PageInput, ExpressionInput, LegacyInput {
  readonly AttributesToGet?: readonly string[]
  readonly ProjectionExpression?: string
  readonly TableName: string
  readonly Limit?: number
  readonly ReturnConsumedCapacity?: ReturnCapacity
}

interface QueryInput extends ReadInput {
  readonly ScanIndexForward?: boolean
}

interface ScanInput extends ReadInput {
  readonly Segment?: number
  readonly TotalSegments?: number
}

/** In the order in which AWS reports problems with them. */
const READ_MEMBERS = {
  TableName: TABLE_NAME,
  ReturnConsumedCapacity: RETURN_CAPACITY,
  Select: SELECT,
  IndexName: INDEX_NAME,
  AttributesToGet: ATTRIBUTES_TO_GET,
  Limit: { type: 'integer', min: 1 },
  ConsistentRead: { type: 'boolean' },
  ConditionalOperator: CONDITIONAL_OPERATOR,
  ExclusiveStartKey: ATTRIBUTES,
  ProjectionExpression: EXPRESSION,
  FilterExpression: EXPRESSION,
  ...PLACEHOLDERS,
} as const

/** `Query`: reads a page of one partition of a table or index. */
export const query: Operation = {
  input: {
    type: 'structure',
    members: {
      ...READ_MEMBERS,
      ConditionalOperator: { ...LISTED_OPERATOR, alone: 'bare' },
      Limit: { type: 'integer', min: 1, brief: true },
      KeyConditions: COMPARISONS,
      QueryFilter: COMPARISONS,
      ScanIndexForward: { type: 'boolean' },
      KeyConditionExpression: EXPRESSION,
    },
  },
  async run(wire, input: QueryInput) {
    refuseMixture(
      input,
      ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
      ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
    )
    const given = readStartKey(input)
    if (input.KeyConditions === undefined && input.KeyConditionExpression === undefined) {
      throw validation('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.')
    }
    const reading = readExpressions(input, 'QueryFilter')
    reading.expressions.checkKeyCondition()
    reading.expressions.checkUsed()
    const source = sourceOf(tableOf(wire, input.TableName), input)
    const key = keyConditionOf(input, reading.expressions, source)
    checkSelect(input)
    checkScalarKeys(source.table.definition, reading.projection, reading.filter)
    checkSource(source, input, reading.projection)
    if (reading.filter) checkFilter(source, reading.filter, input.FilterExpression === undefined)
    const after = given && checkStart(source, given, false)
    if (after) checkWithin(key, after)
    if (after && isOfOneItem(source)) throw validation(NOT_RESTARTED)
    const order = input.ScanIndexForward === false ? 'desc' : 'asc'
    return readPage(wire, source, input, reading, async (request, extras) => {
      const page = await wire.store.query({ ...request, key, order, ...(after && { after }) } as QueryRequest, extras)
      if (!isOfOneItem(source)) return page
      const { next: _, ...only } = page
      return only
    })
  },
}

/** `Scan`: reads a page of a table or index, or of one of its segments. */
export const scan: Operation = {
  input: {
    type: 'structure',
    members: {
      ...READ_MEMBERS,
      ScanFilter: COMPARISONS,
      TotalSegments: { type: 'integer', min: 1, max: 1_000_000 },
      Segment: { type: 'integer', min: 0, max: 999_999 },
    },
  },
  async run(wire, input: ScanInput) {
    refuseMixture(
      input,
      ['ProjectionExpression', 'FilterExpression'],
      ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
    )
    const given = inOlderWords(() => readStartKey(input))
    const segment = segmentOf(input)
    const reading = inOlderWords(() => readExpressions(input, 'ScanFilter'))
    reading.expressions.checkUsed()
    const source = sourceOf(tableOf(wire, input.TableName), input)
    checkSelect(input)
    checkScalarKeys(source.table.definition, reading.projection, reading.filter)
    checkSource(source, input, reading.projection)
    const after = given && checkStart(source, given, true)
    return readPage(wire, source, input, reading, (request, extras) =>
      wire.store
        .scan({ ...request, ...(segment && { segment }), ...(after && { after }) }, extras)
        .catch((error: unknown) => {
          throw error instanceof OutsideStart && segment ? outsideSegment(segment) : error
        }),
    )
  },
}

interface Reading {
  readonly expressions: Expressions
  readonly projection?: Projection
  readonly filter?: Condition
}

/** Does not check for unused placeholders: the caller does so after reading the last expression. */
function readExpressions(input: ReadInput, legacyFilter: 'QueryFilter' | 'ScanFilter'): Reading {
  const expressions = new Expressions(input)
  const filter = expressions.condition('FilterExpression') ?? legacyCondition(input, legacyFilter)
  const projection = expressions.projection() ?? legacyProjection(input)
  return { expressions, ...(projection && { projection }), ...(filter && { filter }) }
}

function keyConditionOf(input: QueryInput, expressions: Expressions, { schema, index }: Source): KeyCondition {
  try {
    return (expressions.keyCondition(schema) ?? legacyKeyCondition(input, schema)) as KeyCondition
  } catch (error) {
    throw index === undefined ? error : emptyKeyOfIndex(error, index)
  }
}

/** The error for an empty key value names the index. */
function emptyKeyOfIndex(error: unknown, index: string): unknown {
  return error instanceof EmptyKeyError && error.key !== undefined
    ? EmptyKeyError.ofIndexKey(index, error.key, error.kind)
    : error
}

const NOT_RESTARTED = 'The query can return at most one row and cannot be restarted'

/** Whether a query finds at most one item, as in a table without a sort key. It has no second page. */
function isOfOneItem({ index, schema }: Source): boolean {
  return index === undefined && schema.sort === undefined
}

/** @throws AwsError for a start key that this query cannot have returned. */
function checkWithin({ partition, morePartition = [], sort, moreSort = [] }: KeyCondition, after: Key): void {
  if (sort && [sort, ...moreSort].some(it => !matches(sortCondition(it), after))) {
    throw validation('The provided starting key does not match the range key predicate')
  }
  if ([partition, ...morePartition].some(({ name, value }) => !equalValues(value, after[name] as Value))) {
    // AWS's message, although it does not fit a query with a sort condition.
    throw validation(
      sort ? NOT_RESTARTED : 'The provided starting key is outside query boundaries based on provided conditions',
    )
  }
}

function outsideSegment({ index, total }: NonNullable<ScanRequest['segment']>): AwsError {
  return validation(
    `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${total} Segment: ${index}`,
  )
}

function sortCondition(sort: NonNullable<KeyCondition['sort']>): Condition {
  const operand = { kind: 'path', path: [sort.name] } as const
  const bound = (value: Item[string]) => ({ kind: 'value', value }) as const
  switch (sort.kind) {
    case 'compare':
      return { kind: 'compare', comparator: sort.comparator, left: operand, right: bound(sort.value) }
    case 'between':
      return { kind: 'between', operand, low: bound(sort.low), high: bound(sort.high) }
    case 'beginsWith':
      return { kind: 'beginsWith', operand, prefix: bound(sort.prefix) }
  }
}

/** @throws AwsError if only one of the two members is given, or the segment is out of range. */
function segmentOf({ Segment: index, TotalSegments: total }: ScanInput): ScanRequest['segment'] {
  if (index === undefined && total === undefined) return undefined
  if (total === undefined) {
    throw validation(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    )
  }
  if (index === undefined) {
    throw validation(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    )
  }
  if (index >= total) {
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${index} is not less than TotalSegments: ${total}`,
    )
  }
  return { index, total }
}

async function readPage(
  wire: Wire,
  source: Source,
  input: ReadInput,
  { projection, filter }: Reading,
  read: (request: ScanRequest, extras: RequestExtras) => Promise<ItemPage>,
): Promise<object> {
  const { table, index } = source
  const countOnly = input.Select === 'COUNT'
  // A local index fetches attributes that it does not hold from the table: the filter then applies to whole items.
  const isFetched = input.Select === 'ALL_ATTRIBUTES' && source.isLocal && source.projected !== undefined
  const request = {
    table: table.definition.name,
    ...(index !== undefined && { index }),
    ...(input.Limit !== undefined && { limit: input.Limit }),
    consistent: input.ConsistentRead ?? false,
    ...(!isFetched && filter && { filter }),
    ...(projection && { projection }),
    countOnly,
  }
  const page = await read(request, { isLegacy: input.FilterExpression === undefined })
  const items = isFetched ? await fetchWhole(wire, source, input, page, filter) : page.items
  const used = consumed(table, page.capacity, input.ReturnConsumedCapacity)
  return {
    ...(!countOnly && { Items: await mapInSteps(items, writeItem) }),
    Count: isFetched ? items.length : page.count,
    ScannedCount: page.scanned,
    ...(page.next && { LastEvaluatedKey: writeItem(page.next) }),
    ...(used && { ConsumedCapacity: used }),
  }
}

async function fetchWhole(
  wire: Wire,
  { table: { definition } }: Source,
  input: ReadInput,
  page: ItemPage,
  filter: Condition | undefined,
): Promise<Item[]> {
  const items: Item[] = []
  const whole = filter && new ItemFilter(filter)
  for (const entry of page.items) {
    const key = pickKey(definition.key, entry)
    const consistent = input.ConsistentRead ?? false
    const { item, capacity } = await wire.store.get({ table: definition.name, key, consistent })
    addCapacity(page.capacity, capacity)
    if (item && (!whole || (await whole.passes(item)))) items.push(item)
  }
  return items
}
