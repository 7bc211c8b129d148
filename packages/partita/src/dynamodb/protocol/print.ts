/**
 * Prints requests as DynamoDB's JSON: `{ n: 1 }` becomes `{"n":{"N":"1"}}`. It runs for every request and trusts its
 * input, which `measureItem` has checked: nesting is at most 32 levels.
 */
import { Decimal, type NumberValue, numberText } from '../../value/number.js'
import type { Item, KeyValue, Value } from '../../value/value.js'
import { base64 } from './base64.js'
import type { OperationName, PreparedRequest } from './operations.js'
import { type BodyShape, inputShape, shapeWithin } from './shapes.js'

/** Prints the input of an operation, in which items are plain. Later changes of the input have no effect. */
export function prepare<Name extends OperationName>(operation: Name, input: object): PreparedRequest<Name> {
  return { operation, text: printBody(input as Readonly<Record<string, unknown>>, inputShape(operation)) }
}

function printBody(body: Readonly<Record<string, unknown>>, shape: BodyShape): string {
  let text = ''
  for (const name in body) {
    const value = body[name]
    if (value === undefined) continue
    text += `${text === '' ? '{' : ','}${quoted(name)}:${printMember(value, shapeWithin(shape, name))}`
  }
  return text === '' ? '{}' : `${text}}`
}

function printMember(value: unknown, shape: BodyShape | undefined): string {
  if (typeof value === 'string') return quoted(value)
  if (shape === undefined) return JSON.stringify(value)
  if (shape.kind === 'item') return printItem(value as Item)
  if (!Array.isArray(value)) return printBody(value as Readonly<Record<string, unknown>>, shape)
  const of = shapeWithin(shape, '')
  return `[${value.map(element => printMember(element, of)).join()}]`
}

/** Prints an item or key with the types of its attributes. */
function printItem(item: { readonly [name: string]: Value }): string {
  let text = ''
  for (const name of Object.keys(item)) {
    text += `${text === '' ? '{' : ','}${quoted(name)}:${printValue(item[name] as Value)}`
  }
  return text === '' ? '{}' : `${text}}`
}

function printValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `{"S":${quoted(value)}}`
    case 'number':
    case 'bigint':
      return `{"N":"${numberText(value)}"}`
    case 'boolean':
      return value ? '{"BOOL":true}' : '{"BOOL":false}'
  }
  if (value === null) return '{"NULL":true}'
  if (Array.isArray(value)) return `{"L":[${value.map(printValue).join()}]}`
  if (value instanceof Uint8Array) return `{"B":"${base64(value)}"}`
  if (value instanceof Decimal) return `{"N":"${value.text}"}`
  if (value instanceof Set) return printSet(value)
  return `{"M":${printItem(value as Item)}}`
}

function printSet(set: ReadonlySet<KeyValue>): string {
  const members = [...set]
  const [first] = members
  if (first instanceof Uint8Array) return `{"BS":["${(members as Uint8Array[]).map(base64).join('","')}"]}`
  if (typeof first === 'string') return `{"SS":${JSON.stringify(members)}}`
  return `{"NS":["${(members as NumberValue[]).map(numberText).join('","')}"]}`
}

/** Characters that JSON may escape: all but printable ASCII, and the quote and the backslash. */
const SPECIAL = /[^ !#-[\]-~]/

/** Prints a string. Most need no escape, and finding that out takes less than a call of `JSON.stringify`. */
function quoted(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`
}
