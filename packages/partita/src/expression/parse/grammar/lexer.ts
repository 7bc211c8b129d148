/** Splits an expression into tokens. */

/** One token of an expression. */
export interface Token {
  /**
   * `word`: a bare name or a function; `keyword`: a keyword such as AND, in upper or lower case; `name` and `value`:
   * placeholders; `index`: a whole number; `other`: a character that no expression uses.
   */
  readonly kind: 'word' | 'keyword' | 'name' | 'value' | 'index' | 'symbol' | 'other' | 'end'
  readonly text: string
  /** Offset in the expression, in UTF-16 units. */
  readonly start: number
}

const TOKEN =
  /[ \t\r\n]*(?:([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(0|[1-9]\d*)|(<>|<=|>=|[=<>()[\],.+-])|([^ \t\r\n]))/uy
const KINDS = ['word', 'name', 'value', 'index', 'symbol', 'other'] as const
const KEYWORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'IN', 'BETWEEN', 'SET', 'REMOVE', 'ADD', 'DELETE'])
const LONGEST_KEYWORD = 7

/** The tokens of an expression, followed by an `end` token. It accepts every text; the grammar rejects tokens. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    let group = 1
    while (match[group] === undefined) group++
    const token = match[group] as string
    const kind = KINDS[group - 1] as Token['kind']
    tokens.push({
      kind: kind === 'word' && isKeyword(token) ? 'keyword' : kind,
      text: token,
      start: TOKEN.lastIndex - token.length,
    })
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length })
  return tokens
}

function isKeyword(word: string): boolean {
  return word.length <= LONGEST_KEYWORD && KEYWORDS.has(word.toUpperCase())
}

/** A token and its neighbours as written. */
export function near(text: string, tokens: readonly Token[], at: number): string {
  const next = tokens[at + 1]
  const end = next && next.kind !== 'end' ? next.start + next.text.length : text.length
  return text.slice(at === 0 ? 0 : (tokens[at - 1] as Token).start, end)
}
