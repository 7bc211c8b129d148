/** `partita import` on files that are right, messy or wrong. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { call, callWith, failure, folder } from '../in-process.js'
import { fill, itemsOf } from './tables.js'

/** A folder with an empty table `app`. */
async function workshop() {
  const path = folder()
  const store = `embedded:${path('store')}`
  await fill(store, [])
  const options = ['--store', store, '--table', 'app']
  return {
    path,
    store,
    options,
    /** Imports a file of this content with `--json`. */
    async load(name: string, content: string | Uint8Array, ...args: string[]) {
      writeFileSync(path(name), content)
      const { stdout, stderr } = await call('import', path(name), ...options, '--json', ...args)
      return { ...JSON.parse(stdout), stderr }
    },
  }
}

const NOTHING = { written: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 }

describe('the formats that an import reads', () => {
  it.each<[string, string, string | Uint8Array]>([
    ['JSON Lines', 'a.jsonl', '{"pk":"a","sk":1,"b":{"$bytes":"AQ=="}}\n{"pk":"b","sk":12345678901234567890}\n'],
    [
      'JSON Lines with CRLF, a byte order mark and empty lines',
      'a.txt',
      '\ufeff{"pk":"a","sk":1,"b":{"$bytes":"AQ=="}}\r\n\r\n{"pk":"b","sk":12345678901234567890}',
    ],
    [
      'DynamoDB JSON',
      'a.json',
      '{"pk":{"S":"a"},"sk":{"N":"1"},"b":{"B":"AQ=="}}\n{"Item":{"pk":{"S":"b"},"sk":{"N":"12345678901234567890"}}}\n',
    ],
    ['CSV with types in the header', 'a.csv', 'pk:S,sk:N,b:B\r\na,1,AQ==\r\nb,12345678901234567890,\r\n'],
    [
      'CSV whose key attributes have the types of the table',
      'a.csv',
      '\ufeffpk,sk,b:B\na,1,AQ==\nb,12345678901234567890,',
    ],
    ['gzip', 'a.jsonl.gz', gzipSync('{"pk":"a","sk":1,"b":{"$bytes":"AQ=="}}\n{"pk":"b","sk":12345678901234567890}\n')],
    [
      'gzip under a name that does not say so',
      'a',
      gzipSync('{"pk":{"S":"a"},"sk":{"N":"1"},"b":{"B":"AQ=="}}\n{"pk":{"S":"b"},"sk":{"N":"12345678901234567890"}}'),
    ],
    [
      'one document of a scan',
      'scan.json',
      JSON.stringify(
        {
          Items: [
            { pk: { S: 'a' }, sk: { N: '1' }, b: { B: 'AQ==' } },
            { pk: { S: 'b' }, sk: { N: '12345678901234567890' } },
          ],
          Count: 2,
          ScannedCount: 2,
          ConsumedCapacity: null,
        },
        undefined,
        4,
      ),
    ],
    [
      'a list of items',
      'list.json',
      '[\n  {"pk": "a", "sk": 1, "b": {"$bytes": "AQ=="}},\n  {"pk": "b", "sk": 12345678901234567890}\n]\n',
    ],
  ])('%s is imported', async (_, name, content) => {
    const { load, store } = await workshop()
    expect((await load(name, content)).data).toEqual({ ...NOTHING, written: 2 })
    expect(await itemsOf(store)).toEqual([
      { pk: 'a', sk: 1, b: new Uint8Array([1]) },
      { pk: 'b', sk: 12345678901234567890n },
    ])
  })

  it('stdin is JSON Lines, or the format that an option names', async () => {
    const { options, store } = await workshop()
    expect((await callWith('{"pk":"a","sk":1}\n', 'import', '-', ...options)).code).toBe(0)
    expect((await callWith('pk,sk\nb,2\n', 'import', '-', '--format', 'csv', ...options)).code).toBe(0)
    expect(await itemsOf(store)).toHaveLength(2)
  })

  it('an item of 400 KB is imported, and a larger one is refused', async () => {
    const { load } = await workshop()
    const item = (bytes: number) => `{"pk":"a","sk":1,"text":"${'x'.repeat(bytes - 11)}"}\n`
    expect((await load('a.jsonl', item(400 * 1024))).data).toMatchObject({ written: 1 })
    expect((await load('b.jsonl', item(400 * 1024 + 1))).error.message).toMatch(/b\.jsonl: line 1 is refused: .*400 KB/)
  })
})

