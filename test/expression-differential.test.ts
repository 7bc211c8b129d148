/**
 * Our evaluator and DynamoDB Local evaluate the same expressions on the same random items. The results must be equal,
 * including validation errors. `PARTITA_TEST_SEED` selects other items.
 */
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type AttributeMap, marshallItem, unmarshallItem } from '../packages/partita/src/dynamodb/sdk/marshall.js'
import { PartitaError } from '../packages/partita/src/errors/errors.js'
import type { Condition, Path, Projection, Update } from '../packages/partita/src/expression/ast.js'
import {
  applyUpdate,
  checkCondition,
  checkProjection,
  checkUpdate,
  matches,
  project,
} from '../packages/partita/src/expression/evaluate/index.js'
import { lookup } from '../packages/partita/src/expression/path/get.js'
import { Placeholders, printCondition, printProjection, printUpdate } from '../packages/partita/src/expression/print.js'
import { equalValues, type Item, isNumber, isSet, type Value } from '../packages/partita/src/value/value.js'
import { conditions, paths, projections, updates } from './arbitrary/expression.js'
import { fewNames, maps, values } from './arbitrary/value.js'
import { seed } from './seeded.js'

const ITEMS = 60
const CONDITIONS = 250
const UPDATES = 2500
const PROJECTIONS = 500
const CONCURRENCY = 12
const TABLE = 'expressions'
const REFUSED = 'refused'

const local = inject('servers').find(({ name }) => name === 'dynamodb-local')
if (!local) console.warn('Skipping the differential test of expressions: DynamoDB Local does not run.')

describe.skipIf(!local)(`expressions on random items, with PARTITA_TEST_SEED=${seed}`, () => {
  const client = new DynamoDBClient({
    endpoint: local?.url ?? '',
    region: 'local',
    credentials: { accessKeyId: 'partita', secretAccessKey: 'partita' },
  })

  beforeAll(async () => {
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'N' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  })

  afterAll(() => client.destroy())

  test(`${ITEMS * CONDITIONS} evaluations of conditions match the same items as DynamoDB Local`, async () => {
    const items = sample(anyItem, ITEMS, 1)
    await putAll('conditions', items)
    const outcomes = await inParallel(sample(conditions(fewNames), CONDITIONS, 2), async condition => {
      const theirs = await theirMatches(condition)
      const ours = ourAnswer(() => {
        checkCondition(condition)
        return items.flatMap((item, sk) => (matches(condition, item) ? [sk] : []))
      })
      return { condition, theirs, ours }
    })
    expect(outcomes.filter(({ theirs, ours }) => `${theirs}` !== `${ours}`).slice(0, 3)).toEqual([])
    // Most conditions must be valid, and match some of the items but not all, or the comparison proves little.
    const telling = outcomes.filter(({ theirs }) => theirs !== REFUSED && theirs.length > 0 && theirs.length < ITEMS)
    expect(telling.length).toBeGreaterThan(CONDITIONS / 8)
  })

  test(`${UPDATES} updates produce the same items as DynamoDB Local`, async () => {
    const cases = sample(itemWithUpdate, UPDATES, 3)
    await putAll(
      'updates',
      cases.map(({ item }) => item),
    )
    const outcomes = await inParallel(cases, async ({ item, update }, sk) => {
      const theirs = await theirUpdate(update, sk)
      const ours = ourAnswer(() => {
        checkUpdate(update)
        return applyUpdate(update, item)
      })
      return { item, update, theirs, ours }
    })
    expect(outcomes.filter(({ theirs, ours }) => !sameAnswer(theirs, ours)).slice(0, 3)).toEqual([])
    expect(outcomes.filter(({ theirs }) => theirs !== REFUSED).length).toBeGreaterThan(UPDATES / 4)
  })

  test(`${PROJECTIONS} projections return the same attributes as DynamoDB Local`, async () => {
    const cases = sample(itemWithProjection, PROJECTIONS, 4)
    await putAll(
      'projections',
      cases.map(({ item }) => item),
    )
    const outcomes = await inParallel(cases, async ({ item, projection }, sk) => {
      const theirs = await theirProjection(projection, sk)
      const ours = ourAnswer(() => {
        checkProjection(projection)
        return project(projection, item)
      })
      return { item, projection, theirs, ours }
    })
    expect(outcomes.filter(({ theirs, ours }) => !sameAnswer(theirs, ours)).slice(0, 3)).toEqual([])
    expect(outcomes.filter(({ theirs }) => theirs !== REFUSED).length).toBeGreaterThan(PROJECTIONS / 4)
  })

  async function putAll(pk: string, items: readonly Item[]): Promise<void> {
    const chunks = Array.from({ length: Math.ceil(items.length / 25) }, (_, i) => i * 25)
    await inParallel(chunks, start => {
      const writes = items.slice(start, start + 25).map((item, i) => ({
        PutRequest: { Item: marshallItem({ ...item, pk, sk: start + i }) },
      }))
      return client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: writes } }))
    })
  }

  async function theirMatches(condition: Condition): Promise<number[] | typeof REFUSED> {
    const placeholders = new Placeholders()
    const filter = printCondition(condition, placeholders)
    return theirAnswer(async () => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: TABLE,
          KeyConditionExpression: '#pk = :pk',
          FilterExpression: filter,
          ProjectionExpression: 'sk',
          ExpressionAttributeNames: { ...placeholders.names, '#pk': 'pk' },
          ExpressionAttributeValues: marshallItem({ ...placeholders.values, ':pk': 'conditions' }),
        }),
      )
      return (Items ?? []).map(item => Number(item.sk?.N))
    })
  }

  async function theirUpdate(update: Update, sk: number): Promise<Item | typeof REFUSED> {
    const placeholders = new Placeholders()
    const text = printUpdate(update, placeholders)
    const { names, values } = placeholders
    return theirAnswer(async () => {
      const { Attributes: attributes } = await client.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: marshallItem({ pk: 'updates', sk }),
          UpdateExpression: text,
          ExpressionAttributeNames: names,
          ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: marshallItem(values) }),
          ReturnValues: 'ALL_NEW',
        }),
      )
      return withoutKey(attributes ?? {})
    })
  }

  async function theirProjection(projection: Projection, sk: number): Promise<Item | typeof REFUSED> {
    const placeholders = new Placeholders()
    const text = printProjection(projection, placeholders)
    return theirAnswer(async () => {
      const { Item: attributes } = await client.send(
        new GetItemCommand({
          TableName: TABLE,
          Key: marshallItem({ pk: 'projections', sk }),
          ProjectionExpression: text,
          ExpressionAttributeNames: placeholders.names,
        }),
      )
      return withoutKey(attributes ?? {})
    })
  }
})

