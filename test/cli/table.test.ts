/** `partita table` and `partita check`, on a store on this machine and on a server. */
import { existsSync } from 'node:fs'
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { call, failure } from './in-process.js'
import { MODELS, project } from './project.js'

const CONFIG = JSON.stringify({ store: 'embedded:./data', table: 'app', models: './models.ts' })

beforeEach(() => {
  for (const name of ['PARTITA_STORE', 'PARTITA_TABLE', 'PARTITA_CONFIG', 'PARTITA_MODELS']) vi.stubEnv(name, '')
  onTestFinished(() => void vi.unstubAllEnvs())
})

/** Starts a server that a store URL leads to. */
async function server(): Promise<string> {
  const store = memory()
  const server = createServer(store, { port: 0 })
  onTestFinished(async () => {
    await server.close()
    await store.close()
  })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b')
  return `dynamodb://${new URL(await server.listen()).host.replace('127.0.0.1', 'localhost')}?region=local`
}

async function json(...args: string[]) {
  const { stdout } = await call(...args, '--json')
  return JSON.parse(stdout).data
}

describe.each(['a store on this machine', 'a server'])('partita table on %s', kind => {
  async function store() {
    return kind === 'a server' ? ['--store', await server()] : ['--store', 'embedded:./data']
  }

  it('create makes the table that the models need, once', async () => {
    project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    const on = await store()
    const first = await call('table', 'create', ...on)
    expect(first).toEqual({
      code: 0,
      stdout: '',
      stderr: `using ${on[1]}, table app\ncreated the table app with the indexes gsi1, gsi2, iteration\n`,
    })
    expect((await call('table', 'create', ...on)).stderr).toContain(
      'the table app already has everything that it needs',
    )
    expect(await json('table', 'describe', ...on)).toMatchObject({
      name: 'app',
      status: 'active',
      key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
      globalIndexes: { iteration: { projection: 'keysOnly' } },
    })
    expect((await call('table', 'diff', ...on)).code).toBe(0)
  })

  it('diff exits with 3 and names every difference, and create adds what is missing and removes nothing', async () => {
    project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    const on = await store()
    const missing = await call('table', 'diff', ...on)
    expect(missing.code).toBe(kind === 'a server' ? 3 : 1)
    const plain = ['--key', 'pk:S,sk:S', '--index', 'gsi1=gsi1pk:S', '--index', 'mine=a:S,b:N', '--table', 'app', ...on]
    expect((await call('table', 'create', ...plain)).code).toBe(0)
    const { code, stdout, stderr } = await call('table', 'diff', ...on)
    expect(code).toBe(3)
    expect(stdout.split('\n')).toEqual([
      'the index gsi1 is on gsi1pk (S), holding all attributes and not on gsi1pk (S), gsi1sk (S), holding all attributes',
      'there is no index gsi2 on gsi2pk (S), gsi2sk (S), holding all attributes',
      'there is no index iteration on _iter_pk (S), _iter_sk (S), holding keys only',
      'the index mine on a (S), b (N), holding all attributes is not in the definition',
      '',
    ])
    expect(stderr).toContain('error: table app has 4 differences; "partita table create" adds what is missing\n')
    const error = await failure('table', 'diff', ...on)
    expect(error).toMatchObject({ code: 'Differences', details: { differences: [{ part: 'index gsi1' }, {}, {}, {}] } })
    const refused = await failure('table', 'create', ...on)
    expect(refused).toMatchObject({ code: 'AlreadyExists', message: expect.stringContaining('the index gsi1 is on') })
    expect(await json('table', 'describe', ...on)).not.toHaveProperty('globalIndexes.gsi2')
  })

  it('create adds the indexes and the time to live that an existing table lacks, and --dry-run none', async () => {
    project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    const on = await store()
    await call('table', 'create', '--key', 'pk:S,sk:S', '--index', 'gsi1=gsi1pk:S,gsi1sk:S', '--table', 'app', ...on)
    const extended = { table: 'app', action: 'extended', indexes: ['gsi2', 'iteration'] }
    expect(await json('table', 'create', '--dry-run', ...on)).toEqual({ ...extended, dryRun: true })
    expect(Object.keys((await json('table', 'describe', ...on)).globalIndexes)).toEqual(['gsi1'])
    expect(await json('table', 'create', ...on)).toEqual({ ...extended, dryRun: false })
    expect((await call('table', 'diff', ...on)).code).toBe(0)
    const ttl = ['table', 'create', '--key', 'pk:S,sk:S', '--ttl', 'ends', '--table', 'app', ...on]
    expect((await call(...ttl)).stderr).toContain('added to the table app: time to live on ends')
    expect((await json('table', 'describe', ...on)).timeToLive).toBe('ends')
  })

  it('create makes a table without a sort key for a layout that names the partition key alone', async () => {
    const config = JSON.stringify({ ...JSON.parse(CONFIG), layout: { pk: 'id_' } })
    const models = `import { f, model } from 'partita'
export const User = model('User', { fields: { id: f.string() }, key: 'id' })
`
    project({ 'partita.config.json': config, 'models.ts': models })
    const on = await store()
    expect((await call('table', 'create', ...on)).code).toBe(0)
    expect((await json('table', 'describe', ...on)).key).toEqual({ partition: { name: 'id_', type: 'S' } })
    expect((await call('table', 'diff', ...on)).code).toBe(0)
    expect((await call('put', 'User', 'id=a', ...on)).code).toBe(0)
    expect((await call('get', 'User', 'id=a', ...on)).stdout).toContain('a')
    expect(await json('decode', 'User#a')).toMatchObject({ model: 'User', fields: { id: 'a' } })
    const plain = await failure('table', 'diff', '--key', 'id_:S,sk:S', '--table', 'app', ...on)
    expect(plain).toMatchObject({ code: 'Differences', details: { differences: [{ part: 'key' }, {}] } })
  })

  it('delete asks first, and deletes the table with its items after a yes', async () => {
    project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    const on = await store()
    await call('table', 'create', ...on)
    const doubtful = await call('table', 'delete', ...on)
    expect(doubtful).toMatchObject({ code: 4, stdout: '' })
    expect((await call('table', 'delete', '--confirm', 'apps', '--yes', ...on)).code).toBe(4)
    expect((await call('table', 'describe', ...on)).code).toBe(0)
    expect(await json('table', 'delete', '--confirm', 'app', ...on)).toEqual({ deleted: 'app' })
    const again = await failure('table', 'delete', '--yes', ...on)
    expect(again).toMatchObject({ code: 'TableNotFound', message: expect.stringContaining('there is no table app in') })
  })
})

