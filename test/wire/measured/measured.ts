/** Requests whose answers were measured on AWS itself, and the tables that they use. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineStore } from '../../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../../packages/partita/src/embedded/index.js'
import { answer, type Wire } from '../../../packages/partita/src/wire/dispatch.js'

/** One request and the answer of AWS. */
export interface Fact {
  /** What AWS refuses or accepts: the object of the test's title. */
  readonly name: string
  readonly operation: string
  readonly input: object
  /** Requests that come first and must succeed. */
  readonly after?: readonly (readonly [operation: string, input: object])[]
  /** `Name: message`. A list if regions of AWS differ. */
  readonly refused?: string | readonly string[]
  /** Members that the answer or the refusal must have. */
  readonly answer?: object
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not typed.
export type Answer = any

export interface Measured {
  ask(operation: string, input: object): Promise<{ readonly status: number; readonly answer: Answer }>
  /** `Name: message` of a refusal, or `accepted`. */
  refusal(operation: string, input: object): Promise<string>
}

const string = (name: string) => ({ AttributeName: name, AttributeType: 'S' })
const typed = (name: string, AttributeType: string) => ({ AttributeName: name, AttributeType })
const key = (partition: string, sort?: string) => [
  { AttributeName: partition, KeyType: 'HASH' },
  ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' }]),
]
const index = (IndexName: string, KeySchema: object[], Projection: object = { ProjectionType: 'ALL' }) => ({
  IndexName,
  KeySchema,
  Projection,
})

/** The tables of the facts, named by their kinds. */
const TABLES = [
  { TableName: 'hash', AttributeDefinitions: [string('pk')], KeySchema: key('pk') },
  { TableName: 'hash-n', AttributeDefinitions: [typed('pk', 'N')], KeySchema: key('pk') },
  { TableName: 'hash-b', AttributeDefinitions: [typed('pk', 'B')], KeySchema: key('pk') },
  { TableName: 'composite', AttributeDefinitions: [string('pk'), string('sk')], KeySchema: key('pk', 'sk') },
  { TableName: 'composite-n', AttributeDefinitions: [string('pk'), typed('sk', 'N')], KeySchema: key('pk', 'sk') },
  { TableName: 'composite-b', AttributeDefinitions: [string('pk'), typed('sk', 'B')], KeySchema: key('pk', 'sk') },
  {
    TableName: 'indexed',
    AttributeDefinitions: [string('pk'), string('sk'), string('lsi1sk'), string('lsi2sk')],
    KeySchema: key('pk', 'sk'),
    LocalSecondaryIndexes: [
      index('lsi1', key('pk', 'lsi1sk')),
      index('lsi2', key('pk', 'lsi2sk'), { ProjectionType: 'INCLUDE', NonKeyAttributes: ['data'] }),
    ],
    GlobalSecondaryIndexes: [
      index('gsi1', key('lsi1sk', 'sk')),
      index('gsi2', key('lsi2sk'), { ProjectionType: 'KEYS_ONLY' }),
    ],
  },
]

/** A store for the facts of one file. */
export function measured(): Measured {
  const store = engineStore(memory())
  const wire: Wire = { store, region: 'us-east-1', now: Date.now }

  async function ask(operation: string, input: object) {
    const service = /Stream|Shard|GetRecords/.test(operation) ? 'DynamoDBStreams_20120810' : 'DynamoDB_20120810'
    const { status, body } = await answer(wire, `${service}.${operation}`, JSON.stringify(input))
    // TagResource and UntagResource return an empty body.
    return { status, answer: (body === '' ? {} : JSON.parse(body)) as Answer }
  }

  beforeAll(async () => {
    for (const table of TABLES) await ask('CreateTable', { ...table, BillingMode: 'PAY_PER_REQUEST' })
  })
  afterAll(() => store.close())

  async function refusal(operation: string, input: object) {
    const { status, answer } = await ask(operation, input)
    return status === 200 ? 'accepted' : worded(answer)
  }
  return { ask, refusal }
}

/** A refusal as `Name: message`. */
export function worded({ __type, message, Message }: Answer): string {
  return `${String(__type).split('#')[1]}: ${message ?? Message}`
}

/** One test for each fact. */
export function hold(group: string, { ask }: Measured, facts: readonly Fact[]): void {
  describe(group, () => {
    for (const { name, operation, input, after = [], refused, answer } of facts) {
      it(`${operation} ${refused === undefined ? 'accepts' : 'refuses'} ${name}`, async () => {
        for (const [earlier, given] of after) {
          const before = await ask(earlier, given)
          expect(before.status === 200 ? '' : worded(before.answer)).toBe('')
        }
        const got = await ask(operation, input)
        const said = got.status === 200 ? 'accepted' : worded(got.answer)
        if (refused === undefined) expect(said).toBe('accepted')
        else if (typeof refused === 'string') expect(said).toBe(refused)
        else expect(refused).toContain(said)
        if (answer !== undefined) expect(got.answer).toMatchObject(answer)
      })
    }
  })
}

/** A `ValidationException` with this message. */
export const validation = (message: string) => `ValidationException: ${message}`
/** A `ValidationException` whose message begins with a count of errors. */
export const counted = (message: string) => `ValidationException: 1 validation error detected: ${message}`
/** A string nested in `depth` maps. */
export function nested(depth: number): object {
  let value: object = { S: 'leaf' }
  for (let i = 0; i < depth; i++) value = { M: { n: value } }
  return value
}
