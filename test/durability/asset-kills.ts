/** Processes that are killed while they upload assets and write the rows that refer to them, with sweeps in between. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, f, model } from 'partita'
import { folderAssets } from 'partita/assets'
import { embedded } from 'partita/embedded'
import { expect } from 'vitest'
import type { Dice } from '../models/random/dice.js'

const worker = fileURLToPath(new URL('asset-worker.mjs', import.meta.url))
const PROCESSES = 2
const LANES = 3
/** A day of the databases' clock passes in 20 seconds, so that sweeps find assets that are old enough. */
const SCALE = 4320
const DAY = 86_400_000

/** A write to it makes commits of dead processes visible. */
const Tick = model('Tick', { fields: { id: f.string() }, key: 'id' })
const Photo = model('Photo', { fields: { id: f.string(), n: f.integer(), photo: f.asset() }, key: 'id' })

interface Lane {
  acknowledged: number
  begun: number
}

/** What a run has seen. */
export interface AssetToll {
  readonly acknowledged: number
  readonly swept: number
  readonly unfinished: number
}

/** Kills all processes in each round; then every row is as acknowledged, and all bytes of its asset are there. */
export async function killUploads(rounds: number, dice: Dice): Promise<AssetToll> {
  const path = mkdtempSync(join(tmpdir(), 'partita-asset-kills-'))
  const begun = Date.now()
  let ahead = 0
  const db = await connect({
    models: { Photo, Tick },
    store: embedded({ path: join(path, 'store') }),
    assets: folderAssets({ path: join(path, 'assets') }),
    clock: () => begun + (Date.now() - begun) * SCALE + ahead,
  })
  const lanes: Record<string, Lane>[] = Array.from({ length: PROCESSES }, (_, process) =>
    Object.fromEntries(Array.from({ length: LANES }, (_, i) => [`p${process}-${i}`, { acknowledged: 0, begun: 0 }])),
  )
  let [acknowledged, swept, unfinished] = [0, 0, 0]
  const sweep = async (): Promise<void> => {
    const result = await db.assets.sweep()
    swept += result.deleted
    unfinished += result.unfinished
  }
  const referenced = async (): Promise<number> => {
    let count = 0
    await db.Tick.put({ id: 'tick' })
    for (const [id, lane] of lanes.flatMap(own => Object.entries(own))) {
      const row = await db.Photo.get({ id }, { consistent: true })
      const possible = [lane.acknowledged, lane.begun].map(n => (n % 5 === 0 ? undefined : n))
      expect(possible, `${id} is at ${row?.n}`).toContain(row?.n)
      lane.acknowledged = row?.n ?? (lane.begun % 5 === 0 ? lane.begun : lane.acknowledged)
      lane.begun = lane.acknowledged
      if (!row) continue
      count++
      // The stream compares all bytes with the size and the hash of the row.
      for await (const _ of db.assets.open(row.photo));
    }
    return count
  }
  const running: ChildProcess[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const started = lanes.map((own, process) => {
        const notes = join(path, `notes-${round}-${process}`)
        const versions = Object.fromEntries(Object.entries(own).map(([id, lane]) => [id, lane.acknowledged]))
        const args = [
          worker,
          path,
          JSON.stringify(versions),
          notes,
          String(begun),
          String(SCALE),
          String(dice.below(2 ** 30)),
        ]
        const child = spawn(globalThis.process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
        running.push(child)
        let complaints = ''
        child.stderr.setEncoding('utf8').on('data', text => {
          complaints += text
        })
        const ended = new Promise<string>(resolve => child.on('close', () => resolve(complaints)))
        const hasBegun = Promise.race([new Promise(resolve => child.stdout.once('data', resolve)), ended])
        return { child, notes, own, ended, hasBegun }
      })
      await Promise.all(started.map(({ hasBegun }) => hasBegun))
      await new Promise(resolve => setTimeout(resolve, dice.below(500)))
      const sweeping = sweep()
      await new Promise(resolve => setTimeout(resolve, dice.below(200)))
      for (const { child } of started) child.kill('SIGKILL')
      for (const { child, notes, own, ended } of started) {
        expect(await ended).toBe('')
        expect(child.signalCode).toBe('SIGKILL')
        acknowledged += readNotes(notes, own)
      }
      await sweeping
      await referenced()
      await sweep()
      await referenced()
    }
    // Nobody writes any more, so time may pass at once: what is left is what rows refer to.
    ahead = 2 * DAY
    await sweep()
    const count = await referenced()
    expect(await db.assets.sweep()).toMatchObject({ assets: count, deleted: 0, unfinished: 0 })
    expect(readdirSync(join(path, 'assets', 'unfinished'))).toEqual([])
  } finally {
    for (const child of running) child.kill('SIGKILL')
    await db.close()
    rmSync(path, { recursive: true, force: true })
  }
  return { acknowledged, swept, unfinished }
}

function readNotes(notes: string, lanes: Record<string, Lane>): number {
  let count = 0
  for (const line of existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').slice(0, -1) : []) {
    const [verb, id = '', version] = line.split(' ')
    const lane = lanes[id] as Lane
    lane.begun = Number(version)
    if (verb !== 'ack') continue
    lane.acknowledged = Number(version)
    count++
  }
  return count
}
