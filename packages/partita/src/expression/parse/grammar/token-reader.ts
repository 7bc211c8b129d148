/** Reads the tokens of one expression, and the parts that all kinds of expressions share. */
import { LimitExceededError } from '../../../errors/errors.js'
import { utf8Length } from '../../../value/size.js'
import { MAX_EXPRESSION_BYTES, MAX_LIST_INDEX } from '../../limits.js'
import { ExpressionError, type ExpressionErrorKind, unexpected } from '../parse-error.js'
import { near, type Token, tokenize } from './lexer.js'
import { isReserved } from './reserved.js'
import type { PathSyntax } from './syntax.js'

/** Maximum nesting of parentheses, those of functions included. It bounds every recursion over an expression. */
const MAX_DEPTH = 300

/** Reads the tokens of one expression in order, with one token of lookahead. */
export class TokenReader {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #lastGroup: { readonly open: number; readonly close: number } | undefined
  #redundant: ExpressionError | undefined
  #isUndecided = false
  /** The first error in the text among those that are thrown only if the syntax is correct. */
  #deferred: { readonly start: number; readonly error: ExpressionError } | undefined

  /** @throws LimitExceededError for a text of over 4 KB */
  constructor(text: string) {
    checkLength(text)
    this.#text = text
    this.#tokens = tokenize(text)
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token
  }

  is(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol
  }

  /** Whether the next token is the keyword, in upper or lower case. */
  isKeyword(keyword: string): boolean {
    return this.token.kind === 'keyword' && this.token.text.toUpperCase() === keyword
  }

  /** Whether the next tokens are a name and an opening parenthesis. */
  isCall(): boolean {
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

  expect(symbol: string, wanted = `"${symbol}"`): void {
    if (!this.takeIf(symbol)) throw this.unexpected(wanted)
  }

  unexpected(wanted: string): ExpressionError {
    return unexpected('syntax', wanted, this.token, near(this.#text, this.#tokens, this.#at))
  }

  /** Records an error that is thrown only if the syntax of the whole expression is correct. */
  refuse(kind: ExpressionErrorKind, wanted: string, token: Token): void {
    this.defer(unexpected(kind, wanted, token), token.start)
  }

  /** Of several deferred errors, the first in the text is thrown. */
  defer(error: ExpressionError, start = this.token.start): void {
    if (!this.#deferred || start < this.#deferred.start) this.#deferred = { start, error }
  }

  /** Ends the expression. @throws ExpressionError if tokens are left, or an error was deferred. */
  finish(wanted: string): void {
    if (this.token.kind !== 'end') throw this.unexpected(wanted)
    if (this.#deferred) throw this.#deferred.error
  }

  /**
   * The next tokens can be a condition or an operand. DynamoDB reads on until it knows which one, and reports syntax
   * errors up to there before redundant parentheses.
   */
  undecided(): void {
    this.#isUndecided = true
  }

  /** @throws ExpressionError for redundant parentheses since `undecided`. */
  decided(): void {
    this.#isUndecided = false
    if (this.#redundant) throw this.#redundant
  }

  /** Reads one or more elements separated by commas. */
  list<Element>(readElement: () => Element): Element[] {
    const list = [readElement()]
    while (this.takeIf(',')) list.push(readElement())
    return list
  }

  /** Reads a group in parentheses. A pair that contains only another pair is an error. */
  group<Content>(read: () => Content): Content {
    const open = this.#at
    this.expect('(')
    const content = this.deeper(read)
    const close = this.#at
    this.expect(')')
    if (this.#lastGroup?.open === open + 1 && this.#lastGroup.close === close - 1) {
      const message = `the parentheses at position ${this.#tokens[open]?.start} are redundant; remove them`
      this.#redundant = new ExpressionError('parentheses', message)
      if (!this.#isUndecided) throw this.#redundant
    }
    this.#lastGroup = { open, close }
    return content
  }

  /** Reads content one level of parentheses deeper. */
  deeper<Content>(read: () => Content): Content {
    if (++this.#depth > MAX_DEPTH) {
      throw unexpected('nesting', `at most ${MAX_DEPTH} levels of parentheses`, this.token)
    }
    const content = read()
    this.#depth--
    return content
  }

  path(): PathSyntax {
    const { start } = this.token
    const steps: (string | number | Token)[] = [this.#name()]
    for (;;) {
      if (this.takeIf('.')) steps.push(this.#name())
      else if (this.takeIf('[')) steps.push(this.#index())
      else return { kind: 'path', steps, start }
    }
  }

  valuePlaceholder(): Token {
    if (this.token.kind !== 'value') throw this.unexpected('a value placeholder')
    return this.take()
  }

  #name(): string | Token {
    const { token } = this
    if (token.kind === 'name') return this.take()
    if (token.kind !== 'word') throw this.unexpected('an attribute name')
    if (isReserved(token.text)) {
      const wanted = 'an attribute name that is not a reserved word (use a placeholder such as #n)'
      this.refuse('reserved', wanted, token)
    }
    return this.take().text
  }

  #index(): number {
    const { token } = this
    const wanted = `a list index from 0 to ${MAX_LIST_INDEX}`
    if (token.kind !== 'index') throw this.unexpected(wanted)
    const index = Number(token.text)
    if (index > MAX_LIST_INDEX) this.refuse('index', wanted, token)
    this.take()
    this.expect(']', 'a list index and "]"')
    return index
  }
}

/** A UTF-16 unit has at most three bytes. */
function checkLength(text: string): void {
  if (text.length * 3 <= MAX_EXPRESSION_BYTES) return
  const bytes = text.length > MAX_EXPRESSION_BYTES ? text.length : (utf8Length(text) ?? text.length)
  if (bytes <= MAX_EXPRESSION_BYTES) return
  throw new LimitExceededError(`The expression has ${bytes} bytes; the limit is ${MAX_EXPRESSION_BYTES} (4 KB)`, {
    limit: 'expression in bytes',
    maximum: MAX_EXPRESSION_BYTES,
    actual: bytes,
  })
}
