/**
 * `npm run bench` runs the default groups in some minutes; `npm run bench -- scale load` runs the named groups. The
 * results are printed to stdout.
 */
import { measureBundle } from './groups/bundle.js'
import { measureClient } from './groups/client.js'
import { measureDecode } from './groups/decode.js'
import { measureEngine } from './groups/engine.js'
import { measureFilter } from './groups/filter.js'
import { measureImport } from './groups/import.js'
import { measureLoad } from './groups/load.js'
import { measureMappers } from './groups/mappers.js'
import { measureModel } from './groups/model.js'
import { measureMongodb } from './groups/mongodb.js'
import { measureRules } from './groups/rules.js'
import { measureScale } from './groups/scale.js'
import { measureServers } from './groups/servers.js'
import { measureSqlite } from './groups/sqlite.js'
import { measureTransport } from './groups/transport.js'
import { measureTypes } from './groups/types.js'
import { measureWire } from './groups/wire.js'
import { printMachine } from './machine.js'

const GROUPS: Readonly<Record<string, () => Promise<void>>> = {
  engine: measureEngine,
  filter: measureFilter,
  sqlite: measureSqlite,
  servers: measureServers,
  wire: measureWire,
  model: measureModel,
  rules: measureRules,
  client: measureClient,
  mongodb: measureMongodb,
  mappers: measureMappers,
  transport: measureTransport,
  decode: measureDecode,
  types: measureTypes,
  bundle: measureBundle,
  import: measureImport,
  load: measureLoad,
  scale: measureScale,
}
/** `scale` loads a million items, so it runs only on request. */
const DEFAULT_GROUPS = Object.keys(GROUPS).filter(name => name !== 'scale')

const requested = process.argv.slice(2)
const unknown = requested.filter(name => !Object.hasOwn(GROUPS, name))
if (unknown.length > 0) {
  console.error(`Unknown group ${unknown.join(', ')}; choose from ${Object.keys(GROUPS).join(', ')}`)
  process.exit(2)
}
printMachine()
for (const name of requested.length > 0 ? requested : DEFAULT_GROUPS) await GROUPS[name]?.()
// Does not wait for servers that shut down, or for the SDK's sockets.
process.exit(0)
