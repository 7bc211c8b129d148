/** The objects of a JSON text that may have many lines each: one after another, or as the elements of one list. */
import { BadLine } from '../failure.js'
import { stringEnd } from './exact-json.js'
import type { Line } from './json-lines.js'

/**
 * Each object with the number of the line on which it begins. Whether it is valid JSON is not checked.
 * @throws BadLine for anything else than objects.
 */
export function* readDocuments(text: string): Generator<Line> {
  const isList = /^\s*\[/.test(text)
  /** Open brackets around an object that is a document of its own. */
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
      throw new BadLine(line, 'holds something else than JSON objects, one after another or in one list')
    }
  }
  if (begin) yield document(text.length)
  else if (depth > 0) throw new BadLine(line, 'ends before the list of objects does')
}
