import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { openStore } from 'partita'
import { createItems } from 'partita/items'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../program.js'
import { Output } from '../terminal/output.js'

const folder = mkdtempSync(join(tmpdir(), 'partita-export-'))
const store = `embedded:${join(folder, 'store')}`
const COUNT = 40

beforeAll(async () => {
  const opened = await openStore(store)
  const items = createItems({ store: opened })
  // Four pages of 1 MB each.
  for (let n = 0; n < COUNT; n++) await items.putItem({ category: 'c', key: `k${n}`, text: `${n}`.repeat(50_000) })
  await opened.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs an export. With `stop`, it presses Ctrl-C as soon as the progress of the first page is shown. */
async function runExport(out: string, args: readonly string[], { stop = false } = {}) {
  const [input, data, screen] = [
    new PassThrough(),
    new PassThrough(),
    Object.assign(new PassThrough(), { isTTY: stop }),
  ]
  let [stdout, stderr] = ['', '']
  data.on('data', text => {
    stdout += text
  })
  const output = new Output(data, screen)
  screen.on('data', text => {
    if (stop && String(text).includes('exported') && !stderr.includes('exported')) process.emit('SIGINT')
    stderr += text
  })
  const code = await run(['items', 'export', ...args, '--store', store, '--out', join(folder, out)], {
    input,
    screen,
    output,
  })
  return { code, stdout, stderr }
}

it('a stopped export resumes where it stopped, and its file appears only when it is complete', async () => {
  const path = join(folder, 'out.jsonl')
  const stopped = await runExport('out.jsonl', ['c'], { stop: true })
  expect(stopped.code).toBe(130)
  expect(stopped.stderr).toMatch(
    /error: stopped; \d+ items are exported; continue with: partita items export .*--resume c\n$/,
  )
  expect(existsSync(path)).toBe(false)
  const resumed = await runExport('out.jsonl', ['c', '--resume'])
  expect(resumed).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^continuing after \d+ items\nusing \S+, table partita-items\nexported 40 items\n$/),
  })
  expect(await runExport('whole.jsonl', ['c'])).toMatchObject({ code: 0 })
  expect(readFileSync(path).equals(readFileSync(join(folder, 'whole.jsonl')))).toBe(true)
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(COUNT + 1)
  expect(existsSync(`${path}.partial`) || existsSync(`${path}.partita-export`)).toBe(false)
})

it('an export does not resume with another category or after its partial file was truncated', async () => {
  await runExport('cut.jsonl', ['c'], { stop: true })
  const other = await runExport('cut.jsonl', ['c', 'k1', '--resume'])
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/start without --resume/) })
  truncateSync(join(folder, 'cut.jsonl.partial'), 10)
  const cut = await runExport('cut.jsonl', ['c', '--resume'])
  expect(cut).toMatchObject({ code: 1, stderr: expect.stringMatching(/shorter than it was; start without --resume/) })
  expect(await runExport('cut.jsonl', ['c'])).toMatchObject({ code: 0 })
})
