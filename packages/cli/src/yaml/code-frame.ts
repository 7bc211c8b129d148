/** Code frames: the lines of a file around a mistake, with the mistake underlined. */
import { hasControls } from '../terminal/controls.js'
import { oneLine } from '../terminal/printable.js'
import type { SourceFile, SourceRange } from './model-set.js'

/** Lines that are shown before the line of the mistake, and after it. */
const CONTEXT = 2
/** Longest shown part of a line, in characters. */
const WIDTH = 100
/** Characters before the mistake that a long line shows. */
const LEAD = 40

/** A 1-based line and column. Columns count UTF-16 code units, as editors do. */
export interface TextPosition {
  readonly line: number
  readonly column: number
}

/** The position of an offset. */
export function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset)
  const lines = before.split(/\r\n|\n|\r/)
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 }
}

/**
 * A message with its file, line and column, and the lines around it. Control characters of the file are replaced, so that
 * it cannot act on a terminal.
 */
export function codeFrame({ path, text }: SourceFile, at: SourceRange, message: string): string {
  const { line, column } = positionOf(text, at.start)
  const lines = text.split(/\r\n|\n|\r/)
  const first = Math.max(1, line - CONTEXT)
  const last = Math.min(lines.length, line + CONTEXT)
  const gutter = String(last).length
  const cut = column > WIDTH - LEAD ? column - LEAD : 0
  const shown = lines.slice(first - 1, last).flatMap((content, i) => {
    const number = first + i
    const row = `${number === line ? '>' : ' '} ${String(number).padStart(gutter)} | ${visible(content.slice(cut, cut + WIDTH))}`
    if (number !== line) return [row.trimEnd()]
    const space = ' '.repeat(Math.max(0, column - 1 - cut))
    const length = Math.min(at.end - at.start, content.length - column + 1, WIDTH - space.length)
    return [row.trimEnd(), `  ${' '.repeat(gutter)} | ${space}${'^'.repeat(Math.max(1, length))}`]
  })
  return [`${oneLine(path)}:${line}:${column}: ${oneLine(message)}`, ...shown].join('\n')
}

/** One character for each character, so that the underline stays below its text. */
function visible(line: string): string {
  const text = line.replaceAll('\t', ' ')
  return hasControls(text) ? text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?') : text
}
