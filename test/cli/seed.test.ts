/** `partita serve --seed`: the initial tables and items of a store. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { decimal } from 'partita'
import { type EmbeddedStore, embedded } from 'partita/embedded'
import { createItems } from 'partita/items'
import { requestHandler } from 'partita/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { call, failure, folder } from './in-process.js'

const MUSIC = {
  TableName: 'music',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'artist', KeyType: 'HASH' },
    { AttributeName: 'year', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'artist', AttributeType: 'S' },
    { AttributeName: 'year', AttributeType: 'N' },
    { AttributeName: 'label', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byLabel',
      KeySchema: [{ AttributeName: 'label', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  Tags: [{ Key: 'team', Value: 'x' }],
}
const song = (artist: string, year: string, more = {}) => ({
  TableName: 'music',
  Item: { artist: { S: artist }, year: { N: year }, ...more },
})
const lines = (...values: object[]) => values.map(value => `${JSON.stringify(value)}\n`).join('')

let at: (name: string) => string
beforeEach(() => {
  at = folder()
})

/** Serves with a seed, and stops immediately. */
const serve = (seed: string, path = at('store')) =>
  call('serve', '--path', path, '--port', '0', '--stop-with-stdin', '--json', '--seed', seed)
const refusal = (seed: string, path = at('store')) => failure('serve', '--path', path, '--port', '0', '--seed', seed)

