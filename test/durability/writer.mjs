// A process that is killed: writes to a store as fast as it can and records what it begins and what was acknowledged, a
// line each in a file that outlives the process: `begin <lane> <version>` and `ack <lane> <version>`.
import { openSync, writeSync } from 'node:fs'
import { embedded } from 'partita/embedded'

const [path, lanes, log] = process.argv.slice(2)
const file = openSync(log, 'a')
const record = line => writeSync(file, `${line}\n`)
const store = embedded({ path, sweepInterval: 0 })
const table = 'crash'
const text = name => ({ kind: 'value', value: name })
const attribute = name => ({ kind: 'path', path: [name] })
const equals = (name, value) => ({ kind: 'compare', comparator: '=', left: attribute(name), right: text(value) })
const isVersion = version => (version === 0 ? { kind: 'notExists', path: ['pk'] } : equals('version', version))

/** Moves an item between the partitions of the index, and out of the index at every third version. */
const indexed = (lane, version) => (version % 3 === 0 ? {} : { group: `g${(lane + version) % 5}`, rank: version })

const item = (pk, lane, version) => ({
  pk,
  sk: 'x',
  version,
  ...indexed(lane, version),
  filler: 'f'.repeat((version * 37) % 900),
})

async function versionOf(pk) {
  const { item: found } = await store.get({ table, key: { pk, sk: 'x' }, consistent: true })
  return found?.version ?? 0
}

/** Even lanes write one item with a condition, odd lanes two in a transaction. */
async function lane(number) {
  const pk = `single${number}`
  const pair = [`left${number}`, `right${number}`]
  let version = await versionOf(number % 2 === 0 ? pk : pair[0])
  for (;;) {
    const next = version + 1
    record(`begin ${number} ${next}`)
    if (number % 2 === 0) {
      await store.write({ kind: 'put', table, item: item(pk, number, next), condition: isVersion(version) })
    } else {
      await store.transactWrite({
        writes: pair.map(half => ({
          kind: 'put',
          table,
          item: item(half, number, next),
          condition: isVersion(version),
        })),
      })
    }
    record(`ack ${number} ${next}`)
    version = next
  }
}

await store.createTable({
  name: table,
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
  globalIndexes: {
    whole: { partition: { name: 'group', type: 'S' }, sort: { name: 'rank', type: 'N' } },
    keys: { partition: { name: 'group', type: 'S' }, projection: 'keysOnly' },
  },
  localIndexes: {
    local: {
      partition: { name: 'pk', type: 'S' },
      sort: { name: 'rank', type: 'N' },
      projection: { include: ['version'] },
    },
  },
})
process.stdout.write('begun\n')
await Promise.all(Array.from({ length: Number(lanes) }, (_, number) => lane(number)))
