/** `partita dump`, `partita load` and `partita copy`. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, inject, it, vi } from 'vitest'
import { call, failure, folder } from '../in-process.js'
import { APP, fill, itemsOf, onStore } from './tables.js'

const ITEMS = Array.from({ length: 30 }, (_, n) => ({
  pk: `p${n % 3}`,
  sk: n,
  owner: `o${n % 2}`,
  ttl: 4_000_000_000 + n,
}))
const OTHER = { name: 'other', key: { partition: { name: 'pk', type: 'S' } } } as const

/** A store with two tables, and the URL of a new one. */
async function stores() {
  const path = folder()
  const from = `embedded:${path('from')}`
  await fill(from, ITEMS)
  await fill(from, [{ pk: 'x' }], OTHER)
  return { path, from, to: `embedded:${path('to')}` }
}

describe('a dump', () => {
  it('load creates the tables with their indexes and writes all items, and again changes nothing', async () => {
    const { path, from, to } = await stores()
    const dumped = await call('dump', path('dump'), '--store', from, '--json')
    expect(JSON.parse(dumped.stdout).data).toEqual({ folder: path('dump'), items: 31, tables: { app: 30, other: 1 } })
    expect(dumped.stderr).toMatch(/^using embedded:\S+from\n$/)
    expect(readdirSync(path('dump')).sort()).toEqual(['0001-app.jsonl.gz', '0002-other.jsonl.gz', 'partita-dump.json'])
    expect((await call('load', path('dump'), '--store', to, '--dry-run')).stderr).toMatch(/would load 31 items/)
    expect(existsSync(path('to'))).toBe(false)
    expect((await call('load', path('dump'), '--store', to)).stderr).toMatch(/2 tables: loaded 31 items\n$/)
    expect(await itemsOf(to)).toEqual(await itemsOf(from))
    await onStore(to, async store => {
      const { status: _, itemCount: __, ...definition } = (await store.describeTable('app')) ?? {}
      expect(definition).toEqual(APP)
      expect((await store.scan({ table: 'app', index: 'byOwner' })).count).toBe(30)
    })
    const again = JSON.parse((await call('load', path('dump'), '--store', to, '--json')).stdout)
    expect(again.data).toEqual({ tables: 2, written: 0, deleted: 0, unchanged: 31, skipped: 0, rejected: 0 })
    expect(readdirSync(path('.')).sort()).toEqual(['dump', 'from', 'to'])
  })

  it('one table can be dumped and loaded alone', async () => {
    const { path, from, to } = await stores()
    await call('dump', path('dump'), '--store', from, '--table', 'other', '--table', 'app')
    await call('load', path('dump'), '--store', to, '--table', 'other')
    expect(await onStore(to, store => store.listTables())).toEqual(['other'])
    expect((await failure('load', path('dump'), '--store', to, '--table', 'x')).message).toMatch(
      /has no table x; it has other, app/,
    )
  })

  it('a load that stopped resumes with the missing tables, and writes a deleted one again', async () => {
    const { path, from, to } = await stores()
    await call('dump', path('dump'), '--store', from)
    await onStore(to, store => store.createTable({ ...OTHER, key: { partition: { name: 'id', type: 'S' } } }))
    const load = ['load', path('dump'), '--store', to]
    expect((await failure(...load)).message).toMatch(/table other has the key id/)
    await call(...load, '--table', 'app', '--dry-run')
    expect(existsSync(path('dump.partita-load'))).toBe(true)
    await onStore(to, async store => {
      await store.deleteTable('app')
      await store.deleteTable('other')
    })
    expect(await call(...load, '--resume')).toMatchObject({ code: 0, stderr: expect.stringMatching(/loaded 31 items/) })
    expect(await itemsOf(to)).toEqual(await itemsOf(from))
  })

  it('a dump whose files were removed since it stopped writes them again when it is resumed', async () => {
    const { path, from, to } = await stores()
    const args = ['dump', path('dump'), '--store', from]
    await call(...args)
    const { tables } = JSON.parse(readFileSync(path('dump/partita-dump.json'), 'utf8'))
    const definitions = tables.map(({ definition }: { definition: object }) => definition)
    const what = JSON.stringify([from, definitions])
    rmSync(path('dump/0001-app.jsonl.gz'))
    rmSync(path('dump/partita-dump.json'))
    writeFileSync(path('dump.partita-dump'), JSON.stringify({ what, done: tables }))
    expect((await call(...args, '--resume')).stderr).toMatch(/dumped 31 items of 2 tables/)
    expect((await call('load', path('dump'), '--store', to)).stderr).toMatch(/loaded 31 items\n$/)
  })

  it('a stopped load of another dump is not resumed, and its progress does not count for a new load', async () => {
    const { path, from, to } = await stores()
    await call('dump', path('dump'), '--store', from, '--table', 'app')
    const load = ['load', path('dump'), '--store', to]
    const progress = { target: to, dump: 'of another dump', done: ['app'] }
    writeFileSync(path('dump.partita-load'), JSON.stringify(progress))
    expect((await failure(...load, '--resume')).message).toMatch(/was of another dump; start without --resume/)
    expect((await call(...load)).stderr).toMatch(/loaded 30 items\n$/)
  })

  it('a dump without a manifest, or with a damaged file, is refused before anything is written', async () => {
    const { path, from, to } = await stores()
    await call('dump', path('dump'), '--store', from)
    const manifest = readFileSync(path('dump/partita-dump.json'), 'utf8')
    const load = () => failure('load', path('dump'), '--store', to)
    for (const [text, message] of [
      ['{', /is not the manifest of a dump/],
      [manifest.replace('"version": 1', '"version": 2'), /has the version 2; this command reads version 1/],
      [manifest.replace('0001-app.jsonl.gz', '../0001-app.jsonl.gz'), /is damaged: a table lacks its definition, file/],
      [manifest.replace('"type": "N"', '"type": "X"'), /invalid definition/],
    ] as const) {
      writeFileSync(path('dump/partita-dump.json'), text)
      expect((await load()).message).toMatch(message)
    }
    writeFileSync(path('dump/partita-dump.json'), manifest)
    writeFileSync(path('dump/0002-other.jsonl.gz'), 'x')
    expect((await load()).message).toMatch(/0002-other\.jsonl\.gz is damaged: it has another MD5 checksum/)
    expect(existsSync(path('to'))).toBe(false)
    expect((await failure('load', path('from'), '--store', to)).message).toMatch(/is not a complete dump/)
    expect((await failure('dump', path('dump'), '--store', from)).message).toMatch(/is not empty/)
  })
})

