/** Suggests names in messages about unknown ones. */
import { nearest } from 'partita/store'

/** Longer lists of names are not printed. */
const MOST_LISTED = 40

/** The end of a message about an unknown name: the nearest one, else all. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean ${near}?`
  return names.length === 0 || names.length > MOST_LISTED ? 'check its spelling' : `use ${names.join(', ')}`
}
