/** Updates: replacements, and the classic operators. */
import { type Document, ObjectId } from 'mongodb'
import { failed } from '../errors.js'
import { hasOperators } from '../query/match.js'
import { equalValues, isDocument } from '../values/compare.js'
import { copyValue, field, setField } from '../values/paths.js'
import { arrayOperators } from './arrays.js'
import { fieldOperators } from './fields.js'

/** Changes the document in one path. `inserts` says that an upsert makes the document. */
export type Operator = (document: Document, path: readonly string[], argument: unknown, inserts: boolean) => void

const OPERATORS: Readonly<Record<string, Operator>> = { ...fieldOperators, ...arrayOperators }

/** True for `{ $set: … }`, false for a document that replaces. */
export function isUpdate(update: unknown): update is Document {
  if (Array.isArray(update)) throw failed(9, 'This server has no updates by pipelines')
  if (!isDocument(update)) throw failed(9, 'Update argument must be either an object or an array')
  return hasOperators(update)
}

/**
 * The document after an update.
 * @throws ServerError if the update cannot be applied; nothing has changed then
 */
export function updated(before: Document, update: Document, inserts = false): Document {
  if (!isUpdate(update)) return replaced(before, update)
  const after = copyValue(before)
  for (const { operator, path, argument } of changesOf(update)) operator(after, path, argument, inserts)
  if (!inserts) checkId(before, after)
  return after
}

/** The document that an upsert inserts: the fields that the filter sets equal, and then the update. */
export function upserted(filter: Document, update: Document): Document {
  const base: Document = {}
  if (isUpdate(update)) for (const [name, value] of equalities(filter)) setPath(base, name.split('.'), copyValue(value))
  else {
    const id = equalities(filter).find(([name]) => name === '_id')
    if (id) base._id = id[1]
  }
  const after = updated(base, update, true)
  return Object.hasOwn(after, '_id') ? after : { _id: new ObjectId(), ...after }
}

function replaced(before: Document, replacement: Document): Document {
  const dollar = Object.keys(replacement).find(name => name.startsWith('$'))
  if (dollar !== undefined)
    throw failed(
      52,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document`,
    )
  const id = field(before, '_id')
  if (id === undefined) return copyValue(replacement)
  const after: Document = { _id: id }
  for (const [name, value] of Object.entries(replacement)) setField(after, name, copyValue(value))
  checkId(before, after)
  return after
}

function checkId(before: Document, after: Document): void {
  if (!equalValues(field(before, '_id'), field(after, '_id')))
    throw failed(66, "Performing an update on the path '_id' would modify the immutable field '_id'")
}

interface Change {
  readonly operator: Operator
  readonly path: readonly string[]
  readonly argument: unknown
}

/** The changes in the order of their paths, none of which is another or below another. */
function changesOf(update: Document): Change[] {
  const changes = Object.entries(update).flatMap(([name, fields]) => {
    const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined
    if (!operator) throw failed(9, `Unknown modifier: ${name}`)
    if (!isDocument(fields)) throw failed(9, `Modifiers operate on fields but we found another type for ${name}`)
    return Object.entries(fields).map(([path, argument]) => ({ operator, path: checkedPath(path), argument }))
  })
  const seen: (readonly string[])[] = []
  for (const { path } of changes) {
    if (seen.some(other => other.every((part, i) => part === path[i]) || path.every((part, i) => part === other[i])))
      throw failed(40, `Updating the path '${path.join('.')}' would create a conflict at '${path.join('.')}'`)
    seen.push(path)
  }
  return changes
}

function checkedPath(path: string): string[] {
  const parts = path.split('.')
  if (parts.includes(''))
    throw failed(56, `The update path '${path}' contains an empty field name, which is not allowed.`)
  const dollar = parts.find(part => part.startsWith('$'))
  if (dollar !== undefined)
    throw failed(52, `The dollar ($) prefixed field '${dollar}' in '${path}' is not valid for storage.`)
  return parts
}

function equalities(filter: Document): [string, unknown][] {
  return Object.entries(filter).flatMap(([name, operand]): [string, unknown][] => {
    if (name === '$and') return (operand as Document[]).flatMap(equalities)
    if (name.startsWith('$')) return []
    if (!hasOperators(operand)) return [[name, operand]]
    return Object.hasOwn(operand, '$eq') ? [[name, operand.$eq]] : []
  })
}

function setPath(document: Document, path: readonly string[], value: unknown): void {
  OPERATORS.$set?.(document, path, value, true)
}
