// A process that is killed: uploads assets and writes rows that refer to them, on lanes of its own. It notes what it begins
// and what was acknowledged, a line each in a file, which outlives it: `begin <lane> <version>`, `ack <lane> <version>`.
// Every fifth version deletes the row. Some uploads get no row, and some fail midway.
import { randomBytes } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { connect, f, model, PartitaError } from 'partita'
import { folderAssets } from 'partita/assets'
import { embedded } from 'partita/embedded'

const [path, lanes, notes, begun, scale, seed] = process.argv.slice(2)
const file = openSync(notes, 'a')
const note = line => writeSync(file, `${line}\n`)
const Photo = model('Photo', { fields: { id: f.string(), n: f.integer(), photo: f.asset() }, key: 'id' })
const db = await connect({
  models: { Photo },
  store: embedded({ path: `${path}/store` }),
  assets: folderAssets({ path: `${path}/assets` }),
  clock: () => Number(begun) + (Date.now() - Number(begun)) * Number(scale),
})

let state = Number(seed)
const random = () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return state / 0x80000000
}

async function* chunks(fails) {
  const count = Math.floor(random() * 12)
  for (let i = 0; i <= count; i++) {
    yield randomBytes(1 + Math.floor(random() * 100_000))
    await new Promise(resolve => setTimeout(resolve, random() * 5))
  }
  if (fails) throw new Error('The source failed')
}

async function upload(fails = false) {
  return db.assets.upload('Photo.photo', chunks(fails), { type: 'image/png' })
}

async function lane(id, acknowledged) {
  for (let n = acknowledged + 1; ; n++) {
    if (random() < 0.2) await upload()
    if (random() < 0.1) await upload(true).catch(() => undefined)
    const photo = n % 5 === 0 ? undefined : await upload()
    note(`begin ${id} ${n}`)
    try {
      if (photo) await db.Photo.put({ id, n, photo })
      else await db.Photo.delete({ id })
    } catch (error) {
      // The machine was so slow that the upload had become old.
      if (!PartitaError.is(error, 'RuleViolated')) throw error
      n--
      continue
    }
    note(`ack ${id} ${n}`)
  }
}

process.stdout.write('begun\n')
await Promise.all(Object.entries(JSON.parse(lanes)).map(([id, n]) => lane(id, n)))
