/**
 * Every difference between Partita and the two servers, each with the reason why the server is wrong. Sources for the
 * answers of AWS: its API reference and developer guide ("reference"), and answers of AWS itself that others have
 * published with their dates ("AWS, 2026"), which are the tests and captures of the dynamodb-conformance suite, run in
 * all of its regions, and issues of projects that compare themselves with AWS.
 */
import type { Found } from './comparison.js'
import { BY_CHANCE } from './differences/by-chance.js'
import type { Difference } from './differences/difference.js'
import { DYNAMODB_LOCAL } from './differences/dynamodb-local.js'
import { DYNOXIDE } from './differences/dynoxide.js'

export const DIFFERENCES: readonly Difference[] = [...DYNAMODB_LOCAL, ...DYNOXIDE]

/** The first difference that explains it. @param loosely allows also the differences of random requests. */
export function explanation(found: Found, loosely: boolean): Difference | undefined {
  return [...DIFFERENCES, ...(loosely ? BY_CHANCE : [])].find(
    ({ server, operation, at = /^outcome$/, partita, theirs, but }) =>
      server === found.server &&
      (operation === undefined || operation.test(found.request.operation)) &&
      at.test(found.at) &&
      partita.test(found.partita) &&
      theirs.test(found.theirs) &&
      (but === undefined || but(found.partita) === but(found.theirs)),
  )
}
