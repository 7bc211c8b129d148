/** Imports, exports, copies and dumps that are stopped or killed, and then resumed: nothing is lost and nothing comes twice. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item } from '../../../packages/partita/src/value/value.js'
import { call } from '../in-process.js'
import { MAIN, type Outcome } from '../partita.js'
import { fill, itemsOf } from './tables.js'

const folder = mkdtempSync(join(tmpdir(), 'partita-resume-'))
const path = (name: string) => join(folder, name)
const full = `embedded:${path('full')}`

/** Items of 1 KB: one write unit each, and four for half a read unit. */
const ITEMS: readonly Item[] = Array.from({ length: 1200 }, (_, n) => ({
  pk: `p${n % 7}`,
  sk: n,
  text: 'x'.repeat(990),
}))
/** Slow enough that each command runs for over a second. */
const IMPORT_RATE = ['--rate', '700']
const EXPORT_RATE = ['--rate', '100']

beforeAll(() => fill(full, ITEMS))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: 'pipe' })
  const outcome = { stdout: '', stderr: '' }
  child.stdin.end()
  child.stdout.on('data', text => {
    outcome.stdout += text
  })
  child.stderr.on('data', text => {
    outcome.stderr += text
  })
  const ended = new Promise<Outcome>(resolve => {
    child.on('close', code => resolve({ code, ...outcome }))
  })
  return { child, ended }
}

/** In this process, which is faster. */
const run = call

/** Starts a command, and ends it by the signal when a file of this name exists, and some time later. */
async function stopped(signal: NodeJS.Signals, file: string, ...args: string[]): Promise<Outcome> {
  const { child, ended } = start(args)
  const finished = { value: false }
  void ended.then(() => {
    finished.value = true
  })
  while (!existsSync(path(file)) && !finished.value) await sleep(10)
  await sleep(50)
  child.kill(signal)
  return ended
}

const app = (name: string) => ['--store', `embedded:${path(name)}`, '--table', 'app']
const dataOf = ({ stdout }: Outcome) => JSON.parse(stdout).data

describe.concurrent('an import that is stopped', () => {
  it.each([
    ['SIGINT', 'a.jsonl.gz', gzipSync(ITEMS.map(item => `${JSON.stringify(item)}\n`).join(''))],
    ['SIGHUP', 'hung-up.jsonl', ITEMS.map(item => `${JSON.stringify(item)}\n`).join('')],
    ['SIGTERM', 'b.csv', `pk,sk,text\r\n${ITEMS.map(({ pk, sk, text }) => `${pk},${sk},"${text}"\r\n`).join('')}`],
  ] as const)(
    '%s ends the import of %s with 130 and its state saved, and --resume writes the rest once',
    async (signal, name, content) => {
      await fill(`embedded:${path(`into-${signal}-${name.length}`)}`, [])
      writeFileSync(path(name), content)
      const args = ['import', path(name), ...app(`into-${signal}-${name.length}`)]
      const { code, stderr } = await stopped(signal, `${name}.partita-import`, ...args, ...IMPORT_RATE)
      expect({ code, stderr }).toMatchObject({
        code: 130,
        stderr: expect.stringMatching(/stopped; imported [\d,]+ items; continue with: partita import .*--resume .*\n$/),
      })
      const before = Number(/imported ([\d,]+) items/.exec(stderr)?.[1]?.replace(',', ''))
      expect(before).toBeLessThan(ITEMS.length)
      const after = await run(...args, '--resume', '--json')
      expect(dataOf(after)).toMatchObject({ written: ITEMS.length - before, unchanged: 0 })
      expect(await itemsOf(`embedded:${path(`into-${signal}-${name.length}`)}`)).toEqual(await itemsOf(full))
      expect(existsSync(path(`${name}.partita-import`))).toBe(false)
    },
  )

  it('a killed import is resumed, and refused lines come into the reject file once', async () => {
    await fill(`embedded:${path('killed')}`, [])
    const lines = ITEMS.map((item, n) => (n % 100 === 50 ? `bad ${n}` : JSON.stringify(item)))
    writeFileSync(path('k.jsonl'), lines.join('\n'))
    const args = ['import', path('k.jsonl'), ...app('killed'), '--reject-file', path('k.bad')]
    await stopped('SIGKILL', 'k.jsonl.partita-import', ...args, ...IMPORT_RATE)
    expect(existsSync(path('k.jsonl.partita-import'))).toBe(true)
    const other = await run('import', path('k.jsonl'), ...app('full'), '--resume')
    expect(other.stderr).toMatch(/the stopped import of .*k\.jsonl wrote to .*start without --resume/)
    expect(await run(...args, '--resume')).toMatchObject({ code: 1, stderr: expect.stringMatching(/12 refused/) })
    expect(readFileSync(path('k.bad'), 'utf8')).toBe(`${lines.filter(line => line.startsWith('bad')).join('\n')}\n`)
    expect(await itemsOf(`embedded:${path('killed')}`)).toHaveLength(ITEMS.length - 12)
  })
})

