/**
 * The part of an index that a query reads: the partition, and the range of sort keys that begin with the given
 * fields and lie within the bounds of the last. Escaped values contain no character up to `$`, so there is always a
 * bound between a value and whatever follows it.
 */
import { type Issue, type IssuePath, invalid, ValidationError, valueText } from '../../errors/errors.js'
import { type Condition, compare, type KeyCondition, path, type SortCondition, value } from '../../expression/ast.js'
import { compareStrings, type Item, isPlainObject, type Value } from '../../value/value.js'
import type { CompiledField, CompiledIndex, CompiledModel } from '../compile/compiled-model.js'
import { operandOf } from '../compile/condition.js'
import { canHold, lookUpValue } from '../compile/row-key.js'
import { unknownName } from '../define/input-issues.js'
import { escapeText, type KeyField, type Template } from '../define/template.js'

/** The key condition of a query, and the filter for what sort keys cannot express. */
export interface KeyRange {
  readonly key: KeyCondition
  /** Conditions that the sort keys cannot express. */
  readonly filter: Condition | undefined
  /** Whether no row can be in the range. */
  readonly isEmpty: boolean
}

/** The character just above every character that can follow a prefix: an upper bound for all keys with that prefix. */
const ABOVE_SEPARATOR = '$'

/**
 * Compiles the key of a query.
 * @throws ValidationError naming the field that is missing, out of order or of another kind.
 */
export function compileKeyRange(model: CompiledModel, index: CompiledIndex, input: unknown, prefix: string): KeyRange {
  if (!isPlainObject(input)) throw invalid([], `is ${valueText(input)}; a query takes an object with fields of the key`)
  checkNames(model, index, input)
  const partition = partitionOf(model, index, input)
  const range = new SortRange(model, index, input)
  const sort = range.condition()
  return {
    key: { partition: { name: index.pkAttribute, value: prefix + (partition ?? '') }, ...(sort && { sort }) },
    filter: range.filter,
    isEmpty: range.isEmpty || partition === undefined,
  }
}

type Input = { readonly [name: string]: unknown }

