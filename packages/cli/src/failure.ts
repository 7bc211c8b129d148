/**
 * How a command fails: the failures of the command line itself, and what every failure, the library's included, looks
 * like to a person (one line), to a program (the envelope's `error`) and to a shell (the exit code).
 */
import { PartitaError } from 'partita'

/** 0 done; 1 failed; 2 used wrongly; 4 not done, since it was not confirmed. */
export type ExitCode = 0 | 1 | 2 | 4

/** An error as programs read it: the `error` of the JSON envelope. */
export interface FailureReport {
  /** The library's error codes, and `Usage`, `NeedsConfirmation`, `BadInput`, `BadLine`, `CannotListen`, `Damaged`, `Interrupted`, `Unexpected`. */
  readonly code: string
  readonly message: string
  readonly details: unknown
}

/** A failure of the command line. The message says what is wrong and what to do. */
export class CommandFailure extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly details: unknown

  constructor(code: string, message: string, exitCode: ExitCode, details: unknown = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = code
    this.code = code
    this.exitCode = exitCode
    this.details = details
  }
}

/** The command was called in a way that makes no sense; nothing was done. */
export class Usage extends CommandFailure {
  constructor(message: string) {
    super('Usage', message, 2)
  }
}

/** The command wants a yes, and there was none; nothing was done. */
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

  constructor(line: number, fault: string, cause?: unknown) {
    super('BadLine', `line ${line} ${fault}`, 1, { line }, cause)
    this.line = line
  }
}

/** The user stopped the command. */
export class Interrupted extends CommandFailure {
  constructor(message: string, details: unknown = {}) {
    super('Interrupted', message, 1, details)
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
  if (error instanceof CommandFailure || error instanceof PartitaError) {
    return { code: error.code, message: error.message, details: error.details }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'Unexpected', message: `${message} (PARTITA_DEBUG=1 shows where)`, details: {} }
}
