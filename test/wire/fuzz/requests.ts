/** The request with a given number: a valid one with one or several changes. */
import { mutateTree, printWithin, renewExpressions, toNode } from './json.js'
import type { Random } from './random.js'
import type { Seed } from './seeds.js'
import { mutateText } from './text-mutation.js'

export interface FuzzRequest {
  readonly target: string | undefined
  readonly body: string
}

const ODD_TARGETS = [
  undefined,
  '',
  '.',
  'DynamoDB_20120810.',
  'DynamoDB_20120810.__proto__',
  'constructor',
  'toString',
  'DynamoDB_20111205.GetItem',
  'DynamoDB_20120810.getitem',
  'DynamoDBStreams_20120810.GetItem',
]

export function makeRequest(random: Random, seeds: readonly Seed[]): FuzzRequest {
  const seed = random.pick(seeds)
  const target = random.oneIn(60)
    ? random.pick(ODD_TARGETS)
    : random.oneIn(60)
      ? random.pick(seeds).target
      : seed.target
  const json = structuredClone(seed.body)
  if (random.oneIn(3)) renewExpressions(random, json)
  const root = toNode(json)
  if (!random.oneIn(8)) mutateTree(random, root)
  const text = printWithin(root)
  return { target, body: random.oneIn(25) ? mutateText(random, text) : text }
}