describe('the folder of an export to Amazon S3', () => {
  const summary = { version: '2020-06-30', outputFormat: 'DYNAMODB_JSON', itemCount: 2 }

  async function exported(change: (path: (name: string) => string) => void = () => undefined, wrong: object = {}) {
    const it = await workshop()
    const { createHash } = await import('node:crypto')
    const inside = 'export/AWSDynamoDB/01693685827463-2d8752fd'
    mkdirSync(it.path(`${inside}/data`), { recursive: true })
    const lines = ['a', 'b'].map((pk, i) => {
      const data = gzipSync(`{"Item":{"pk":{"S":"${pk}"},"sk":{"N":"1"}}}\n`)
      writeFileSync(it.path(`${inside}/data/file${i}.json.gz`), data)
      const md5Checksum = createHash('md5').update(data).digest('base64')
      const dataFileS3Key = `AWSDynamoDB/01693685827463-2d8752fd/data/file${i}.json.gz`
      return JSON.stringify({ itemCount: 1, md5Checksum, etag: 'x-1', dataFileS3Key, ...wrong })
    })
    writeFileSync(it.path(`${inside}/manifest-files.json`), lines.join('\n'))
    writeFileSync(it.path(`${inside}/manifest-summary.json`), JSON.stringify(summary))
    change(name => it.path(`${inside}/${name}`))
    return it
  }

  it('all of its files are imported', async () => {
    const { path, options, store } = await exported()
    expect((await call('import', path('export'), ...options)).stderr).toMatch(/imported 2 items\n$/)
    expect(await itemsOf(store)).toEqual([
      { pk: 'a', sk: 1 },
      { pk: 'b', sk: 1 },
    ])
  })

  it('an incremental export writes and deletes items, with --on-conflict replace', async () => {
    const { load, store, options, path } = await workshop()
    await load('before.jsonl', '{"pk":"a","sk":1}\n{"pk":"b","sk":1}\n')
    writeFileSync(
      path('inc.json'),
      '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"pk":{"S":"a"},"sk":{"N":"1"}}}\n' +
        '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"pk":{"S":"b"},"sk":{"N":"1"}},"NewImage":{"pk":{"S":"b"},"sk":{"N":"1"},"n":{"N":"2"}}}\n',
    )
    const refused = await failure('import', path('inc.json'), ...options)
    expect(refused.message).toMatch(/inc\.json: line 1 deletes an item, which needs --on-conflict replace/)
    const { stdout } = await call('import', path('inc.json'), ...options, '--on-conflict', 'replace', '--json')
    expect(JSON.parse(stdout).data).toEqual({ ...NOTHING, written: 1, deleted: 1 })
    expect(await itemsOf(store)).toEqual([{ pk: 'b', sk: 1, n: 2 }])
  })

  it('a manifest that lists fewer items than the export has is reported before anything is written', async () => {
    const { path, options, store } = await exported(name => {
      const [first] = readFileSync(name('manifest-files.json'), 'utf8').split('\n')
      writeFileSync(name('manifest-files.json'), `${first}\n`)
    })
    const { message } = await failure('import', path('export'), ...options)
    expect(message).toMatch(/manifest-files\.json lists files with 1 item, but the export has 2/)
    expect(await itemsOf(store)).toEqual([])
  })

  it('a manifest without counts and checksums is enough', async () => {
    const wrong = { itemCount: undefined, md5Checksum: undefined }
    const { path, options, store } = await exported(() => undefined, wrong)
    expect((await call('import', path('export'), ...options)).stderr).toMatch(/imported 2 items\n$/)
    expect(await itemsOf(store)).toHaveLength(2)
  })

  it('a file with fewer items than the manifest says is reported, also after --resume', async () => {
    const wrong = { itemCount: 2, md5Checksum: undefined }
    const { path, options } = await exported(name => {
      writeFileSync(name('manifest-summary.json'), JSON.stringify({ ...summary, itemCount: 4 }))
    }, wrong)
    const problem = /file0\.json\.gz has 1 item, but manifest-files\.json says 2; copy the export again/
    expect((await failure('import', path('export'), ...options)).message).toMatch(problem)
    expect((await failure('import', path('export'), ...options, '--resume')).message).toMatch(problem)
  })

  it('a manifest that differs from the checksum beside it is reported before anything is written', async () => {
    const { path, options, store } = await exported(name => {
      writeFileSync(name('manifest-files.md5'), 'rL0Y20zC+Fzt72VPzMSk2A==\n')
    })
    expect((await failure('import', path('export'), ...options)).message).toMatch(
      /manifest-files\.json is damaged: it has another MD5 checksum than .*manifest-files\.md5; copy it again/,
    )
    expect(await itemsOf(store)).toEqual([])
  })

  it('a damaged file is reported before anything is written', async () => {
    const { path, options, store } = await exported(name => writeFileSync(name('data/file1.json.gz'), 'x'))
    const { message } = await failure('import', path('export'), ...options)
    expect(message).toMatch(/file1\.json\.gz is damaged: it has another MD5 checksum than the manifest/)
    expect(await itemsOf(store)).toEqual([])
  })

  it.each<[string, (path: (name: string) => string) => void, object, RegExp]>([
    [
      'an export in Ion',
      n => writeFileSync(n('manifest-summary.json'), '{"outputFormat":"ION"}'),
      {},
      /"ION", which cannot be read; export the table as DYNAMODB_JSON/,
    ],
    ['a summary that is not JSON', n => writeFileSync(n('manifest-summary.json'), '{'), {}, /is not a manifest/],
    [
      'a file outside the folder',
      () => undefined,
      { dataFileS3Key: 'data/..' },
      /manifest-files\.json, line 1: not the entry/,
    ],
    [
      'a file that is missing',
      () => undefined,
      { dataFileS3Key: 'data/other.json.gz' },
      /other\.json\.gz cannot be read: there is no such file/,
    ],
  ])('%s is refused', async (_, change, wrong, message) => {
    const { path, options } = await exported(change, wrong)
    expect((await failure('import', path('export'), ...options)).message).toMatch(message)
  })

  it('a folder without a complete export is refused', async () => {
    const { path, options } = await workshop()
    mkdirSync(path('empty'))
    expect((await failure('import', path('empty'), ...options)).message).toMatch(/has no manifest-summary\.json/)
  })
})

