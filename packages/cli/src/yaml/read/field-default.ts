/** Reads defaults and bounds: values of YAML as values of a field's type. */
import { type FieldType, TYPE_BY_NAME } from '../grammar/field-types.js'
import type { BuilderArgument } from '../model-set.js'
import type { ReportProblem } from '../problem.js'
import { describeNode, entriesOf, member, plainOf, type TreeNode, textOf } from '../tree.js'

/** What a value of a type is, for messages. */
const WANTED: { readonly [call: string]: string } = {
  integer: 'a whole number',
  counter: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  set: 'a list',
  record: 'a map',
  map: 'a map',
}

/** The JavaScript type of a value of a type; of all others it is a string. */
const TYPE_OF: { readonly [call: string]: string } = {
  integer: 'number',
  counter: 'number',
  number: 'number',
  boolean: 'boolean',
}

/**
 * A value as the argument of `default`; undefined if it does not fit, which is reported.
 * @param field the node of the field, whose elements or members decide how parts of the value are read.
 */
export function defaultOf(
  field: TreeNode,
  { call }: FieldType,
  value: TreeNode,
  report: ReportProblem,
): BuilderArgument | undefined {
  const wrong = (): undefined => {
    report(value.at, `default is ${describeNode(value)}; it takes ${WANTED[call] ?? 'text'}`)
  }
  switch (call) {
    case 'json':
      return value.kind === 'scalar' ? value.value : { kind: 'plain', value: plainOf(value) }
    case 'bigint':
      return exactNumber(call, value, report)
    case 'decimal':
      return value.kind === 'scalar' ? value.text : wrong()
    case 'date':
      return timeOf(value, report)
    case 'list':
    case 'set': {
      if (value.kind !== 'list') return wrong()
      return { kind: 'list', items: value.items.flatMap(item => part(member(field, 'of'), item, report) ?? []) }
    }
    case 'record':
      if (value.kind !== 'map') return wrong()
      return {
        kind: 'object',
        members: value.entries.flatMap(it => {
          const read = part(member(field, 'of'), it.value, report)
          return read === undefined ? [] : [[it.name, read] as const]
        }),
      }
    case 'map':
      return value.kind === 'map' ? mapDefault(field, value, report) : wrong()
    default: {
      if (value.kind !== 'scalar' || value.value === null) return wrong()
      const { value: given } = value
      if (typeof given !== (TYPE_OF[call] ?? 'string')) return wrong()
      const isFine =
        call === 'number' ? Number.isFinite(given) : typeof given !== 'number' || Number.isSafeInteger(given)
      return isFine ? given : wrong()
    }
  }
}

function mapDefault(field: TreeNode, value: TreeNode, report: ReportProblem): BuilderArgument {
  const fields = entriesOf(member(field, 'fields'))
  const members = entriesOf(value).flatMap(it => {
    const own = fields.find(({ name }) => name === it.name)
    if (!own) report(it.at, `${it.name} is not a field of the map`)
    const read = own && part(own.value, it.value, report)
    return read === undefined ? [] : [[it.name, read] as const]
  })
  return { kind: 'object', members }
}

/** A part of a default. Without a field it is text: the members of a set without `of`. */
function part(field: TreeNode | undefined, value: TreeNode, report: ReportProblem): BuilderArgument | undefined {
  const name = field === undefined ? 'string' : (textOf(member(field, 'type') ?? field) ?? '')
  const type = TYPE_BY_NAME.get(name)
  if (!type) {
    report(value.at, `default cannot hold a value of the custom type ${name}`)
    return undefined
  }
  return defaultOf(field ?? value, type, value, report)
}

/** A number with all its digits. */
export function exactNumber(call: string, node: TreeNode, report: ReportProblem): BuilderArgument {
  const text = node.kind === 'scalar' ? node.text : ''
  if (call === 'decimal') return { kind: 'decimal', text }
  if (/^[+-]?\d{1,200}$/.test(text)) return { kind: 'bigint', text: String(BigInt(text.replace('+', ''))) }
  report(node.at, `${describeNode(node)} is not a whole number`)
  return { kind: 'bigint', text: '0' }
}

/** A time as ISO 8601 text in UTC. */
export function timeOf(node: TreeNode, report: ReportProblem): BuilderArgument {
  const time = new Date(textOf(node) ?? '')
  if (!Number.isNaN(time.getTime())) return { kind: 'date', text: time.toISOString() }
  report(node.at, `${describeNode(node)} is not a date such as 2026-01-31T12:00:00Z`)
  return { kind: 'date', text: new Date(0).toISOString() }
}
