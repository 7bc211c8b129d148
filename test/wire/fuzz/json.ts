/** JSON as a tree that can express everything JSON text can: repeated members, any name, numbers of any form. */
import { expression, meanings } from './expressions.js'
import type { Random } from './random.js'
import { statement } from './statements.js'
import { mutateText } from './text-mutation.js'
import { attributeValue } from './values.js'
import { base64Text, INDEXES, jsonNumber, numberText, oddName, oddText, TABLES } from './words.js'

export type Node =
  | { readonly kind: 'map'; members: [name: string, value: Node][] }
  | { readonly kind: 'list'; elements: Node[] }
  /** Its text in the JSON. */
  | { readonly kind: 'plain'; readonly text: string }

/** Larger bodies are too slow to generate for the errors that they find. */
const MAX_TEXT = 3_000_000

const plain = (value: unknown): Node => ({ kind: 'plain', text: JSON.stringify(value) })

export function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'list', elements: value.map(toNode) }
  if (typeof value !== 'object' || value === null) return plain(value)
  return { kind: 'map', members: Object.entries(value).map(([name, member]) => [name, toNode(member)]) }
}

export function print(node: Node): string {
  if (node.kind === 'plain') return node.text
  if (node.kind === 'list') return `[${node.elements.map(print).join(',')}]`
  return `{${node.members.map(([name, value]) => `${JSON.stringify(name)}:${print(value)}`).join(',')}}`
}

/** The location of a node, and how to replace it. */
export interface Place {
  readonly name: string
  readonly node: Node
  readonly parent: Exclude<Node, { kind: 'plain' }>
  readonly index: number
}

export function placesOf(root: Node): Place[] {
  const places: Place[] = []
  const visit = (parent: Node, under: string) => {
    if (places.length > 3000) return
    if (parent.kind === 'map') {
      parent.members.forEach(([name, node], index) => {
        places.push({ name, node, parent, index })
        visit(node, name)
      })
    } else if (parent.kind === 'list') {
      parent.elements.forEach((node, index) => {
        places.push({ name: under, node, parent, index })
        visit(node, under)
      })
    }
  }
  visit(root, '')
  return places
}

export function put({ parent, index }: Place, node: Node): void {
  if (parent.kind === 'map') (parent.members[index] as [string, Node])[1] = node
  else parent.elements[index] = node
}

export function siblingsOf({ parent }: Place): unknown[] {
  return parent.kind === 'map' ? parent.members : parent.elements
}

/** Changes a few nodes of the tree. */
export function mutateTree(random: Random, root: Node): void {
  for (let count = random.oneIn(3) ? 3 : 1; count > 0; count--) {
    const places = placesOf(root)
    if (places.length === 0) return
    mutatePlace(random, random.pick(places), places)
  }
}

function mutatePlace(random: Random, place: Place, places: readonly Place[]): void {
  const { name, node, parent, index } = place
  const siblings = siblingsOf(place)
  switch (random.below(20)) {
    case 0:
      siblings.splice(index, 1)
      return
    case 1:
      siblings.splice(index, 0, ...random.list(1 + random.size(2000), () => siblings[index]))
      return
    case 2:
      if (parent.kind === 'map')
        (parent.members[index] as [string, Node])[0] = random.oneIn(2) ? oddName(random) : random.pick(places).name
      return
    case 3:
      put(place, nest(random, node))
      return
    case 4: {
      const other = random.pick(places)
      put(place, structuredClone(other.node))
      return
    }
    case 5:
      if (parent.kind === 'map') parent.members.push([random.pick(MEMBERS), toNode(memberValue(random))])
      return
    case 6:
      if (node.kind === 'map')
        node.members.push(
          ...random.list(1 + random.size(3000), (i): [string, Node] => [`x${i}`, toNode(attributeValue(random, 4))]),
        )
      else put(place, anyNode(random))
      return
    case 7:
      put(place, anyNode(random))
      return
    default:
      put(place, likely(random, name, node))
  }
}

/** Another value that fits the name of the member. */
function likely(random: Random, name: string, node: Node): Node {
  if (name === 'N' || name === 'NS') return plain(numberText(random))
  if (name === 'B' || name === 'BS') return plain(base64Text(random))
  if (name === 'TableName') return plain(random.pick(TABLES))
  if (name === 'IndexName') return plain(random.pick(INDEXES))
  if (name === 'Statement') return plain(statement(random))
  if (name.endsWith('Expression')) return plain(expression(random, name))
  if (node.kind !== 'plain') return random.oneIn(8) ? anyNode(random) : grown(random, node)
  if (node.text === 'true' || node.text === 'false') return plain(random.oneIn(6) ? 'true' : node.text === 'false')
  if (!node.text.startsWith('"')) return { kind: 'plain', text: jsonNumber(random) }
  const text = JSON.parse(node.text) as string
  if (/Token|Iterator|Arn|SequenceNumber|Start/.test(name)) return plain(mutateText(random, text))
  return plain(random.oneIn(2) ? oddText(random) : mutateText(random, text))
}

