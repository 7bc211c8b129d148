/** What is wrong with a program's input, collected so that one error lists all of it. */
import { type Issue, type IssuePath, MAX_ISSUES, valueText } from '../../errors/errors.js'

/** Stands for a fault that is counted and never shown: a long list can have many. */
const UNLISTED: Issue = Object.freeze({ path: Object.freeze([]), message: 'is not valid' })

/** Adds an issue. Above the number of issues that an error lists it is only counted. */
export function refuse(issues: Issue[], at: IssuePath, message: string): undefined {
  issues.push(issues.length < MAX_ISSUES ? { path: at, message } : UNLISTED)
}

/** Adds the issue that a value is missing or of another kind than `what`. */
export function wanted(issues: Issue[], at: IssuePath, what: string, input: unknown): undefined {
  if (issues.length >= MAX_ISSUES) return refuse(issues, at, '')
  return refuse(
    issues,
    at,
    input === undefined ? `is missing; it takes ${what}` : `is ${valueText(input)}, not ${what}`,
  )
}

/** The path of a value by itself. */
export const NOWHERE: IssuePath = Object.freeze([])

/** The message for an unknown name. Only the first one lists the names that exist. */
export function unknownName(known: Iterable<string>, isFirst: boolean): string {
  return isFirst ? `is no field here; there are ${[...known].join(', ')}` : 'is no field here'
}
