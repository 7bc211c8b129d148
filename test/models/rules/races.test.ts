/** The races in few rounds. `races.soak.ts` runs them in 200. */
import { describeRaces } from './races.js'

// A server takes much longer for each round than the embedded engine.
describeRaces(store => (store === 'memory' || store === 'embedded' ? 10 : 4))
