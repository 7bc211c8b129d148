/** Keys that are paths, such as `/ten-1/usr-1`, for relations: see who belongs to what by listing with a prefix. */
import { invalid } from '../errors/errors.js'
import { checkText } from './item.js'

/**
 * A key that is a path. A slash or percent sign inside a part is escaped, so that no part can pass for two.
 *
 * @example
 * import { hierarchicalKey } from 'partita/items'
 *
 * hierarchicalKey('ten-1', 'usr-1') // '/ten-1/usr-1'
 * @throws ValidationError naming a part that is missing or empty.
 */
export function hierarchicalKey(...parts: readonly [string, ...string[]]): string {
  if (parts.length === 0) throw invalid([], 'is an empty list; a key needs at least one part')
  return parts.map(pathPart).join('')
}

/**
 * The prefix of all keys under a path; it ends with a slash, so `ten-1` does not find `ten-10`.
 *
 * @example
 * import { hierarchicalPrefix, listItems } from 'partita/items'
 *
 * hierarchicalPrefix('ten-1') // '/ten-1/'
 * const { items } = await listItems('tenant-user', hierarchicalPrefix('ten-1'))
 * @throws ValidationError naming a part that is missing or empty.
 */
export function hierarchicalPrefix(...parts: readonly string[]): string {
  return `${parts.map(pathPart).join('')}/`
}

function pathPart(part: string, i: number): string {
  checkText(part, [i])
  return `/${part.replace(/[%/]/g, it => (it === '/' ? '%2F' : '%25'))}`
}
