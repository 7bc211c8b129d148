/** Query and Scan. */
import { type Family, indexedTable, numberTable } from '../family.js'
import { FILTERS } from './reads/filters.js'
import { INDEXES } from './reads/indexes.js'
import { CONDITIONS } from './reads/key-conditions.js'
import { LEGACY } from './reads/legacy.js'
import { PAGES } from './reads/pages.js'
import { ITEMS, NUMBERED, NUMBERS, TABLE } from './reads/reading.js'
import { SCANS } from './reads/scans.js'

export const READS: Family = {
  name: 'Query, Scan',
  tables: [indexedTable(TABLE), numberTable(NUMBERS)],
  items: { [TABLE]: ITEMS, [NUMBERS]: NUMBERED },
  requests: [...CONDITIONS, ...FILTERS, ...PAGES, ...INDEXES, ...LEGACY, ...SCANS],
}
