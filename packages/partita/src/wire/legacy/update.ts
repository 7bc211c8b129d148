/** AttributeUpdates. */
import {
  ifNotExists,
  listAppend,
  type Path,
  type SetAction,
  type Update,
  update,
  type ValueAction,
  value,
} from '../../expression/ast.js'
import { type TypeName, typeOf, type Value } from '../../value/value.js'
import { readValue } from '../protocol/attribute-value.js'
import { invalidValues, validation } from '../protocol/aws-error.js'
import type { AttributeUpdate, LegacyInput } from './input.js'

const SETS: readonly TypeName[] = ['SS', 'NS', 'BS']
const ADDED: readonly TypeName[] = ['N', 'L', ...SETS]

interface Clauses {
  readonly set: SetAction[]
  readonly remove: Path[]
  readonly add: ValueAction[]
  readonly delete: ValueAction[]
}

/** Names always denote top-level attributes, also with dots and brackets. @throws AwsError */
export function legacyUpdate({ AttributeUpdates: given }: LegacyInput): Update | undefined {
  if (given === undefined) return undefined
  const clauses: Clauses = { set: [], remove: [], add: [], delete: [] }
  for (const name of Object.keys(given)) addAction(clauses, name, given[name] as AttributeUpdate)
  return update(clauses)
}

function addAction(clauses: Clauses, name: string, { Action: action = 'PUT', Value: typed }: AttributeUpdate): void {
  if (name === '') throw validation('Empty attribute name')
  if (typed === undefined) {
    if (action !== 'DELETE') throw invalidValues('Only DELETE action is allowed when no attribute value is specified')
    clauses.remove.push([name])
    return
  }
  const given = readValue(typed)
  const type = typeOf(given)
  switch (action) {
    case 'PUT':
      clauses.set.push({ path: [name], value: value(given) })
      return
    case 'DELETE':
      if (!SETS.includes(type)) throw invalidValues(`DELETE action with value is not supported for the type ${type}`)
      clauses.delete.push({ path: [name], value: given })
      return
    case 'ADD':
      if (!ADDED.includes(type)) throw invalidValues(`ADD action is not supported for the type ${type}`)
      if (type === 'L') clauses.set.push(appending(name, given))
      else clauses.add.push({ path: [name], value: given })
  }
}

/** ADD appends to lists, unlike the ADD of an expression. */
function appending(name: string, list: Value): SetAction {
  return { path: [name], value: listAppend(ifNotExists([name], value([])), value(list)) }
}
