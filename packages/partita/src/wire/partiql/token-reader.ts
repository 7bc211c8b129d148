/** Reads the tokens of one statement, within limits. */
import { validation } from '../protocol/aws-error.js'
import { type StatementToken, tokenize } from './lexer.js'
import { malformed } from './statement-error.js'

/** Maximum nesting depth of terms. With the limit on operators it bounds every recursion over a statement. */
const MAX_DEPTH = 200
/** Maximum number of operators and functions in one statement: DynamoDB's limit for an expression. */
const MAX_OPERATORS = 300

/** Reads the tokens of one statement in order. Limits the nesting depth and the number of operators. */
export class StatementReader {
  readonly #tokens: readonly StatementToken[]
  #at = 0
  #depth = 0
  #operators = 0

  /** @throws AwsError */
  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  /** Number of parameters in the statement. */
  get parameters(): number {
    return this.#tokens.filter(({ kind }) => kind === 'parameter').length
  }

  get token(): StatementToken {
    return this.#tokens[this.#at] as StatementToken
  }

  /** The token after the next one. */
  get second(): StatementToken | undefined {
    return this.#tokens[this.#at + 1]
  }

  is(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol
  }

  isKeyword(word: string): boolean {
    return this.token.kind === 'keyword' && this.token.text === word
  }

  take(): StatementToken {
    const { token } = this
    if (token.kind !== 'end') this.#at++
    return token
  }

  takeIf(symbol: string): boolean {
    const found = this.is(symbol)
    if (found) this.#at++
    return found
  }

  takeKeyword(word: string): boolean {
    const found = this.isKeyword(word)
    if (found) this.#at++
    return found
  }

  expect(symbol: string): void {
    if (!this.takeIf(symbol)) throw malformed(`Expected '${symbol}'`)
  }

  expectKeyword(word: string): void {
    if (!this.takeKeyword(word)) throw malformed(`Expected ${word.toUpperCase()}`)
  }

  /** Reads one nesting level deeper. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw validation('Nesting Levels have exceeded supported limits')
    const content = read()
    this.#depth--
    return content
  }

  countOperator(): void {
    if (++this.#operators > MAX_OPERATORS) {
      throw validation(`The expression contains too many operators; operator count: ${this.#operators}`)
    }
  }

  /** Reads one or more elements that are separated by commas. */
  list<T>(read: () => T): T[] {
    const elements = [read()]
    while (this.takeIf(',')) elements.push(read())
    return elements
  }
}
