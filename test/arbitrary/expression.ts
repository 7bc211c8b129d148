/** Random expressions, as nodes. Most are valid; DynamoDB refuses the others. */
import fc from 'fast-check'
import {
  and,
  beginsWith,
  between,
  type Comparator,
  type Condition,
  compare,
  contains,
  exists,
  hasType,
  ifNotExists,
  type KeyCondition,
  listAppend,
  minus,
  not,
  notExists,
  type Operand,
  or,
  type Path,
  type Projection,
  plus,
  type SetOperand,
  type SetValue,
  type SortCondition,
  type Update,
  update,
} from '../../packages/partita/src/expression/ast.js'
import type { Value } from '../../packages/partita/src/value/value.js'
import { numbers, scalars, sets, strings, values } from './value.js'

const comparators = fc.constantFrom<Comparator>('=', '<>', '<', '<=', '>', '>=')
const typeNames = fc.constantFrom('S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS')

export function paths(names: fc.Arbitrary<string>): fc.Arbitrary<Path> {
  const rest = fc.array(fc.oneof(names, fc.nat({ max: 4 })), { maxLength: 2 })
  return fc.tuple(names, rest).map(([name, steps]) => [name, ...steps])
}

const valueOperand = (it: fc.Arbitrary<Value>): fc.Arbitrary<Operand & SetOperand> =>
  it.map(value => ({ kind: 'value', value }))

export function conditions(names: fc.Arbitrary<string>): fc.Arbitrary<Condition> {
  const path = paths(names)
  const pathOperand: fc.Arbitrary<Operand> = path.map(it => ({ kind: 'path', path: it }))
  const sized: fc.Arbitrary<Operand> = path.map(it => ({ kind: 'size', path: it }))
  const anyValue = valueOperand(values(names, 1))
  const operand = fc.oneof({ weight: 3, arbitrary: pathOperand }, sized, valueOperand(scalars))
  const subject = fc.oneof({ weight: 5, arbitrary: pathOperand }, sized, anyValue)
  const object = fc.oneof({ weight: 4, arbitrary: anyValue }, operand)
  const ordered = fc.oneof(
    { weight: 5, arbitrary: valueOperand(fc.oneof(numbers, strings)) },
    { weight: 1, arbitrary: operand },
  )
  const range = fc.oneof(fc.tuple(numbers, numbers), fc.tuple(strings, strings)).map(([a, b]): [Operand, Operand] => [
    { kind: 'value', value: a },
    { kind: 'value', value: b },
  ])
  const leaf = fc.oneof(
    fc.tuple(subject, fc.constantFrom<Comparator>('=', '<>'), object).map(args => compare(...args)),
    fc.tuple(subject, comparators, ordered).map(args => compare(...args)),
    fc.tuple(subject, range).map(([it, [low, high]]) => between(it, low, high)),
    fc.tuple(subject, ordered, ordered).map(args => between(...args)),
    fc
      .tuple(subject, fc.array(object, { minLength: 1, maxLength: 3 }))
      .map(([it, list]): Condition => ({ kind: 'in', operand: it, list })),
    path.map(exists),
    path.map(notExists),
    fc.tuple(path, valueOperand(typeNames)).map(args => hasType(...args)),
    fc.tuple(subject, fc.oneof(valueOperand(strings), object)).map(args => beginsWith(...args)),
    fc.tuple(subject, object).map(args => contains(...args)),
  )
  return fc.letrec<{ node: Condition; parts: [Condition, ...Condition[]] }>(tie => ({
    parts: fc.array(tie('node'), { minLength: 2, maxLength: 3 }) as fc.Arbitrary<[Condition, ...Condition[]]>,
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      { weight: 1, arbitrary: tie('parts').map(it => and(...it)) },
      { weight: 1, arbitrary: tie('parts').map(it => or(...it)) },
      { weight: 1, arbitrary: tie('node').map(not) },
    ),
  })).node
}

