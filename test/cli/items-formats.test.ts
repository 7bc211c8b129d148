/** `partita items import` of files that are not JSON Lines, and the store that an import continues in. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { workplace } from './partita.js'

describe('partita items import', () => {
  it('CSV becomes items whose columns without a type are text', async () => {
    const { folder, json } = workplace()
    writeFileSync(join(folder, 'a.csv'), '\ufeffcategory,key,v,n:N\r\nc,1,"x\r\ny",12345678901234567890\r\n')
    expect((await json('items', 'import', 'a.csv')).data).toMatchObject({ written: 1, rejected: 0 })
    const item = { category: 'c', key: '1', v: 'x\r\ny', n: { $number: '12345678901234567890' } }
    expect((await json('items', 'get', 'c', '1')).data).toEqual(item)
  })

  it('A line of CSV without a key stops the import, with its number and the command that continues', async () => {
    const { folder, run } = workplace()
    writeFileSync(join(folder, 'a.csv'), 'category,key\nc,1\nc,\nc,3\n')
    const { code, stderr } = await run('items', 'import', 'a.csv')
    expect(code).toBe(1)
    expect(stderr).toMatch(/line 3 .*key is missing.*partita items import .*--from-line=3/)
    expect((await run('items', 'list', 'c')).stdout).toBe('1\n')
  })

  it('A line of CSV that the store refuses stops the import, with its number and the command that continues', async () => {
    const { folder, run } = workplace()
    writeFileSync(join(folder, 'a.csv'), `category,key\nc,1\nc,${'k'.repeat(2000)}\nc,3\n`)
    const { code, stderr } = await run('items', 'import', 'a.csv')
    expect(code).toBe(1)
    expect(stderr).toMatch(/line 3 is refused: .*2000 bytes.*partita items import .*--from-line=3/)
  })

  it('An export of DynamoDB to Amazon S3 becomes items, and its ttl their expiry', async () => {
    const { folder, json } = workplace()
    const data = join(folder, 'AWSDynamoDB/0170-ab/data')
    mkdirSync(data, { recursive: true })
    const ttl = Math.floor(Date.UTC(2100, 0) / 1000)
    const item = { category: { S: 'c' }, key: { S: 'a' }, tags: { SS: ['x'] }, ttl: { N: `${ttl}` } }
    const ended = { category: { S: 'c' }, key: { S: 'b' }, ttl: { N: '1000000000' } }
    const lines = [item, ended].map(Item => JSON.stringify({ Item })).join('\n')
    writeFileSync(join(data, 'x.json.gz'), gzipSync(lines))
    writeFileSync(
      join(data, '../manifest-files.json'),
      JSON.stringify({ itemCount: 2, dataFileS3Key: 'AWSDynamoDB/0170-ab/data/x.json.gz' }),
    )
    writeFileSync(join(data, '../manifest-summary.json'), JSON.stringify({ outputFormat: 'DYNAMODB_JSON' }))
    expect((await json('items', 'import', 'AWSDynamoDB')).data).toMatchObject({ written: 1, skipped: 1 })
    const found = { category: 'c', key: 'a', tags: { $set: ['x'] }, expiresAt: '2100-01-01T00:00:00.000Z' }
    expect((await json('items', 'get', 'c', 'a')).data).toEqual(found)
  })

  it('An incremental export replaces and deletes items, and its data is beside the folders of the exports', async () => {
    const { folder, run } = workplace()
    writeFileSync(join(folder, 'a.csv'), 'category,key,v\nc,a,1\nc,b,1\n')
    await run('items', 'import', 'a.csv')
    const inside = join(folder, 'AWSDynamoDB')
    mkdirSync(join(inside, 'data'), { recursive: true })
    mkdirSync(join(inside, '0171-ab'))
    const line = (key: string, image?: object) => {
      const Keys = { category: { S: 'c' }, key: { S: key } }
      return `${JSON.stringify({ Metadata: { WriteTimestampMicros: { N: '1' } }, Keys, ...image })}\n`
    }
    const changed = { NewImage: { category: { S: 'c' }, key: { S: 'b' }, v: { S: '2' } } }
    writeFileSync(join(inside, 'data/x.json.gz'), gzipSync(line('a') + line('b', changed)))
    writeFileSync(
      join(inside, '0171-ab/manifest-files.json'),
      '{"itemCount":2,"dataFileS3Key":"AWSDynamoDB/data/x.json.gz"}',
    )
    const summary = { outputFormat: 'DYNAMODB_JSON', exportType: 'INCREMENTAL_EXPORT', itemCount: 2 }
    writeFileSync(join(inside, '0171-ab/manifest-summary.json'), JSON.stringify(summary))
    expect((await run('items', 'import', 'AWSDynamoDB')).stderr).toMatch(/imported 1 item; deleted 1\n$/)
    expect((await run('items', 'list', 'c')).stdout).toBe('b\n')
    expect((await run('items', 'get', 'c', 'b')).stdout).toContain('"v": "2"')
  })

  it('Expired items are counted as that', async () => {
    const { folder, run } = workplace()
    writeFileSync(join(folder, 'a.csv'), 'category,key,expiresAt\nc,1,2001-01-01T00:00:00Z\n')
    expect((await run('items', 'import', 'a.csv')).stderr).toMatch(
      /imported 0 items; 1 skipped, as they are expired\n$/,
    )
  })

  it('An item of another table is refused with the command that imports it', async () => {
    const { folder, run } = workplace()
    writeFileSync(join(folder, 'a.json'), '{"pk":{"S":"a"}}\n')
    expect((await run('items', 'import', 'a.json')).stderr).toMatch(
      /category is missing.*"partita import" writes items of/,
    )
  })

  it('An item in a reserved category is refused, as by put', async () => {
    const { folder, run } = workplace()
    writeFileSync(join(folder, 'a.csv'), 'category,key\npartita-x,1\n')
    const { code, stderr } = await run('items', 'import', 'a.csv')
    expect(code).toBe(1)
    expect(stderr).toContain('partita-x')
  })
})

describe('partita import', () => {
  it('An import is not resumed in the store that the same relative path names in another folder', async () => {
    const [first, second] = [workplace(), workplace()]
    const path = join(first.folder, 'a.jsonl')
    writeFileSync(path, '{"pk":"1"}\n{"pk":2}\n')
    const here = ['--store', 'embedded:./here', '--table', 'app']
    for (const { run } of [first, second]) await run('table', 'create', '--key', 'pk:S', ...here)
    expect((await first.run('import', path, ...here)).stderr).toMatch(/imported 1 item; correct it/)
    expect(await second.run('import', path, ...here, '--resume')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the stopped import of .* wrote to embedded:.*here app; start without --resume\n$/),
    })
  })
})
