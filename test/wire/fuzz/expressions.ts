/**
 * Expressions from the grammar of DynamoDB's language, some of them beyond its limits, with the values of their
 * placeholders.
 */

import type { Random } from './random.js'
import { mutateText } from './text-mutation.js'
import { attributeValue } from './values.js'
import { NAMES, oddName } from './words.js'

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>=', '!=', '==']
const FUNCTIONS = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
  'list_append',
  'if_not_exists',
  'SIZE',
  'none',
]
const RESERVED = ['select', 'size', 'name', 'status', 'AND', 'or', 'Between', 'value', 'set']

function name(random: Random): string {
  if (random.oneIn(30)) return random.pick(RESERVED)
  return random.oneIn(2) ? `#${random.pick(['a', 'b', 'c', 'd'])}` : random.pick(NAMES.filter(it => /^[a-z]/.test(it)))
}

function path(random: Random): string {
  let text = name(random)
  for (let steps = random.size(60); steps > 0; steps--) {
    text += random.oneIn(3)
      ? `[${random.pick(['0', '1', '99999999999', '2147483647', '-1', '1.5', ''])}]`
      : `.${name(random)}`
  }
  return text
}

function operand(random: Random, depth: number): string {
  switch (random.below(depth > 3 ? 2 : 5)) {
    case 0:
      return path(random)
    case 1:
    case 2:
      return `:${random.pick(['a', 'b', 'c', 'd'])}`
    case 3:
      return `size(${operand(random, depth + 1)})`
    default:
      return random.oneIn(4) ? `(${operand(random, depth + 1)})` : path(random)
  }
}

function condition(random: Random, depth = 0): string {
  const more = () => condition(random, depth + 1)
  const one = () => operand(random, depth)
  switch (random.below(depth > 4 ? 5 : 9)) {
    case 0:
      return `${one()} ${random.pick(COMPARATORS)} ${one()}`
    case 1:
      return `${random.pick(FUNCTIONS)}(${random.list(1 + random.below(3), one).join(', ')})`
    case 2:
      return `${one()} BETWEEN ${one()} AND ${one()}`
    case 3:
      return `${one()} IN (${random.list(1 + random.size(150), one).join(',')})`
    case 4:
      return `attribute_${random.pick(['', 'not_'])}exists(${path(random)})`
    case 5:
      return `NOT ${more()}`
    case 6:
      return `(${more()})`
    default:
      return random.list(2 + random.size(200), more).join(random.pick([' AND ', ' OR ']))
  }
}

function keyCondition(random: Random): string {
  const sort = random.pick([
    'sk > :b',
    'sk BETWEEN :b AND :c',
    'begins_with(sk, :b)',
    '#b = :b',
    ':b = sk',
    'sk <> :b',
    condition(random, 4),
  ])
  return random.oneIn(3)
    ? condition(random, 2)
    : `${random.pick(['id = :a', '#a = :a', ':a = id', 'id > :a', '(id = :a)'])} AND ${sort}`
}

function setAction(random: Random): string {
  const one = () => operand(random, 2)
  const value = random.pick([
    one,
    () => `${one()} + ${one()}`,
    () => `${one()} - ${one()}`,
    () => `list_append(${one()}, ${one()})`,
    () => `if_not_exists(${path(random)}, ${one()})`,
  ])
  return `${path(random)} = ${value()}`
}

function update(random: Random): string {
  const clauses = [
    () => `SET ${random.list(1 + random.size(150), () => setAction(random)).join(', ')}`,
    () => `REMOVE ${random.list(1 + random.size(200), () => path(random)).join(', ')}`,
    () => `ADD ${path(random)} ${operand(random, 4)}`,
    () => `DELETE ${path(random)} ${operand(random, 4)}`,
  ]
  return random.list(1 + random.below(3), () => random.pick(clauses)()).join(' ')
}

function projection(random: Random): string {
  return random.list(1 + random.size(300), () => path(random)).join(random.pick([',', ', ']))
}

const WRITERS: { readonly [member: string]: (random: Random) => string } = {
  ConditionExpression: condition,
  FilterExpression: condition,
  KeyConditionExpression: keyCondition,
  UpdateExpression: update,
  ProjectionExpression: projection,
}

/** An expression for the member. A few are not expressions. */
export function expression(random: Random, member: string): string {
  if (random.oneIn(25)) return nested(random)
  const text = (WRITERS[member] ?? condition)(random)
  return random.oneIn(5) ? mutateText(random, text) : text
}

/** Brackets that are not closed, or all closed. */
function nested(random: Random): string {
  const [open, close] = random.pick([
    ['(', ')'],
    ['NOT ', ''],
    ['size(', ')'],
    ['a[', ']'],
    ['a.', ''],
    ['(a) AND (', ')'],
    ['a = ', ''],
    ['list_append(', ',a)'],
    ['if_not_exists(a,', ')'],
  ] as const)
  const times = 1 + random.below(random.oneIn(3) ? 5000 : 300)
  return (
    open.repeat(times) +
    random.pick(['a', ':a', 'a = :a', '']) +
    close.repeat(random.oneIn(2) ? times : random.below(times))
  )
}

/** Placeholders for everything that a request's expressions use, so that some requests are valid. */
export function meanings(random: Random, expressions: readonly string[]): { names: object; values: object } {
  const used = (sign: RegExp) => [...new Set(expressions.flatMap(text => text.match(sign) ?? []))].slice(0, 50)
  return {
    names: Object.fromEntries(used(/#\w+/g).map(it => [it, random.oneIn(5) ? oddName(random) : random.pick(NAMES)])),
    values: Object.fromEntries(used(/:\w+/g).map(it => [it, attributeValue(random, 2)])),
  }
}
