/** Reads of many rows by cursors: pages after the first, iterations, histories. */
export { openPage, sealCursor, sealPage } from '../../store/cursor.js'
export { RowHistory } from '../read/history.js'
export { ModelIteration } from '../read/iteration.js'
