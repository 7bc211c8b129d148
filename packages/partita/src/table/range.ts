/** Compiles the key condition of a query: the partition and the range of sort keys. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import type { Comparator, KeyCondition, SortCondition } from '../expression/ast.js'
import { checkOptions } from '../store/options.js'
import type { Value } from '../value/value.js'
import { numericKey } from './attributes.js'
import type { KeyFormat, KeyInput } from './key.js'

/**
 * A range of sort keys. `between` includes both ends. With a list, the prefix of `begins_with` ends with the separator,
 * so `['LOG']` does not match `LOGIN`. A string such as `'POST#2024'` is used unchanged; an empty one matches
 * everything.
 */
export type RangeCondition =
  | {
      readonly operation: 'equal' | 'lower_than' | 'lower_or_equal_than' | 'bigger_than' | 'bigger_or_equal_than'
      readonly value: KeyInput
    }
  | { readonly operation: 'begins_with'; readonly value: KeyInput }
  | { readonly operation: 'between'; readonly start: KeyInput; readonly end: KeyInput }

/** The two key attributes of the queried table or index. */
export interface QueriedKey {
  readonly partition: string
  readonly sort: string
  readonly numeric: boolean
  readonly format: KeyFormat
}

const COMPARATORS: Readonly<Record<string, Exclude<Comparator, '<>'>>> = {
  equal: '=',
  lower_than: '<',
  lower_or_equal_than: '<=',
  bigger_than: '>',
  bigger_or_equal_than: '>=',
}

/** @throws ValidationError with the path of the wrong part of the partition or range. */
export function compileKeyCondition(
  queried: QueriedKey,
  partition: KeyInput,
  range: RangeCondition | undefined,
): KeyCondition {
  const value = queried.format.join(partition, ['partition'])
  const sort = range && compileRange(queried, range)
  const condition = { partition: { name: queried.partition, value } }
  return sort ? { ...condition, sort } : condition
}

function compileRange(queried: QueriedKey, range: RangeCondition): SortCondition | undefined {
  const name = queried.sort
  switch (range.operation) {
    case 'between': {
      checkOptions(range, ['operation', 'start', 'end'], ['range'])
      const low = bound(queried, range.start, ['range', 'start'])
      return { kind: 'between', name, low, high: bound(queried, range.end, ['range', 'end']) }
    }
    case 'begins_with': {
      checkOptions(range, ['operation', 'value'], ['range'])
      if (queried.numeric)
        throw invalid(['range', 'operation'], 'cannot be begins_with: the sort key of the index is a number')
      if (range.value === '') return undefined
      return { kind: 'beginsWith', name, prefix: queried.format.prefix(range.value, ['range', 'value']) }
    }
    default: {
      const comparator = Object.hasOwn(COMPARATORS, range.operation) ? COMPARATORS[range.operation] : undefined
      if (!comparator) {
        throw invalid(['range', 'operation'], `${valueText(range.operation)} is not an operation on a sort key`)
      }
      checkOptions(range, ['operation', 'value'], ['range'])
      return { kind: 'compare', name, comparator, value: bound(queried, range.value, ['range', 'value']) }
    }
  }
}

function bound(queried: QueriedKey, key: KeyInput, at: IssuePath): Value {
  if (!queried.numeric) return queried.format.join(key, at)
  const number = numericKey(key, at)
  if (number === undefined) throw invalid(at, 'is missing')
  return number
}
