/**
 * The Store contract, for programs that call a store directly and for authors of engines: its types, the expression
 * nodes that requests carry, and functions that build, print and evaluate them.
 *
 * @module partita/store
 * @example
 * import { openStore } from 'partita'
 * import { compileFilter, update, value } from 'partita/store'
 *
 * const store = await openStore('memory:')
 * await store.createTable({ name: 'things', key: { partition: { name: 'id', type: 'S' } } })
 * await store.write({ kind: 'put', table: 'things', item: { id: 'a', count: 1 } })
 * await store.write({
 *   kind: 'update',
 *   table: 'things',
 *   key: { id: 'a' },
 *   update: update({ set: [{ path: ['count'], value: value(2) }] }),
 *   condition: compileFilter({ count: { $lt: 2 } }),
 * })
 */

export { nearest } from '../errors/nearest.js'
export type {
  Comparator,
  Condition,
  KeyCondition,
  Operand,
  Path,
  Projection,
  SetAction,
  SetOperand,
  SetValue,
  SortCondition,
  Update,
  ValueAction,
} from '../expression/ast.js'
export {
  and,
  beginsWith,
  between,
  compare,
  contains,
  exists,
  hasType,
  ifNotExists,
  isIn,
  listAppend,
  minus,
  not,
  notExists,
  or,
  path,
  plus,
  size,
  update,
  value,
} from '../expression/ast.js'
export {
  applyUpdate,
  checkCondition,
  checkProjection,
  checkUpdate,
  matches,
  project,
} from '../expression/evaluate/index.js'
export { compileFilter, type FieldOperators, type Filter } from '../expression/filter/compile.js'
export { parsePath } from '../expression/path/parse.js'
export {
  type Naming,
  Placeholders,
  printCondition,
  printKeyCondition,
  printProjection,
  printUpdate,
} from '../expression/print.js'
export { measureItem } from '../value/size.js'
export type { Item, Key, KeyValue, TypeName, Value } from '../value/value.js'
export { TYPE_NAMES, typeOf } from '../value/value.js'
export type { Capacity, CapacityUnits, TableCapacity } from './capacity.js'
export type {
  IndexDefinition,
  IndexKeySchema,
  IndexProjection,
  KeyAttribute,
  KeySchema,
  TableChange,
  TableDefinition,
  TableDescription,
} from './definition.js'
export { limited } from './limited.js'
export { checkDefinition, checkItemKey, checkKey, checkTransactWrite } from './limits.js'
export type * from './store.js'
export { parseStoreUrl, redactedUrl, type StoreLocation } from './url.js'
