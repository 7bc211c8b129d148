import type { Operations } from '../../wire.js'

export const TABLE_OPERATIONS: Operations = {}
