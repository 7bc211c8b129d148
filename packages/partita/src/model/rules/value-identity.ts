/** A text that is the same for equal stored values, so that values can be looked up in maps. */
import { memberText } from '../../value/member.js'
import { isNumber, isSet, typeOf, type Value } from '../../value/value.js'

/** The identity of a stored value of any type. Values of different types have different identities. */
export function valueIdentity(value: Value): string {
  return `${typeOf(value)} ${textOf(value)}`
}

function textOf(value: Value): string {
  if (typeof value === 'string' || isNumber(value) || value instanceof Uint8Array) return memberText(value)
  if (value === null || typeof value === 'boolean') return String(value)
  const parts = isSet(value)
    ? [...value].map(valueIdentity).sort()
    : Array.isArray(value)
      ? value.map(element => valueIdentity(element as Value))
      : Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, part]) => `${name.length} ${name} ${valueIdentity(part as Value)}`)
  return parts.map(part => `${part.length} ${part}`).join(',')
}
