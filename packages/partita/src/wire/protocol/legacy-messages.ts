/**
 * AWS looks at values in two places. Single writes, single reads and Query have the newer one; batches of writes,
 * transactions, Scan and PartiQL have the older, which words some faults in another way.
 */
import { AwsError, validation } from './aws-error.js'

/** What is wrong with a value, in newer and in older words. */
export class ValueError extends AwsError {
  readonly older: string
  readonly subject: 'number' | 'duplicates' | 'value'

  /** @param subject the problem is with a number or a set of numbers, with duplicates in a set, or with any other value. */
  constructor(message: string, older = message, subject: ValueError['subject'] = 'value') {
    super('ValidationException', message)
    this.older = older
    this.subject = subject
  }
}

/** @param read reads values; what it throws of them is told in older words. @throws AwsError */
export function inOlderWords<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    throw error instanceof ValueError ? validation(error.older) : error
  }
}
