/** Splits the text of a statement into tokens. */

import { isKeyword } from './keywords.js'
import { malformed } from './statement-error.js'

/** A token of a statement. */
export interface Token {
  /**
   * The text of a `keyword` is in lowercase. A `name` may be quoted; the text of `name` and `string` is without quotes.
   * The text of a `parameter` is its index in the statement.
   */
  readonly kind: 'keyword' | 'name' | 'string' | 'number' | 'parameter' | 'ion' | 'symbol' | 'end'
  readonly text: string
  readonly place: TokenPosition
}

/** The position of a token, counted from 1, and its length. */
export interface TokenPosition {
  readonly line: number
  readonly column: number
  readonly length: number
}

const BLANK = /(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*/y
const TOKEN =
  /([A-Za-z_$][\w$]*)|("(?:[^"]|"")*")|('(?:[^']|'')*')|((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))|(\?)|(`[^`]*`)|(<<|>>|<>|<=|>=|!=|\|\||[=<>()[\]{},.:;@+*/%-])/y
const KINDS = ['name', 'name', 'string', 'number', 'parameter', 'ion', 'symbol'] as const
const QUOTED_NAME = 1

/**
 * The tokens of a statement, with an `end` token last.
 * @throws AwsError for a character that cannot begin a token, and for a number whose exponent is too large.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let lineStart = 0
  let parameters = 0
  let position = 0
  const advance = (to: number): void => {
    for (let end = text.indexOf('\n', position); end >= 0 && end < to; end = text.indexOf('\n', end + 1)) {
      line++
      lineStart = end + 1
    }
    position = to
  }
  for (;;) {
    BLANK.lastIndex = position
    BLANK.exec(text)
    advance(BLANK.lastIndex)
    const start = { line, column: position - lineStart + 1 }
    TOKEN.lastIndex = position
    const match = TOKEN.exec(text)
    if (!match || text.startsWith('/*', position)) {
      // AWS gives no details for invalid characters.
      if (position < text.length) throw malformed('')
      tokens.push({ kind: 'end', text: '', place: { ...start, length: 0 } })
      return tokens
    }
    const group = KINDS.findIndex((_, i) => match[i + 1] !== undefined)
    const kind = KINDS[group] as (typeof KINDS)[number]
    const place = { ...start, length: match[0].length }
    if (kind === 'parameter') tokens.push({ kind, text: String(parameters++), place })
    else tokens.push(wordOrLiteral(kind, match[0], group === QUOTED_NAME, place))
    advance(TOKEN.lastIndex)
  }
}

function wordOrLiteral(kind: Token['kind'], text: string, isQuotedName: boolean, place: TokenPosition): Token {
  if (isQuotedName) return { kind, text: text.slice(1, -1).replaceAll('""', '"'), place }
  if (kind === 'number' && isBeyondInt(text)) throw malformed('')
  if (kind === 'string') return { kind, text: text.slice(1, -1).replaceAll("''", "'"), place }
  const small = text.toLowerCase()
  return kind === 'name' && isKeyword(small) ? { kind: 'keyword', text: small, place } : { kind, text, place }
}

const INT = 2 ** 31

/** Whether the exponent, or that of the last digit, exceeds 32 bits. */
function isBeyondInt(number: string): boolean {
  const [mantissa = '', power = '0'] = number.split(/[eE]/)
  const scale = (mantissa.split('.')[1] ?? '').length - Number(power)
  return [Number(power), scale].some(it => it >= INT || it < -INT)
}
