/**
 * Errors of the command line, and how every error, including the library's, is reported: to a person as one line, to a
 * program as the envelope's `error`, to a shell as the exit code.
 */
import type { PartitaError } from 'partita'

/**
 * 0 success; 1 error; 2 usage error; 3 differences found; 4 nothing done, because it was not confirmed; 130 stopped by the
 * user, with its state saved.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

/** An error as programs read it: the `error` of the JSON envelope. */
export interface FailureReport {
  /**
   * The library's error codes, and `Usage`, `NeedsConfirmation`, `BadInput`, `BadLine`, `CannotListen`, `Damaged`,
   * `Differences`, `Interrupted`, `Unhealthy`, `Unexpected`.
   */
  readonly code: string
  readonly message: string
  readonly details: unknown
}

/** An error of the command line. The message says what is wrong and what to do. */
export class CommandFailure extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly details: unknown
  /** Texts of several lines that show the error to a person, such as lines of a file; safe to print. One alone begins with the message. */
  readonly frames: readonly string[] = []

  constructor(code: string, message: string, exitCode: ExitCode, details: unknown = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = code
    this.code = code
    this.exitCode = exitCode
    this.details = details
  }
}

/** The command was called with invalid arguments. Nothing was done. */
export class Usage extends CommandFailure {
  constructor(message: string) {
    super('Usage', message, 2)
  }
}

/** The command requires a confirmation that was not given. Nothing was done. */
export class NeedsConfirmation extends CommandFailure {
  constructor(message: string) {
    super('NeedsConfirmation', message, 4)
  }
}

/** A file or text given to the command cannot be used. */
export class BadInput extends CommandFailure {
  constructor(message: string, details: unknown = {}, cause?: unknown) {
    super('BadInput', message, 1, details, cause)
  }
}

/** One line of an import cannot be used. */
export class BadLine extends CommandFailure {
  readonly line: number

  constructor(line: number, problem: string, cause?: unknown) {
    super('BadLine', `line ${line} ${problem}`, 1, { line }, cause)
    this.line = line
  }
}

/** The command compared two things that should be alike, and they differ. */
export class DifferencesFound extends CommandFailure {
  constructor(message: string, details: unknown = {}) {
    super('Differences', message, 3, details)
  }
}

/** The user stopped the command. What it has done so far is saved. */
export class Interrupted extends CommandFailure {
  constructor(message: string, details: unknown = {}) {
    super('Interrupted', message, 130, details)
  }
}

/** The exit code for an error: its own for a {@link CommandFailure}, 1 for every other error. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CommandFailure ? error.exitCode : 1
}

/**
 * Describes any error for the user. An error that neither the command nor the library throws on purpose gets the code
 * `Unexpected`.
 */
export function reportOf(error: unknown): FailureReport {
  if (error instanceof CommandFailure || isLibraryError(error)) {
    return { code: error.code, message: error.message, details: error.details }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'Unexpected', message: `${message} (set PARTITA_DEBUG=1 for the stack trace)`, details: {} }
}

/**
 * Checks the shape and not the class: a program's models may come with another copy of the library, and the library is not
 * loaded to report a usage error.
 */
function isLibraryError(error: unknown): error is PartitaError {
  return error instanceof Error && typeof (error as Partial<PartitaError>).code === 'string' && 'details' in error
}
