import type { Operations } from '../../wire.js'

export const STREAM_OPERATIONS: Operations = {}
