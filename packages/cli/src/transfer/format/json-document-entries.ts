/**
 * Files of JSON that are not one object a line: objects over several lines, a list of objects, and what `aws dynamodb scan`
 * prints, `{"Items": [...], "Count": ...}`. They are read as a stream, one object at a time.
 */
import { BadLine } from '../../failure.js'
import { MAX_LINE_BYTES } from '../../json/json-lines.js'
import type { Entry } from './entry.js'
import { type LineFormat, parserOf } from './json-lines-format.js'

/** The answer of a scan, up to its first item. */
const ITEMS = /^\{\s*"Items"\s*:\s*\[$/
/** The longest such beginning. */
const ITEMS_LENGTH = 64

/** Whether the beginning of a file shows that it is JSON, but not JSON Lines. */
export function areDocuments(head: string): boolean {
  const text = head.replace(/^\ufeff/, '').trimStart()
  if (text.startsWith('[') || /^\{\s*"Items"\s*:\s*\[/.test(text)) return true
  const end = text.indexOf('\n')
  return text.startsWith('{') && end >= 0 && !text.slice(0, end).trimEnd().endsWith('}')
}

/**
 * The objects of the file. The position `end` of an entry counts characters.
 * @throws BadLine for anything other than objects, for an object over 4 MB, and for text that is not UTF-8.
 */
export async function* readDocumentEntries(
  bytes: AsyncIterable<Uint8Array>,
  format: LineFormat,
): AsyncGenerator<Entry> {
  const parse = parserOf(format)
  const splitter = new DocumentSplitter()
  for await (const text of decoded(bytes, () => splitter.line)) {
    for (const found of splitter.add(text)) {
      const { line, end, text: own } = found
      yield { line, nextLine: found.lastLine + 1, end, bytes: own.length, text: own, read: () => parse(own) }
    }
  }
  splitter.finish()
}

interface Document {
  readonly text: string
  readonly line: number
  readonly lastLine: number
  readonly end: number
}

/** Splits text, which arrives in pieces, into the objects at its top level, or at that of its list. */
class DocumentSplitter {
  line = 1
  #end = 0
  /** Open brackets, and how many of them are around an object. */
  #depth = 0
  #around = 0
  /** The object that has begun: its text so far, and its first line. */
  #text: string | undefined
  #firstLine = 1
  /** After the list of a scan, the rest of its answer is skipped. */
  #isTail = false
  #inString = false
  #isEscaped = false

  finish(): void {
    if (this.#depth > 0 || this.#inString)
      throw new BadLine(this.line, 'is the last one, but an object or list is not closed')
  }

  *add(text: string): Generator<Document> {
    let begin = 0
    for (let at = 0; at < text.length; at++) {
      const character = text[at] as string
      if (character === '\n') this.line++
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (character === '\\') this.#isEscaped = true
        else if (character === '"') this.#inString = false
        continue
      }
      if (character === '"') {
        this.#requireInside()
        this.#inString = true
      } else if (character === '{' || character === '[') {
        if (this.#open(character)) begin = at
        if (character === '[' && this.#isItemsList(text, begin, at + 1)) this.#text = undefined
      } else if (character === '}' || character === ']') {
        this.#depth--
        if (this.#text !== undefined && this.#depth === this.#around) {
          const whole = this.#text + text.slice(begin, at + 1)
          this.#text = undefined
          yield { text: whole, line: this.#firstLine, lastLine: this.line, end: this.#end + at + 1 }
        } else this.#close()
      } else if (!/[\s,]/.test(character)) this.#requireInside()
    }
    if (this.#text !== undefined) {
      this.#text += text.slice(begin)
      if (this.#text.length > MAX_LINE_BYTES) {
        throw new BadLine(
          this.#firstLine,
          `begins an object of over ${MAX_LINE_BYTES} bytes (4 MB); no item has that much JSON`,
        )
      }
    }
    this.#end += text.length
  }

  /** @returns whether an object begins. */
  #open(bracket: '{' | '['): boolean {
    this.#depth++
    if (this.#text !== undefined || this.#isTail) return false
    if (bracket === '[' && this.#depth === 1) {
      this.#around = 1
      return false
    }
    if (bracket === '[') throw this.#foreign()
    this.#text = ''
    this.#firstLine = this.line
    return true
  }

  #isItemsList(text: string, begin: number, end: number): boolean {
    if (this.#depth !== 2 || this.#around !== 0 || this.#text === undefined) return false
    if (this.#text.length + end - begin > ITEMS_LENGTH || !ITEMS.test(this.#text + text.slice(begin, end))) return false
    this.#around = 2
    return true
  }

  /** A bracket was closed that is not that of an object. */
  #close(): void {
    if (this.#around === 2 && this.#depth === 1) this.#isTail = true
    if (this.#depth <= 0) {
      this.#depth = 0
      this.#around = 0
      this.#isTail = false
    }
  }

  #requireInside(): void {
    if (this.#text === undefined && !this.#isTail) throw this.#foreign()
  }

  #foreign(): BadLine {
    return new BadLine(this.line, 'contains something other than JSON objects, one after another or in one list')
  }
}

async function* decoded(bytes: AsyncIterable<Uint8Array>, line: () => number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      throw new BadLine(line(), 'or a line soon after it is not UTF-8 text; convert the file to UTF-8', error)
    }
  }
  for await (const chunk of bytes) yield decode(chunk)
  yield decode()
}
