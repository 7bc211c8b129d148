// Writes to a store from several lanes at once and prints when it begins a write and when the write is acknowledged.
// Lanes with an even number write pairs of items in transactions, the others single items. Each lane has ids of its own.
import { writeSync } from 'node:fs'
import { embedded } from 'partita/embedded'

const [path, durability, lanes, rounds, ids] = process.argv.slice(2)
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

await Promise.all(Array.from({ length: Number(lanes) }, (_, lane) => run(lane)))
// Without `close`, which would flush what a relaxed store has not flushed.
process.kill(process.pid, 'SIGKILL')
