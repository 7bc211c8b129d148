/** `partita export`, and what an import makes of its files. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decimal } from '../../../packages/partita/src/value/number.js'
import type { Item } from '../../../packages/partita/src/value/value.js'
import { call, failure, folder } from '../in-process.js'
import { fill, itemsOf } from './tables.js'

const ITEMS: readonly Item[] = [
  {
    pk: 'a',
    sk: 1,
    text: 'x,"y"\r\nz',
    none: null,
    set: new Set(['b', 'a']),
    deep: { list: [1, { b: new Uint8Array([1]) }] },
  },
  { pk: 'a', sk: 2, text: 5, exact: decimal('0.1234567890123456789012345678'), empty: '' },
  { pk: 'b', sk: -1, ttl: 4_000_000_000, owner: 'o', flag: false, '\u001b[31m': 'red' },
]

async function filled() {
  const path = folder()
  const store = `embedded:${path('store')}`
  await fill(store, ITEMS)
  return { path, store, options: ['--store', store, '--table', 'app'] }
}

describe('an export', () => {
  it('stdout has one item in each line, with sorted attributes and escaped control characters', async () => {
    const { options } = await filled()
    const { stdout, stderr } = await call('export', ...options)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines).toContain('{"\\u001b[31m":"red","flag":false,"owner":"o","pk":"b","sk":-1,"ttl":4000000000}')
    expect(stderr).toMatch(/^using embedded:.*, table app\nexported 3 items\n$/)
  })

  it.each([
    ['items.jsonl', []],
    ['items.jsonl.gz', []],
    ['items.json', ['--format', 'dynamodb-json']],
    ['items', ['--format', 'dynamodb-json', '--gzip']],
    ['items.csv', []],
    ['items.csv.gz', ['--delimiter', ';']],
    ['folder', ['--format', 's3-export']],
  ])('an import of %s gives an equal table, whose export is the same', async (name, args) => {
    const { path, options } = await filled()
    const { stdout } = await call('export', ...options, '--out', path(name), ...args, '--json')
    expect(JSON.parse(stdout)).toEqual({ ok: true, data: { exported: 3, file: path(name) } })
    const other = `embedded:${path('other')}`
    await fill(other, [])
    const delimiter = args.slice(args.indexOf('--delimiter'), 2).filter(() => args.includes('--delimiter'))
    const imported = await call('import', path(name), '--store', other, '--table', 'app', ...delimiter)
    expect(imported.stderr).toMatch(/imported 3 items\n$/)
    expect(await itemsOf(other)).toEqual(ITEMS)
    const before = await call('export', ...options)
    expect((await call('export', '--store', other, '--table', 'app')).stdout).toBe(before.stdout)
  })

  it('nothing but the file is left behind, and only its owner can read it', async () => {
    const { path, options } = await filled()
    await call('export', ...options, '--out', path('a.csv'))
    await call('export', ...options, '--out', path('a.jsonl'))
    expect(readdirSync(path('.')).sort()).toEqual(['a.csv', 'a.jsonl', 'store'])
    expect(statSync(path('a.csv')).mode & 0o077).toBe(0)
  })

  it('the folder of an s3-export has the files and checksums of DynamoDB', async () => {
    const { path, options } = await filled()
    await call('export', ...options, '--out', path('s3'), '--format', 's3-export')
    const [id = ''] = readdirSync(path('s3/AWSDynamoDB'))
    const inside = (name: string) => path(`s3/AWSDynamoDB/${id}/${name}`)
    expect(readdirSync(inside('.')).sort()).toEqual([
      'data',
      'manifest-files.json',
      'manifest-files.md5',
      'manifest-summary.json',
      'manifest-summary.md5',
    ])
    const summary = JSON.parse(readFileSync(inside('manifest-summary.json'), 'utf8'))
    expect(summary).toMatchObject({ itemCount: 3, outputFormat: 'DYNAMODB_JSON', exportType: 'FULL_EXPORT' })
    const { dataFileS3Key, itemCount } = JSON.parse(readFileSync(inside('manifest-files.json'), 'utf8'))
    expect(itemCount).toBe(3)
    const data = gunzipSync(readFileSync(path(`s3/${dataFileS3Key}`))).toString()
    expect(data.split('\n')[0]).toMatch(/^\{"Item":\{.*"sk":\{"N":"-?\d"\}/)
  })

  it('CSV on stdout is complete, and nothing is left in the folder of temporary files', async () => {
    const { options } = await filled()
    const { stdout } = await call('export', ...options, '--format', 'csv')
    expect(stdout.split('\n')[0]).toBe(
      'pk:S,sk:N,\u001b[31m:S,deep:M,empty:S,exact:N,flag:BOOL,none:NULL,owner:S,set:SS,text:N,text:S,ttl:N',
    )
    expect(stdout.split('\n')).toHaveLength(6)
  })

  it('an existing file is replaced only with --overwrite', async () => {
    const { path, options } = await filled()
    writeFileSync(path('a.csv'), 'mine')
    expect((await failure('export', ...options, '--out', path('a.csv'))).message).toMatch(/already exists.*--overwrite/)
    expect(readFileSync(path('a.csv'), 'utf8')).toBe('mine')
    expect((await call('export', ...options, '--out', path('a.csv'), '--overwrite')).code).toBe(0)
    expect(readFileSync(path('a.csv'), 'utf8')).toMatch(/^pk:S,/)
    writeFileSync(path('full.txt'), '')
    expect((await failure('export', ...options, '--out', path('.'), '--format', 's3-export')).message).toMatch(
      /is not empty/,
    )
  })

  it.each<[readonly string[], RegExp]>([
    [['--json'], /use --out together with --json/],
    [['--resume'], /only an export to a file can be resumed/],
    [['--overwrite'], /--overwrite applies only to a file/],
    [['--gzip'], /--gzip applies only to a file/],
    [['--format', 's3-export'], /an s3-export is a folder/],
    [['--out', ''], /--out is empty/],
    [['--tenant', 't'], /--tenant applies to models/],
    [['--out', 'x.jsonl', '--after', '{}'], /--after applies only to stdout/],
    [['--after', 'x'], /the position to continue at is damaged/],
  ])('the options %j are refused', async (args, message) => {
    const { options } = await filled()
    const { stdout, stderr } = await call('export', ...options, ...args)
    expect(stdout + stderr).toMatch(message)
    expect(existsSync('x.jsonl')).toBe(false)
  })

  it('a table without items gives an empty file, which can be imported', async () => {
    const { path, options } = await filled()
    const empty = `embedded:${path('empty')}`
    await fill(empty, [])
    for (const name of ['e.jsonl', 'e.csv']) {
      await call('export', '--store', empty, '--table', 'app', '--out', path(name))
      expect(readFileSync(path(name), 'utf8')).toBe('')
      expect((await call('import', path(name), ...options)).stderr).toMatch(/imported 0 items/)
    }
    await call('export', '--store', empty, '--table', 'app', '--out', path('s3'), '--format', 's3-export')
    expect((await call('import', path('s3'), ...options)).stderr).toMatch(/imported 0 items/)
  })
})
