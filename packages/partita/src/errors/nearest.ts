/** Finds the name that a mistyped one most likely stands for. */

/** Longer names are not compared; no field, option, command or setting has one. */
const LONGEST = 64

/**
 * The known name that is most like the given one; undefined if none is similar: if over a third of its characters would
 * have to be inserted, removed, replaced or swapped with their neighbour. Upper and lower case count as alike. What is given
 * may come from JavaScript or a request, and be no text.
 *
 * @example
 * import { nearest } from 'partita/store'
 *
 * nearest('emial', ['name', 'email']) // 'email'
 */
export function nearest(given: unknown, known: Iterable<string>): string | undefined {
  if (typeof given !== 'string' || given.length > LONGEST) return undefined
  const wanted = given.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const name of known) {
    if (name.length > LONGEST || Math.abs(name.length - given.length) >= least) continue
    const changes = distance(wanted, name.toLowerCase())
    if (changes < least) [best, least] = [name, changes]
  }
  return best
}

/** The end of a message about an unknown name; empty if no known name is similar. */
export function didYouMean(given: unknown, known: Iterable<string>): string {
  const near = nearest(given, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** How many characters must be inserted, removed, replaced or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let older: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, older[j - 2]! + 1)
      row.push(least)
    }
    ;[older, above] = [above, row]
  }
  return above[b.length]!
}
