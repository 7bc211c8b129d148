/** Whether one string or one binary is a part of another, in time that grows with their lengths and not their product. */

/** Below this many comparisons in the worst case, the string's own search is the faster one. */
const FEW_COMPARISONS = 2 ** 20

export function holdsText(whole: string, part: string): boolean {
  if (whole.length * part.length <= FEW_COMPARISONS) return whole.includes(part)
  return holdsUnits(
    whole.length,
    i => whole.charCodeAt(i),
    part.length,
    i => part.charCodeAt(i),
  )
}

export function holdsBytes(whole: Uint8Array, part: Uint8Array): boolean {
  return holdsUnits(
    whole.length,
    i => whole[i] as number,
    part.length,
    i => part[i] as number,
  )
}

type Units = (index: number) => number

/** The search of Knuth, Morris and Pratt: no unit of the whole is looked at from a place before it. */
function holdsUnits(length: number, whole: Units, partLength: number, part: Units): boolean {
  if (partLength === 0) return true
  if (partLength > length) return false
  const borders = bordersOf(partLength, part)
  let matched = 0
  for (let i = 0; i < length; i++) {
    const unit = whole(i)
    while (matched > 0 && part(matched) !== unit) matched = borders[matched - 1] as number
    if (part(matched) === unit) matched++
    if (matched === partLength) return true
  }
  return false
}

/** How long the longest beginning is that each beginning of the part also ends with, but for itself. */
function bordersOf(length: number, part: Units): Uint32Array {
  const borders = new Uint32Array(length)
  let matched = 0
  for (let i = 1; i < length; i++) {
    const unit = part(i)
    while (matched > 0 && part(matched) !== unit) matched = borders[matched - 1] as number
    if (part(matched) === unit) matched++
    borders[i] = matched
  }
  return borders
}
