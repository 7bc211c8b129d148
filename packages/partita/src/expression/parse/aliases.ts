/** The placeholders of one request: ExpressionAttributeNames and ExpressionAttributeValues. */
import { invalid } from '../../errors/errors.js'
import { MAX_NAME_BYTES, measureValue, utf8Length } from '../../value/size.js'
import type { Value } from '../../value/value.js'
import type { Token } from './grammar/lexer.js'
import { unexpected } from './parse-error.js'

const NAME_ALIAS = /^#[A-Za-z0-9_]+$/
const VALUE_ALIAS = /^:[A-Za-z0-9_]+$/

/** Looks up placeholders. */
export interface PlaceholderLookup {
  /** @throws if the placeholder is not defined. */
  name(placeholder: Token): string
  /** @throws if the placeholder is not defined. */
  value(placeholder: Token): Value
}

/** All expressions of one request share one instance, so that an unused placeholder can be rejected. */
export class Aliases implements PlaceholderLookup {
  readonly #names: ReadonlyMap<string, string>
  readonly #values: ReadonlyMap<string, Value>
  readonly #unused: Set<string>

  /** @throws ValidationError for a malformed placeholder, an empty or over-long name, or an invalid value. */
  constructor(names: { readonly [alias: string]: string } = {}, values: { readonly [alias: string]: Value } = {}) {
    this.#names = new Map(Object.entries(names))
    this.#values = new Map(Object.entries(values))
    this.#unused = new Set([...this.#names.keys(), ...this.#values.keys()])
    for (const [alias, name] of this.#names) checkName(alias, name)
    for (const [alias, value] of this.#values) {
      if (!VALUE_ALIAS.test(alias)) throw malformed(alias, 'a value is ":"')
      measureValue(value, [alias])
    }
  }

  /** @throws ExpressionError if the placeholder is not defined. */
  name(token: Token): string {
    return this.#use('name', this.#names, token)
  }

  /** @throws ExpressionError if the placeholder is not defined. */
  value(token: Token): Value {
    return this.#use('value', this.#values, token)
  }

  /** Call it after all expressions of the request are parsed. @throws ValidationError if a placeholder is unused. */
  checkAllUsed(): void {
    if (this.#unused.size === 0) return
    const list = [...this.#unused].slice(0, 10).join(', ')
    throw invalid([], `no expression uses ${list}; omit names and values that are not used`)
  }

  #use<Meaning>(kind: 'name' | 'value', meanings: ReadonlyMap<string, Meaning>, token: Token): Meaning {
    const meaning = meanings.get(token.text)
    if (meaning === undefined) throw unexpected(kind, 'a placeholder that is defined', token)
    this.#unused.delete(token.text)
    return meaning
  }
}

function checkName(alias: string, name: string): void {
  if (!NAME_ALIAS.test(alias)) throw malformed(alias, 'a name is "#"')
  const bytes = typeof name === 'string' ? utf8Length(name) : undefined
  if (bytes === undefined || bytes === 0 || bytes > MAX_NAME_BYTES) {
    throw invalid([alias], `must be an attribute name of 1 to ${MAX_NAME_BYTES} bytes`)
  }
}

function malformed(alias: string, what: string): Error {
  return invalid([], `${JSON.stringify(alias.slice(0, 60))} is not a placeholder; ${what} and letters, digits or _`)
}
