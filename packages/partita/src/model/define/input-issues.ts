/** Issues of a program's input, collected so that one error lists all of them. */
import { type Issue, type IssuePath, MAX_ISSUES, valueText } from '../../errors/errors.js'
import { didYouMean } from '../../errors/nearest.js'

/** Placeholder for an issue that is counted but not listed: a long list can have many. */
const UNLISTED: Issue = Object.freeze({ path: Object.freeze([]), message: 'is not valid' })

/** Adds an issue. Beyond the number of issues that an error lists, issues are only counted. */
export function refuse(issues: Issue[], at: IssuePath, message: string): undefined {
  issues.push(issues.length < MAX_ISSUES ? { path: at, message } : UNLISTED)
}

/** Adds the issue that a value is missing or is not `what`. */
export function wanted(issues: Issue[], at: IssuePath, what: string, input: unknown): undefined {
  if (issues.length >= MAX_ISSUES) return refuse(issues, at, '')
  return refuse(
    issues,
    at,
    input === undefined ? `is missing; it takes ${what}` : `is ${valueText(input)}, not ${what}`,
  )
}

/** The empty path. */
export const NOWHERE: IssuePath = Object.freeze([])

/** Later unknown names are not compared with the known ones: input may have very many. */
const MOST_COMPARED = 10

/**
 * The message for an unknown name.
 * @param earlier how many unknown names were reported before: only the first one lists the names that exist.
 * @param here what has no such field, such as `of User`.
 */
export function unknownName(name: string, known: Iterable<string>, earlier: number, here = 'here'): string {
  const list = earlier > 0 ? '' : `; the fields are ${[...known].join(', ')}`
  return `is not a field ${here}${list}${earlier < MOST_COMPARED ? didYouMean(name, known) : ''}`
}
