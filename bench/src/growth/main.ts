/**
 * What grows: items, rows of one partition, tables and processes. Each part prints one line per size, so the lines show
 * where a curve bends. `npm run bench:growth` runs all parts at full size, in more than half an hour and with
 * 7 GB of disk; `PARTITA_GROWTH=0.1` runs a tenth of it. Arguments choose parts.
 */
import { printMachine } from '../machine.js'
import { measureItems } from './items.js'
import { measurePartition } from './partition.js'
import { measureProcesses } from './processes.js'
import { measureTables } from './tables.js'

const PARTS: Readonly<Record<string, (size: number) => Promise<void>>> = {
  items: measureItems,
  partition: measurePartition,
  tables: measureTables,
  processes: measureProcesses,
}
const FULL: Readonly<Record<string, number>> = {
  items: 10_000_000,
  partition: 1_000_000,
  tables: 1000,
  processes: 64,
}

const scale = Number(process.env.PARTITA_GROWTH ?? 1)
const requested = process.argv.slice(2)
const unknown = requested.filter(name => !Object.hasOwn(PARTS, name))
if (unknown.length > 0 || !(scale > 0 && scale <= 1)) {
  console.error(`Parts are ${Object.keys(PARTS).join(', ')}; PARTITA_GROWTH is a number above 0 and up to 1`)
  process.exit(2)
}
printMachine()
for (const name of requested.length > 0 ? requested : Object.keys(PARTS))
  await PARTS[name]?.(Math.max(2, Math.round((FULL[name] as number) * scale)))
process.exit(0)
