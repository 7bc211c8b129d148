/** A difference that a server has. */
export interface Difference {
  readonly server: 'dynamodb-local' | 'dynoxide'
  /** Default: any. */
  readonly operation?: RegExp
  /** The member of the answer. Default: the outcome, which is a status, and the name and text of a refusal. */
  readonly at?: RegExp
  readonly partita: RegExp
  readonly theirs: RegExp
  /** What both are the same without. */
  readonly but?: (text: string) => string
  /** Why it is the server's fault or gap. */
  readonly why: string
}

type Row = readonly [why: string, partita: RegExp, theirs: RegExp, more?: Pick<Difference, 'operation' | 'at' | 'but'>]

export function of(server: Difference['server'], rows: readonly Row[]): Difference[] {
  return rows.map(([why, partita, theirs, more]) => ({ server, why, partita, theirs, ...more }))
}

export const ANY = /^/
export const NONE = /^$/
export const DONE = /^200 success$/

/** An outcome that is a `ValidationException` whose text begins so. */
export function refused(text: string): RegExp {
  return new RegExp(`^400 ValidationException: (?:${text})`, 's')
}

/** Constraints of the input's members, as AWS tells of them. */
export const CONSTRAINT = /^400 ValidationException: \d+ validation errors? detected: .*failed to satisfy constraint/s

/** AWS counts what is wrong with inputs. */
export function uncounted(text: string): string {
  return text.replace(/ValidationException: \d+ validation errors? detected: /, 'ValidationException: ')
}
