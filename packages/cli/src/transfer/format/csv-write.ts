/** Writes CSV. */
import { stringify } from 'csv-stringify/sync'
import type { Item, Value } from 'partita'
import { typeOf } from 'partita/store'
import { printCell } from './csv-cell.js'
import { type Column, headerCell } from './csv-columns.js'

const OPTIONS = {
  record_delimiter: '\n',
  // An empty text has quotes, an absent attribute does not. In quotes, a BOM is part of a name.
  quoted_match: /^$|^\ufeff/,
} as const

/** The header, with its line break. */
export function printHeader(columns: readonly Column[], delimiter: string): string {
  return stringify([columns.map(headerCell)], { ...OPTIONS, delimiter })
}

/** Items as records, each with its line break. */
export function printRecords(items: readonly Item[], columns: readonly Column[], delimiter: string): string {
  const records = items.map(item =>
    columns.map(({ name, type }) => {
      const value = Object.hasOwn(item, name) ? (item[name] as Value) : undefined
      return value !== undefined && typeOf(value) === type ? printCell(value) : undefined
    }),
  )
  return stringify(records, { ...OPTIONS, delimiter })
}