const anyItem = maps(fewNames, values(fewNames), 2)

/** Items with updates, mostly valid, and mostly of existing paths or their neighbours. */
const itemWithUpdate = anyItem.chain(item => {
  const any = nearbyPaths(item)
  const it = updates(fewNames, {
    any,
    toNumbers: pathsTo(item, isNumber, any),
    toLists: pathsTo(item, Array.isArray, any),
    toSets: pathsTo(item, isSet, any),
  })
  return fc
    .oneof({ weight: 9, arbitrary: it.filter(isSound) }, { weight: 1, arbitrary: it })
    .map(update => ({ item, update }))
})

const itemWithProjection = anyItem.chain(item =>
  projections(nearbyPaths(item)).map(projection => ({ item, projection })),
)

function nearbyPaths(item: Item): fc.Arbitrary<Path> {
  const present = [...pathsIn(item, [])] as unknown as Path[]
  if (present.length === 0) return paths(fewNames)
  const inside = fc.constantFrom(...present)
  const lists = present.filter(path => Array.isArray(lookup(path, item)))
  const elements = fc.tuple(fc.constantFrom(...(lists.length > 0 ? lists : present)), fc.nat({ max: 9 }))
  return fc.oneof(
    { weight: 4, arbitrary: elements.map(([path, index]): Path => [path[0], ...path.slice(1), index]) },
    { weight: 8, arbitrary: inside },
    { weight: 2, arbitrary: fewNames.map((name): Path => [name]) },
    { weight: 1, arbitrary: paths(fewNames) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(inside, fc.oneof(fewNames, fc.nat({ max: 9 })))
        .map(([path, step]): Path => [path[0], ...path.slice(1), step]),
    },
  )
}

function pathsTo(item: Item, accepts: (value: Value) => boolean, otherwise: fc.Arbitrary<Path>): fc.Arbitrary<Path> {
  const found = ([...pathsIn(item, [])] as unknown as Path[]).filter(path => accepts(lookup(path, item) as Value))
  if (found.length === 0) return otherwise
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...found) }, { weight: 1, arbitrary: otherwise })
}

function isSound(update: Update): boolean {
  return ourAnswer(() => checkUpdate(update)) !== REFUSED
}

function* pathsIn(value: Value, path: (string | number)[]): Generator<(string | number)[]> {
  if (path.length > 0) yield path
  if (Array.isArray(value)) for (const [i, element] of value.entries()) yield* pathsIn(element, [...path, i])
  else if (value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [name, attribute] of Object.entries(value)) yield* pathsIn(attribute, [...path, name])
  }
}

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number, salt: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: seed + salt })
}

function ourAnswer<T>(answer: () => T): T | typeof REFUSED {
  try {
    return answer()
  } catch (error) {
    if (error instanceof PartitaError && error.code === 'ValidationFailed') return REFUSED
    throw error
  }
}

async function theirAnswer<T>(answer: () => Promise<T>): Promise<T | typeof REFUSED> {
  try {
    return await answer()
  } catch (error) {
    if ((error as Error).name === 'ValidationException') return REFUSED
    throw error
  }
}

function sameAnswer(a: Item | typeof REFUSED, b: Item | typeof REFUSED): boolean {
  return equalValues(a, b)
}

function withoutKey(attributes: AttributeMap): Item {
  const { pk, sk, ...rest } = unmarshallItem(attributes)
  return rest
}

async function inParallel<T, R>(inputs: readonly T[], run: (input: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < inputs.length) {
      const index = next++
      results[index] = await run(inputs[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return results
}
