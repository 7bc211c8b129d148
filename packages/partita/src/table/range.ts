/** Which part of a partition a query reads. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import type { Comparator, KeyCondition, SortCondition } from '../expression/ast.js'
import { checkOptions } from '../store/options.js'
import type { Value } from '../value/value.js'
import { numericKey } from './attributes.js'
import type { KeyFormat, KeyInput } from './key.js'

/**
 * A range of sort keys. `between` holds both ends. A list given to `begins_with` ends on the separator, so `['LOG']`
 * does not find `LOGIN`; a string, such as `'POST#2024'`, is taken as it stands, and an empty one finds everything.
 */
export type RangeCondition =
  | {
      readonly operation: 'equal' | 'lower_than' | 'lower_or_equal_than' | 'bigger_than' | 'bigger_or_equal_than'
      readonly value: KeyInput
    }
  | { readonly operation: 'begins_with'; readonly value: KeyInput }
  | { readonly operation: 'between'; readonly start: KeyInput; readonly end: KeyInput }

/** The two key attributes that a query is about. */
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

/** @throws ValidationError naming the part of the partition or range that is wrong. */
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
      if (queried.numeric) throw invalid(['range', 'operation'], 'cannot be begins_with: the index is sorted by number')
      if (range.value === '') return undefined
      return { kind: 'beginsWith', name, prefix: queried.format.prefix(range.value, ['range', 'value']) }
    }
    default: {
      const comparator = Object.hasOwn(COMPARATORS, range.operation) ? COMPARATORS[range.operation] : undefined
      if (!comparator) {
        throw invalid(['range', 'operation'], `${valueText(range.operation)} is no operation on a sort key`)
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
