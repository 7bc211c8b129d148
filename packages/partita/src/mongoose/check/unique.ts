/** Keys that differ between all elements of a list of parts. */
import type { Schema } from 'mongoose'
import { isPlainObject } from '../../value/value.js'
import { bsonIdentity } from '../schema/bson.js'
import { deletedPath, isDeleted, partAt } from '../schema/deleted.js'
import { schemasOf } from '../schema/paths.js'
import type { UniqueOption } from '../schema/rules.js'
import type { DocumentPart } from './document.js'
import type { DocumentViolation } from './violation.js'

/** Elements with the same key as an earlier one. Deleted elements and elements that lack a part of the key do not count. */
export function uniqueViolations(
  { path, type, keys }: UniqueOption,
  part: DocumentPart,
  root: Schema,
): DocumentViolation[] {
  const names = path.split('.')
  const list = partAt(part.value, names)
  if (!Array.isArray(list)) return []
  const [schema] = schemasOf(type)
  const deleted = schema && deletedPath(schema, root)
  return keys.flatMap(key => {
    const seen = new Map<string, number>()
    return list.flatMap((element: unknown, index): DocumentViolation[] => {
      if (!isPlainObject(element) || isDeleted(element, deleted)) return []
      const values = key.map(name => partAt(element, name.split('.')))
      if (values.some(value => value === undefined || value === null)) return []
      // Identities of different lengths must not add up to the same text.
      const id = JSON.stringify(values.map(bsonIdentity))
      const first = seen.get(id)
      if (first === undefined) {
        seen.set(id, index)
        return []
      }
      const message = `has the same ${key.join(', ')} as ${path}.${first}`
      const value = values.length === 1 ? values[0] : values
      return [{ kind: 'goodiesUniqueArraySubDocument', path: [...part.at, ...names, index], message, value }]
    })
  })
}
