/** An expression's text in tokens. */
import { invalid, LimitExceeded, type ValidationFailed } from '../../errors.js'
import { utf8Length } from '../../value/size.js'
import { MAX_EXPRESSION_BYTES } from '../limits.js'

export interface Token {
  /** `word`: a bare name, keyword or function; `name` and `value`: placeholders; `index`: a whole number. */
  readonly kind: 'word' | 'name' | 'value' | 'index' | 'symbol' | 'end'
  readonly text: string
  /** Offset in the text, in UTF-16 units. */
  readonly position: number
}

const TOKEN = /[ \t\r\n]*(?:([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>()[\],.+-]))/y
const BLANK = /[ \t\r\n]*/y
const KINDS = ['word', 'name', 'value', 'index', 'symbol'] as const

/**
 * The tokens of an expression, the last of them its end.
 * @throws ValidationFailed with the position of a character that begins no token.
 * @throws LimitExceeded for over 4 KB.
 */
export function tokenize(text: string): Token[] {
  checkLength(text)
  const tokens: Token[] = []
  let position = 0
  for (;;) {
    TOKEN.lastIndex = position
    const match = TOKEN.exec(text)
    if (!match) break
    const kind = KINDS.findIndex((_, i) => match[i + 1] !== undefined)
    const token = match[kind + 1] as string
    position = TOKEN.lastIndex
    tokens.push({ kind: KINDS[kind] as Token['kind'], text: token, position: position - token.length })
  }
  BLANK.lastIndex = position
  BLANK.exec(text)
  const end = BLANK.lastIndex
  if (end < text.length) throw unexpected('part of an expression', { kind: 'symbol', text: text[end]!, position: end })
  tokens.push({ kind: 'end', text: '', position: end })
  return tokens
}

/** The error for a token that stands where something else is wanted. */
export function unexpected(wanted: string, token: Token): ValidationFailed {
  const found = token.kind === 'end' ? 'the expression ends' : `found ${JSON.stringify(token.text.slice(0, 60))}`
  return invalid([], `expected ${wanted} at position ${token.position}, but ${found}`)
}

function checkLength(text: string): void {
  const bytes = text.length > MAX_EXPRESSION_BYTES ? text.length : (utf8Length(text) ?? text.length)
  if (bytes <= MAX_EXPRESSION_BYTES) return
  throw new LimitExceeded(`The expression has ${bytes} bytes; it may have ${MAX_EXPRESSION_BYTES} (4 KB)`, {
    limit: 'expression in bytes',
    maximum: MAX_EXPRESSION_BYTES,
    actual: bytes,
  })
}
