/** Parses the JSON of a request, with a limit on its nesting depth. */
import { AwsError } from './aws-error.js'

/** Maximum depth of JSON. Attribute values nest 32 levels, which are about 70 levels of JSON. */
const MAX_NESTING = 1000

/** @throws AwsError `SerializationException` for invalid JSON, and for unpaired surrogates. */
export function parseJson(text: string): unknown {
  // A shorter text cannot be too deep, since each level has an opening and a closing bracket.
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
/** An escaped unpaired surrogate: `JSON.stringify` writes a pair unescaped, as one character. */
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

/** Index of the closing quote of the string that begins at `start`; -1 if it is missing. */
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
