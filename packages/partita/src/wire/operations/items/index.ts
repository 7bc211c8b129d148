import type { Operations } from '../../wire.js'

export const ITEM_OPERATIONS: Operations = {}
