/** Values of attributes whose type is unknown: those of a table without models, and parts of JSON. */
import { decimal, PartitaError, type Value } from 'partita'
import type { KeyAttribute } from 'partita/store'
import { fromText, jsonOf } from './field-value.js'
import type { Term } from './term.js'

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** The values that a filter compares an attribute with: the text, and the number or constant that it spells. */
export function candidatesOf(text: string): readonly Value[] {
  if (CONSTANTS.has(text)) return [text, CONSTANTS.get(text) as Value]
  return spellsNumber(text) ? [text, decimal(text)] : [text]
}

/** Whether a text is a number that a store can hold. */
export function spellsNumber(text: string): boolean {
  try {
    decimal(text)
    return true
  } catch (error) {
    if (error instanceof PartitaError) return false
    throw error
  }
}

/** The value that a term writes: its text, or with a colon before the operator the value of its JSON. */
export function writtenValue({ path, text, isJson }: Term): Value {
  return isJson ? jsonOf(text, [path]) : text
}

/** The value of a key attribute, whose type the table defines. @throws ValidationError for a value of another type. */
export function keyValue({ name, type }: KeyAttribute, term: Term): Value {
  if (term.isJson) return writtenValue(term)
  const kind = { S: 'string', N: 'decimal', B: 'bytes' } as const
  return fromText({ ...PLAIN, kind: kind[type] }, term.text, [name]) as Value
}

const PLAIN = { optional: false, fixed: false, auto: false, checks: [] }
