/**
 * Bounded text for values and issues in error messages. Invalid input often comes from outside the program, and errors
 * are logged and returned in full.
 */
import type { Issue, IssuePath } from './errors.js'

/** Maximum number of issues that one error lists; the rest are counted. */
export const MAX_ISSUES = 100
/** Maximum characters of all issues in a message, of one issue's text, and of one name in its path. */
const MAX_TEXT = 10_000
const MAX_ISSUE_TEXT = 1000
const MAX_NAME = 120
const MAX_SEGMENTS = 64
/** Maximum characters and nesting depth of a value in a message. */
const MAX_VALUE = 120
const MAX_VALUE_DEPTH = 16

/** Any value as text for an error message: JSON if possible, at most 120 characters. */
export function valueText(value: unknown): string {
  return cut(jsonText(value, 0) ?? String(value), MAX_VALUE)
}

/** Issues in the bounded form that errors carry. */
export interface BoundedIssues {
  readonly issues: readonly Issue[]
  /** The number of issues left out. */
  readonly more: number
  readonly text: string
}

/** Bounds a list of issues. @param more issues that an earlier call left out. */
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
  return { path: shown, message: cut(message, MAX_ISSUE_TEXT) }
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

/** JSON cut near the display limit; undefined for values without a JSON form. `JSON.stringify` would overflow the stack on deep values. */
function jsonText(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > MAX_VALUE ? value.slice(0, MAX_VALUE) : value)
    case 'bigint':
      return `"${cut(String(value), MAX_VALUE)}"`
    case 'number':
    case 'boolean':
      return JSON.stringify(value)
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
