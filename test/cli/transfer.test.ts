import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { MAIN, workplace } from './partita.js'

/** Every type of value, every escape and an expiry, which an export must preserve. */
const ITEMS: readonly object[] = [
  {
    category: 'c',
    key: 'types',
    zero: 0,
    small: -1.5e-7,
    big: { $number: '12345678901234567890123456789012345678' },
    exact: { $number: '-0.12345678901234567890123456789' },
    bytes: { $bytes: 'AAH/gA==' },
    strings: { $set: ['b', 'a', '$set'] },
    numbers: { $set: [10, 9, { $number: '12345678901234567890' }] },
    binaries: { $set: [{ $bytes: 'AQ==' }, { $bytes: '' }] },
    nothing: null,
    yes: true,
    list: [[], {}, [1, { deep: { $bytes: 'AQ==' } }]],
  },
  {
    category: 'c',
    key: 'escapes',
    map: { $map: { $set: 1 } },
    twice: { $map: { $map: { a: { $map: { $bytes: 'x' } } } } },
  },
  { category: 'c', key: 'names', 'a.b': 1, '': undefined, '#n': 2, constructor: 3, '\u001b[2J': '\u009b\u2028\n"\\' },
  { category: 'c', key: 'end', expiresAt: '2100-02-03T04:05:06.000Z' },
  { category: 'c', key: 'bare' },
  { category: 'c', key: "it's\n\u001b[31m ü 🎵" },
]
const LINES = `${ITEMS.map(item => JSON.stringify(item)).join('\n')}\n{"category":"c","key":"proto","__proto__":{"a":1}}\n`

/** Enough lines that an import is still running when it is stopped. */
const MANY = 20_000

const SOON = { timeout: 120_000, interval: 10 }

function manyLines(): string {
  const pad = 'x'.repeat(100)
  return Array.from(
    { length: MANY },
    (_, n) => `{"category":"c","key":"${String(n).padStart(6, '0')}","pad":"${pad}"}\n`,
  ).join('')
}

describe('partita items export and import', () => {
  it('export and import preserve every value: exporting an imported export gives the same bytes', async () => {
    const { pipe, run, folder } = workplace()
    expect(await pipe(LINES, 'items', 'import', '-')).toMatchObject({ code: 0, stdout: '' })
    const first = await run('items', 'export', 'c')
    expect(first.code).toBe(0)
    expect(first.stdout.split('\n')).toHaveLength(ITEMS.length + 2)
    writeFileSync(join(folder, 'c.jsonl'), first.stdout)
    const other = ['--store', 'embedded:other']
    const using = 'using embedded:other, table partita-items\n'
    expect((await run('items', 'import', 'c.jsonl', ...other)).stderr).toBe(`${using}imported 7 items\n`)
    expect((await run('items', 'export', 'c', '--out', 'again.jsonl', ...other)).stderr).toBe(
      `${using}exported 7 items\n`,
    )
    expect(readFileSync(join(folder, 'again.jsonl'), 'utf8')).toBe(first.stdout)
    const types = first.stdout.split('\n').find(line => line.includes('"types"'))
    expect(JSON.parse(types ?? '')).toEqual({
      ...ITEMS[0],
      strings: { $set: ['$set', 'a', 'b'] },
      numbers: { $set: [10, 9, { $number: '12345678901234567890' }] },
      binaries: { $set: [{ $bytes: '' }, { $bytes: 'AQ==' }] },
    })
    expect(first.stdout).toContain('{"__proto__":{"a":1},"category":"c","key":"proto"}')
  })

  it('export writes only items whose keys have the prefix', async () => {
    const { pipe, run } = workplace()
    await pipe(
      ['/a/1', '/a/2', '/ab/1'].map(key => `{"category":"c","key":"${key}"}\n`).join(''),
      'items',
      'import',
      '-',
    )
    expect((await run('items', 'export', 'c', '/a/')).stdout).toBe(
      '{"category":"c","key":"/a/1"}\n{"category":"c","key":"/a/2"}\n',
    )
  })

  it('import skips empty lines and accepts an empty file', async () => {
    const { pipe, run, folder, using } = workplace()
    expect(await pipe('\n  \r\n{"category":"c","key":"1"}\n\n', 'items', 'import', '-')).toMatchObject({ code: 0 })
    writeFileSync(join(folder, 'empty.jsonl'), '')
    expect(await run('items', 'import', 'empty.jsonl')).toMatchObject({ code: 0, stderr: `${using}imported 0 items\n` })
  })

  it('the last of several lines with the same key wins', async () => {
    const { pipe, json } = workplace()
    const lines = Array.from({ length: 50 }, (_, n) => `{"category":"c","key":"same","n":${n}}\n`).join('')
    await pipe(lines, 'items', 'import', '-')
    expect((await json('items', 'get', 'c', 'same')).data.n).toBe(49)
  })

  it('import skips items that have expired', async () => {
    const { pipe, json } = workplace()
    const lines = '{"category":"c","key":"old","expiresAt":"2001-01-01T00:00:00Z"}\n{"category":"c","key":"new"}\n'
    const { stdout } = await pipe(lines, 'items', 'import', '-', '--json')
    expect(JSON.parse(stdout)).toEqual({ ok: true, data: { imported: 1, ended: 1 } })
    expect((await json('items', 'list', 'c')).data.items).toHaveLength(1)
  })
})

