/**
 * AWS has two front ends that check values. Single writes, single reads and Query use the newer one. Batches of writes,
 * transactions, Scan and PartiQL use the older one, which words some errors differently.
 */
import { AwsError, validation } from './aws-error.js'

/** An invalid value, with the newer and the older message. */
export class ValueError extends AwsError {
  readonly older: string
  readonly subject: 'number' | 'duplicates' | 'value'

  /** @param subject what is invalid: a number or a set of numbers, a set with duplicates, or any other value. */
  constructor(message: string, older = message, subject: ValueError['subject'] = 'value') {
    super('ValidationException', message)
    this.older = older
    this.subject = subject
  }
}

/** Calls `read`, and gives its errors about values their older messages. @throws AwsError */
export function inOlderWords<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    throw error instanceof ValueError ? validation(error.older) : error
  }
}