describe('an item whose key exists', () => {
  const lines = '{"pk":"a","sk":1,"n":1}\n{"pk":"b","sk":1,"n":2}\n{"pk":"c","sk":1}\n'

  it('an equal item is no conflict, so an import can be repeated', async () => {
    const { load } = await workshop()
    await load('a.jsonl', lines)
    expect((await load('a.jsonl', lines)).data).toEqual({ ...NOTHING, unchanged: 3 })
  })

  it('another item stops the import by default, with the command that continues it', async () => {
    const { load, store } = await workshop()
    await load('a.jsonl', '{"pk":"b","sk":1,"n":1}\n')
    const { error } = await load('a.jsonl', lines)
    expect(error.message).toMatch(
      /a\.jsonl: line 2 conflicts with the item of the table that has the key \{"pk":"b","sk":1\}.*imported 1 item; correct it and continue with: partita import .*--from-line=2 /,
    )
    expect(error.details).toMatchObject({ written: 1, nextLine: 2 })
    expect(await itemsOf(store)).toContainEqual({ pk: 'b', sk: 1, n: 1 })
  })

  it.each([
    ['skip', { skipped: 1, written: 2 }, 1],
    ['replace', { written: 3 }, 2],
  ])('--on-conflict %s goes on', async (way, counts, n) => {
    const { load, store } = await workshop()
    await load('a.jsonl', '{"pk":"b","sk":1,"n":1}\n')
    expect((await load('a.jsonl', lines, '--on-conflict', way)).data).toEqual({ ...NOTHING, ...counts })
    expect(await itemsOf(store)).toContainEqual({ pk: 'b', sk: 1, n })
  })

  it('two lines with one key: the later line wins with replace, and the first without', async () => {
    const { load, store } = await workshop()
    const same = Array.from({ length: 60 }, (_, n) => `{"pk":"a","sk":1,"n":${n}}\n`).join('')
    expect((await load('a.jsonl', same, '--on-conflict', 'skip')).data).toEqual({ ...NOTHING, written: 1, skipped: 59 })
    await load('a.jsonl', same, '--on-conflict', 'replace')
    expect(await itemsOf(store)).toEqual([{ pk: 'a', sk: 1, n: 59 }])
  })

  it('a dry run says what would happen and writes nothing', async () => {
    const { load, store } = await workshop()
    await load('a.jsonl', '{"pk":"b","sk":1,"n":1}\n{"pk":"c","sk":1}\n')
    const dry = await load('a.jsonl', lines, '--dry-run', '--on-conflict', 'skip')
    expect(dry.data).toEqual({ dryRun: true, ...NOTHING, written: 1, unchanged: 1, skipped: 1 })
    expect((await load('a.jsonl', lines, '--dry-run')).error.message).toMatch(/line 2 conflicts/)
    expect((await load('a.jsonl', lines, '--dry-run', '--on-conflict', 'replace')).data).toMatchObject({ written: 3 })
    expect(await itemsOf(store)).toHaveLength(2)
  })
})