describe('an import with an invalid line', () => {
  it.each([
    ['not JSON', '{"category":"c",key:"2"}', /line 3 is not an item: this is not JSON/],
    ['no item', '[1]', /line 3 is not an item: an item is a JSON object/],
    ['a reserved category', '{"category":"letsgo-x","key":"2"}', /line 3 is refused by the store: .*reserved/],
    [
      'an item that is too large',
      `{"category":"c","key":"2","a":"${'x'.repeat(410_000)}"}`,
      /line 3 is refused.*400 KB/,
    ],
  ])('the import stops at the line and has written all lines before it: %s', async (_, line, message) => {
    const { run, json, folder } = workplace()
    const file = join(folder, 'my data.jsonl')
    const lines = (third: string) => `{"category":"c","key":"1"}\n\n${third}\n{"category":"c","key":"3"}\n`
    writeFileSync(file, lines(line))
    const { code, stdout, stderr } = await run('items', 'import', 'my data.jsonl')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toContain(
      "1 item is imported; correct it and continue with: partita items import --from-line=3 'my data.jsonl'",
    )
    expect((await json('items', 'get', 'c', '1')).ok).toBe(true)
    expect((await json('items', 'get', 'c', '2')).ok).toBe(false)

    writeFileSync(file, lines('{"category":"c","key":"2"}'))
    const resumed = await json('items', 'import', 'my data.jsonl', '--resume')
    expect(resumed.error.message).toMatch(/was changed since.*--from-line=2/)
    expect(await json('items', 'import', 'my data.jsonl', '--from-line', '3')).toEqual({
      ok: true,
      data: { imported: 2, ended: 0 },
    })
    expect((await json('items', 'list', 'c')).data.items.map((item: { key: string }) => item.key)).toEqual([
      '1',
      '2',
      '3',
    ])
  })

  it('a line of a gigabyte is refused without holding it in memory', async () => {
    const { json, folder } = workplace()
    const file = join(folder, 'huge.jsonl')
    writeFileSync(file, '{"category":"c","key":"1"}\n')
    truncateSync(file, 2 ** 30)
    const { error } = await json('items', 'import', 'huge.jsonl')
    expect(error).toMatchObject({ code: 'BadLine', details: { line: 2, imported: 1 } })
    expect(error.message).toMatch(/^line 2 is over 4194304 bytes/)
  })

  it.each([
    ['absent.jsonl', /^absent\.jsonl cannot be read: there is no such file/],
    ['.', /^\. has no manifest-summary\.json, so it is not a complete export/],
  ])('import reports why %s cannot be read', async (path, message) => {
    const { json } = workplace()
    const { error } = await json('items', 'import', path)
    expect(error.code).toBe('BadInput')
    expect(error.message).toMatch(message)
  })
})

