/**
 * Reads pages of items from their bytes, without the objects that a JSON parser makes of DynamoDB's typed form. It knows
 * the compact JSON that DynamoDB sends; everything else, damaged bodies included, is left to `JSON.parse`.
 */
import { decimal } from '../../value/number.js'
import { type Item, setAttribute, type Value } from '../../value/value.js'
import { bytesOfBase64 } from './base64.js'
import { type BodyShape, shapeWithin } from './shapes.js'

/** Bytes of a body below which `JSON.parse` is as fast: it has few items. */
const MIN_BYTES = 4096
/** Characters up to which concatenating them is faster than a call of `latin1Slice`. */
const SHORT_TEXT = 12

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
const STRING = 0x53
const NUMBER = 0x4e
const MAP = 0x4d
const LIST = 0x4c
const BINARY = 0x42
const TRUE = new TextEncoder().encode('true')
const FALSE = new TextEncoder().encode('false')

/** Node's own functions, which make text of a part of some bytes without a view of it. Other runtimes have none. */
const { latin1Slice, utf8Slice } = ((globalThis.Buffer as typeof Buffer | undefined)?.prototype ??
  {}) as unknown as Record<'latin1Slice' | 'utf8Slice', (this: Uint8Array, start: number, end: number) => string>

const UNUSUAL = new Error('The body has an unusual form')

/** The name of an attribute, and its bytes. */
interface Name {
  readonly text: string
  readonly bytes: Uint8Array
}

/** Returns the body with plain items; undefined if it is short or of an unusual form. */
export function readPage(body: Uint8Array, shape: BodyShape): object | undefined {
  if (body.length < MIN_BYTES || body[0] !== OPEN || latin1Slice === undefined) return undefined
  try {
    return new PageReader(body).read(shape)
  } catch {
    // If it is an error, `JSON.parse` or the walk over its result will tell it.
    return undefined
  }
}

class PageReader {
  readonly #bytes: Uint8Array
  /** By their position in an item: most items of a page have the same names in the same order. */
  readonly #names: Name[] = []
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(shape: BodyShape): object {
    const page = this.member(shape)
    if (this.#at !== this.#bytes.length) throw UNUSUAL
    return page as object
  }

  member(shape: BodyShape | undefined): unknown {
    if (shape === undefined) return this.other()
    if (shape.kind === 'item') return this.item(true)
    if (shape.kind === 'list') return this.list(() => this.member(shape.of))
    const members = {}
    for (let more = this.opens(OPEN, CLOSE); more; more = this.goesOn(CLOSE)) {
      const name = this.text()
      this.skip(COLON)
      setAttribute(members, name, this.member(shapeWithin(shape, name)) as Value)
    }
    return members
  }

  /** @param isWhole whether it is an item of the page, and no map in one. */
  item(isWhole: boolean): Item {
    const item: Item = {}
    let position = 0
    for (let more = this.opens(OPEN, CLOSE); more; more = this.goesOn(CLOSE)) {
      const name = isWhole ? this.name(position++) : this.text()
      this.skip(COLON)
      setAttribute(item, name, this.typed())
    }
    return item
  }

  name(position: number): string {
    const expected = this.#names[position]
    if (expected !== undefined && this.skips(expected.bytes)) return expected.text
    const start = this.#at
    const text = this.text()
    this.#names[position] = { text, bytes: this.#bytes.subarray(start, this.#at) }
    return text
  }

  typed(): Value {
    this.skip(OPEN)
    const value = this.#bytes[this.#at + 2] === QUOTE ? this.common(this.#bytes[this.#at + 1]) : this.rare()
    this.skip(CLOSE)
    return value
  }

  /** Reads a value whose type has a name of one letter. */
  common(type: number | undefined): Value {
    this.skip(QUOTE)
    this.#at += 2
    this.skip(COLON)
    switch (type) {
      case STRING:
        return this.text()
      case NUMBER:
        return decimal(this.text())
      case MAP:
        return this.item(false)
      case LIST:
        return this.list(() => this.typed())
      case BINARY:
        return bytesOfBase64(this.text())
    }
    throw UNUSUAL
  }

  /** Reads a value whose type has a name of several letters. */
  rare(): Value {
    const type = this.text()
    this.skip(COLON)
    switch (type) {
      case 'BOOL':
        return this.boolean()
      case 'NULL':
        this.other()
        return null
      case 'SS':
        return new Set(this.list(() => this.text()))
      case 'NS':
        return new Set(this.list(() => decimal(this.text())))
      case 'BS':
        return new Set(this.list(() => bytesOfBase64(this.text())))
    }
    throw UNUSUAL
  }

  boolean(): boolean {
    if (this.skips(TRUE)) return true
    if (this.skips(FALSE)) return false
    throw UNUSUAL
  }

  list<Element>(readElement: () => Element): Element[] {
    const elements: Element[] = []
    for (let more = this.opens(OPEN_LIST, CLOSE_LIST); more; more = this.goesOn(CLOSE_LIST))
      elements.push(readElement())
    return elements
  }

  /** Whether an object or list has a first member, before which it stops. */
  opens(open: number, close: number): boolean {
    this.skip(open)
    if (this.#bytes[this.#at] !== close) return true
    this.#at++
    return false
  }

  /** Whether an object or list has a further member, before which it stops. */
  goesOn(close: number): boolean {
    const byte = this.#bytes[this.#at++]
    if (byte !== COMMA && byte !== close) throw UNUSUAL
    return byte === COMMA
  }

  skip(byte: number): void {
    if (this.#bytes[this.#at++] !== byte) throw UNUSUAL
  }

  skips(expected: Uint8Array): boolean {
    for (let i = 0; i < expected.length; i++) if (this.#bytes[this.#at + i] !== expected[i]) return false
    this.#at += expected.length
    return true
  }

  text(): string {
    const bytes = this.#bytes
    this.skip(QUOTE)
    const start = this.#at
    let end = start
    let all = 0
    for (;;) {
      const byte = bytes[end]
      if (byte === QUOTE) break
      if (byte === undefined || byte === BACKSLASH || byte < 0x20) return this.escaped(start)
      all |= byte
      end++
    }
    this.#at = end + 1
    if (all >= 0x80) return utf8Slice.call(bytes, start, end)
    return end - start > SHORT_TEXT ? latin1Slice.call(bytes, start, end) : this.short(start, end)
  }

  short(start: number, end: number): string {
    let text = ''
    for (let i = start; i < end; i++) text += String.fromCharCode(this.#bytes[i] as number)
    return text
  }

  /** Reads a text with escapes. */
  escaped(start: number): string {
    for (this.#at = start; this.#bytes[this.#at] !== QUOTE; this.#at++) {
      if (this.#bytes[this.#at] === BACKSLASH) this.#at++
      if (this.#at >= this.#bytes.length) throw UNUSUAL
    }
    return JSON.parse(utf8Slice.call(this.#bytes, start - 1, ++this.#at))
  }

  /** Reads JSON without items. */
  other(): unknown {
    const start = this.#at
    for (let depth = 0; depth > 0 || !endsValue(this.#bytes[this.#at]); ) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw UNUSUAL
      if (byte === QUOTE) this.text()
      else {
        if (byte === OPEN || byte === OPEN_LIST) depth++
        if (byte === CLOSE || byte === CLOSE_LIST) depth--
        this.#at++
      }
    }
    return JSON.parse(utf8Slice.call(this.#bytes, start, this.#at))
  }
}

function endsValue(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE || byte === CLOSE_LIST
}
