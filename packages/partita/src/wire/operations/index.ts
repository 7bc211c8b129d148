/** The operations of the protocol by their targets. */

import type { Operations } from '../dispatch.js'
import { ITEM_OPERATIONS } from './item/index.js'
import { PARTIQL_OPERATIONS } from './partiql/index.js'
import { STREAM_OPERATIONS } from './stream/index.js'
import { TABLE_OPERATIONS } from './table/index.js'

/** All operations that the server offers, by target. */
export const OPERATIONS: Operations = {
  ...ITEM_OPERATIONS,
  ...TABLE_OPERATIONS,
  ...STREAM_OPERATIONS,
  ...PARTIQL_OPERATIONS,
}
