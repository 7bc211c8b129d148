/** Finds a string in a string, or bytes in binary, in time linear in their lengths. */

/** Below this many comparisons in the worst case, `String.includes` is faster. */
const FEW_COMPARISONS = 2 ** 20

type Units = Uint16Array | Uint8Array

/** Searches for one string in one or many strings. */
export class TextPart {
  readonly #part: string
  #search: Search<Uint16Array> | undefined

  constructor(part: string) {
    this.#part = part
  }

  /** @param unitsOf returns the units of the string, for a caller that searches it many times and caches them. */
  isIn(whole: string, unitsOf: (text: string) => Uint16Array = textUnits): boolean {
    const part = this.#part
    if (part.length > whole.length) return false
    if (whole.length * part.length <= FEW_COMPARISONS) return whole.includes(part)
    this.#search ??= new Search(textUnits(part))
    return this.#search.isIn(unitsOf(whole))
  }
}

/** Searches for one run of bytes in one or many binary values. */
export class BytesPart {
  readonly #search: Search<Uint8Array>

  constructor(part: Uint8Array) {
    this.#search = new Search(part)
  }

  isIn(whole: Uint8Array): boolean {
    return this.#search.isIn(whole)
  }
}

/** The UTF-16 units of a string. */
export function textUnits(text: string): Uint16Array {
  const { length } = text
  const units = new Uint16Array(length)
  for (let i = 0; i < length; i++) units[i] = text.charCodeAt(i)
  return units
}

/** The Knuth–Morris–Pratt search: it reads each unit of the whole once. */
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

/** For each prefix of the part: the length of its longest proper prefix that is also its suffix. */
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
