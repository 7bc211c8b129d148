/**
 * The memory of imports, exports, copies and dumps does not grow with the number of items: 1,000,000, or as many as
 * PARTITA_TRANSFER_ITEMS says, against 10,000. Linux only. Counted is the memory of the process without the pages of the
 * store's file, which the system maps and reclaims.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { MAIN } from '../partita.js'
import { fill } from './tables.js'

const MANY = Number(process.env.PARTITA_TRANSFER_ITEMS ?? 1_000_000)
const FEW = 10_000
/** What many items may need more, in MB: a short process ends before the collector lets its heap reach its steady size. */
const MARGIN = 90

const root = mkdtempSync(join(tmpdir(), 'partita-memory-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const path = (name: string) => join(root, name)

/** Runs in each process, and writes the largest size that it sees. */
const WATCH = `
import { readFileSync, writeFileSync } from 'node:fs'
let most = 0
const look = () => {
  most = Math.max(most, Number(/RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]))
}
setInterval(look, 50).unref()
process.on('exit', () => {
  look()
  writeFileSync(process.env.PARTITA_SIZE_FILE, String(most))
})
`
writeFileSync(path('watch.mjs'), WATCH)

/** @returns the largest size in MB. */
async function sizeOf(args: readonly string[]): Promise<number> {
  const options = { env: { ...process.env, PARTITA_SIZE_FILE: path('size') }, stdio: 'ignore', cwd: root } as const
  const [code] = await once(spawn(process.execPath, ['--import', path('watch.mjs'), MAIN, ...args], options), 'close')
  expect({ args, code }).toEqual({ args, code: 0 })
  return Math.round(Number(readFileSync(path('size'), 'utf8')) / 1024)
}

async function writeLines(file: string, count: number): Promise<void> {
  function* lines() {
    for (let n = 0; n < count; n++) {
      yield `{"pk":"user-${n % 1000}","sk":${n},"name":"name of ${n}","text":"${'x'.repeat(n % 150)}","list":[${n},true]}\n`
    }
  }
  await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(file))
}

/** The commands, in an order in which each has what it needs. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  [
    'import jsonl.gz',
    ['import', 'in.jsonl.gz', '--store', 'embedded:./a', '--table', 'app', '--on-conflict', 'replace'],
  ],
  ['export jsonl', ['export', '--store', 'embedded:./a', '--table', 'app', '--out', 'out.jsonl']],
  ['export csv', ['export', '--store', 'embedded:./a', '--table', 'app', '--out', 'out.csv']],
  ['export s3', ['export', '--store', 'embedded:./a', '--table', 'app', '--out', 's3', '--format', 's3-export']],
  [
    'check csv',
    ['import', 'out.csv', '--store', 'embedded:./a', '--table', 'app', '--on-conflict', 'replace', '--dry-run'],
  ],
  ['check s3', ['import', 's3', '--store', 'embedded:./a', '--table', 'app', '--on-conflict', 'replace', '--dry-run']],
  ['copy', ['copy', 'embedded:./a', 'embedded:./b', '--on-conflict', 'replace']],
  ['dump', ['dump', 'dump', '--store', 'embedded:./b']],
]

it.skipIf(!existsSync('/proc/self/status'))(`${MANY} items need no more memory than ${FEW}`, async () => {
  const sizes: Record<string, number>[] = []
  for (const count of [FEW, MANY]) {
    for (const name of ['a', 'b', 's3', 'dump', 'out.csv', 'out.jsonl'])
      rmSync(path(name), { recursive: true, force: true })
    await fill(`embedded:${path('a')}`, [])
    await writeLines(path('in.jsonl.gz'), count)
    const own: Record<string, number> = {}
    for (const [name, args] of COMMANDS) {
      const begin = performance.now()
      own[name] = await sizeOf(args)
      console.log(`${count} items, ${name}: ${own[name]} MB, ${((performance.now() - begin) / 1000).toFixed(1)} s`)
    }
    sizes.push(own)
  }
  const [few = {}, many = {}] = sizes
  for (const [name] of COMMANDS) expect(many[name], name).toBeLessThan((few[name] as number) + MARGIN)
})
