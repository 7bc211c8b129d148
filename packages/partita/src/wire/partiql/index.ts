import type { Operations } from '../wire.js'

export const PARTIQL_OPERATIONS: Operations = {}