describe('a copy', () => {
  it('all tables of a store are copied, with the items of the target left alone', async () => {
    const { path, from, to } = await stores()
    await fill(to, [{ pk: 'mine', sk: 1 }])
    const { stderr, code } = await call('copy', from, to, '--checkpoint', path('progress'))
    expect({ code, last: stderr.split('\n').at(-2) }).toEqual({ code: 0, last: '2 tables: copied 31 items' })
    expect(await itemsOf(to)).toEqual([{ pk: 'mine', sk: 1 }, ...(await itemsOf(from))])
    expect(existsSync(path('progress'))).toBe(false)
  })

  it('a table in the settings does not choose tables of a store that is no AWS account', async () => {
    const { path, from, to } = await stores()
    writeFileSync(path('partita.config.json'), '{"table":"app"}')
    const options = ['--config', path('partita.config.json'), '--checkpoint', path('progress')]
    expect((await call('copy', from, to, ...options)).stderr).toMatch(/2 tables: copied 31 items\n$/)
  })

  it('one table is copied under another name, in the same store too', async () => {
    const { from } = await stores()
    expect((await failure('copy', from, from, '--table', 'app')).message).toMatch(/both stores are the same/)
    expect((await failure('copy', from, from, '--to-table', 'x')).message).toMatch(/--to-table is for one table/)
    expect((await call('copy', from, from, '--table', 'app', '--to-table', 'app2', '--dry-run')).stderr).toMatch(
      /would copy 30 items/,
    )
    await call('copy', from, from, '--table', 'app', '--to-table', 'app2')
    expect(await itemsOf(from, 'app2')).toEqual(await itemsOf(from))
  })

  it('a conflict stops the copy, with the key and the command that continues it, unless --on-conflict says otherwise', async () => {
    const { path, from, to } = await stores()
    await fill(to, [{ ...ITEMS[4], owner: 'mine' }])
    const table = ['--table', 'app', '--checkpoint', path('progress')]
    const { code, message } = await failure('copy', from, to, ...table)
    expect(code).toBe('BadItem')
    expect(message).toMatch(/the item \{"pk":"p1","sk":4\} conflicts .*continue with: partita copy .*--resume/)
    expect((await call('copy', from, to, ...table, '--resume', '--on-conflict', 'skip', '--json')).stdout).toMatch(
      /"skipped":1/,
    )
    expect(await itemsOf(to)).toContainEqual({ ...ITEMS[4], owner: 'mine' })
    await call('copy', from, to, ...table, '--on-conflict', 'replace')
    expect(await itemsOf(to)).toEqual(await itemsOf(from))
  })

  it('a stopped copy whose target was deleted since is resumed from its beginning', async () => {
    const { path, from, to } = await stores()
    const args = ['copy', from, to, '--checkpoint', path('progress')]
    await onStore(to, store => store.createTable({ ...OTHER, key: { partition: { name: 'id', type: 'S' } } }))
    expect((await call(...args)).code).toBe(1)
    expect(JSON.parse(readFileSync(path('progress'), 'utf8')).done).toEqual(['app'])
    await onStore(to, async store => {
      await store.deleteTable('app')
      await store.deleteTable('other')
    })
    expect((await call(...args, '--resume')).stderr).toMatch(/copied 31 items\n$/)
    writeFileSync(path('progress'), 'dear')
    expect((await failure(...args)).message).toMatch(/progress exists and does not record the progress/)
    expect(readFileSync(path('progress'), 'utf8')).toBe('dear')
  })

  it('a target with another key, and a table that does not exist, are refused', async () => {
    const { from, to } = await stores()
    await fill(to, [], { ...OTHER, name: 'app' })
    expect((await failure('copy', from, to, '--table', 'app')).message).toMatch(
      /table app has the key pk \(S\), but its items come from a table with pk \(S\) and sk \(N\)/,
    )
    expect((await failure('copy', from, to, '--table', 'absent')).message).toMatch(/there is no table absent/)
    expect((await failure('copy', `${from}-x`, to)).message).toMatch(/there is no store at/)
  })
})

