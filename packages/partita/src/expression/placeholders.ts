/** The names and values of one request's expressions. */
import { invalid } from '../errors/errors.js'
import { MAX_NAME_BYTES, utf8Length } from '../value/size.js'
import type { Value } from '../value/value.js'

/** Below this length no name is too long, whatever its characters: each has at most three bytes a UTF-16 unit. */
const SURELY_SHORT = MAX_NAME_BYTES / 3

/**
 * Hands out `#0`, `#1`, … for attribute names and `:0`, `:1`, … for values. All expressions of one request share one, so
 * that a name which several of them use has one placeholder. DynamoDB rejects empty maps: omit an empty one.
 */
export class Placeholders {
  readonly names: Record<string, string> = {}
  readonly values: Record<string, Value> = {}
  readonly #aliases = new Map<string, string>()
  #valueCount = 0

  /** @throws ValidationError when the name is empty or over 65,535 bytes. */
  name(name: string): string {
    const known = this.#aliases.get(name)
    if (known !== undefined) return known
    if (name.length === 0) throw invalid([], 'an attribute has an empty name')
    if (name.length > SURELY_SHORT && (utf8Length(name) ?? Number.POSITIVE_INFINITY) > MAX_NAME_BYTES) {
      throw invalid([`${name.slice(0, 20)}…`], `an attribute name may have ${MAX_NAME_BYTES} bytes`)
    }
    const alias = `#${this.#aliases.size}`
    this.#aliases.set(name, alias)
    this.names[alias] = name
    return alias
  }

  value(value: Value): string {
    const alias = `:${this.#valueCount++}`
    this.values[alias] = value
    return alias
  }
}
