/** The JSON of a request, no deeper than those who walk it can follow. */
import { AwsError } from './aws-error.js'

/** Attribute values nest 32 levels, which are some 70 of JSON; what is deeper than this is no request at all. */
const MAX_NESTING = 1000

/** @throws AwsError `SerializationException` for what is no JSON, or holds half a character. */
export function parseJson(text: string): unknown {
  // The shortest text that is too deep opens and closes each of its levels.
  if (text.length > 2 * MAX_NESTING) checkNesting(text)
  const parsed = parse(text)
  if (SURROGATE.test(text) && LONE_SURROGATE.test(JSON.stringify(parsed))) {
    throw new AwsError('SerializationException', '')
  }
  return parsed
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AwsError('SerializationException', '')
  }
}

const SURROGATE = /\\u[dD][89a-fA-F]/
/** Half a character, which no text can keep: `JSON.stringify` writes two that belong together as one, unescaped. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [...'"\\[]{}'].map(it => it.charCodeAt(0))

function checkNesting(text: string): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(text, i)
      if (i < 0) return
    } else if (code === OPEN_LIST || code === OPEN_MAP) {
      if (++depth > MAX_NESTING) throw new AwsError('SerializationException', '')
    } else if (code === CLOSE_LIST || code === CLOSE_MAP) depth--
  }
}

/** Where the string that begins at `start` has its last quote; -1 where it never ends. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