describe.concurrent('an export that is stopped', () => {
  it.each([
    ['SIGINT', 'a-out.jsonl.gz', 'a-out.jsonl.gz.partita-export'],
    ['SIGKILL', 'b-out.jsonl', 'b-out.jsonl.partita-export'],
    ['SIGINT', 'c-out.csv', 'c-out.csv.items.partita-export'],
  ] as const)('after %s, --resume completes %s as if it was never stopped', async (signal, name, progress) => {
    const { code } = await stopped(signal, progress, 'export', ...app('full'), '--out', path(name), ...EXPORT_RATE)
    expect(code).toBe(signal === 'SIGINT' ? 130 : null)
    expect(existsSync(path(name))).toBe(false)
    const { stderr } = await run('export', ...app('full'), '--out', path(name), '--resume')
    expect(stderr).toMatch(/continuing after [\d,]+ items\nexported 1,200 items\n$/)
    const format = name.endsWith('.csv') ? 'csv' : 'jsonl'
    const whole = await run('export', ...app('full'), '--format', format)
    const content = readFileSync(path(name))
    expect((name.endsWith('.gz') ? gunzipSync(content) : content).equals(Buffer.from(whole.stdout))).toBe(true)
    expect(readdirSync(folder).filter(file => file.startsWith(`${name}.`))).toEqual([])
  })

  it('the folder of an s3-export is complete after --resume', async () => {
    const args = ['export', ...app('full'), '--out', path('s3'), '--format', 's3-export']
    expect((await stopped('SIGINT', 's3.partita-export', ...args, ...EXPORT_RATE)).code).toBe(130)
    const early = await run('import', path('s3'), ...app('full'))
    expect(early.stderr).toMatch(/is not a complete export/)
    expect((await run(...args, '--resume')).stderr).toMatch(/exported 1,200 items/)
    expect(dataOf(await run('import', path('s3'), ...app('full'), '--json'))).toMatchObject({
      written: 0,
      unchanged: 1200,
    })
  })

  it('an export to stdout names the position at which it continues', async () => {
    const { child, ended } = start(['export', ...app('full'), ...EXPORT_RATE])
    child.stdout.once('data', () => child.kill('SIGINT'))
    const { code, stdout, stderr } = await ended
    expect(code).toBe(130)
    const position = /--after='(.*)'\n$/.exec(stderr)?.[1] as string
    const rest = await run('export', ...app('full'), '--after', position)
    const whole = await run('export', ...app('full'))
    expect(stdout + rest.stdout === whole.stdout).toBe(true)
  })
})

describe.concurrent('a copy or dump that is stopped', () => {
  it('--resume copies the rest, each item once', async () => {
    const args = ['copy', full, `embedded:${path('copied')}`, '--checkpoint', path('copy.progress')]
    const { code, stderr } = await stopped('SIGINT', 'copy.progress', ...args, '--rate', '400')
    expect(code).toBe(130)
    expect(stderr).toMatch(/stopped; copied [\d,]+ items; continue with: partita copy .*--resume/)
    expect(dataOf(await run(...args, '--resume', '--json'))).toMatchObject({ tables: 1, skipped: 0 })
    expect(await itemsOf(`embedded:${path('copied')}`)).toEqual(await itemsOf(full))
    expect(existsSync(path('copy.progress'))).toBe(false)
  })

  it('--resume completes a dump, which then can be loaded', async () => {
    const args = ['dump', path('dumped'), '--store', full]
    const { code } = await stopped('SIGINT', 'dumped/0001-app.jsonl.gz.partita-export', ...args, ...EXPORT_RATE)
    expect(code).toBe(130)
    expect((await run(...args, '--resume')).stderr).toMatch(/dumped 1,200 items of 1 table to .*dumped\n$/)
    const load = ['load', path('dumped'), '--store', `embedded:${path('loaded')}`]
    expect((await stopped('SIGINT', 'dumped/0001-app.jsonl.gz.partita-import', ...load, ...IMPORT_RATE)).code).toBe(130)
    expect(await run(...load, '--resume')).toMatchObject({ code: 0 })
    expect(await itemsOf(`embedded:${path('loaded')}`)).toEqual(await itemsOf(full))
  })
})
