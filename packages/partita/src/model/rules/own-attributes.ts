/** Stored attributes of rows that only the library writes, besides those of the table. */
import { COUNT } from './count-fields.js'

/** The stored attribute of a row that records, by attribute of each ref, the value that is counted. */
export const COUNTED = '_counted'
/** The stored attribute of a row whose delete has begun and is deleting the rows that refer to it. */
export const DELETING = '_deleting'
/** The stored attribute with the token of a row whose permissions others inherit. */
export const BORN = '_born'
/** The stored attribute of a row that inherits: the token of the row that it refers to; empty for a row without one. */
export const PARENT_BORN = '_parent_born'

const OWN = [COUNTED, DELETING, BORN, PARENT_BORN]

/** Whether only the library writes an attribute that is not one of the table. */
export function isOwnAttribute(name: string): boolean {
  return OWN.includes(name) || name.startsWith(COUNT)
}
