/** Splits the text of a statement into tokens. */

import { isKeyword } from './keywords.js'
import { malformed } from './statement-error.js'

/** A token of a statement. */
export interface StatementToken {
  /**
   * The text of a `keyword` is in lowercase. A `name` may be quoted; the text of `name` and `string` is without quotes.
   * The text of a `parameter` is its index in the statement.
   */
  readonly kind: 'keyword' | 'name' | 'string' | 'number' | 'parameter' | 'ion' | 'symbol' | 'end'
  readonly text: string
  readonly position: TokenPosition
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
export function tokenize(text: string): StatementToken[] {
  const tokens: StatementToken[] = []
  let line = 1
  let lineStart = 0
  let parameters = 0
  let offset = 0
  const advance = (to: number): void => {
    for (let end = text.indexOf('\n', offset); end >= 0 && end < to; end = text.indexOf('\n', end + 1)) {
      line++
      lineStart = end + 1
    }
    offset = to
  }
  for (;;) {
    BLANK.lastIndex = offset
    BLANK.exec(text)
    advance(BLANK.lastIndex)
    const start = { line, column: offset - lineStart + 1 }
    TOKEN.lastIndex = offset
    const match = TOKEN.exec(text)
    if (!match || text.startsWith('/*', offset)) {
      // AWS gives no details for invalid characters.
      if (offset < text.length) throw malformed('')
      tokens.push({ kind: 'end', text: '', position: { ...start, length: 0 } })
      return tokens
    }
    const group = KINDS.findIndex((_, i) => match[i + 1] !== undefined)
    const kind = KINDS[group] as (typeof KINDS)[number]
    const position = { ...start, length: match[0].length }
    if (kind === 'parameter') tokens.push({ kind, text: String(parameters++), position })
    else tokens.push(wordOrLiteral(kind, match[0], group === QUOTED_NAME, position))
    advance(TOKEN.lastIndex)
  }
}

function wordOrLiteral(
  kind: StatementToken['kind'],
  text: string,
  isQuotedName: boolean,
  position: TokenPosition,
): StatementToken {
  if (isQuotedName) return { kind, text: text.slice(1, -1).replaceAll('""', '"'), position }
  if (kind === 'number' && isBeyondInt(text)) throw malformed('')
  if (kind === 'string') return { kind, text: text.slice(1, -1).replaceAll("''", "'"), position }
  const small = text.toLowerCase()
  return kind === 'name' && isKeyword(small) ? { kind: 'keyword', text: small, position } : { kind, text, position }
}

const INT = 2 ** 31

/** Whether the exponent, or that of the last digit, exceeds 32 bits. */
function isBeyondInt(number: string): boolean {
  const [mantissa = '', power = '0'] = number.split(/[eE]/)
  const scale = (mantissa.split('.')[1] ?? '').length - Number(power)
  return [Number(power), scale].some(it => it >= INT || it < -INT)
}
