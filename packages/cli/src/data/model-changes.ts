/** Changes of a row: `name=value` sets, `name+=value` adds to a number, set or list, `name-=value` takes away. */
import { type AnyModel, add, append, type NumberValue, removeFrom, unset } from 'partita'
import { Usage } from '../failure.js'
import { type FieldDescription, fromJson, fromText, jsonOf } from './field-value.js'
import { type FieldValues, fieldAt, keyFieldsOf, termValue } from './model-fields.js'
import { parseTerm, type Term } from './term.js'

/** The key of a row and the changes that an update makes to it. */
export interface RowUpdate {
  readonly key: readonly string[]
  readonly changes: FieldValues
}

/**
 * Separates the terms of an update: those of key fields name the row, the others change it.
 * @param unsets paths to clear.
 * @throws Usage for a repeated path or without any change; ValidationError for a value that a field cannot hold.
 */
export function updateOf(model: AnyModel, args: readonly string[], unsets: readonly string[] = []): RowUpdate {
  const names = keyFieldsOf(model)
  const key: string[] = []
  const changes = new Map<string, unknown>()
  const change = (path: string, value: unknown) => {
    if (changes.has(path)) throw new Usage(`${path} is changed twice`)
    changes.set(path, value)
  }
  for (const arg of args) {
    const term = parseTerm(arg, ['=', '+=', '-='])
    if (names.includes(term.path)) key.push(arg)
    else change(term.path, changeOf(model, term))
  }
  for (const path of unsets) change(path, unset())
  if (changes.size === 0) throw new Usage('give at least one change, such as name=value, or --unset name')
  return { key, changes: Object.fromEntries(changes) }
}

function changeOf(model: AnyModel, term: Term): unknown {
  if (term.operator === '=') return termValue(model, term)
  const field = fieldAt(model, term.path)
  const isAddition = term.operator === '+='
  if (field?.element && !field.transform && (field.kind === 'set' || field.kind === 'list')) {
    const members = membersOf(field.element, term)
    if (field.kind === 'set') return isAddition ? add(...members) : removeFrom(...members)
    if (isAddition) return append(...members)
    throw new Usage(`${term.path} is a list, which -= cannot change; unset an element by its index, as in tags[0]`)
  }
  // The library refuses a field that is not a number.
  return add(isAddition ? numberOf(term.text, term) : negative(term))
}

/** The members of `tags+=new`, or of the JSON list of `tags:+=["new","old"]`. */
function membersOf(element: FieldDescription, { path, text, isJson }: Term): unknown[] {
  if (!isJson) return [fromText(element, text, [path])]
  const list = jsonOf(text, [path])
  return Array.isArray(list) ? list.map((it, i) => fromJson(element, it, [path, i])) : [fromJson(element, list, [path])]
}

/** @throws ValidationError if it is not a number. */
export function negative(term: Term): NumberValue {
  const number = numberOf(term.text, term)
  if (typeof number !== 'object') return -number
  return numberOf(number.text.startsWith('-') ? number.text.slice(1) : `-${number.text}`, term)
}

/** @throws ValidationError if it is not a number. */
export function numberOf(text: string, { path }: Term): NumberValue {
  return fromText(NUMBER, text, [path]) as NumberValue
}

const NUMBER: FieldDescription = { kind: 'decimal', optional: false, fixed: false, auto: false, checks: [] }
