/** What holds for all tables. */
import type { Operation } from '../../wire.js'
import { MOST_ACCOUNT_UNITS, MOST_UNITS } from './throughput.js'

export const describeLimits: Operation = {
  input: { type: 'structure', members: {} },
  run: () => ({
    AccountMaxReadCapacityUnits: MOST_ACCOUNT_UNITS,
    AccountMaxWriteCapacityUnits: MOST_ACCOUNT_UNITS,
    TableMaxReadCapacityUnits: MOST_UNITS,
    TableMaxWriteCapacityUnits: MOST_UNITS,
  }),
}

/** Not AWS's own address: a client that goes where it is told must not end up there with what was meant for here. */
export const describeEndpoints: Operation = {
  input: { type: 'structure', members: {} },
  run: () => ({ Endpoints: [{ Address: 'localhost', CachePeriodInMinutes: 1440 }] }),
}
