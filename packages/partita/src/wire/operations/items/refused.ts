/** What is wrong with single operations of a transaction, which cancels it as a whole. */
import { pickKey } from '../../../embedded/catalog.js'
import type { WriteRequest } from '../../../store/store.js'
import { Fault } from '../../fault.js'
import { EMPTY_KEY, faultOf } from '../../store-fault.js'
import { tableOf } from '../../table.js'
import type { Wire } from '../../wire.js'

/** An operation that its table refuses, which cancels the transaction. */
export class Refused {
  readonly fault: Fault
  /** What is refused for another reason where its condition fails. */
  readonly request: WriteRequest | undefined

  constructor(fault: Fault, request?: WriteRequest) {
    this.fault = fault
    this.request = request
  }

  reason(): Reason {
    return { Code: 'ValidationError', Message: this.fault.message }
  }
}

export interface Reason {
  readonly Code: string
  readonly Message?: string
}

export function isRefused(it: unknown): it is Refused {
  return it instanceof Refused
}

/** @throws Fault for an empty key, which AWS refuses the whole transaction for. */
export function inEach<In, Out>(
  operations: readonly In[],
  read: (operation: In, index: number) => Out,
): (Out | Refused)[] {
  return operations.map((operation, i) => {
    try {
      return read(operation, i)
    } catch (error) {
      if (isRefused(error)) return error
      if (!(error instanceof Fault) || error.message.includes(EMPTY_KEY)) throw error
      return new Refused(error)
    }
  })
}

/** Beside operations that are refused, the conditions of the others are looked at, and nothing is written. */
export async function reasonsOf(wire: Wire, each: readonly (WriteRequest | Refused)[]): Promise<Reason[]> {
  const requests = each.map(it => (isRefused(it) ? it.request : it))
  const conditional = requests.filter(it => it?.condition !== undefined) as WriteRequest[]
  const failed = await failures(wire, conditional)
  return each.map((it, i) => {
    const failure = failed[conditional.indexOf(requests[i] as WriteRequest)]
    if (failure && failure.Code !== 'None') return failure
    return isRefused(it) ? it.reason() : { Code: 'None' }
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
    const { CancellationReasons: reasons } = faultOf(error).more
    if (!Array.isArray(reasons)) throw error
    return reasons
  }
}
