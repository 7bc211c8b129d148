/** Errors of statements. */
import { type AwsError, validation } from '../protocol/aws-error.js'
import type { TokenPosition } from './lexer.js'

/** The error for a statement that is not valid PartiQL. */
export function malformed(message: string): AwsError {
  return validation(`Statement wasn't well formed, can't be processed: ${message}`)
}

/** The error for valid PartiQL that DynamoDB does not support. */
export function unsupported(message: string, position: TokenPosition): AwsError {
  return validation(`${message} at ${position.line}:${position.column}:${position.length}`)
}
