/** Reads of many rows by cursors: pages after the first, iterations, histories. */
export { openCursor, sealCursor } from '../../store/cursor.js'
export { RowHistory } from '../read/history.js'
export { ModelIteration } from '../read/iteration.js'
