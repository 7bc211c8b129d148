/** Reads the parts of records that document paths name, and skips the rest without decoding it. */
import type { Path } from '../../expression/ast.js'
import { type Item, setAttribute, type Value } from '../../value/value.js'
import { decodeValue, encodeText } from './codec.js'
import { LIST, MAP, SHORT_ASCII, skipValue, varintAt } from './tag.js'

/**
 * What to decode of a value: all of it, or the attributes and elements that paths name. A value that is neither the map
 * nor the list that the paths expect is decoded as null, in which a lookup finds as little.
 */
interface Part {
  isWhole: boolean
  readonly attributes: Map<string, Part>
  readonly elements: Map<number, Part>
  /** Made of `attributes` when they are complete. */
  table: AttributeTable | undefined
}

/**
 * Compiles document paths for many records. A decoded selection has what {@link lookup} finds in the whole item on each of
 * the paths, and attributes in the same order. Elements of lists before the last selected one are null.
 */
export class RecordSelection {
  readonly table: AttributeTable

  /** @param paths may overlap. */
  constructor(paths: readonly Path[]) {
    const root = newPart()
    for (const path of paths) insert(root, path)
    this.table = tableOf(root)
  }

  /** Finds the selected attributes of a record, for `table.readOne`. */
  find(record: Uint8Array): void {
    this.table.find(record, afterVarint(record, 0))
  }

  /** Decodes the selected parts of a record. */
  read(record: Uint8Array): Item {
    return this.table.readAll(record, afterVarint(record, 0))
  }
}

/** Finds attributes by the bytes of their encoded names, of which each name has one form. */
class AttributeTable {
  readonly names: readonly string[]
  readonly #parts: readonly Part[]
  /** By the first byte of the encoded name, which for most names is its length. */
  readonly #byTag: (readonly Candidate[] | undefined)[] = new Array(256)
  /** For each name, the position of its value in the record searched last; 0 if the record does not have it. */
  readonly positions: number[]
  /** The names found, in the order of the record, as indexes of `names`. */
  readonly #found: number[]

  constructor(attributes: ReadonlyMap<string, Part>) {
    this.names = [...attributes.keys()]
    this.#parts = [...attributes.values()]
    this.positions = this.names.map(() => 0)
    this.#found = this.names.map(() => 0)
    for (const [index, name] of this.names.entries()) {
      const encoded = encodeText(name)
      const tag = encoded[0] as number
      this.#byTag[tag] = [...(this.#byTag[tag] ?? []), { index, encoded }]
    }
  }

  /**
   * Finds the values of the names and sets `positions`.
   * @param start the position of the attributes: their count, then names and values.
   * @returns the number of names found.
   */
  find(bytes: Uint8Array, start: number): number {
    const byTag = this.#byTag
    const { positions } = this
    const wanted = positions.length
    for (let i = 0; i < wanted; i++) positions[i] = 0
    let at = afterVarint(bytes, start)
    let found = 0
    for (let count = varintAt(bytes, start); count > 0; count--) {
      const tag = bytes[at] as number
      const candidates = byTag[tag]
      const name = at
      at = tag >= SHORT_ASCII ? at + 1 + (tag & 0x7f) : skipValue(bytes, at)
      if (candidates !== undefined) {
        const index = indexOf(candidates, bytes, name)
        if (index >= 0) {
          positions[index] = at
          this.#found[found++] = index
          if (found === wanted) return found
        }
      }
      // Strings are the most frequent values, so that the call is saved for them.
      const kind = bytes[at] as number
      at = kind >= SHORT_ASCII ? at + 1 + (kind & 0x7f) : skipValue(bytes, at)
    }
    return found
  }

  /** Decodes the selected part of the value of a name that the last `find` found. */
  readOne(bytes: Uint8Array, index: number): Value {
    return readPart(this.#parts[index] as Part, bytes, this.positions[index] as number)
  }

  /** Decodes the selected parts of all names, in the order of the record. */
  readAll(bytes: Uint8Array, start: number): Item {
    const item: Item = {}
    const found = this.find(bytes, start)
    for (let i = 0; i < found; i++) {
      const index = this.#found[i] as number
      setAttribute(item, this.names[index] as string, this.readOne(bytes, index))
    }
    return item
  }
}

interface Candidate {
  readonly index: number
  readonly encoded: Uint8Array
}

/** Returns the index of the name whose encoded form is at a position; -1 for none of the candidates. */
function indexOf(candidates: readonly Candidate[], bytes: Uint8Array, position: number): number {
  for (let i = 0; i < candidates.length; i++) {
    const { encoded, index } = candidates[i] as Candidate
    // From the end: names of one length differ there more often than at the start.
    let last = encoded.length - 1
    while (last >= 0 && encoded[last] === bytes[position + last]) last--
    if (last < 0) return index
  }
  return -1
}

function newPart(): Part {
  return { isWhole: false, attributes: new Map(), elements: new Map(), table: undefined }
}

function insert(root: Part, path: Path): void {
  let part = root
  for (const step of path) {
    const children = (typeof step === 'number' ? part.elements : part.attributes) as Map<string | number, Part>
    let child = children.get(step)
    if (!child) {
      child = newPart()
      children.set(step, child)
    }
    part = child
  }
  part.isWhole = true
}

function tableOf(part: Part): AttributeTable {
  part.table ??= new AttributeTable(part.attributes)
  return part.table
}

function readPart(part: Part, bytes: Uint8Array, position: number): Value {
  if (part.isWhole) return decodeValue(bytes, position)
  const tag = bytes[position]
  if (tag === MAP && part.attributes.size > 0) return tableOf(part).readAll(bytes, position + 1)
  if (tag === LIST && part.elements.size > 0) return readElements(part.elements, bytes, position + 1)
  return null
}

function readElements(elements: ReadonlyMap<number, Part>, bytes: Uint8Array, start: number): Value[] {
  const list: Value[] = []
  let left = elements.size
  let at = afterVarint(bytes, start)
  for (let count = varintAt(bytes, start); count > 0 && left > 0; count--) {
    const part = elements.get(list.length)
    list.push(part ? readPart(part, bytes, at) : null)
    if (part) left--
    at = skipValue(bytes, at)
  }
  return list
}

function afterVarint(bytes: Uint8Array, position: number): number {
  let at = position
  while ((bytes[at++] as number) >= 0x80);
  return at
}
