/** Compiles the operands of a condition, to be read from many items. */
import { type Item, isMap, isSet, type Value } from '../../value/value.js'
import type { Operand, Path } from '../ast.js'
import { type Attributes, lookup } from '../path/get.js'
import type { Memo } from './memo.js'

/** Reads an operand from an item; undefined if the item does not have it. */
export type Reader = (item: Attributes) => Value | undefined

/** How conditions read what they are evaluated on. The functions that it returns are called for each item. */
export interface Access {
  /** Reads the value at a path. */
  reader(path: Path): Reader
  /** Whether there is a value at a path. */
  presence(path: Path): (item: Attributes) => boolean
  /** Whether the value at a path is this text. */
  isText(path: Path, text: string): (item: Attributes) => boolean
}

/** Reads decoded items. */
export const ITEM_ACCESS: Access = {
  /** A name that `Object.prototype` does not have can be read directly. */
  reader(path) {
    const [name] = path
    return path.length === 1 && !(name in Object.prototype) ? item => item[name] : item => lookup(path, item)
  },
  presence: path => item => lookup(path, item) !== undefined,
  isText(path, text) {
    const read = ITEM_ACCESS.reader(path)
    return item => read(item) === text
  },
}

/** Compiles an operand to a function that reads it from an item. */
export function readerOf(operand: Operand, memo: Memo, access: Access): Reader {
  if (operand.kind === 'value') return () => operand.value
  const read = access.reader(operand.path)
  if (operand.kind === 'path') return read
  return item => {
    const value = read(item)
    return value === undefined ? undefined : sizeOf(value, map => memo.attributeCount(map))
  }
}

/** The size: UTF-16 units of a string (as in DynamoDB Local), bytes of binary, members of a set, list or map. */
export function sizeOf(value: Value, count = (map: Readonly<Item>) => Object.keys(map).length): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (isSet(value)) return value.size
  return isMap(value) ? count(value) : undefined
}
