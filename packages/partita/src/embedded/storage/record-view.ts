/** Shows a record as an item whose attributes are decoded when they are read. */
import type { Path } from '../../expression/ast.js'
import type { Access, Reader } from '../../expression/evaluate/index.js'
import { descend } from '../../expression/path/get.js'
import type { Value } from '../../value/value.js'
import { decodeValue, encodeText } from './codec.js'
import { RecordSelection } from './selection.js'
import { INTEGER, integerOf, SHORT_ASCII, varintAt } from './tag.js'

/** An attribute of the shown record that has not been read. */
const UNREAD = Symbol('unread')

/**
 * Shows one record after another to an expression that is evaluated on many records. Its readers take no item: they read
 * the record shown last, whose bytes must be unchanged until then.
 */
export class RecordView implements Access {
  readonly #selection: RecordSelection
  readonly #values: (Value | undefined | typeof UNREAD)[]
  /** For each attribute, the last string that was decoded: many attributes have few different values. */
  readonly #texts: string[]
  #bytes: Uint8Array = new Uint8Array()

  /** @param paths all paths of the expression. */
  constructor(paths: readonly Path[]) {
    this.#selection = new RecordSelection(paths)
    const { names } = this.#selection.table
    this.#values = names.map(() => undefined)
    this.#texts = names.map(() => '')
  }

  /** Reads the value at a path, one of those given to the constructor. */
  reader(path: Path): Reader {
    const index = this.#selection.table.names.indexOf(path[0])
    if (path.length === 1) return () => this.#read(index)
    return () => descend(this.#read(index), path)
  }

  /** Whether there is a value at a path, one of those given to the constructor. */
  presence(path: Path): () => boolean {
    const { names, positions } = this.#selection.table
    const index = names.indexOf(path[0])
    if (path.length === 1) return () => positions[index] !== 0
    return () => descend(this.#read(index), path) !== undefined
  }

  /** Whether the value at a path, one of those given to the constructor, is this text. Equal texts have equal bytes. */
  isText(path: Path, text: string): () => boolean {
    const { names, positions } = this.#selection.table
    const index = names.indexOf(path[0])
    if (path.length > 1) return () => descend(this.#read(index), path) === text
    const encoded = encodeText(text)
    // A lone surrogate has the bytes of another character, and no stored text has one.
    if (decodeValue(encoded, 0) !== text) return () => false
    return () => positions[index] !== 0 && isAt(encoded, this.#bytes, positions[index] as number)
  }

  /** Shows a record. */
  show(record: Uint8Array): void {
    this.#bytes = record
    this.#selection.find(record)
    const values = this.#values
    for (let i = 0; i < values.length; i++) values[i] = UNREAD
  }

  /** A value is decoded once for each record, since the evaluation recognises large values by their identity. */
  #read(index: number): Value | undefined {
    const known = this.#values[index]
    if (known !== UNREAD) return known as Value | undefined
    const value = this.#decode(index)
    this.#values[index] = value
    return value
  }

  #decode(index: number): Value | undefined {
    const { table } = this.#selection
    const position = table.positions[index] as number
    if (position === 0) return undefined
    if (this.#bytes[position] === INTEGER) return integerOf(varintAt(this.#bytes, position + 1))
    const text = this.#texts[index] as string
    if (text !== '' && isShortText(this.#bytes, position, text)) return text
    const value = table.readOne(this.#bytes, index)
    if (typeof value === 'string') this.#texts[index] = value
    return value
  }
}

function isAt(encoded: Uint8Array, bytes: Uint8Array, position: number): boolean {
  for (let i = 0; i < encoded.length; i++) if (encoded[i] !== bytes[position + i]) return false
  return true
}

/** Whether the value at a position is this text, in the form of short ASCII texts. */
function isShortText(bytes: Uint8Array, position: number, text: string): boolean {
  const { length } = text
  if (bytes[position] !== (SHORT_ASCII | length) || length > 0x7f) return false
  for (let i = 0; i < length; i++) if (bytes[position + 1 + i] !== text.charCodeAt(i)) return false
  return true
}
