/** The operations of the protocol by their targets. */
import { PARTIQL_OPERATIONS } from '../partiql/index.js'
import type { Operations } from '../wire.js'
import { ITEM_OPERATIONS } from './items/index.js'
import { STREAM_OPERATIONS } from './streams/index.js'
import { TABLE_OPERATIONS } from './tables/index.js'

export const OPERATIONS: Operations = {
  ...ITEM_OPERATIONS,
  ...TABLE_OPERATIONS,
  ...STREAM_OPERATIONS,
  ...PARTIQL_OPERATIONS,
}
