/** All the families of the corpus. */
import type { Family } from '../family.js'
import { BATCHES } from './batches.js'
import { KEYED_ITEMS } from './keyed-items.js'
import { mutated } from './mutated.js'
import { PUT_ITEM } from './put-item.js'
import { random } from './random.js'
import { READS } from './reads.js'
import { STATEMENT_FAMILY } from './statements.js'
import { TABLES } from './tables.js'
import { TRANSACTIONS } from './transactions.js'
import { UPDATE_ITEM } from './update-item.js'

export const FAMILIES: readonly Family[] = [
  PUT_ITEM,
  KEYED_ITEMS,
  UPDATE_ITEM,
  READS,
  BATCHES,
  TRANSACTIONS,
  TABLES,
  STATEMENT_FAMILY,
  mutated(12),
  random(1, 1, 200),
  random(2, 2, 200),
]
