/**
 * Attribute names as names of fields. MongoDB reads `.` as a path and a leading `$` as an operator, BSON ends names with
 * NUL, the driver reads `_bsontype` as the class of a value, and JavaScript's tools trip over `__proto__`. These are escaped
 * with `%`, as in a URL, and so is `%` itself: a name that begins with `%` and no such escape is the library's own.
 */
import type { Path } from '../../expression/ast.js'

const UNSAFE = /^\$|[%.\0]|^(?:_bsontype|__proto__)$/
const UNSAFE_PARTS = /^\$|[%.\0]|^_(?=(?:bsontype|_proto__)$)/g
const ESCAPE = /%([0-9A-F]{2})/g

/** The field of a document that holds the attributes. */
export const ITEM_FIELD = 'item'

/** The field of a set that names its type, beside its `values`. */
export const SET_FIELD = '%set'

/** The field of binary that can be a key. */
export const HEX_FIELD = '%hex'

/** The name of the field that holds an attribute or map entry. */
export function fieldName(name: string): string {
  return UNSAFE.test(name) ? name.replace(UNSAFE_PARTS, escaped) : name
}

/** The name of the attribute or map entry that a field holds. */
export function attributeName(field: string): string {
  return isEscaped(field) ? field.replace(ESCAPE, unescaped) : field
}

/** Whether a field has another name than its attribute or map entry. */
export function isEscaped(field: string): boolean {
  return field.includes('%')
}

/** The path of a top-level attribute in a document, as filters, updates and indexes name it. */
export function fieldPath(attribute: string): string {
  return `${ITEM_FIELD}.${fieldName(attribute)}`
}

/** The path of a key attribute, as an index orders it: binary is ordered by the text of its bytes. */
export function keyPath({ name, type }: { readonly name: string; readonly type: 'S' | 'N' | 'B' }): string {
  return type === 'B' ? `${fieldPath(name)}.${HEX_FIELD}` : fieldPath(name)
}

/** The attribute of a path that names a whole attribute; undefined for a path into one. */
export function wholeAttribute(path: Path): string | undefined {
  return path.length === 1 ? path[0] : undefined
}

function escaped(part: string): string {
  return `%${part.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function unescaped(_: string, code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16))
}
