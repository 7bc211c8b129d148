/** The store contract on the embedded engine. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeStoreContract } from '../../packages/partita/src/testing/index.js'
import { embeddedEngines } from '../stores.js'

for (const engine of embeddedEngines) describeStoreContract(engine, { describe, it, beforeAll, afterAll })
