/**
 * JSON text whose numbers are not rounded. `JSON.parse` makes every number a double and forgets its digits, so before
 * it runs, each number that a double would not print back as it was written is put in quotes, under a tag that
 * `tagged-value.ts` reads. What is JSON stays JSON and what is not stays refused: a number and an object may stand in
 * the same places. (`JSON.parse` with source text came with Node 21; a parser of our own would have to be as strict.)
 */
import type { Value } from 'partita'
import { BadInput } from '../failure.js'
import { escapeControls } from '../terminal/controls.js'
import { fromTagged, NUMBER_TAG, toTagged } from './tagged-value.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
/** JSON's own grammar of numbers, so that `01` or `1.` reach `JSON.parse` as they are, and are refused there. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/**
 * The value of a JSON text: numbers exact, tags such as `{"$bytes": "AQI="}` read as what they stand for.
 * @throws BadInput when the text is not JSON; ValidationError, with its path, for a tag or number that cannot be kept.
 */
export function parseJson(text: string): Value {
  return fromTagged(parsePlain(text))
}

/**
 * The JSON text of a value, in one line or indented by two. Characters that a terminal acts upon are always escaped.
 * With `sorted`, attributes stand in the order of their names, so that equal values have equal texts on every engine.
 */
export function printJson(value: Value, { indented = false, sorted = false } = {}): string {
  return escapeControls(JSON.stringify(toTagged(value, sorted), undefined, indented ? 2 : undefined))
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(quoteLongNumbers(text))
  } catch {
    throw new BadInput(`this is not JSON: ${syntaxFault(text)}; names and texts take double quotes`)
  }
}

/** The parser's complaint about the text as it was written, so that the position it names is right. */
function syntaxFault(text: string): string {
  try {
    JSON.parse(text)
  } catch (error) {
    return (error as Error).message
  }
  return 'a number stands where none may'
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

/** Where the string that begins here is over: after its closing quote, or at the text's end where there is none. */
export function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    at += code === BACKSLASH ? 2 : 1
  }
  return text.length
}