describe('partita table', () => {
  it('describe prints one line for each part', async () => {
    project({})
    const options = ['--store', 'embedded:./data', '--table', 'events']
    await call('table', 'create', '--key', 'device:S,at:N', '--index', 'byType=type:S', '--ttl', 'expires', ...options)
    expect((await call('table', 'describe', ...options)).stdout.split('\n')).toEqual([
      'table         events',
      'status        active',
      'items         0',
      'key           device (S), at (N)',
      'index         byType: type (S), holding all attributes',
      'time to live  expires',
      '',
    ])
  })

  it.each([
    [['--index', 'gsi1=a:S'], /--index and --ttl describe a table without models/],
    [[], /nothing describes the table.*--key pk:S,sk:S/],
    [['--key', 'pk'], /with their types/],
    [['--key', 'pk:S,sk:X'], /with their types/],
    [['--key', 'a:S,b:S,c:S'], /one or two attributes/],
    [['--key', 'a:S', '--index', 'x'], /= and the key/],
    [['--key', 'a:S', '--index', 'gsi1=a:S', '--index', 'gsi1=b:S'], /given twice/],
    [['--key', 'a:S', '--models', 'models.ts'], /omit it or --models/],
    [['--key', 'a:S', '--index', 'gsi1=a:N'], /a is S in one key and N in another/],
    [['--key', 'a:S', '--table', 'x'], /"x" is not a valid table name/],
  ])('create refuses %j as a usage error, and creates no store', async (args, message) => {
    const at = project({})
    const { code, stderr } = await call('table', 'create', '--store', 'embedded:./data', ...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(existsSync(at('data'))).toBe(false)
  })

  it('create --dry-run says what it would create, and creates no store', async () => {
    const at = project({})
    const { code, stderr } = await call('table', 'create', '--store', 'embedded:./data', '--key', 'a:S', '--dry-run')
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'would have created the table partita\n' })
    expect(existsSync(at('data'))).toBe(false)
  })

  it('describe of a mistyped store creates none', async () => {
    const at = project({})
    expect(await call('table', 'describe', '--store', 'embedded:./mistyped')).toMatchObject({ code: 1 })
    expect(existsSync(at('mistyped'))).toBe(false)
  })
})

describe('partita check', () => {
  it('check names the models and the indexes that they use, and touches no store', async () => {
    const at = project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    expect(await call('check')).toEqual({
      code: 0,
      stdout: '',
      stderr: [
        '2 models are valid: Post, User',
        'gsi1: Post.byAuthor',
        'gsi2: Post.byTitle',
        'iteration: iteration over the rows of models',
        '',
      ].join('\n'),
    })
    expect(existsSync(at('data'))).toBe(false)
  })

  it.each([
    [
      'a key that collides',
      [/pk: '[up]#\{(\w+)\}' \}/g, "pk: 'u#{$1}', sk: 'row' }"],
      'User.key: could equal a key of Post; use a different literal',
    ],
    ['a missing model', ["one('User'", "one('Usr'"], 'Post.relations.author: the model Usr is not connected'],
    ['an unknown index', ["'gsi2'", "'byTitle'"], 'Post.indexes.byTitle.on: '],
  ])('check prints each mistake on a line: %s', async (_, [from, to], line) => {
    project({ 'models.ts': MODELS.replace(from as RegExp, to as string) })
    const { code, stdout, stderr } = await call('check', '--models', 'models.ts')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^[^\n]+\n$/)
    expect(stdout).toContain(line)
    expect(stderr).toMatch(/^error: models\.ts has 1 mistake: /)
    const error = await failure('check', '--models', 'models.ts')
    expect(error).toMatchObject({ code: 'ValidationFailed', details: { issues: [{ path: expect.anything() }] } })
  })

  it('check without models is a usage error', async () => {
    project({})
    expect(await call('check')).toMatchObject({ code: 2, stderr: expect.stringContaining('there are no models') })
  })
})
