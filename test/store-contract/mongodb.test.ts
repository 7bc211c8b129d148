/** The store contract on MongoDB's driver and every server. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeStoreContract } from '../../packages/partita/src/testing/index.js'
import { missingMongoServers, mongoServers } from '../servers/mongo/lanes.js'
import { mongoEngines } from '../stores.js'

for (const engine of mongoEngines) describeStoreContract(engine, { describe, it, beforeAll, afterAll })

const skipped = [
  ...missingMongoServers(),
  ...mongoServers().flatMap(({ name, withoutStore: reason }) => (reason === undefined ? [] : [{ name, reason }])),
]
for (const { name, reason } of skipped) it.skip(`The store contract runs on ${name} (skipped: ${reason})`, () => {})
