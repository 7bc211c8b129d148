/** What an examination has found. */

/** One finding. */
export interface Finding {
  /** What was examined, such as `disk`. */
  readonly check: string
  readonly status: 'ok' | 'warning' | 'problem'
  readonly message: string
  /** What to do about it; absent if nothing needs to be done. */
  readonly remedy?: string
}

/** A finding that needs nothing. */
export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message }
}

/** A finding that may be intended. */
export function warning(check: string, message: string, remedy: string): Finding {
  return { check, status: 'warning', message, remedy }
}

/** A finding that keeps programs from working. */
export function problem(check: string, message: string, remedy: string): Finding {
  return { check, status: 'problem', message, remedy }
}

/** The message of any error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
