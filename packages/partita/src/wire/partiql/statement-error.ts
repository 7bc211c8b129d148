/** Refusals of statements. */
import { type AwsError, validation } from '../protocol/aws-error.js'
import type { TokenPosition } from './lexer.js'

/** The statement is no PartiQL. */
export function malformed(message: string): AwsError {
  return validation(`Statement wasn't well formed, can't be processed: ${message}`)
}

/** The statement is PartiQL, but not what DynamoDB takes of it. */
export function unsupported(message: string, place: TokenPosition): AwsError {
  return validation(`${message} at ${place.line}:${place.column}:${place.length}`)
}
