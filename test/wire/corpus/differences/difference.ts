/** A known difference of a server. */
export interface Difference {
  readonly server: 'dynamodb-local' | 'dynoxide'
  /** Default: every operation. */
  readonly operation?: RegExp
  /** The member of the answer. Default: the outcome, which is the status and the name and text of a refusal. */
  readonly at?: RegExp
  readonly partita: RegExp
  readonly theirs: RegExp
  /** Removes what may differ from both texts. The rest must be equal. */
  readonly but?: (text: string) => string
  /** Why the server is wrong or incomplete. */
  readonly why: string
}

type Row = readonly [why: string, partita: RegExp, theirs: RegExp, more?: Pick<Difference, 'operation' | 'at' | 'but'>]

export function of(server: Difference['server'], rows: readonly Row[]): Difference[] {
  return rows.map(([why, partita, theirs, more]) => ({ server, why, partita, theirs, ...more }))
}

export const ANY = /^/
export const NONE = /^$/
export const DONE = /^200 success$/

/** An outcome that is a `ValidationException` whose text begins with this. */
export function refused(text: string): RegExp {
  return new RegExp(`^400 ValidationException: (?:${text})`, 's')
}

/** Constraints of the members of an input, in the words of AWS. */
export const CONSTRAINT = /^400 ValidationException: \d+ validation errors? detected: .*failed to satisfy constraint/s

/** AWS counts the errors of an input. */
export function uncounted(text: string): string {
  return text.replace(/ValidationException: \d+ validation errors? detected: /, 'ValidationException: ')
}
