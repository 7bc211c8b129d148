/** The store contract on DynamoDB's client and every server. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeStoreContract } from '../../packages/partita/src/testing/index.js'
import { servedEngines } from '../stores.js'

for (const engine of servedEngines) describeStoreContract(engine, { describe, it, beforeAll, afterAll })
