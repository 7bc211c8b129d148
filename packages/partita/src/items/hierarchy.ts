/** Keys that are paths, such as `/ten-1/usr-1`: list the children of a parent by its prefix. */
import { invalid } from '../errors/errors.js'
import { checkText } from './item.js'

/**
 * A key that is a path. A slash or percent sign inside a part is escaped, so that one part cannot become two.
 *
 * @example
 * import { hierarchicalKey } from 'partita/items'
 *
 * hierarchicalKey('ten-1', 'usr-1') // '/ten-1/usr-1'
 * @throws ValidationError with the index of a part that is missing or empty.
 */
export function hierarchicalKey(...parts: readonly [string, ...string[]]): string {
  if (parts.length === 0) throw invalid([], 'is an empty list; a key needs at least one part')
  return parts.map(pathPart).join('')
}

/**
 * The prefix of all keys under a path. It ends with a slash, so `ten-1` does not match `ten-10`.
 *
 * @example
 * import { hierarchicalPrefix, listItems } from 'partita/items'
 *
 * hierarchicalPrefix('ten-1') // '/ten-1/'
 * const { items } = await listItems('tenant-user', hierarchicalPrefix('ten-1'))
 * @throws ValidationError with the index of a part that is missing or empty.
 */
export function hierarchicalPrefix(...parts: readonly string[]): string {
  return `${parts.map(pathPart).join('')}/`
}

function pathPart(part: string, i: number): string {
  checkText(part, [i])
  return `/${part.replace(/[%/]/g, it => (it === '/' ? '%2F' : '%25'))}`
}
