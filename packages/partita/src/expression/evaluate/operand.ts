/** Compiles the operands of a condition, to be read from many items. */
import { type Item, isMap, isSet, type Value } from '../../value/value.js'
import type { Operand, Path } from '../ast.js'
import { type Attributes, lookup } from '../path/get.js'
import type { Memo } from './memo.js'

/** Reads an operand from an item; undefined if the item does not have it. */
export type Reader = (item: Attributes) => Value | undefined

/** Compiles an operand to a function that reads it from an item. */
export function readerOf(operand: Operand, memo: Memo): Reader {
  if (operand.kind === 'value') return () => operand.value
  const { path } = operand
  if (operand.kind === 'path') return pathReader(path)
  return item => {
    const value = lookup(path, item)
    return value === undefined ? undefined : sizeOf(value, map => memo.attributeCount(map))
  }
}

/** A name that `Object.prototype` does not have can be read directly. */
function pathReader(path: Path): Reader {
  const [name] = path
  return path.length === 1 && !(name in Object.prototype) ? item => item[name] : item => lookup(path, item)
}

/** The size: UTF-16 units of a string (as in DynamoDB Local), bytes of binary, members of a set, list or map. */
export function sizeOf(value: Value, count = (map: Readonly<Item>) => Object.keys(map).length): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (isSet(value)) return value.size
  return isMap(value) ? count(value) : undefined
}
