/** Converts literals and parameters to values. */
import { memberText } from '../../value/member.js'
import { type Item, type KeyValue, setAttribute, typeOf, type Value } from '../../value/value.js'
import { readValue, type Typed } from '../protocol/attribute-value.js'
import { invalidValues, validation } from '../protocol/aws-error.js'
import { inOlderWords } from '../protocol/legacy-messages.js'
import { unsupported } from './statement-error.js'
import type { StructTerm, Term } from './term.js'

/** The values of a statement's `?` parameters, in order. */
export type Parameters = readonly Value[]

const MAX_DEPTH = 32

/** @throws AwsError for invalid values. */
export function readValues(given: readonly Typed[] | undefined): Parameters {
  return inOlderWords(() => (given ?? []).map(typed => readValue(typed)))
}

/** @throws AwsError for invalid values, or fewer parameters than the statement has. Additional ones are ignored. */
export function readParameters(given: readonly Typed[] | undefined, wanted: number): Parameters {
  return checkOptions(readValues(given), wanted)
}

/** @throws AwsError for fewer parameters than the statement has. */
export function checkOptions(values: Parameters, wanted: number): Parameters {
  if (values.length < wanted) throw validation("Number of parameters in request and statement don't match.")
  return values
}

/** The value of a term; undefined for terms that are not values, such as a path. @throws AwsError */
export function termValue(term: Term, parameters: Parameters): Value | undefined {
  if (term.kind === 'path' || term.kind === 'call' || term.kind === 'is') return undefined
  if (term.kind === 'missing') throw validation('MISSING must be compared using IS operator')
  return toValue(term, parameters, ['root'], 0)
}

/** The item of a struct literal. @throws AwsError for invalid or duplicate names, and invalid values. */
export function itemOf(term: StructTerm, parameters: Parameters): Item {
  return toMap(term, parameters, ['root'], 0)
}

function toValue(term: Term, parameters: Parameters, at: readonly string[], depth: number): Value {
  switch (term.kind) {
    case 'literal':
      return term.value
    case 'parameter':
      return parameters[term.index] as Value
    case 'struct':
      return toMap(term, parameters, at, depth)
    case 'list':
      checkDepth(depth)
      return term.elements.map((element, i) => toValue(element, parameters, [...at, String(i)], depth + 1))
    case 'bag':
      return toSet(term)
    case 'unstorable':
      throw validation(`${term.text} under ${pathText(at)}`)
    case 'ion':
      throw unsupported(`Ion Literals are not supported under key ${at.join('.')}`, term.position)
  }
  // The error for a top-level attribute shows its name; for a nested one it shows the kind of term.
  const shown = term.kind === 'path' && at.length === 1 ? term.steps[0] : kindOf(term)
  throw unsupported(`Unsupported data type: ${shown} under key ${at.join('.')}`, term.position)
}

function toMap(term: StructTerm, parameters: Parameters, at: readonly string[], depth: number): Item {
  checkDepth(depth)
  const item: Item = {}
  for (const [name, value] of term.entries) {
    const key = name.kind === 'literal' ? name.value : undefined
    if (typeof key !== 'string') {
      throw unsupported(
        `Tuple keys must be of type String. Actual type: ${kindOf(name)} under ${at.join('.')}`,
        name.position,
      )
    }
    if (key === '') throw validation('Path component cannot be an empty string')
    if (Object.hasOwn(item, key)) {
      throw unsupported(
        `Duplicate keys in tuple. Key: ${key} under ${at.join('.')}`,
        depth === 0 ? name.position : { ...term.position, length: 1 },
      )
    }
    setAttribute(item, key, toValue(value, parameters, depth === 0 ? at : [...at, key], depth + 1))
  }
  return item
}

const BAG_TYPES = 'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags'

/** Binary sets, and sets with parameters as members, must be given as one parameter. */
function toSet({ elements }: Extract<Term, { kind: 'bag' }>): Value {
  const members = new Map<string, KeyValue>()
  let type: string | undefined
  for (const element of elements) {
    if (element.kind === 'unstorable') throw validation(`${element.text} under root`)
    const member = element.kind === 'literal' ? element.value : null
    if (typeof member === 'boolean' || member === null) throw unsupported(BAG_TYPES, element.position)
    type ??= typeOf(member)
    if (typeOf(member) !== type) throw validation(BAG_TYPES)
    const text = memberText(member)
    if (members.has(text)) throw duplicates(elements)
    members.set(text, member)
  }
  if (members.size === 0) throw validation('Empty bags are not supported')
  return new Set(members.values()) as Value
}

function duplicates(elements: readonly Term[]) {
  const texts = elements.map(it => (it.kind === 'literal' ? it.value : null))
  if (typeof texts[0] !== 'string') return validation('Input collection contains duplicates')
  return invalidValues(`Input collection [${texts.join(', ')}] contains duplicates.`)
}

/** List indexes are shown in brackets. */
function pathText(at: readonly string[]): string {
  return at.reduce((text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : `${text}.${step}`))
}

function checkDepth(depth: number): void {
  if (depth >= MAX_DEPTH) throw validation('Nesting Levels have exceeded supported limits')
}

/** PartiQL's name of a term. */
function kindOf(term: Term): string {
  switch (term.kind) {
    case 'path':
      return term.steps.length > 1 ? 'Path' : 'VariableReference'
    case 'call':
      return term.name
    case 'parameter':
      return 'Parameter'
    case 'missing':
      return 'MISSING'
    case 'is':
      return 'IS'
    default:
      return 'Literal'
  }
}