describe('lines that are refused', () => {
  const lines = [
    '{"pk":"a","sk":1}',
    '{"pk":"b"}',
    '{"pk":"c","sk":"text"}',
    '{"pk":"d","sk":1,"owner":5}',
    '{"pk":"e","sk":1,"x":1,"x":2}',
    `{"pk":"f","sk":${'9'.repeat(39)}}`,
    'nonsense',
    '{"pk":"g","sk":1}',
  ]

  it('they go to the reject file as they were, each is reported with file, line and reason, and the rest is imported', async () => {
    const { load, path, store } = await workshop()
    const { error, stderr } = await load('a.jsonl', lines.join('\n'), '--reject-file', path('bad.jsonl'))
    expect(error).toMatchObject({ code: 'LinesRejected', details: { written: 2, rejected: 6 } })
    expect(error.details.rejections.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4, 5, 6, 7])
    expect(stderr).toMatch(/a\.jsonl: line 4 is refused: .*owner/)
    expect(stderr).toMatch(/a\.jsonl: line 5 is refused: .*two members "x"/)
    expect(readFileSync(path('bad.jsonl'), 'utf8')).toBe(`${lines.slice(1, 7).join('\n')}\n`)
    expect((await itemsOf(store)).map(({ pk }) => pk)).toEqual(['a', 'g'])
  })

  it('the reject file of CSV has the header, so it can be corrected and imported', async () => {
    const { load, path, store, options } = await workshop()
    const { error } = await load(
      'a.csv',
      'pk,sk,t\n"a\n1",1,x\n"b\n2",z,"q""q"\nc,3,\n',
      '--reject-file',
      path('bad.csv'),
    )
    expect(error.details.rejections).toEqual([
      { file: path('a.csv'), line: 4, message: 'line 4 is refused: attribute "sk" "z" is not a number' },
    ])
    expect(readFileSync(path('bad.csv'), 'utf8')).toBe('pk,sk,t\n"b\n2",z,"q""q"\n')
    writeFileSync(path('bad.csv'), readFileSync(path('bad.csv'), 'utf8').replace(',z,', ',2,'))
    expect((await call('import', path('bad.csv'), ...options)).code).toBe(0)
    expect(await itemsOf(store)).toContainEqual({ pk: 'b\n2', sk: 2, t: 'q"q' })
  })

  it('an import stops after as many refused lines as allowed, and an existing reject file is not overwritten', async () => {
    const { load, path } = await workshop()
    const many = ['--reject-file', path('bad.jsonl'), '--max-rejects', '2']
    const { error } = await load('a.jsonl', lines.join('\n'), ...many)
    expect(error).toMatchObject({ code: 'TooManyRejected', details: { rejected: 2 } })
    const again = await load('a.jsonl', lines.join('\n'), ...many)
    expect(again.error.message).toMatch(/the reject file .*bad\.jsonl already exists/)
  })

  it('--resume with a reject file that the stopped import did not write leaves that file unchanged', async () => {
    const { load, path, options } = await workshop()
    await load('a.jsonl', '{"pk":"a","sk":1}\nnonsense\n')
    const resume = ['import', path('a.jsonl'), ...options, '--resume', '--reject-file']
    writeFileSync(path('letter.txt'), 'dear')
    expect((await failure(...resume, path('letter.txt'))).message).toMatch(/reject file .*letter\.txt already exists/)
    expect(readFileSync(path('letter.txt'), 'utf8')).toBe('dear')
    expect((await failure(...resume, path('new.txt'))).code).toBe('LinesRejected')
    expect(readFileSync(path('new.txt'), 'utf8')).toBe('nonsense\n')
  })

  it('an import that stopped before it refused a line resumes with the same reject file', async () => {
    const { load, path, options } = await workshop()
    const rejects = ['--reject-file', path('bad.jsonl')]
    await load('a.jsonl', '{"pk":"a","sk":1}\nnonsense\n', ...rejects, '--max-rejects', '0')
    expect(existsSync(path('bad.jsonl'))).toBe(false)
    const { code } = await failure('import', path('a.jsonl'), ...options, ...rejects, '--resume')
    expect(code).toBe('LinesRejected')
    expect(readFileSync(path('bad.jsonl'), 'utf8')).toBe('nonsense\n')
  })

  it('without a reject file the import stops at the line, and --from-line continues after a correction', async () => {
    const { load, store } = await workshop()
    const text = '{"pk":"a","sk":1}\n\n{"pk":"b"}\n{"pk":"c","sk":1}\n'
    const { error } = await load('a.jsonl', text)
    expect(error.message).toMatch(/line 3 is refused: sk: .*missing.*--from-line=3/)
    const corrected = text.replace('"b"', '"b","sk":1')
    expect((await load('a.jsonl', corrected, '--resume')).error.message).toMatch(/was changed since.*--from-line=2/)
    expect((await load('a.jsonl', corrected, '--from-line', '3')).data).toMatchObject({ written: 2 })
    expect(await itemsOf(store)).toHaveLength(3)
  })
})