export function projections(path: fc.Arbitrary<Path>): fc.Arbitrary<Projection> {
  return fc.array(path, { minLength: 1, maxLength: 4 })
}

/** Paths for an update: any path, and paths to values of a known type. */
export interface UpdatePaths {
  readonly any: fc.Arbitrary<Path>
  readonly toNumbers: fc.Arbitrary<Path>
  readonly toLists: fc.Arbitrary<Path>
  readonly toSets: fc.Arbitrary<Path>
}

/** Updates with at least one action. With few paths, their actions often overlap. */
export function updates(names: fc.Arbitrary<string>, to: UpdatePaths): fc.Arbitrary<Update> {
  const path = to.any
  const pathOperand = (it: fc.Arbitrary<Path>): fc.Arbitrary<SetOperand> =>
    it.map(steps => ({ kind: 'path', path: steps }))
  const list = valueOperand(fc.array(scalars, { maxLength: 2 }))
  const orFallback = (it: fc.Arbitrary<Path>, fallback: fc.Arbitrary<SetOperand>) =>
    fc.tuple(it, fallback).map(args => ifNotExists(...args))
  const number = fc.oneof(
    valueOperand(numbers),
    pathOperand(to.toNumbers),
    orFallback(to.toNumbers, valueOperand(numbers)),
  )
  const lists = fc.oneof(list, pathOperand(to.toLists), orFallback(to.toLists, list))
  const setValue: fc.Arbitrary<SetValue> = fc.oneof(
    { weight: 4, arbitrary: valueOperand(values(names, 1)) },
    { weight: 2, arbitrary: pathOperand(path) },
    { weight: 1, arbitrary: fc.tuple(number, number).map(args => plus(...args)) },
    { weight: 1, arbitrary: fc.tuple(number, number).map(args => minus(...args)) },
    { weight: 1, arbitrary: orFallback(path, fc.oneof(valueOperand(numbers), list, pathOperand(path))) },
    { weight: 1, arbitrary: fc.tuple(lists, lists).map(args => listAppend(...args)) },
  )
  const added = fc.oneof(
    { weight: 2, arbitrary: fc.record({ path: to.toNumbers, value: numbers }) },
    { weight: 2, arbitrary: fc.record({ path: to.toSets, value: sets }) },
    { weight: 1, arbitrary: fc.record({ path, value: fc.oneof(numbers, sets) }) },
  )
  const deleted = fc.record({ path: fc.oneof({ weight: 3, arbitrary: to.toSets }, path), value: sets })
  return fc
    .record({
      set: fc.array(fc.record({ path, value: setValue }), { maxLength: 2 }),
      remove: fc.array(path, { maxLength: 2 }),
      add: fc.array(added, { maxLength: 1 }),
      delete: fc.array(deleted, { maxLength: 1 }),
    })
    .filter(it => it.set.length + it.remove.length + it.add.length + it.delete.length > 0)
    .map(update)
}

export function keyConditions(names: fc.Arbitrary<string>): fc.Arbitrary<KeyCondition> {
  const sort: fc.Arbitrary<SortCondition> = names.chain(name =>
    fc.oneof(
      fc
        .record({ comparator: comparators.filter(it => it !== '<>'), value: scalars })
        .map((it): SortCondition => ({ kind: 'compare', name, ...(it as { comparator: '='; value: Value }) })),
      fc.record({ low: scalars, high: scalars }).map((it): SortCondition => ({ kind: 'between', name, ...it })),
      scalars.map((prefix): SortCondition => ({ kind: 'beginsWith', name, prefix })),
    ),
  )
  return fc
    .tuple(fc.record({ name: names, value: scalars }), fc.option(sort, { nil: undefined }))
    .filter(([partition, it]) => partition.name !== it?.name)
    .map(([partition, it]) => (it ? { partition, sort: it } : { partition }))
}
