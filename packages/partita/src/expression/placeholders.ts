/** Placeholders for the names and values in the expressions of one request. */
import { invalid } from '../errors/errors.js'
import { MAX_NAME_BYTES, utf8Length } from '../value/size.js'
import type { Value } from '../value/value.js'

/** A shorter name is never too long: a UTF-16 unit has at most three bytes in UTF-8. */
const SURELY_SHORT = MAX_NAME_BYTES / 3

/**
 * The first placeholders of a kind, as strings that name properties already. The V8 of Node 20 makes any other string a
 * reference once it names a property, and what it joins with a reference has two bytes a character: the whole request would.
 */
function shared(sign: string): readonly string[] {
  return Object.keys(Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`${sign}${i}`, i])))
}

const NAMES = shared('#')
const VALUES = shared(':')

/**
 * Assigns `#0`, `#1`, … to attribute names and `:0`, `:1`, … to values. All expressions of one request share one
 * instance, so that a name has one placeholder. DynamoDB rejects an empty `names` or `values`: omit it.
 */
export class Placeholders {
  readonly names: Record<string, string> = {}
  readonly values: Record<string, Value> = {}
  readonly #aliases = new Map<string, string>()
  #valueCount = 0

  /** Whether an expression has a name. */
  get hasNames(): boolean {
    return this.#aliases.size > 0
  }

  /** Whether an expression has a value. */
  get hasValues(): boolean {
    return this.#valueCount > 0
  }

  /** @throws ValidationError if the name is empty or over 65,535 bytes. */
  name(name: string): string {
    const known = this.#aliases.get(name)
    if (known !== undefined) return known
    if (name.length === 0) throw invalid([], 'an attribute has an empty name')
    if (name.length > SURELY_SHORT && (utf8Length(name) ?? Number.POSITIVE_INFINITY) > MAX_NAME_BYTES) {
      throw invalid([`${name.slice(0, 20)}…`], `an attribute name can have at most ${MAX_NAME_BYTES} bytes`)
    }
    const alias = NAMES[this.#aliases.size] ?? `#${this.#aliases.size}`
    this.#aliases.set(name, alias)
    this.names[alias] = name
    return alias
  }

  value(value: Value): string {
    const alias = VALUES[this.#valueCount] ?? `:${this.#valueCount}`
    this.#valueCount++
    this.values[alias] = value
    return alias
  }
}