const TYPES = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'L', 'M', 'BOOL', 'NULL']

/** Replaces a value, or adds an element or member. */
function grown(random: Random, node: Exclude<Node, { kind: 'plain' }>): Node {
  if (node.kind === 'list') return { kind: 'list', elements: [...node.elements, ...node.elements.slice(0, 1)] }
  const [[name] = []] = node.members
  if (node.members.length === 1 && TYPES.includes(name as string)) return toNode(attributeValue(random))
  return { kind: 'map', members: [...node.members, [oddName(random), toNode(attributeValue(random))]] }
}

function anyNode(random: Random): Node {
  switch (random.below(7)) {
    case 0:
      return { kind: 'plain', text: random.pick(['null', 'true', 'false', '""', '{}', '[]', '[null]', '{"":null}']) }
    case 1:
      return { kind: 'plain', text: jsonNumber(random) }
    case 2:
      return plain(oddText(random))
    case 3:
      return { kind: 'list', elements: random.list(random.size(1000), () => toNode(attributeValue(random, 4))) }
    case 4:
      return toNode({ [oddName(random)]: attributeValue(random, 2) })
    case 5:
      return nest(random, toNode(attributeValue(random, 3)))
    default:
      return toNode(attributeValue(random))
  }
}

function nest(random: Random, node: Node): Node {
  const times = 1 + random.below(random.oneIn(5) ? 3000 : 40)
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"L":[', ']}'],
    ['{"M":{"a":', '}}'],
    ['{"a":', '}'],
    ['{"__proto__":', '}'],
  ] as const)
  return { kind: 'plain', text: open.repeat(times) + print(node) + close.repeat(times) }
}

const MEMBERS = [
  'ReturnConsumedCapacity',
  'ReturnValues',
  'ConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
  'UpdateExpression',
  'KeyConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'Expected',
  'AttributeUpdates',
  'AttributesToGet',
  'ConditionalOperator',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
  'Limit',
  'ExclusiveStartKey',
  'Segment',
  'TotalSegments',
  'Select',
  'IndexName',
  'ConsistentRead',
  'ClientRequestToken',
  'NextToken',
  'ReturnItemCollectionMetrics',
  'ReturnValuesOnConditionCheckFailure',
  'Exists',
  'Value',
  'ComparisonOperator',
  'AttributeValueList',
  'Tags',
  'BillingMode',
  'StreamSpecification',
  '__proto__',
  'constructor',
]

function memberValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () =>
      random.pick(['INDEXES', 'TOTAL', 'ALL_NEW', 'ALL_OLD', 'UPDATED_NEW', 'COUNT', 'SIZE', 'OR', 'ALL_ATTRIBUTES']),
    () => random.below(10),
    () => true,
    () => ({ id: attributeValue(random), sk: { N: '1' } }),
    () => ({
      n: {
        ComparisonOperator: random.pick(['EQ', 'IN', 'BETWEEN', 'NULL', 'CONTAINS', 'NE']),
        AttributeValueList: random.list(random.size(400), () => attributeValue(random, 3)),
      },
    }),
    () => ({ n: { Action: random.pick(['PUT', 'ADD', 'DELETE']), Value: attributeValue(random) } }),
    () => ['id', 'n'],
    () => attributeValue(random),
  ])()
}

/** Replaces the expressions of a request and the values of their placeholders. */
export function renewExpressions(random: Random, body: unknown): void {
  if (typeof body !== 'object' || body === null) return
  const map = body as { [name: string]: unknown }
  const names = Object.keys(map).filter(name => name.endsWith('Expression'))
  for (const name of names) map[name] = expression(random, name)
  if (names.length > 0) {
    const used = meanings(
      random,
      names.map(name => map[name] as string),
    )
    delete map.ExpressionAttributeNames
    delete map.ExpressionAttributeValues
    if (Object.keys(used.names).length > 0) map.ExpressionAttributeNames = used.names
    if (Object.keys(used.values).length > 0) map.ExpressionAttributeValues = used.values
  }
  if (typeof map.Statement === 'string') {
    map.Statement = statement(random)
    const wanted = (map.Statement as string).split('?').length - 1
    if (wanted > 0) map.Parameters = random.list(wanted, () => attributeValue(random, 2))
    else delete map.Parameters
  }
  for (const member of Object.values(map)) renewExpressions(random, member)
}

export function printWithin(node: Node): string {
  const text = print(node)
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text
}
