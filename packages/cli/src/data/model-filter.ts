/** Filters of `--where` and `--if`: conditions on fields, with operands of the fields' kinds. */
import type { AnyModel, Value } from 'partita'
import { parseJson } from '../json/exact-json.js'
import { fromJson, fromText, jsonOf } from './field-value.js'
import { fieldAt, isInDocument } from './model-fields.js'
import { isTerm, parseTerm, type Term, type TermOperator } from './term.js'
import { candidatesOf } from './untyped-value.js'

/** A filter in the library's grammar. */
export interface FilterObject {
  readonly [name: string]: unknown
}

const OPERATORS: Partial<Record<TermOperator, string>> = {
  '=': '$eq',
  '!=': '$ne',
  '>': '$gt',
  '>=': '$gte',
  '<': '$lt',
  '<=': '$lte',
  '~': '$contains',
  '!~': '$contains',
  '^=': '$beginsWith',
}
const ALLOWED = Object.keys(OPERATORS) as TermOperator[]

/**
 * The filter of all conditions: each is a term such as `title~Notes`, a name for "has this field", `!name` for "lacks
 * it", or a filter of the library as JSON.
 * @param model the model of the rows; undefined for a table without models, whose attributes have no kinds.
 * @returns undefined without conditions.
 * @throws Usage for an operator that a filter cannot have; ValidationError for a value that the field cannot hold.
 */
export function filterOf(model: AnyModel | undefined, conditions: readonly string[] = []): FilterObject | undefined {
  const filters = conditions.map(condition => conditionOf(model, condition))
  if (filters.length < 2) return filters[0]
  const parts = filters.flatMap(Object.entries)
  // Messages then name the path of a condition, and not its position in the list.
  const areApart = new Set(parts.map(([name]) => name)).size === parts.length
  return areApart ? Object.fromEntries(parts) : { $and: filters }
}

function conditionOf(model: AnyModel | undefined, condition: string): FilterObject {
  if (condition.trimStart().startsWith('{')) return parseJson(condition) as FilterObject
  if (!isTerm(condition)) {
    const isAbsent = condition.startsWith('!')
    return { [isAbsent ? condition.slice(1) : condition]: { $exists: !isAbsent } }
  }
  const term = parseTerm(condition, ALLOWED)
  const { path, operator } = term
  const name = OPERATORS[operator] as string
  const filters = operandsOf(model, term).map(operand => ({ [path]: { [name]: operand } }))
  const isNegated = operator === '!~' || operator === '!='
  const each: FilterObject[] = operator === '!~' ? filters.map(filter => ({ $not: filter })) : filters
  return each.length === 1 ? (each[0] as FilterObject) : { [isNegated ? '$and' : '$or']: each }
}

/** The values that a term compares with; several if the kind of its attribute is unknown. */
function operandsOf(model: AnyModel | undefined, { path, operator, text, isJson }: Term): readonly unknown[] {
  const field = model && fieldAt(model, path)
  const isPart = operator === '~' || operator === '!~'
  const compared = isPart && field?.element ? field.element : field
  if (isJson) return [compared ? fromJson(compared, jsonOf(text, [path]), [path]) : jsonOf(text, [path])]
  if (operator === '^=' && compared?.kind !== 'bytes') return [text]
  // The library reports a field that the model does not have.
  if (model && !compared && !isInDocument(model, path)) return [text]
  if (!compared || compared.kind === 'json' || (compared.kind === 'schema' && !compared.transform)) {
    return candidatesOf(text)
  }
  // Any number can be compared with a field that holds doubles.
  const isDouble = ['number', 'integer', 'counter', 'version', 'count'].includes(compared.kind) && !compared.transform
  const value = fromText(isDouble ? { ...compared, kind: 'decimal' } : compared, text, [path])
  return [value as Value]
}
