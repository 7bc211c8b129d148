/** Errors of the database as answers over HTTP. Nothing in them tells what exists but may not be seen. */
import { PartitaError } from 'partita'
import { BadBody } from './acting.js'

/** An answer to a request that failed. */
export interface Failure {
  readonly status: 400 | 403 | 404 | 409 | 429 | 500 | 503
  readonly body: { readonly error: string; readonly problems?: readonly { path: string; message: string }[] }
}

/** The answer to an error. */
export function failureOf(error: unknown): Failure {
  if (PartitaError.is(error, 'RuleViolated')) {
    return { status: 400, body: { error: 'The request breaks rules', problems: problems(error.details.violations) } }
  }
  if (PartitaError.is(error, 'ValidationFailed')) {
    return { status: 400, body: { error: 'The request is invalid', problems: problems(error.details.issues) } }
  }
  if (error instanceof BadBody) return { status: 400, body: { error: 'The body must be a JSON object' } }
  if (!(error instanceof PartitaError)) return { status: 500, body: { error: 'Something went wrong' } }
  switch (error.code) {
    case 'NotFound':
      return { status: 404, body: { error: 'There is no such thing' } }
    case 'InvalidCursor':
      return { status: 400, body: { error: 'The cursor is of another list' } }
    case 'LimitExceeded':
      return { status: 400, body: { error: 'A value is too large' } }
    case 'PermissionDenied':
      return { status: 403, body: { error: 'You may not do this' } }
    case 'AlreadyExists':
    case 'UniqueViolation':
    case 'Conflict':
      return { status: 409, body: { error: error.message } }
    case 'Throttled':
      return { status: 429, body: { error: 'Too many requests' } }
    case 'Unavailable':
    case 'OutcomeUnknown':
      return { status: 503, body: { error: 'The database cannot be reached' } }
    default:
      return { status: 500, body: { error: 'Something went wrong' } }
  }
}

function problems(issues: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]) {
  return issues.map(({ path, message }) => ({ path: path.join('.'), message }))
}
