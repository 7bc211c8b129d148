/** Operations on the account. */
import type { Operation } from '../../dispatch.js'
import { MOST_ACCOUNT_UNITS, MOST_UNITS } from './throughput.js'

/** `DescribeLimits`: the throughput quotas of the account and of a table. */
export const describeLimits: Operation = {
  input: { type: 'structure', members: {} },
  run: () => ({
    AccountMaxReadCapacityUnits: MOST_ACCOUNT_UNITS,
    AccountMaxWriteCapacityUnits: MOST_ACCOUNT_UNITS,
    TableMaxReadCapacityUnits: MOST_UNITS,
    TableMaxWriteCapacityUnits: MOST_UNITS,
  }),
}

/** The address that the client used. Of all addresses of the server, this one is known to be reachable. */
export const describeEndpoints: Operation = {
  input: { type: 'structure', members: {} },
  run: ({ address = 'localhost' }) => ({ Endpoints: [{ Address: address, CachePeriodInMinutes: 1440 }] }),
}
