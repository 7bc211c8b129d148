/** The inputs of operations as AWS publishes them: the path and the type of every member. */
import * as sdk from '@aws-sdk/client-dynamodb'
import type { Shape } from '../../../packages/partita/src/wire/protocol/shape.js'
import { ATTRIBUTE } from '../../../packages/partita/src/wire/protocol/shape.js'

export type MemberType = 'string' | 'number' | 'boolean' | 'blob' | 'list' | 'map' | 'structure' | 'refused'

/** Types by paths such as `Keys[].S`. Elements of lists and values of maps are `[]`. */
export type Members = Map<string, MemberType>

/** How the SDK writes a shape: a number for a simple type, or else a list that begins with its kind. */
type SdkSchema = number | readonly [kind: number, space: string, name: string, traits: unknown, ...rest: unknown[]]

const [LIST, MAP, STRUCTURE, UNION] = [1, 2, 3, 4]
const SIMPLE: { readonly [code: number]: MemberType } = { 0: 'string', 1: 'number', 2: 'boolean', 21: 'blob' }
/** Added to the code of a simple type for a list or a map of it. */
const LIST_OF = 64
const MAP_OF = 128
/** Attribute values nest without limit. The wire reads them by separate rules. */
const ENDLESS = 'AttributeValue'

/** DynamoDB Streams has a client of its own: the four inputs of its API version 2012-08-10. */
const STREAMS: { readonly [operation: string]: { readonly [path: string]: MemberType } } = {
  ListStreams: { TableName: 'string', Limit: 'number', ExclusiveStartStreamArn: 'string' },
  DescribeStream: {
    StreamArn: 'string',
    Limit: 'number',
    ExclusiveStartShardId: 'string',
    ShardFilter: 'structure',
    'ShardFilter.Type': 'string',
    'ShardFilter.ShardId': 'string',
  },
  GetShardIterator: {
    StreamArn: 'string',
    ShardId: 'string',
    ShardIteratorType: 'string',
    SequenceNumber: 'string',
  },
  GetRecords: { ShardIterator: 'string', Limit: 'number' },
}

/** @param target such as `DynamoDB_20120810.GetItem`. */
export function publishedMembers(target: string): Members {
  const [service = '', operation = ''] = target.split('.')
  if (service.startsWith('DynamoDBStreams')) return new Map(Object.entries(STREAMS[operation] ?? {}))
  const schema = (sdk as unknown as { readonly [name: string]: readonly unknown[] })[`${operation}$`]
  if (!schema) throw new Error(`AWS has no operation ${operation}`)
  const members: Members = new Map()
  collectPublished(resolved(schema[4]), '', members)
  return members
}

function resolved(schema: unknown): SdkSchema {
  const given = typeof schema === 'function' ? schema() : schema
  // With traits the member is a pair.
  return Array.isArray(given) && given.length === 2 ? resolved(given[0]) : given
}

function collectPublished(schema: SdkSchema, at: string, members: Members): void {
  if (typeof schema === 'number') {
    if (schema & (LIST_OF | MAP_OF)) note(members, `${at}[]`, simple(schema & ~(LIST_OF | MAP_OF)))
    return
  }
  const [kind, , name, , ...rest] = schema
  if (name === ENDLESS) return
  if (kind === STRUCTURE || kind === UNION) {
    const [names, schemas] = rest as [readonly string[], readonly unknown[]]
    for (const [i, member] of names.entries()) {
      const path = at === '' ? member : `${at}.${member}`
      const type = resolved(schemas[i])
      note(members, path, typeOf(type))
      collectPublished(type, path, members)
    }
  } else {
    const of = resolved(kind === LIST ? rest[0] : rest[1])
    note(members, `${at}[]`, typeOf(of))
    collectPublished(of, `${at}[]`, members)
  }
}

function typeOf(schema: SdkSchema): MemberType {
  if (typeof schema === 'number') {
    if (schema & LIST_OF) return 'list'
    return schema & MAP_OF ? 'map' : simple(schema)
  }
  if (schema[0] === LIST) return 'list'
  return schema[0] === MAP ? 'map' : 'structure'
}

function simple(code: number): MemberType {
  const type = SIMPLE[code]
  if (!type) throw new Error(`The SDK has a simple type of code ${code}`)
  return type
}

function note(members: Members, path: string, type: MemberType): void {
  members.set(path, type)
}

/** The same for a shape that the wire checks its input against. */
export function offeredMembers(shape: Shape, at = '', members: Members = new Map()): Members {
  if (shape === ATTRIBUTE) return members
  if (shape.type === 'structure') {
    for (const [name, member] of Object.entries(shape.members)) {
      const path = at === '' ? name : `${at}.${name}`
      note(members, path, wireType(member))
      offeredMembers(member, path, members)
    }
  } else if (shape.type === 'list' || shape.type === 'map') {
    note(members, `${at}[]`, wireType(shape.of))
    offeredMembers(shape.of, `${at}[]`, members)
  }
  return members
}

function wireType({ type }: Shape): MemberType {
  return type === 'integer' || type === 'long' || type === 'double' ? 'number' : type
}
