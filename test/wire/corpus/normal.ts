/** The parts of an answer that are compared: without timestamps, ids, and the order of unordered lists. */
import type { CorpusRequest } from './family.js'

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

const MOMENTS = /(?:DateTime|^ApproximateCreationDateTime|^LatestStreamLabel|^StreamLabel)$/
const IDS =
  /^(?:TableId|ShardId|ShardIterator|NextShardIterator|SequenceNumber|StartingSequenceNumber|EndingSequenceNumber|eventID|NextToken|LastEvaluatedStreamArn|LastEvaluatedShardId)$/
const STREAM_ARN = /\/stream\/.*$/

/** The JSON of an answer in the form that is compared. @param region the region in its ARNs. */
export function normal(request: CorpusRequest, body: string, region: string): Json {
  const text = region === '' ? body : body.replaceAll(`:dynamodb:${region}:`, ':dynamodb:{region}:')
  return order(request, member('', JSON.parse(text) as Json))
}

function member(name: string, value: Json): Json {
  if (typeof value === 'string') {
    if (IDS.test(name) || MOMENTS.test(name)) return `{${name}}`
    return value.replace(STREAM_ARN, '/stream/{label}')
  }
  if (typeof value === 'number') return MOMENTS.test(name) ? `{${name}}` : value
  if (Array.isArray(value)) {
    const elements = value.map(element => member('', element))
    return UNORDERED.has(name) ? sorted(elements) : elements
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, member(key, inner)]))
}

/** Lists without a meaningful order. */
const UNORDERED = new Set([
  'SS',
  'NS',
  'BS',
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'NonKeyAttributes',
  'Tags',
  'ConsumedCapacity',
])

/** Scans, batch reads and index queries with equal keys return items in an order of each server's own. */
function order(request: CorpusRequest, answer: Json): Json {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer
  const { Items, Responses, ItemCollectionMetrics } = answer
  if (Array.isArray(Items) && isUnordered(request)) return { ...answer, Items: sorted(Items) }
  const byTable = [Responses, ItemCollectionMetrics]
  if (byTable.every(it => typeof it !== 'object' || it === null || Array.isArray(it))) return answer
  return {
    ...answer,
    ...(isMap(Responses) && { Responses: sortedLists(Responses) }),
    ...(isMap(ItemCollectionMetrics) && { ItemCollectionMetrics: sortedLists(ItemCollectionMetrics) }),
  }
}

function isUnordered({ operation, input }: CorpusRequest): boolean {
  if (operation === 'Scan' || operation === 'ExecuteStatement') return true
  return operation === 'Query' && typeof input === 'object' && 'IndexName' in input && !('Limit' in input)
}

function isMap(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortedLists(map: { [name: string]: Json }): Json {
  return Object.fromEntries(
    Object.entries(map).map(([name, list]) => [name, Array.isArray(list) ? sorted(list) : list]),
  )
}

function sorted(list: readonly Json[]): Json[] {
  const texts = list.map(element => [JSON.stringify(canonical(element)), element] as const)
  return texts.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)).map(([, element]) => element)
}

/** With members in sorted order. */
export function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map(name => [name, canonical(value[name] as Json)]))
}
