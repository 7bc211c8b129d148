/**
 * `npm run bench` runs the groups that take minutes together; `npm run bench -- scale load` runs those that are named.
 * Figures go to stdout.
 */
import { measureBundle } from './groups/bundle.js'
import { measureClient } from './groups/client.js'
import { measureDecode } from './groups/decode.js'
import { measureEngine } from './groups/engine.js'
import { measureImport } from './groups/import.js'
import { measureLoad } from './groups/load.js'
import { measureMappers } from './groups/mappers.js'
import { measureModel } from './groups/model.js'
import { measureScale } from './groups/scale.js'
import { measureServers } from './groups/servers.js'
import { measureTypes } from './groups/types.js'
import { measureWire } from './groups/wire.js'
import { printMachine } from './machine.js'

const GROUPS: Readonly<Record<string, () => Promise<void>>> = {
  engine: measureEngine,
  servers: measureServers,
  wire: measureWire,
  model: measureModel,
  client: measureClient,
  mappers: measureMappers,
  decode: measureDecode,
  types: measureTypes,
  bundle: measureBundle,
  import: measureImport,
  load: measureLoad,
  scale: measureScale,
}
/** A million items take a while, so they are measured when asked for. */
const DEFAULT_GROUPS = Object.keys(GROUPS).filter(name => name !== 'scale')

const asked = process.argv.slice(2)
const unknown = asked.filter(name => !Object.hasOwn(GROUPS, name))
if (unknown.length > 0) {
  console.error(`There is no group ${unknown.join(', ')}; choose from ${Object.keys(GROUPS).join(', ')}`)
  process.exit(2)
}
printMachine()
for (const name of asked.length > 0 ? asked : DEFAULT_GROUPS) await GROUPS[name]?.()
// Servers that are shutting down, and the SDK's sockets, need not be waited for.
process.exit(0)
