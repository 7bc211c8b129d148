/** The round trip of 100,000 items, or as many as PARTITA_TRANSFER_ITEMS says. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { seed } from '../../seeded.js'
import { MAIN } from '../partita.js'
import { expectRoundTrip, FILES, fillMany, randomItems } from './round-trip.js'

const COUNT = Number(process.env.PARTITA_TRANSFER_ITEMS ?? 100_000)

it(`${COUNT} random items of every type come through every format unchanged`, async () => {
  const root = mkdtempSync(join(tmpdir(), 'partita-round-trip-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const path = (name: string) => join(root, name)
  const store = `embedded:${path('store')}`
  await fillMany(store, randomItems(COUNT, seed))
  for (const [name, args] of FILES) {
    const begin = performance.now()
    await expectRoundTrip(store, path, name, args)
    console.log(`${name}: ${Math.round(performance.now() - begin)} ms there and back`)
    rmSync(path(name), { recursive: true, force: true })
  }
  const hashOf = async (url: string, format: string) => {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      `'${process.execPath}' '${MAIN}' export --store '${url}' --table app --format ${format} 2>/dev/null | sha256sum`,
    ])
    return stdout
  }
  for (const format of ['jsonl', 'dynamodb-json', 'csv']) {
    expect(await hashOf(`embedded:${path('other')}`, format)).toBe(await hashOf(store, format))
  }
})