async function inStore<T>(work: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  const store = embedded({ path: at('store') })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
const songs = () => inStore(async store => (await store.scan({ table: 'music' })).items)

describe('a seed', () => {
  it('a seed creates tables and items from inputs of CreateTable and PutItem, in any order of its files', async () => {
    mkdirSync(at('seed'))
    writeFileSync(at('seed/1.jsonl'), lines(song('a', '1999', { label: { S: 'l' } }), song('a', '2000')))
    writeFileSync(at('seed/2.json'), JSON.stringify([MUSIC, song('b', '12345678901234567890')], undefined, 2))
    writeFileSync(at('seed/3.ndjson.gz'), gzipSync(lines(song('c', '1'))))
    writeFileSync(at('seed/.DS_Store'), 'nothing')
    expect(await serve(at('seed'))).toMatchObject({ code: 0, stderr: 'seeded 1 table with 4 items\n' })
    expect(await songs()).toHaveLength(4)
    await inStore(async store => {
      const key = { artist: 'b', year: 12345678901234567890n }
      expect((await store.get({ table: 'music', key })).item).toEqual({ artist: 'b', year: key.year })
      const { items } = await store.query({
        table: 'music',
        index: 'byLabel',
        key: { partition: { name: 'label', value: 'l' } },
      })
      expect(items).toHaveLength(1)
      expect(engineStore(store).streams()).toHaveLength(1)
      const { response } = await requestHandler(store).handle({
        headers: { 'x-amz-target': 'DynamoDB_20120810.ListTagsOfResource' },
        body: JSON.stringify({ ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/music' }),
      })
      expect(JSON.parse(Buffer.from(response.body).toString()).Tags).toEqual(MUSIC.Tags)
    })
  })

  it('an export of items can be a seed, and keeps expiry times and exact numbers', async () => {
    const file = at('items.jsonl')
    const items = [
      { category: 'c', key: '1', big: { $number: '12345678901234567890.5' }, expiresAt: '2100-01-01T00:00:00.000Z' },
      { category: 'c', key: '2', bytes: { $bytes: 'AQI=' } },
      { category: 'c', key: 'ended', expiresAt: '2001-01-01T00:00:00.000Z' },
    ]
    writeFileSync(file, lines(...items))
    expect(await serve(file)).toMatchObject({ code: 0, stderr: 'seeded 1 table with 2 items\n' })
    const exported = await call('items', 'export', 'c', '--store', `embedded:${at('store')}`)
    const printed = exported.stdout.trim().split('\n')
    expect(printed.map(line => JSON.parse(line))).toEqual(items.slice(0, 2))
    await inStore(async store => {
      const description = await store.describeTable('partita-items')
      expect(description?.timeToLive).toBe('ttl')
      const item = await createItems({ store }).getItem('c', '1')
      expect(item?.big).toEqual(decimal('12345678901234567890.5'))
    })
  })

  it('a seed leaves an existing table unchanged and reports it', async () => {
    const seed = at('seed.jsonl')
    writeFileSync(seed, lines(MUSIC, song('a', '1')))
    await serve(seed)
    await inStore(store => store.write({ kind: 'put', table: 'music', item: { artist: 'a', year: 1, mine: true } }))
    writeFileSync(seed, lines(MUSIC, song('a', '1'), song('a', '2'), { category: 'c', key: 'k' }))
    expect((await serve(seed)).stderr).toBe(
      'table music already exists and is left unchanged\nseeded 1 table with 1 item\n',
    )
    expect(await songs()).toEqual([{ artist: 'a', year: 1, mine: true }])
  })

  it('a table whose seeding was interrupted by a crash is created again and seeded completely', async () => {
    const seed = at('seed.jsonl')
    writeFileSync(seed, lines(MUSIC, song('a', '1'), song('a', '2')))
    await inStore(async store => {
      const body = JSON.stringify({
        ...MUSIC,
        DeletionProtectionEnabled: true,
        Tags: [{ Key: 'partita:seeding', Value: 'true' }],
      })
      await requestHandler(store).handle({ headers: { 'x-amz-target': 'DynamoDB_20120810.CreateTable' }, body })
      await store.write({ kind: 'put', table: 'music', item: { artist: 'half', year: 1 } })
    })
    expect((await serve(seed)).stderr).toBe('seeded 1 table with 2 items\n')
    expect((await songs()).map(({ year }) => year)).toEqual([1, 2])
    expect((await serve(seed)).stderr).toMatch(/^table music already exists and is left unchanged/)
  })

  it('a table with 50 tags is seeded, and again after a crash, and keeps exactly these tags', async () => {
    const seed = at('seed.jsonl')
    const tags = Array.from({ length: 50 }, (_, n) => ({ Key: `key ${n}`, Value: `value ${n}` }))
    const isMarked = ({ Value }: { Value: string }) => Value === 'partita:seeding'
    const stored = () =>
      inStore(async store => {
        const { response } = await requestHandler(store).handle({
          headers: { 'x-amz-target': 'DynamoDB_20120810.ListTagsOfResource' },
          body: JSON.stringify({ ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/music' }),
        })
        return JSON.parse(Buffer.from(response.body).toString()).Tags
      })
    writeFileSync(seed, lines({ ...MUSIC, Tags: tags }, song('a', '1')))
    await inStore(async store => {
      const Tags = [...tags.slice(0, 49), { Key: 'key 49', Value: 'partita:seeding' }]
      const body = JSON.stringify({ ...MUSIC, Tags })
      await requestHandler(store).handle({ headers: { 'x-amz-target': 'DynamoDB_20120810.CreateTable' }, body })
    })
    expect((await stored()).filter(isMarked)).toHaveLength(1)
    expect(await serve(seed)).toMatchObject({ code: 0, stderr: 'seeded 1 table with 1 item\n' })
    expect(await stored()).toEqual(tags)
    writeFileSync(seed, lines({ ...MUSIC, TableName: 'more', Tags: [...tags, { Key: 'one', Value: 'more' }] }))
    expect((await refusal(seed)).message).toMatch('Number of Tags exceed the current limit')
  })

  it('the last of many items with the same key wins', async () => {
    const seed = at('seed.jsonl')
    const many = Array.from({ length: 700 }, (_, n) => song('a', `${n % 3}`, { n: { N: `${n}` } }))
    writeFileSync(seed, lines(MUSIC, ...many))
    await serve(seed)
    expect((await songs()).map(({ n }) => n)).toEqual([699, 697, 698])
  })

  it.each(['', '{}', '[]', '{}\n{}', '\n \n'])('an empty seed is valid: %j', async text => {
    writeFileSync(at('seed.json'), text)
    expect(await serve(at('seed.json'))).toMatchObject({ code: 0, stderr: 'seeded 0 tables with 0 items\n' })
  })
})

const PRETTY = JSON.stringify(MUSIC, undefined, 1)

const DEEP = `${'['.repeat(60_000)}${']'.repeat(60_000)}`

describe('an invalid seed', () => {
  const WAYS =
    /is not a seed entry, which is the input of CreateTable .* the input of PutItem .* "partita items export"/
  it.each<[string, string, number, RegExp]>([
    ['s.jsonl', `${lines(MUSIC)}{"TableName":"x"`, 2, /is not JSON: /],
    ['s.jsonl', `${lines(MUSIC)}\n\n[1]\n`, 4, WAYS],
    ['s.jsonl', lines(MUSIC, { TableName: 'music' }), 2, WAYS],
    ['s.jsonl', lines({ id: 'x' }), 1, WAYS],
    ['s.jsonl', lines(MUSIC, { category: 'c', key: 7 }), 2, /is not an item: key is missing or not a string/],
    ['s.jsonl', lines(MUSIC, { category: 'letsgo-x', key: 'k' }), 2, /is refused by the store: .*reserved/],
    ['s.jsonl', lines(MUSIC, song('a', '1'), song('a', 'x')), 3, /is refused by the store: .*numeric/],
    ['s.jsonl', lines(MUSIC, { ...song('a', '1'), TableName: 'other' }), 2, /names table other, which neither/],
    ['s.jsonl', lines(MUSIC, MUSIC), 2, /is refused: Table already exists: music/],
    ['s.jsonl', lines({ ...MUSIC, KeySchema: [] }), 1, /is refused: 1 validation error detected/],
    ['s.jsonl', lines({ ...MUSIC, Tags: 'x' }), 1, /is refused: /],
    ['s.json', `[\n${PRETTY},\n{"a":\n1,]}]`, PRETTY.split('\n').length + 2, /is not JSON/],
    ['s.json', `[\n{},\n{"category":"c","key":"k"}\n`, 4, /ends inside the list of objects/],
    [
      's.jsonl',
      lines(MUSIC, { ...song('a', '1'), x: '\ud800' }),
      2,
      /is refused by the store: it is not an input of PutItem/,
    ],
    ['s.json', `{}\n${JSON.stringify(MUSIC).slice(0, -1)},"x":${DEEP}}`, 2, /is nested deeper than 1000 levels/],
    ['s.json', `{"TableName":"music","Item":{"artist":${DEEP}}}`, 1, /is nested deeper than 1000 levels/],
    ['s.json', '{}\n"text"', 2, /contains something other than JSON objects/],
    ['s.json', '[{}]\n{}', 2, /contains something other than JSON objects/],
    ['s.json', '{}\n1', 2, /contains something other than JSON objects/],
    ['s.json', '{}\n{"TableName":"}"', 2, /is not JSON/],
  ])('an invalid entry is refused with its file and line: $0 $1', async (name, text, line, message) => {
    writeFileSync(at(name), text)
    const error = await failure('serve', '--memory', '--port', '0', '--seed', at(name))
    expect(error).toMatchObject({ code: 'BadInput', details: { path: at(name), line } })
    expect(error.message.startsWith(`${at(name)}, line ${line} `)).toBe(true)
    expect(error.message).toMatch(message)
  })

  it('a refused seed leaves nothing in the store, and keeps the tables that existed', async () => {
    await inStore(store => store.createTable({ name: 'mine', key: { partition: { name: 'id', type: 'S' } } }))
    const bad = { ...song('a', '1'), Item: {} }
    writeFileSync(at('s.jsonl'), lines({ ...MUSIC, DeletionProtectionEnabled: true }, song('a', '1'), bad))
    expect((await refusal(at('s.jsonl'))).message).toMatch(/line 3 is refused by the store/)
    expect(await inStore(store => store.listTables())).toEqual(['mine'])
  })

  it.each([
    ['absent', /cannot be read: there is no such file/],
    ['empty', /contains no seed; put \.json or \.jsonl files there/],
    ['mixed', /users\.csv is not a seed; a folder of seeds may contain only files named \.json, \.jsonl or \.ndjson/],
    ['nested', /inner\.json is not a seed/],
    ['latin.json', /is not UTF-8 text/],
    ['pipe', /is not a file; a seed is read twice/],
    ['cut.json.gz', /is damaged: its gzip data cannot be decompressed/],
  ])('a seed path that cannot be used is refused with the reason: %s', async (name, message) => {
    for (const path of ['empty', 'mixed', 'nested', 'nested/inner.json']) mkdirSync(at(path))
    execFileSync('mkfifo', [at('pipe')])
    writeFileSync(at('mixed/a.json'), JSON.stringify(MUSIC))
    writeFileSync(at('mixed/users.csv'), 'a,b')
    writeFileSync(at('latin.json'), Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d]))
    writeFileSync(at('cut.json.gz'), gzipSync('{}').subarray(0, 15))
    expect((await failure('serve', '--memory', '--port', '0', '--seed', at(name))).message).toMatch(message)
  })

  it('a seed for a read-only store is refused before anything is created', async () => {
    writeFileSync(at('s.json'), '{}')
    const { code, stderr } = await call('serve', '--path', at('store'), '--read-only', '--seed', at('s.json'))
    expect({ code, isThere: existsSync(at('store')) }).toEqual({ code: 1, isThere: false })
    expect(stderr).toMatch(/there is no store/)
    await inStore(async () => undefined)
    const again = await call('serve', '--path', at('store'), '--read-only', '--seed', at('s.json'))
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/omit --seed or --read-only/) })
    expect(readFileSync(at('s.json'), 'utf8')).toBe('{}')
  })
})
