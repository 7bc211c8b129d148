/**
 * Columns of CSV: the header has a cell `name:type` for each, with DynamoDB's types. Two columns can have one name and
 * different types, if items differ in the type of the attribute.
 */
import type { Item, TypeName, Value } from 'partita'
import { TYPE_NAMES, typeOf } from 'partita/store'
import { BadInput, BadLine } from '../../failure.js'

/** A column: an attribute and its type. */
export interface Column {
  readonly name: string
  readonly type: TypeName
}

/** More columns than this are not a table that a spreadsheet or database can take. */
const MAX_COLUMNS = 4096

/** Collects the columns of items, for a header. Its memory is bounded by the number of columns. */
export class ColumnSet {
  readonly #first: readonly string[]
  readonly #columns = new Map<string, Column>()

  /** @param first names whose columns come first, in this order: the key attributes. */
  constructor(first: readonly string[]) {
    this.#first = first
  }

  /** @throws BadInput for more than 4,096 columns. */
  add(item: Item): void {
    for (const name of Object.keys(item)) {
      const type = typeOf(item[name] as Value)
      const id = headerCell({ name, type })
      if (this.#columns.has(id)) continue
      if (this.#columns.size === MAX_COLUMNS) {
        throw new BadInput(`the items have over ${MAX_COLUMNS} attributes of different names; use --format jsonl`)
      }
      this.#columns.set(id, { name, type })
    }
  }

  /** The columns: key attributes first, the others sorted by name and type. */
  get columns(): readonly Column[] {
    const rank = ({ name }: Column) => (this.#first.includes(name) ? this.#first.indexOf(name) : this.#first.length)
    return [...this.#columns.entries()]
      .sort(([a, left], [b, right]) => rank(left) - rank(right) || (a < b ? -1 : 1))
      .map(([, column]) => column)
  }
}

/** The header cell of a column. */
export function headerCell({ name, type }: Column): string {
  return `${name}:${type}`
}

/**
 * The columns that a header names.
 * @param typeOfName the type of a column whose cell names none; default S.
 * @throws BadLine for an empty name, and for two equal columns.
 */
export function parseHeader(
  cells: readonly (string | undefined)[],
  typeOfName: (name: string) => TypeName | undefined,
): readonly Column[] {
  const columns = cells.map((cell = '') => {
    const colon = cell.lastIndexOf(':')
    const suffix = TYPE_NAMES.find(type => type === cell.slice(colon + 1))
    if (colon >= 0 && suffix) return { name: cell.slice(0, colon), type: suffix }
    return { name: cell, type: typeOfName(cell) ?? 'S' }
  })
  const seen = new Set<string>()
  for (const [i, column] of columns.entries()) {
    const id = headerCell(column)
    if (column.name === '') throw new BadLine(1, `names no attribute for column ${i + 1}; a header cell is name:type`)
    if (seen.has(id)) throw new BadLine(1, `has the column ${JSON.stringify(id)} twice`)
    seen.add(id)
  }
  return columns
}
