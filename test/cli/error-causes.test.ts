/** The cause that an error of `partita items` names: the file, the table, the server, or the call. */
import { truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { dynamodb } from 'partita/dynamodb'
import { memory } from 'partita/embedded'
import { createServer, type ServerOptions } from 'partita/wire'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { call, callWith, failure, folder } from './in-process.js'

const LINE = '{"category":"c","key":"1"}\n'
let at: (name: string) => string
let good: string
let local: string[]

beforeEach(() => {
  at = folder()
  good = at('good.jsonl')
  writeFileSync(good, LINE)
  local = ['--store', `embedded:${at('store')}`]
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b')
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  onTestFinished(() => void vi.unstubAllEnvs())
})

/** The line that says which store a command uses. */
const using = () => `using ${local[1]}, table partita-items\n`

/** Starts a server on a free port. @returns its URL as a store. */
async function serve(options: ServerOptions = {}): Promise<string> {
  const store = memory()
  const server = createServer(store, { port: 0, ...options })
  onTestFinished(async () => {
    await server.close()
    await store.close()
  })
  return `dynamodb://${new URL(await server.listen()).host.replace('127.0.0.1', 'localhost')}?region=us-east-1`
}

describe('a good file is not blamed', () => {
  it('an invalid table name is a usage error and not an error of the file', async () => {
    const { code, stderr } = await call('items', 'import', '--store', 'memory:', '--table', 'T', good)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^using memory:, table T\nerror: table: "T" is not a valid table name/)
  })

  it.each([
    ['import', 'good.jsonl'],
    ['export', 'c', '--out', 'out.jsonl'],
    ['put', '--file', 'good.jsonl'],
  ])('an unreachable server is reported without naming the file: %s', async (...args) => {
    const paths = args.map(arg => (arg.endsWith('.jsonl') ? at(arg) : arg))
    const error = await failure('items', ...paths, '--store', 'dynamodb://localhost:1?region=x')
    expect(error.code).toBe('Unavailable')
    expect(error.message).toMatch(/^DynamoDB could not be reached/)
    expect(error.message).not.toMatch(/jsonl|line 1/)
  })

  it('a read-only server is reported, and not the file', async () => {
    const error = await failure('items', 'import', good, '--store', await serve({ readOnly: true }))
    expect(error.message).toMatch(/^AWS did not allow put on table partita-items/)
  })

  it.each([
    ['import', 'good.jsonl'],
    ['put', LINE],
    ['get', 'c', '1'],
    ['list', 'c'],
    ['delete', 'c', '1'],
    ['export', 'c', '--out', 'out.jsonl'],
  ])('a table with another key is reported as WrongTable by %s', async (...args) => {
    const url = await serve()
    const [, host] = /\/\/(.*)\?/.exec(url) ?? []
    const store = dynamodb({ endpoint: `http://${host}`, region: 'us-east-1' })
    await store.createTable({ name: 'others', key: { partition: { name: 'pk', type: 'S' } } })
    await store.close()
    const paths = args.map(arg => (arg.endsWith('.jsonl') ? at(arg) : arg))
    expect(await failure('items', ...paths, '--store', url, '--table', 'others')).toEqual({
      code: 'WrongTable',
      message: 'table others has the key pk (S), but items need category (S) and key (S); use another --table',
      details: { table: 'others' },
    })
  })

  it('a damaged checkpoint is reported, and not the file it belongs to', async () => {
    writeFileSync(`${good}.partita-import`, 'nonsense')
    const { message } = await failure('items', 'import', good, '--resume', ...local)
    expect(message).toMatch(/good\.jsonl\.partita-import is damaged/)
  })
})

describe('a compressed file', () => {
  const lines = Array.from({ length: 600 }, (_, n) => `{"category":"c","key":"${String(n).padStart(3, '0')}"}\n`)

  it('gzip is recognised by content and decompressed, also from stdin', async () => {
    writeFileSync(at('in.jsonl'), gzipSync(lines.join('')))
    expect((await call('items', 'import', at('in.jsonl'), ...local)).stderr).toBe(`${using()}imported 600 items\n`)
    const members = Buffer.concat([gzipSync(lines[0] as string), gzipSync(lines[1] as string), Buffer.alloc(10)])
    expect((await callWith(members, 'items', 'import', '-', ...local)).stderr).toBe(`${using()}imported 2 items\n`)
    expect((await call('items', 'export', 'c', ...local)).stdout).toBe(lines.join(''))
  })

  it('an import of a gzip file resumes by line', async () => {
    const file = at('in.jsonl.gz')
    const write = (line301: string) => {
      writeFileSync(file, gzipSync([...lines.slice(0, 300), line301, ...lines.slice(301)].join('')))
      utimesSync(file, 1, 1)
    }
    write('bad line\n')
    const stopped = await call('items', 'import', file, ...local)
    expect(stopped.stderr).toMatch(/line 301 is not an item.*300 items are imported.*--from-line=301 \S*in\.jsonl\.gz/)
    const again = await call('items', 'import', file, '--resume', ...local)
    expect(again.stderr).toMatch(
      /^continuing at line 301\nusing \S+, table partita-items\nerror: line 301 is not an item.*0 items are imported/,
    )
    write(lines[300] as string)
    const rest = await call('items', 'import', file, '--from-line', '301', ...local)
    expect(rest.stderr).toBe(`${using()}imported 300 items\n`)
    expect((await call('items', 'export', 'c', ...local)).stdout).toBe(lines.join(''))
  })

  it('truncated or changed gzip data is reported as damaged, with the count of imported items', async () => {
    // Level 0 does not compress, so complete lines precede the cut.
    writeFileSync(at('cut.gz'), gzipSync(lines.join(''), { level: 0 }))
    truncateSync(at('cut.gz'), 10_000)
    const error = await failure('items', 'import', at('cut.gz'), ...local)
    expect(error.code).toBe('BadInput')
    expect(error.message).toMatch(/cut\.gz is damaged: its gzip data cannot be decompressed \(unexpected end of file\)/)
    expect(error.details).toMatchObject({ imported: 344 })
    writeFileSync(at('more.gz'), Buffer.concat([gzipSync(LINE), Buffer.from('rest')]))
    expect((await failure('items', 'import', at('more.gz'), ...local)).message).toMatch(/more\.gz is damaged/)
  })

  it.each([
    ['zip', 'PK\u0003\u0004'],
    ['bzip2', 'BZh9'],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ])('a file compressed with %s is refused, and the error says what to do', async (name, head) => {
    writeFileSync(at('in'), Buffer.concat([Buffer.from(head as string), Buffer.alloc(100)]))
    const { message } = await failure('items', 'import', at('in'), ...local)
    expect(message).toBe(`${at('in')} is compressed with ${name}; decompress it first, or compress it with gzip`)
  })
})
