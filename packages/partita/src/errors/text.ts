/**
 * Formats values and issues for error messages, in bounded length: invalid values often come from outside, and errors
 * are logged and sent as a whole.
 */
import type { Issue, IssuePath } from './errors.js'

/** The most issues that one error lists. */
export const MAX_ISSUES = 100
/** The most characters of all issues in a message, of one issue, and of one name in a path. */
const MAX_TEXT = 10_000
const MAX_ISSUE_TEXT = 1000
const MAX_NAME = 120
const MAX_SEGMENTS = 64
/** The most characters of a value, and the depth to which its parts are shown. */
const MAX_VALUE = 120
const MAX_VALUE_DEPTH = 16

/** Formats any value for an error message: as JSON if possible, truncated if it is long. */
export function valueText(value: unknown): string {
  return cut(jsonText(value, 0) ?? String(value), MAX_VALUE)
}

/** The word with its indefinite article, which follows its sound: an int, a ulid. */
export function withArticle(word: string): string {
  return `${/^([aeio]|un|up)/i.test(word) ? 'an' : 'a'} ${word}`
}

/** The issues of an error, bounded. */
export interface BoundedIssues {
  readonly issues: readonly Issue[]
  /** The number of issues that were left out. */
  readonly more: number
  readonly text: string
}

/** @param more the number of issues that were left out before. */
export function boundedIssues(all: readonly Issue[], more = 0): BoundedIssues {
  const issues = all.slice(0, MAX_ISSUES).map(boundedIssue)
  const left = all.length - issues.length + more
  let text = ''
  let listed = 0
  for (const issue of issues) {
    if (text.length > MAX_TEXT) break
    text += `${listed === 0 ? '' : '; '}${issueText(issue)}`
    listed++
  }
  const unlisted = issues.length - listed + left
  return { issues, more: left, text: unlisted > 0 ? `${text}; and ${unlisted} more` : text }
}

function boundedIssue(issue: Issue): Issue {
  const { path, message } = issue
  const isLong = path.length > MAX_SEGMENTS || path.some(step => typeof step === 'string' && step.length > MAX_NAME)
  if (!isLong && message.length <= MAX_ISSUE_TEXT) return issue
  const shown = path.slice(0, MAX_SEGMENTS).map(step => (typeof step === 'string' ? cut(step, MAX_NAME) : step))
  return { ...issue, path: shown, message: cut(message, MAX_ISSUE_TEXT) }
}

function issueText({ path, message }: Issue): string {
  return path.length === 0 ? message : `${pathText(path)}: ${message}`
}

function pathText(path: IssuePath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text
}

/** JSON of about the length that is shown; undefined for values without JSON. `JSON.stringify` would exhaust the stack on deep values. */
function jsonText(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > MAX_VALUE ? value.slice(0, MAX_VALUE) : value)
    case 'bigint':
      return `"${cut(String(value), MAX_VALUE)}"`
    case 'number':
    case 'boolean':
      // JSON would print NaN and Infinity as null.
      return String(value)
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return `"<${value.length} bytes>"`
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') return jsonText(toJSON.call(value), depth)
  if (depth === MAX_VALUE_DEPTH) return '...'
  return Array.isArray(value) ? listText(value, depth) : objectText(value as object, depth)
}

function listText(list: readonly unknown[], depth: number): string {
  let text = '['
  for (let i = 0; i < list.length && text.length <= MAX_VALUE; i++) {
    text += `${i === 0 ? '' : ','}${jsonText(list[i], depth + 1) ?? 'null'}`
  }
  return `${text}]`
}

function objectText(value: object, depth: number): string {
  let text = '{'
  for (const name of Object.keys(value)) {
    if (text.length > MAX_VALUE) break
    const part = jsonText((value as { readonly [name: string]: unknown })[name], depth + 1)
    if (part !== undefined) text += `${text === '{' ? '' : ','}${jsonText(name, depth)}:${part}`
  }
  return `${text}}`
}
