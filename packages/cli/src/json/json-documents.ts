/** Splits a JSON text into objects, which may span lines: one after another, or the elements of one list. */
import { BadLine } from '../failure.js'
import type { Line } from './json-lines.js'
import { stringEnd } from './json-text.js'

/**
 * Each object, with the number of its first line. It is not checked that the object is valid JSON.
 * @throws BadLine for anything other than objects.
 */
export function* readDocuments(text: string): Generator<Line> {
  const isList = /^\s*\[/.test(text)
  /** The number of brackets open around a top-level object. */
  const around = isList ? 1 : 0
  let line = 1
  let depth = 0
  let begin: { readonly at: number; readonly line: number } | undefined
  let isOver = false
  const document = (end: number): Line => {
    const { at, line: number } = begin as { at: number; line: number }
    begin = undefined
    return { number, text: text.slice(at, end), bytes: end - at, end }
  }
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string
    if (character === '\n') line++
    if (character === '"' && begin) {
      at = stringEnd(text, at)
      continue
    }
    at++
    if (begin) {
      if (character === '{' || character === '[') depth++
      else if ((character === '}' || character === ']') && --depth === around) yield document(at)
    } else if (/\s/.test(character)) {
      // Between two documents.
    } else if (character === '{' && depth === around && !isOver) {
      begin = { at: at - 1, line }
      depth++
    } else if (character === '[' && isList && depth === 0 && !isOver) depth++
    else if (character === ']' && isList && depth === 1) {
      depth--
      isOver = true
    } else if (!(character === ',' && depth === 1)) {
      throw new BadLine(line, 'contains something other than JSON objects, one after another or in one list')
    }
  }
  if (begin) yield document(text.length)
  else if (depth > 0) throw new BadLine(line, 'ends inside the list of objects')
}
