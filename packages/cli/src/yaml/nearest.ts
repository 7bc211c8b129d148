/** Suggests the name that a mistyped name probably means. */

/** Longer names are not compared: nobody mistypes them by a letter, and the comparison is quadratic. */
const LONGEST = 100
/** Names beyond this number are not compared. */
const MOST = 1000

/** The name of the least edit distance to `name`, if it is near enough; without regard to case. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length * 0.4)) + 0.5
  let compared = 0
  for (const candidate of names) {
    if (++compared > MOST) break
    if (candidate.length > LONGEST) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** The end of a message about an unknown name: the nearest one, else all. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean ${near}?`
  return names.length === 0 || names.length > 40 ? 'check its spelling' : `use ${names.join(', ')}`
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j] as number, (beforeLast[j - 2] as number) + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}
