/** Changes of an item of a table without models. */
import type { Value } from 'partita'
import {
  ifNotExists,
  listAppend,
  parsePath,
  type SetAction,
  type TableDescription,
  type Update,
  update,
  type ValueAction,
  value,
} from 'partita/store'
import { Usage } from '../failure.js'
import { negative, numberOf } from './model-changes.js'
import { parseTerm, type Term } from './term.js'
import { spellsNumber, writtenValue } from './untyped-value.js'

/** The arguments that name an item, and the update that the others make of it. */
export interface ItemUpdate {
  readonly key: readonly string[]
  readonly update: Update
}

/**
 * Separates the terms of an update: those of key attributes name the item, the others change it. `views+=1` adds to a
 * number, `tags+=new` adds to a set of text, `list:+=[1]` appends; `-=` subtracts and removes from a set.
 * @throws Usage without any change.
 */
export function itemUpdateOf(
  { key: { partition, sort } }: TableDescription,
  args: readonly string[],
  unsets: readonly string[] = [],
): ItemUpdate {
  const key: string[] = []
  const set: SetAction[] = []
  const adds: ValueAction[] = []
  const deletes: ValueAction[] = []
  for (const arg of args) {
    const term = parseTerm(arg, ['=', '+=', '-='])
    const path = parsePath(term.path)
    if (path.length === 1 && [partition.name, sort?.name].includes(path[0])) key.push(arg)
    else if (term.operator === '=') set.push({ path, value: value(writtenValue(term)) })
    else {
      const operand = operandOf(term)
      if (Array.isArray(operand)) set.push({ path, value: listAppend(ifNotExists(path, value([])), value(operand)) })
      else if (operand instanceof Set && term.operator === '-=') deletes.push({ path, value: operand })
      else adds.push({ path, value: operand })
    }
  }
  const remove = unsets.map(path => parsePath(path))
  if (set.length + adds.length + deletes.length + remove.length > 0) {
    return { key, update: update({ set, remove, add: adds, delete: deletes }) }
  }
  throw new Usage('give at least one change, such as name=value, or --unset name')
}

/** A number, a set or a list. */
function operandOf(term: Term): Value {
  const { operator, text, isJson } = term
  const json = isJson ? writtenValue(term) : undefined
  if (Array.isArray(json) && operator === '-=') throw new Usage(`${term.path} is not a set: -= takes {"$set": [...]}`)
  if (Array.isArray(json) || json instanceof Set) return json as Value
  if (!isJson && !spellsNumber(text)) return new Set([text])
  return operator === '+=' ? numberOf(text, term) : negative(term)
}
