/** An input that records which of its members are read. */
import { ATTRIBUTE, type Shape } from '../../../packages/partita/src/wire/protocol/shape.js'

type Json = { readonly [name: string]: unknown }

/**
 * @param value what `readShape` made of an input.
 * @param seen receives the path of every member of a structure that is read, in the form of `offeredMembers`.
 */
export function recorded(shape: Shape, value: unknown, seen: Set<string>, at = ''): unknown {
  if (value === undefined || value === null || shape === ATTRIBUTE) return value
  switch (shape.type) {
    case 'list':
      return (value as unknown[]).map(element => recorded(shape.of, element, seen, `${at}[]`))
    case 'map': {
      const copy = Object.create(null)
      for (const [name, element] of Object.entries(value)) copy[name] = recorded(shape.of, element, seen, `${at}[]`)
      return Object.setPrototypeOf(copy, Object.prototype)
    }
    case 'structure':
      return new Proxy(value as Json, {
        get(target, name) {
          const member = typeof name === 'string' && Object.hasOwn(shape.members, name) && shape.members[name]
          if (!member) return Reflect.get(target, name)
          const path = at === '' ? (name as string) : `${at}.${name as string}`
          if (target[name as string] !== undefined) seen.add(path)
          return recorded(member, target[name as string], seen, path)
        },
      })
    default:
      return value
  }
}
