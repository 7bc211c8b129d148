/** Whether one string or one binary is a part of another, in time that grows with their lengths and not their product. */

/** Below this many comparisons in the worst case, the string's own search is the faster one. */
const FEW_COMPARISONS = 2 ** 20

type Units = Uint16Array | Uint8Array

/** A text that is looked for, in one text or in many. */
export class TextPart {
  readonly #part: string
  #search: Search<Uint16Array> | undefined

  constructor(part: string) {
    this.#part = part
  }

  /** @param unitsOf for a caller who looks for many parts in one text, and keeps its units. */
  isIn(whole: string, unitsOf: (text: string) => Uint16Array = textUnits): boolean {
    const part = this.#part
    if (part.length > whole.length) return false
    if (whole.length * part.length <= FEW_COMPARISONS) return whole.includes(part)
    this.#search ??= new Search(textUnits(part))
    return this.#search.isIn(unitsOf(whole))
  }
}

/** Bytes that are looked for, in one binary or in many. */
export class BytesPart {
  readonly #search: Search<Uint8Array>

  constructor(part: Uint8Array) {
    this.#search = new Search(part)
  }

  isIn(whole: Uint8Array): boolean {
    return this.#search.isIn(whole)
  }
}

/** The UTF-16 units of a text. */
export function textUnits(text: string): Uint16Array {
  const { length } = text
  const units = new Uint16Array(length)
  for (let i = 0; i < length; i++) units[i] = text.charCodeAt(i)
  return units
}

/** The search of Knuth, Morris and Pratt: no unit of the whole is looked at again once it is passed. */
class Search<Part extends Units> {
  readonly #part: Part
  #borders: Uint32Array | undefined

  constructor(part: Part) {
    this.#part = part
  }

  isIn(whole: Part): boolean {
    const part = this.#part
    const partLength = part.length
    const { length } = whole
    if (partLength === 0) return true
    if (partLength > length) return false
    this.#borders ??= bordersOf(part)
    const borders = this.#borders
    let matched = 0
    for (let i = 0; i < length; i++) {
      const unit = whole[i]
      while (matched > 0 && part[matched] !== unit) matched = borders[matched - 1] as number
      if (part[matched] === unit) matched++
      if (matched === partLength) return true
    }
    return false
  }
}

/** How long the longest beginning is that each beginning of the part also ends with, but for itself. */
function bordersOf(part: Units): Uint32Array {
  const { length } = part
  const borders = new Uint32Array(length)
  let matched = 0
  for (let i = 1; i < length; i++) {
    const unit = part[i]
    while (matched > 0 && part[matched] !== unit) matched = borders[matched - 1] as number
    if (part[matched] === unit) matched++
    borders[i] = matched
  }
  return borders
}