describe('an import that is stopped', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops the import gracefully, and the printed command continues it there',
    async signal => {
      const { start, json, folder, using } = workplace()
      writeFileSync(join(folder, 'many.jsonl'), manyLines())
      const { child, ended } = start('items', 'import', 'many.jsonl')
      await vi.waitFor(() => expect(existsSync(join(folder, 'many.jsonl.partita-import'))).toBe(true), {
        timeout: 120_000,
      })
      child.kill(signal)
      const { code, stderr } = await ended
      expect(code).toBe(130)
      expect(stderr.slice(using.length)).toMatch(
        /^error: stopped; [\d,]+ items are imported; continue with: partita items import --resume many\.jsonl\n$/,
      )
      const before = Number(/([\d,]+) items/.exec(stderr)?.[1]?.replaceAll(',', ''))
      const { data } = await json('items', 'import', 'many.jsonl', '--resume')
      expect(data).toEqual({ imported: MANY - before, ended: 0 })
      expect(existsSync(join(folder, 'many.jsonl.partita-import'))).toBe(false)
      expect(await json('items', 'delete', 'c', '--prefix', '--dry-run')).toEqual({ ok: true, data: { matched: MANY } })
    },
  )

  it('a killed import resumes where it was, unless the file or the store is different', async () => {
    const { start, json, folder } = workplace()
    const file = join(folder, 'many.jsonl')
    writeFileSync(file, manyLines())
    utimesSync(file, 2, 2)
    const { child, ended } = start('items', 'import', 'many.jsonl')
    await vi.waitFor(() => expect(existsSync(`${file}.partita-import`)).toBe(true), SOON)
    child.kill('SIGKILL')
    await ended
    const other = await json('items', 'import', 'many.jsonl', '--resume', '--store', 'embedded:other')
    expect(other.error.message).toMatch(/start without --resume/)
    utimesSync(file, 1, 1)
    expect((await json('items', 'import', 'many.jsonl', '--resume')).error.message).toMatch(/was changed since/)
    utimesSync(file, 2, 2)
    const { data } = await json('items', 'import', 'many.jsonl', '--resume')
    expect(data.imported).toBeLessThan(MANY)
    expect(await json('items', 'delete', 'c', '--prefix', '--dry-run')).toEqual({ ok: true, data: { matched: MANY } })
  })

  it('an import that waits for stdin stops too, and has written every line it received', async () => {
    const { start, json, pipe, using } = workplace()
    const { child, ended } = start('items', 'import', '-')
    const lines = manyLines().split('\n').slice(0, 300)
    child.stdin?.write(`${lines.join('\n')}\n`)
    // The first 256 lines are written when the next one arrives. The rest waits for more.
    await vi.waitFor(async () => expect((await json('items', 'get', 'c', '000255')).ok).toBe(true), SOON)
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: `${using}error: stopped; 300 items are imported; continue with: partita items import --from-line=301 -\n`,
    })
    await pipe(`${lines.join('\n')}\n{"category":"c","key":"last"}\n`, 'items', 'import', '-', '--from-line', '301')
    expect(await json('items', 'delete', 'c', '--prefix', '--dry-run')).toEqual({ ok: true, data: { matched: 301 } })
  })
})

describe('an export', () => {
  it('an export whose reader has gone ends without a message', async () => {
    const { pipe, folder, env, using } = workplace()
    await pipe(manyLines(), 'items', 'import', '-')
    const child = spawn(process.execPath, [MAIN, 'items', 'export', 'c'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', text => {
      stderr += text
    })
    const [first] = (await once(child.stdout, 'data')) as [Buffer]
    child.stdout.destroy()
    const [code] = await once(child, 'close')
    expect(first.toString()).toMatch(/^\{.*"key":"000000"/)
    expect([code, stderr]).toEqual([0, using])
  })

  it('an export to a path that cannot be written reports the path and the reason', async () => {
    const { json } = workplace()
    const { error } = await json('items', 'export', 'c', '--out', 'absent/out.jsonl')
    expect(error.message).toMatch(/^absent\/out\.jsonl cannot be written: there is no such file or folder/)
  })
})
