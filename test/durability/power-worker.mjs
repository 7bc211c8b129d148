// Writes to a store from several lanes at once and prints when it begins a write and when the write is acknowledged.
// Lanes with an even number write pairs of items in transactions, the others single items. Each lane has ids of its own.
// A first lane above 0 starts another process for the lanes below it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { embedded } from 'partita/embedded'

const [program, path, durability, first, lanes, rounds, ids] = process.argv.slice(1)
const below = Number(first) - Number(lanes)
const args = [program, path, durability, below, lanes, rounds, ids]
const other = below >= 0 && spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
const ended = other && once(other, 'exit')
// Both write at the same time.
if (other) await once(other, 'message')
const store = embedded({ path, durability, sweepInterval: 0 })
const table = 'items'
// Synchronous, so that a line is written after the work before it and before the work after it.
const say = (verb, lane, version) => writeSync(1, `${verb} ${lane} ${version}\n`)

/** Small items share pages, large ones have pages of their own, and every seventh write deletes. */
const change = (id, version) =>
  version % 7 === 0
    ? { kind: 'delete', table, key: { id } }
    : { kind: 'put', table, item: { id, version, group: `g${version % 5}`, filler: 'x'.repeat(sizeOf(version)) } }
const sizeOf = version => (version % 11 === 0 ? 30_000 : 200 + ((version * 131) % 1500))

async function run(lane) {
  for (let version = 1; version <= Number(rounds); version++) {
    const id = `${lane}-${version % Number(ids)}`
    say('begun', lane, version)
    if (lane % 2 === 0) await store.transactWrite({ writes: ['a', 'b'].map(half => change(`${id}${half}`, version)) })
    else await store.write(change(`${id}a`, version))
    say('acknowledged', lane, version)
  }
}

process.send?.('open')
await Promise.all(Array.from({ length: Number(lanes) }, (_, lane) => run(Number(first) + lane)))
await ended
// Without `close`, which would flush what a relaxed store has not flushed.
process.kill(process.pid, 'SIGKILL')
