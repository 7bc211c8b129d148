/** Moves through the tokens of one expression, and reads the parts that all expressions share. */
import { invalid } from '../../errors.js'
import type { Value } from '../../value/value.js'
import type { Path } from '../ast.js'
import { OperatorCount } from '../check/operators.js'
import { MAX_LIST_INDEX, MAX_PATH_STEPS } from '../limits.js'
import type { Aliases } from './aliases.js'
import { type Token, tokenize, unexpected } from './lexer.js'
import { isReserved } from './reserved.js'

/** Groups in parentheses within one another. With the limit on operators it bounds every recursion of the parsers. */
const MAX_GROUP_DEPTH = 300

export class Cursor {
  /** Counted while parsing, so that a text of nothing but NOT ends in time. */
  readonly operators = new OperatorCount()
  readonly #aliases: Aliases
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #lastGroup: { readonly open: number; readonly close: number } | undefined

  /** @throws ValidationFailed, LimitExceeded for a text of over 4 KB */
  constructor(text: string, aliases: Aliases) {
    this.#tokens = tokenize(text)
    this.#aliases = aliases
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token
  }

  is(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol
  }

  /** Whether a keyword comes next; keywords are written in any case. */
  isKeyword(keyword: string): boolean {
    return this.token.kind === 'word' && this.token.text.toUpperCase() === keyword
  }

  /** Whether a name and an opening parenthesis come next. */
  isFunction(): boolean {
    const next = this.#tokens[this.#at + 1]
    return this.token.kind === 'word' && next?.kind === 'symbol' && next.text === '('
  }

  take(): Token {
    const { token } = this
    if (token.kind !== 'end') this.#at++
    return token
  }

  takeIf(symbol: string): boolean {
    const found = this.is(symbol)
    if (found) this.#at++
    return found
  }

  takeKeyword(keyword: string): boolean {
    const found = this.isKeyword(keyword)
    if (found) this.#at++
    return found
  }

  expect(symbol: string): void {
    if (!this.takeIf(symbol)) throw this.unexpected(`"${symbol}"`)
  }

  expectEnd(wanted: string): void {
    if (this.token.kind !== 'end') throw this.unexpected(wanted)
  }

  unexpected(wanted: string): Error {
    return unexpected(wanted, this.token)
  }

  /** Reads what stands in parentheses. DynamoDB refuses a pair that holds nothing but another pair. */
  group<T>(read: () => T): T {
    const open = this.#at
    this.expect('(')
    if (++this.#depth > MAX_GROUP_DEPTH) throw this.unexpected(`at most ${MAX_GROUP_DEPTH} parentheses in one another`)
    const content = read()
    const close = this.#at
    this.expect(')')
    this.#depth--
    if (this.#lastGroup?.open === open + 1 && this.#lastGroup.close === close - 1) {
      throw invalid([], `the parentheses at position ${this.#tokens[open]?.position} are redundant; leave them out`)
    }
    this.#lastGroup = { open, close }
    return content
  }

  path(): Path {
    const { position } = this.token
    const path: [string, ...(string | number)[]] = [this.#name()]
    for (;;) {
      if (this.takeIf('.')) path.push(this.#name())
      else if (this.takeIf('[')) path.push(this.#index())
      else break
    }
    if (path.length > MAX_PATH_STEPS) {
      throw invalid([], `the path at position ${position} has ${path.length} steps; it may have ${MAX_PATH_STEPS}`)
    }
    return Object.freeze(path)
  }

  /** A path as an operand, which may stand in parentheses. */
  groupedPath(): Path {
    return this.is('(') ? this.group(() => this.groupedPath()) : this.path()
  }

  value(): Value {
    if (this.token.kind !== 'value') throw this.unexpected('the placeholder of a value')
    return this.#aliases.value(this.take())
  }

  #name(): string {
    const { token } = this
    if (token.kind === 'name') return this.#aliases.name(this.take())
    if (token.kind !== 'word') throw this.unexpected('an attribute name')
    if (isReserved(token.text)) {
      throw this.unexpected('an attribute name that is no reserved word (give it a placeholder such as #n)')
    }
    return this.take().text
  }

  #index(): number {
    const { kind, text } = this.token
    const index = Number(text)
    if (kind !== 'index' || String(index) !== text || index > MAX_LIST_INDEX) {
      throw this.unexpected(`a position in a list, from 0 to ${MAX_LIST_INDEX}`)
    }
    this.take()
    this.expect(']')
    return index
  }
}
