/** Moves through the tokens of one expression, and reads the parts that all expressions share. */
import { LimitExceededError } from '../../../errors/errors.js'
import { utf8Length } from '../../../value/size.js'
import { MAX_EXPRESSION_BYTES, MAX_LIST_INDEX } from '../../limits.js'
import { ExpressionError, type ExpressionErrorKind, unexpected } from '../parse-error.js'
import { near, type Token, tokenize } from './lexer.js'
import { isReserved } from './reserved.js'
import type { PathSyntax } from './syntax.js'

/** Parentheses within one another, those of functions among them. It bounds every recursion over an expression. */
const MAX_DEPTH = 300

/** Reads the tokens of one expression in order, with one token of lookahead. */
export class Cursor {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #lastGroup: { readonly open: number; readonly close: number } | undefined
  #redundant: ExpressionError | undefined
  #isUndecided = false
  /** The first in the text of those that are told only when the syntax is right. */
  #noted: { readonly start: number; readonly fault: ExpressionError } | undefined

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

  /** Whether a keyword comes next; keywords are written in any case. */
  isKeyword(keyword: string): boolean {
    return this.token.kind === 'keyword' && this.token.text.toUpperCase() === keyword
  }

  /** Whether a name and an opening parenthesis come next. */
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

  /** Notes a fault that is told only of an expression whose syntax is right. */
  refuse(kind: ExpressionErrorKind, wanted: string, token: Token): void {
    this.note(unexpected(kind, wanted, token), token.start)
  }

  /** Of several faults the first in the text is told. */
  note(fault: ExpressionError, start = this.token.start): void {
    if (!this.#noted || start < this.#noted.start) this.#noted = { start, fault }
  }

  /** To be called when all was read. @throws ExpressionError when there is more, or a fault was noted. */
  finish(wanted: string): void {
    if (this.token.kind !== 'end') throw this.unexpected(wanted)
    if (this.#noted) throw this.#noted.fault
  }

  /**
   * What comes next may be one of two things, and DynamoDB reads on until it knows which: a fault of the syntax up to
   * there is told before redundant parentheses.
   */
  undecided(): void {
    this.#isUndecided = true
  }

  /** @throws ExpressionError for redundant parentheses among what was undecided. */
  decided(): void {
    this.#isUndecided = false
    if (this.#redundant) throw this.#redundant
  }

  /** Elements with commas between them, one at least. */
  list<Element>(readElement: () => Element): Element[] {
    const list = [readElement()]
    while (this.takeIf(',')) list.push(readElement())
    return list
  }

  /** Reads what stands in parentheses. A pair that holds nothing but another pair is a fault. */
  group<Content>(read: () => Content): Content {
    const open = this.#at
    this.expect('(')
    const content = this.deeper(read)
    const close = this.#at
    this.expect(')')
    if (this.#lastGroup?.open === open + 1 && this.#lastGroup.close === close - 1) {
      const message = `the parentheses at position ${this.#tokens[open]?.start} are redundant; leave them out`
      this.#redundant = new ExpressionError('parentheses', message)
      if (!this.#isUndecided) throw this.#redundant
    }
    this.#lastGroup = { open, close }
    return content
  }

  /** Reads what is one level of parentheses deeper. */
  deeper<Content>(read: () => Content): Content {
    if (++this.#depth > MAX_DEPTH) {
      throw unexpected('nesting', `at most ${MAX_DEPTH} parentheses in one another`, this.token)
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
    if (this.token.kind !== 'value') throw this.unexpected('the placeholder of a value')
    return this.take()
  }

  #name(): string | Token {
    const { token } = this
    if (token.kind === 'name') return this.take()
    if (token.kind !== 'word') throw this.unexpected('an attribute name')
    if (isReserved(token.text)) {
      const wanted = 'an attribute name that is no reserved word (give it a placeholder such as #n)'
      this.refuse('reserved', wanted, token)
    }
    return this.take().text
  }

  #index(): number {
    const { token } = this
    const wanted = `a position in a list, from 0 to ${MAX_LIST_INDEX}`
    if (token.kind !== 'index') throw this.unexpected(wanted)
    const index = Number(token.text)
    if (index > MAX_LIST_INDEX) this.refuse('index', wanted, token)
    this.take()
    this.expect(']', 'a position in a list and "]"')
    return index
  }
}

/** A UTF-16 unit has at most three bytes. */
function checkLength(text: string): void {
  if (text.length * 3 <= MAX_EXPRESSION_BYTES) return
  const bytes = text.length > MAX_EXPRESSION_BYTES ? text.length : (utf8Length(text) ?? text.length)
  if (bytes <= MAX_EXPRESSION_BYTES) return
  throw new LimitExceededError(`The expression has ${bytes} bytes; it may have ${MAX_EXPRESSION_BYTES} (4 KB)`, {
    limit: 'expression in bytes',
    maximum: MAX_EXPRESSION_BYTES,
    actual: bytes,
  })
}
