/** Errors of single operations of a transaction, which cancel it as a whole. */
import { pickKey } from '../../../store/definition.js'
import type { WriteRequest } from '../../../store/store.js'
import type { Wire } from '../../dispatch.js'
import { AwsError, EmptyKeyError } from '../../protocol/aws-error.js'
import { tableOf } from '../../protocol/table-name.js'
import { awsErrorOf, cancellation } from '../../protocol/translate-error.js'

/** An operation that is refused once its condition holds, which cancels the transaction. */
export class Refused {
  readonly error: AwsError
  readonly request: WriteRequest

  constructor(error: AwsError, request: WriteRequest) {
    this.error = error
    this.request = request
  }
}

interface Reason {
  readonly Code: string
  readonly Message?: string
}

const FINE: Reason = { Code: 'None' }

/** Whether the value is an operation that is refused once its condition holds. */
export function isRefused(it: unknown): it is Refused {
  return it instanceof Refused
}

/**
 * Validates operations against their tables. The first invalid one cancels the transaction: AWS evaluates no later
 * operation and no condition.
 * @throws AwsError the cancellation. For an empty key, its own error: AWS refuses the whole request.
 */
export function untilRefused<In, Out>(operations: readonly In[], read: (operation: In, index: number) => Out): Out[] {
  return operations.map((operation, i) => {
    try {
      return read(operation, i)
    } catch (error) {
      if (!(error instanceof AwsError) || error instanceof EmptyKeyError) throw error
      throw cancelledAt(i, operations.length, error)
    }
  })
}

/** The cancellation of a transaction of `length` operations because of operation `index`. */
export function cancelledAt(index: number, length: number, error: AwsError): AwsError {
  return cancellation(Array.from({ length }, (_, i) => (i === index ? reasonOf(error) : FINE)))
}

function reasonOf({ message }: AwsError): Reason {
  return { Code: 'ValidationError', Message: message }
}

/** The reasons of a transaction with refused operations. All conditions are evaluated, and nothing is written. */
export async function reasonsOf(wire: Wire, each: readonly (WriteRequest | Refused)[]): Promise<Reason[]> {
  const requests = each.map(it => (isRefused(it) ? it.request : it))
  const conditional = requests.filter(({ condition }) => condition !== undefined)
  const failed = await failures(wire, conditional)
  return each.map((it, i) => {
    const failure = failed[conditional.indexOf(requests[i] as WriteRequest)]
    if (failure && failure.Code !== 'None') return failure
    return isRefused(it) ? reasonOf(it.error) : FINE
  })
}

async function failures(wire: Wire, conditional: readonly WriteRequest[]): Promise<readonly Reason[]> {
  if (conditional.length === 0) return []
  const checks = conditional.map(write => {
    const key = write.kind === 'put' ? pickKey(tableOf(wire, write.table).definition.key, write.item) : write.key
    const { table, condition, returnOldOnFailure = false } = write
    return { kind: 'check', table, key, condition, returnOldOnFailure } as WriteRequest
  })
  try {
    await wire.store.transactWrite({ writes: checks })
    return []
  } catch (error) {
    const { CancellationReasons: reasons } = awsErrorOf(error).more
    if (!Array.isArray(reasons)) throw error
    return reasons
  }
}
