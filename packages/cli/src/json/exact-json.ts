/**
 * Parses and prints JSON without rounding numbers. `JSON.parse` converts every number to a double and drops its digits.
 * So before it runs, each number that a double would print differently is replaced by a tagged string, which
 * `tagged-value.ts` reads. Valid JSON stays valid and invalid JSON stays invalid, because a number and an object are
 * allowed in the same positions. (`JSON.parse` passes the source text only from Node 21 on.)
 */
import type { Value } from 'partita'
import { BadInput } from '../failure.js'
import { escapeControls } from '../terminal/controls.js'
import { checkMembers, stringEnd } from './json-text.js'
import { fromTagged, NUMBER_TAG, toTagged } from './tagged-value.js'

const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
/** JSON's own grammar of numbers, so that `01` or `1.` reach `JSON.parse` unchanged and are rejected there. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/**
 * The value of a JSON text: numbers are exact, and tags such as `{"$bytes": "AQI="}` are decoded.
 * @throws BadInput if the text is not JSON, or an object has two members of one name; ValidationError, with the path, for a tag or number that cannot be stored.
 */
export function parseJson(text: string): Value {
  return fromTagged(parsePlain(text))
}

/** Whether a value is a JSON object, and not a set, bytes or an exact number. */
export function isJsonObject(value: unknown): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/**
 * The value of a JSON text whose numbers a double holds, such as DynamoDB's, in which numbers are strings.
 * @throws BadInput if the text is not JSON, or an object has two members of one name.
 */
export function parseStandardJson(text: string): unknown {
  const value = parsed(text, text)
  checkMembers(text, value)
  return value
}

/**
 * The JSON text of a value, in one line or indented by two. Characters that a terminal interprets are always escaped.
 * With `sorted`, attributes are sorted by name, so that equal values have equal texts on every engine.
 */
export function printJson(value: Value, { indented = false, sorted = false } = {}): string {
  return escapeControls(JSON.stringify(toTagged(value, sorted), undefined, indented ? 2 : undefined))
}

function parsePlain(text: string): unknown {
  const quoted = quoteLongNumbers(text)
  const value = parsed(quoted, text)
  checkMembers(quoted, value)
  return value
}

function parsed(quoted: string, text: string): unknown {
  try {
    return JSON.parse(quoted)
  } catch {
    throw new BadInput(`this is not JSON: ${syntaxProblem(text)}; names and strings need double quotes`)
  }
}

/** The parser's message for the original text, so that the position in it is right. */
function syntaxProblem(text: string): string {
  try {
    JSON.parse(text)
  } catch (error) {
    return (error as Error).message
  }
  return 'a number is not allowed here'
}

function quoteLongNumbers(text: string): string {
  let result = ''
  let copied = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = stringEnd(text, at)
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = at
      const number = NUMBER.exec(text)?.[0]
      if (number !== undefined && String(Number(number)) !== number) {
        result += `${text.slice(copied, at)}{"${NUMBER_TAG}":"${number}"}`
        copied = at + number.length
      }
      at += number?.length ?? 1
    } else at++
  }
  return copied === 0 ? text : result + text.slice(copied)
}
