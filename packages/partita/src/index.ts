/** Partita: a data layer for single-table stores. This entry holds what every layer shares. */
export * from './errors.js'
export { Decimal, decimal, type NumberValue } from './value/number.js'
export type { Item, Key, KeyValue, TypeName, Value } from './value/value.js'
