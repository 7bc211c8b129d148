/** Issues of a program's input, collected so that one error lists all of them. */
import { type Issue, type IssuePath, MAX_ISSUES, valueText } from '../../errors/errors.js'

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

/** The message for an unknown name. Only the first one lists the names that exist. */
export function unknownName(known: Iterable<string>, isFirst: boolean): string {
  return isFirst ? `is not a field here; the fields are ${[...known].join(', ')}` : 'is not a field here'
}
