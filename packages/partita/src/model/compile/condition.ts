/** Compiles filters over a model's fields to conditions. Filters may be untrusted input. */
import {
  type Issue,
  type IssuePath,
  invalid,
  PartitaError,
  ValidationError,
  valueText,
  withArticle,
} from '../../errors/errors.js'
import { and, type Condition, exists, notExists, or } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { compileFilter, type Filter } from '../../expression/filter/compile.js'
import { within } from '../../store/options.js'
import { decimal } from '../../value/number.js'
import { isNumber, type Value } from '../../value/value.js'
import { copyStored } from '../define/document.js'
import type { FieldKind, FieldSpec } from '../define/field.js'
import { KINDS } from '../define/field-kinds.js'
import { findFieldPath } from '../write/field-path.js'
import { wholeAsRead } from '../write/whole-values.js'
import type { CompiledModel } from './compiled-model.js'
import { conditionAsRead } from './missing.js'

/**
 * The condition of a filter of a model's rows; undefined for an empty filter.
 * @throws ValidationError naming the field, operator or operand that is wrong.
 */
export function compileWhere(model: CompiledModel, where: unknown, at: IssuePath): Condition | undefined {
  if (where === undefined) return undefined
  return within(at, () =>
    compileFilter(where as Filter, (path, issuePath) => {
      const found = findFieldPath(model, path, issuePath)
      return {
        path: found.path,
        operand: (input, operator, here) => operandOf(found.spec, input, operator, here),
        build: on => conditionAsRead(found, at => wholeAsRead(found.spec, at, on(at))),
      }
    }),
  )
}

/**
 * As {@link compileWhere} for the row that a put replaces. That row may be absent, and an absent row has no defaults.
 * @throws as {@link compileWhere}
 */
export function compilePutCondition(model: CompiledModel, where: unknown, at: IssuePath): Condition | undefined {
  const condition = compileWhere(model, where, at)
  if (!condition) return undefined
  const stored = within(at, () =>
    compileFilter(where as Filter, (path, issuePath) => {
      const { spec, path: found } = findFieldPath(model, path, issuePath)
      return { path: found, operand: (input, operator, here) => operandOf(spec, input, operator, here) }
    }),
  )
  const whereAbsent = stored === undefined || matches(stored, undefined)
  if (whereAbsent === matches(condition, undefined)) return condition
  const { pk } = model.table
  return whereAbsent ? or(notExists([pk]), condition) : and(exists([pk]), condition)
}

const SIZED: readonly FieldKind[] = ['bytes', 'list', 'set', 'map', 'record', 'json', 'schema']

/** The stored form of an operand. Bounds, patterns and validators do not apply: an operand need not be a valid value. */
export function operandOf(spec: FieldSpec, input: unknown, operator: string, at: IssuePath): Value {
  const { kind } = spec
  const { text, key } = KINDS[kind]
  if (operator === '$size') {
    if (!text && !SIZED.includes(kind)) throw unfit(operator, kind, at)
    return input as Value
  }
  if (operator === '$beginsWith' || operator === '$contains') return partOf(spec, input, operator, at)
  if (input === null) return null
  if (spec.transform) return encoded(spec, input, at)
  if (text) return textOperand(input, kind, at)
  if (kind === 'boolean') {
    if (typeof input !== 'boolean') throw wrong(input, 'true or false', at)
    return input
  }
  if (key === 'text' || kind === 'ttl') return momentOperand(input, kind, at)
  if (key === 'number') return numberOperand(input, at)
  return encoded(spec, input, at)
}

/** The operand of `$beginsWith` or `$contains`: part of text or bytes, or a member. */
function partOf(spec: FieldSpec, input: unknown, operator: string, at: IssuePath): Value {
  const { kind } = spec
  const { text } = KINDS[kind]
  if (operator === '$contains' && spec.element) return operandOf(spec.element, input, '$eq', at)
  if (kind === 'json' || kind === 'schema') return within(at, () => copyStored(input as Value))
  if (text || spec.transform) return textOperand(input, kind, at)
  if (kind !== 'bytes') throw unfit(operator, kind, at)
  if (!(input instanceof Uint8Array)) throw wrong(input, 'bytes', at)
  return input
}

function textOperand(input: unknown, kind: FieldKind, at: IssuePath): string {
  if (typeof input !== 'string') throw wrong(input, 'text', at)
  return kind === 'uuid' ? input.toLowerCase() : input
}

function numberOperand(input: unknown, at: IssuePath): Value {
  if (isNumber(input)) return input
  if (typeof input !== 'string') throw wrong(input, 'a number', at)
  try {
    return decimal(input)
  } catch (error) {
    if (error instanceof PartitaError) throw wrong(input, 'a number', at)
    throw error
  }
}

/** A Date, or ISO 8601 text as in JSON. */
function momentOperand(input: unknown, kind: FieldKind, at: IssuePath): Value {
  const isText = typeof input === 'string' && /^\d{4}-\d\d-\d\d/.test(input)
  const date = input instanceof Date ? input : new Date(isText ? input : Number.NaN)
  if (Number.isNaN(date.getTime())) throw wrong(input, 'a Date', at)
  return kind === 'ttl' ? date.getTime() / 1000 : date.toISOString()
}

function encoded(spec: FieldSpec, input: unknown, at: IssuePath): Value {
  const issues: Issue[] = []
  const { transform } = spec
  let inner = input
  if (transform) {
    try {
      inner = transform.encode(input)
    } catch {
      throw wrong(input, `a value that its transform can encode`, at)
    }
  }
  const stored = KINDS[spec.kind].encode(spec)(inner, at, issues)
  if (issues.length > 0) throw new ValidationError(issues)
  return stored ?? KINDS[spec.kind].empty ?? null
}

function unfit(operator: string, kind: FieldKind, at: IssuePath): ValidationError {
  return invalid(at, `${operator} does not apply to ${withArticle(kind)}`)
}

function wrong(input: unknown, what: string, at: IssuePath): ValidationError {
  return invalid(at, `is ${valueText(input)}; compare the field with ${what}`)
}