describe('an import that cannot begin', () => {
  it('a file that records no progress is not removed by --checkpoint, not even the imported one', async () => {
    const { load, path } = await workshop()
    const line = '{"pk":"a","sk":1}\n'
    writeFileSync(path('letter.txt'), 'dear')
    for (const name of ['letter.txt', 'a.jsonl']) {
      const { error } = await load('a.jsonl', line, '--checkpoint', path(name))
      expect(error.message).toMatch(/exists and does not record the progress of such a command/)
    }
    expect(readFileSync(path('letter.txt'), 'utf8')).toBe('dear')
    expect(readFileSync(path('a.jsonl'), 'utf8')).toBe(line)
  })

  it.each<[string, readonly string[], RegExp]>([
    ['a missing file', ['absent.jsonl'], /absent\.jsonl cannot be read: there is no such file/],
    ['--resume with --from-line', ['x', '--resume', '--from-line', '2'], /not both/],
    ['--resume of stdin', ['-', '--resume'], /stdin cannot be resumed/],
    ['a tenant without a model', ['x', '--tenant', 't'], /--tenant applies to models/],
    ['an unknown format', ['x', '--format', 'xml'], /Allowed choices are jsonl, dynamodb-json, csv, s3-export/],
    ['a rate of zero', ['x', '--rate', '0'], /Give a number above 0/],
  ])('%s is an error', async (_, args, message) => {
    const { options } = await workshop()
    expect((await failure('import', ...args, ...options)).message).toMatch(message)
  })

  it('a table that does not exist is an error, and no store is created', async () => {
    const { path, store } = await workshop()
    writeFileSync(path('a.jsonl'), '{"pk":"a","sk":1}\n')
    const { message } = await failure('import', path('a.jsonl'), '--store', store, '--table', 'other')
    expect(message).toMatch(/there is no table other/)
    await failure('import', path('a.jsonl'), '--store', `embedded:${path('new')}`, '--table', 'app')
    expect(existsSync(path('new'))).toBe(false)
  })
})