describe('a real AWS account', () => {
  it('all of its tables are read only with --all, and its items are replaced only with --confirm', async () => {
    const { path, from } = await stores()
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'x')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
    vi.stubEnv('AWS_ENDPOINT_URL', '')
    try {
      const aws = 'dynamodb://eu-west-1?deadline=1'
      const named = await failure('dump', path('dump'), '--store', aws)
      expect(named.message).toMatch(/name the tables with --table, or use --all/)
      expect(await failure('copy', from, aws, '--table', 'app', '--on-conflict', 'replace', '--yes')).toMatchObject({
        code: 'NeedsConfirmation',
        message: expect.stringMatching(/Replace items of the table app\?.*--confirm app/),
      })
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

const servers = inject('servers').filter(({ name }) => name !== 'custom')

describe.skipIf(servers.length === 0)('DynamoDB servers', () => {
  it.each(servers)('a table is copied to $name and back, equal and with its indexes', async ({ url, name }) => {
    const { path, from, to } = await stores()
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
    try {
      const server = `${url.replace(/^http/, 'dynamodb')}?region=local`
      const table = `copy-${name.replace(/\W/g, '')}-${process.pid}`
      const there = ['copy', from, server, '--table', 'app', '--to-table', table, '--checkpoint', path('progress')]
      expect((await failure(...there)).message).toMatch(/--create-table/)
      expect(await call(...there, '--create-table')).toMatchObject({ code: 0 })
      expect(await call('copy', server, to, '--table', table, '--to-table', 'app')).toMatchObject({ code: 0 })
      expect(await itemsOf(to)).toEqual(await itemsOf(from))
      const lines = ['{"pk":"a","sk":1}', '{"pk":"b","sk":1,"owner":5}', '{"pk":"p1","sk":4,"owner":"new"}']
      writeFileSync(path('more.jsonl'), lines.join('\n'))
      const more = ['import', path('more.jsonl'), '--store', server, '--table', table]
      const replaced = await failure(...more, '--on-conflict', 'replace', '--reject-file', path('bad.jsonl'))
      expect(replaced).toMatchObject({ code: 'LinesRejected', details: { written: 2, rejected: 1 } })
      expect(readFileSync(path('bad.jsonl'), 'utf8')).toBe(`${lines[1]}\n`)
      expect((await call(...more, '--on-conflict', 'skip', '--reject-file', path('bad2.jsonl'))).stderr).toMatch(
        /imported 0 items; 2 are there already; 1 refused/,
      )
      await onStore(server, store => store.deleteTable(table))
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
