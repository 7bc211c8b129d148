/** Fields of a model as terms name them: the key of a row, the fields of a new row, the ranges of a query. */

import { type AnyModel, type Issue, ValidationError, type Value } from 'partita'
import { parsePath } from 'partita/store'
import { Usage } from '../failure.js'
import { isJsonObject } from '../json/exact-json.js'
import { type FieldDescription, fromJson, fromText, jsonOf } from './field-value.js'
import { isTerm, nameOf, parseTerm, type Term, type TermOperator } from './term.js'

/** Values by the names of fields, as the library takes them. */
export type FieldValues = Readonly<Record<string, unknown>>

const PLACEHOLDER = /\{([^{}]+)\}/g
const RANGES: Partial<Record<TermOperator, string>> = {
  '>': '$gt',
  '>=': '$gte',
  '<': '$lt',
  '<=': '$lte',
  '^=': '$beginsWith',
}

/** The names of the fields in a model's key. */
export function keyFieldsOf({ definition: { key } }: AnyModel): readonly string[] {
  if (typeof key === 'string') return [key]
  return [...new Set([...`${key.pk} ${key.sk ?? ''}`.matchAll(PLACEHOLDER)].map(([, name]) => name as string))]
}

/**
 * The field, or the part of one, at a path. Undefined inside JSON, whose parts have no kind, and for a path that the
 * model does not have, which the library reports.
 * @throws ValidationError for a text that is not a path.
 */
export function fieldAt(model: AnyModel, path: string): FieldDescription | undefined {
  return fieldOf(model, parsePath(path))
}

function fieldOf(
  { definition: { fields } }: AnyModel,
  path: readonly (string | number)[],
): FieldDescription | undefined {
  const [name = '', ...steps] = path
  let at: FieldDescription | undefined = Object.hasOwn(fields, name) ? fields[name]?.spec : undefined
  for (const step of steps) {
    if (at?.kind === 'map') at = at.shape && Object.hasOwn(at.shape, step) ? at.shape[step] : undefined
    else at = at?.kind === 'list' || at?.kind === 'record' ? at.element : undefined
  }
  return at
}

/** Whether a path leads into a document, whose parts have no kind. */
export function isInDocument(model: AnyModel, path: string): boolean {
  const steps = parsePath(path)
  return steps.some((_, i) => {
    const kind = fieldOf(model, steps.slice(0, i))?.kind
    return kind === 'json' || kind === 'schema'
  })
}

/** The value of a term. A path without a known kind takes JSON if the text is JSON, else the text. */
export function termValue(model: AnyModel, { path, text, isJson }: Term): unknown {
  const field = fieldAt(model, path) ?? WITHOUT_KIND
  return isJson ? fromJson(field, jsonOf(text, [path]), [path]) : fromText(field, text, [path])
}

const WITHOUT_KIND: FieldDescription = { kind: 'schema', optional: true, fixed: false, auto: false, checks: [] }

/**
 * The fields that `name=value` arguments set: those of a new row, or of a unique constraint.
 * @throws Usage for another argument or a repeated field; ValidationError that lists all wrong values.
 */
export function fieldsOf(model: AnyModel, args: readonly string[]): FieldValues {
  const terms = args.map(arg => parseTerm(arg, ['=']))
  const names = terms.map(nameOf)
  const repeated = names.find((name, i) => names.indexOf(name) < i)
  if (repeated !== undefined) throw new Usage(`${repeated} is given twice`)
  return collected(terms, term => [nameOf(term), termValue(model, term)])
}

/** The key of a row. @throws Usage if a field of the key is missing or another is given; as {@link fieldsOf}. */
export function keyOf(model: AnyModel, args: readonly string[]): FieldValues {
  const key = args.every(isTerm) ? fieldsOf(model, args) : {}
  const names = keyFieldsOf(model)
  const isComplete = names.every(name => Object.hasOwn(key, name)) && Object.keys(key).length === names.length
  if (isComplete) return key
  throw new Usage(`name a row of ${model.name} by its key: ${names.map(name => `${name}=...`).join(' ')}`)
}

/** A row from parsed JSON: an object of fields. @throws ValidationError that lists all wrong values. */
export function rowOf(model: AnyModel, json: Value): FieldValues {
  const { fields } = model.definition
  if (!isJsonObject(json)) {
    throw new ValidationError([
      { path: [], message: `is no row; give a row of ${model.name} as a JSON object of its fields` },
    ])
  }
  return collected(Object.entries(json), ([name, value]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    return [name, field ? fromJson(field.spec, value, [name]) : value]
  })
}

/**
 * The key of a query: values of fields, and the range of the last one.
 * @throws Usage for an argument that a query cannot take; ValidationError that lists all wrong values.
 */
export function rangesOf(model: AnyModel, args: readonly string[]): FieldValues {
  const terms = args.map(arg => parseTerm(arg, ['=', '>', '>=', '<', '<=', '^=']))
  const ranges = new Map<string, FieldValues>()
  return collected(terms, term => {
    const name = nameOf(term)
    const range = RANGES[term.operator]
    const before = ranges.get(name)
    if (before && (!range || '$eq' in before || range in before)) {
      throw new Usage(`${name} is given twice; use --where for more conditions`)
    }
    // A prefix is text, also where a whole value has another form.
    const value = term.operator === '^=' && !term.isJson ? term.text : termValue(model, term)
    const all = { ...before, [range ?? '$eq']: value }
    ranges.set(name, all)
    return [name, range === undefined ? value : all]
  })
}

/** Applies the function to each entry, and collects the issues of all. */
function collected<T>(entries: readonly T[], read: (entry: T) => readonly [string, unknown]): FieldValues {
  const issues: Issue[] = []
  const values: (readonly [string, unknown])[] = []
  for (const entry of entries) {
    try {
      values.push(read(entry))
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      issues.push(...error.details.issues)
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return Object.fromEntries(values)
}