function checkNames(model: CompiledModel, { name, pk, sk }: CompiledIndex, input: Input): void {
  const known = [...pk.fields, ...sk.fields].map(field => field.name)
  const issues: Issue[] = []
  for (const given of Object.keys(input)) {
    if (!known.includes(given)) {
      const here = `of the key of ${model.name}.${name}`
      issues.push({ path: [given], message: unknownName(given, known, issues.length, here) })
    } else if (input[given] === undefined && pk.fields.some(field => field.name === given)) {
      issues.push({ path: [given], message: 'is undefined' })
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
}

/** @returns undefined if no row can have the values. */
function partitionOf(model: CompiledModel, index: CompiledIndex, input: Input): string | undefined {
  const { pk, name } = index
  const row: Item = {}
  let isOfWrongForm = false
  for (const field of pk.fields) {
    if (input[field.name] === undefined) {
      throw invalid(
        [field.name],
        `is missing; a query by ${model.name}.${name} requires every field of its partition key`,
      )
    }
    const stored = encodeField(model, field, input[field.name], [field.name])
    if (stored === undefined) isOfWrongForm = true
    else row[field.attribute] = stored
  }
  if (isOfWrongForm || !canHold(index, row)) return undefined
  const text = pk.print(row)
  if (text === undefined) throw invalid([pk.fields[0]?.name ?? name], 'is empty; no row has an empty key field')
  return text
}

/** @returns undefined if no row can have the value. */
function encodeField(model: CompiledModel, { name }: KeyField, input: unknown, at: IssuePath): Value | undefined {
  const issues: Issue[] = []
  const stored = lookUpValue(model.byName.get(name) as CompiledField, input, at, issues)
  if (issues.length > 0) throw new ValidationError(issues)
  return stored
}

const RANGE_OPERATORS = ['$eq', '$gt', '$gte', '$lt', '$lte', '$between', '$beginsWith']

class SortRange {
  readonly #model: CompiledModel
  readonly #template: Template
  readonly #attribute: string | undefined
  filter: Condition | undefined
  isEmpty = false
  /** The common prefix of all sort keys in the range. */
  #base = ''
  #isWhole = true
  #low: string | undefined
  #high: string | undefined
  #prefix: string | undefined

  constructor(model: CompiledModel, { sk, skAttribute, name }: CompiledIndex, input: Input) {
    this.#model = model
    this.#template = sk
    this.#attribute = skAttribute
    const { parts } = sk
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as string | KeyField
      if (typeof part === 'string') {
        this.#base += part
        continue
      }
      const given = input[part.name]
      if (given === undefined || isRange(given)) {
        this.#isWhole = false
        if (given !== undefined) this.#compileRange(part, i, given as Input)
        this.#refuseRest(i, input, name)
        return
      }
      const stored = encodeField(model, part, given, [part.name])
      if (stored === undefined || stored === '') this.isEmpty = true
      else this.#base += sk.encode(part, stored, i)
    }
  }

  condition(): SortCondition | undefined {
    const name = this.#attribute
    if (name === undefined) return undefined
    if (this.#isWhole) return { kind: 'compare', name, comparator: '=', value: this.#base }
    if (this.#prefix !== undefined) return { kind: 'beginsWith', name, prefix: this.#prefix }
    if (this.#low === undefined && this.#high === undefined) {
      return this.#base === '' ? undefined : { kind: 'beginsWith', name, prefix: this.#base }
    }
    const low = this.#low ?? this.#base
    const high = this.#high ?? above(this.#base)
    if (high === '') this.isEmpty = true
    if (low === '' && !high) return undefined
    if (high === undefined) return { kind: 'compare', name, comparator: '>=', value: low }
    if (low === '') return { kind: 'compare', name, comparator: '<=', value: high }
    if (compareStrings(low, high) > 0) this.isEmpty = true
    return { kind: 'between', name, low, high }
  }

  #compileRange(field: KeyField, position: number, range: Input): void {
    for (const operator of Object.keys(range)) {
      const at = [field.name, operator]
      const bound = range[operator]
      if (!RANGE_OPERATORS.includes(operator))
        throw invalid(at, `is not a range operator; use one of ${RANGE_OPERATORS.join(' ')}`)
      if (bound === undefined) throw invalid(at, 'is undefined; omit it if you do not need it')
      if (this.#template.raw && operator !== '$eq' && operator !== '$beginsWith')
        this.#checkRawRange(field, position, at)
      this.#bound(field, position, operator, bound, at)
    }
  }

  #bound(field: KeyField, position: number, operator: string, bound: unknown, at: IssuePath): void {
    switch (operator) {
      case '$between': {
        if (!Array.isArray(bound) || bound.length !== 2) throw invalid(at, 'takes a list of two, low and high')
        this.#bound(field, position, '$gte', bound[0], [...at, 0])
        this.#bound(field, position, '$lte', bound[1], [...at, 1])
        return
      }
      case '$beginsWith':
        if (field.type !== 'text' || typeof bound !== 'string') throw invalid(at, 'takes a text prefix of a text field')
        if (this.#low !== undefined || this.#high !== undefined)
          throw invalid(at, 'cannot be combined with other operators')
        this.#prefix = this.#base + (this.#template.raw ? bound : escapeText(bound))
        return
    }
    if (this.#prefix !== undefined) throw invalid(at, 'cannot be combined with $beginsWith')
    const text = this.#base + this.#encode(field, position, bound, at)
    const isLast = position === this.#template.parts.length - 1
    const end = isLast ? text : text + ABOVE_SEPARATOR
    if (operator === '$eq' || operator === '$gte') this.#raise(text)
    // The smallest text above this value, or above all keys that continue after it.
    if (operator === '$gt') this.#raise(isLast ? `${text}\u0000` : end)
    if (operator === '$eq' || operator === '$lte') this.#lower(end)
    if (operator === '$lt') {
      this.#lower(text)
      // A key range includes its ends, so a filter on the field excludes the value itself.
      if (isLast) this.filter = compare(path(field.attribute), '<>', value(this.#stored(field, bound, at)))
    }
  }

  #raise(low: string): void {
    if (this.#low === undefined || compareStrings(low, this.#low) > 0) this.#low = low
  }

  #lower(high: string): void {
    if (this.#high === undefined || compareStrings(high, this.#high) < 0) this.#high = high
  }

  #encode(field: KeyField, position: number, given: unknown, at: IssuePath): string {
    const stored = this.#stored(field, given, at)
    return stored === '' ? '' : this.#template.encode(field, stored, position)
  }

  /** A bound may have any form: text that is not a complete ULID sorts before and after those that are. */
  #stored({ name }: KeyField, given: unknown, at: IssuePath): Value {
    return operandOf((this.#model.byName.get(name) as CompiledField).spec, given, '$eq', at)
  }

  #checkRawRange(field: KeyField, position: number, at: IssuePath): void {
    const isLast = position === this.#template.parts.length - 1
    if (field.type !== 'number' && isLast) return
    throw invalid(at, `is not supported for {${field.name}} in a raw key: keys are not in the order of the values`)
  }

  #refuseRest(position: number, input: Input, index: string): void {
    const rest = this.#template.parts.slice(position + 1)
    for (const part of rest) {
      if (typeof part !== 'string' && input[part.name] !== undefined) {
        const before = (this.#template.parts[position] as KeyField).name
        throw invalid(
          [part.name],
          `follows ${before} in the sort key of ${this.#model.name}.${index}, so ${before} requires a single value; use where`,
        )
      }
    }
  }
}

function isRange(given: unknown): boolean {
  return isPlainObject(given)
}

/** The smallest text above all texts with this prefix; undefined if there is none, and for the empty text. */
function above(text: string): string | undefined {
  if (text === '') return undefined
  const last = text.codePointAt(text.length - (/[\uDC00-\uDFFF]$/.test(text) ? 2 : 1)) as number
  const rest = text.slice(0, text.length - (last > 0xffff ? 2 : 1))
  if (last === 0x10ffff) return above(rest)
  // The code points U+D800 to U+DFFF are not characters.
  return rest + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
}
