/** The store contract on DynamoDB's protocol: by the store itself on every server, and through a client of the SDK. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeStoreContract } from '../../packages/partita/src/testing/index.js'
import { clientEngines, servedEngines } from '../stores.js'

for (const engine of [...servedEngines, ...clientEngines])
  describeStoreContract(engine, { describe, it, beforeAll, afterAll })
