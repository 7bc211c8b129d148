/** Imports and exports of the rows of models. */
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { connect } from '../../../packages/partita/src/index.js'
import { call, failure, folder } from '../in-process.js'

const MODELS = `
import { f, model } from 'partita'
export const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    email: f.email(),
    born: f.date().optional(),
    balance: f.decimal().optional(),
    tags: f.set(f.string()).optional(),
    photo: f.bytes().optional(),
    address: f.map({ city: f.string(), since: f.date().optional() }).optional(),
    visits: f.list(f.date()).optional(),
    admin: f.boolean().default(false),
    createdAt: f.createdAt(),
    updatedAt: f.updatedAt(),
    version: f.version(),
  },
  key: 'userId',
  unique: { email: ['email'] },
})
export const Log = model('Log', { fields: { id: f.string(), text: f.string() }, key: { pk: 'LOG#{id}' }, iterable: false })
`

/** The rows of a model that is loaded as a program loads it, without its types. */
interface Rows {
  create(input: object): Promise<Readonly<Record<string, unknown>>>
  get(key: object): Promise<Readonly<Record<string, unknown>> | undefined>
  findBy(values: object): Promise<Readonly<Record<string, unknown>> | undefined>
}

interface Opened {
  readonly User: Rows
  scope(options: { readonly tenant: string }): Opened
  close(): Promise<void>
}

async function project() {
  const path = folder()
  writeFileSync(
    path('models.mjs'),
    MODELS.replace(
      "'partita'",
      JSON.stringify(new URL('../../../packages/partita/dist/index.js', import.meta.url).href),
    ),
  )
  const { User, Log } = await import(/* @vite-ignore */ path('models.mjs'))
  const open = async (name: string) => {
    const settings = { models: { User, Log }, store: `embedded:${path(name)}` }
    return (await connect(settings as never)) as unknown as Opened
  }
  const options = (name: string) => ['--models', path('models.mjs'), '--store', `embedded:${path(name)}`]
  return { path, open, options }
}

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
const ADA = {
  userId: ID,
  email: 'ada@example.org',
  born: new Date('1815-12-10T00:00:00Z'),
  balance: '12345678901234567890.5',
  tags: new Set(['a', 'b']),
  photo: new Uint8Array([1, 2]),
  address: { city: 'London, "W"', since: new Date('1835-01-01T00:00:00Z') },
  visits: [new Date(0)],
  createdAt: new Date('2020-01-01T00:00:00Z'),
}

describe('the rows of a model', () => {
  it.each(['users.jsonl', 'users.csv', 'users.json'])(
    'an export to %s and an import give equal rows in another tenant',
    async name => {
      const { path, open, options } = await project()
      const format = name.endsWith('.json') ? ['--format', 'dynamodb-json'] : []
      const db = await open('store')
      const ada = await db.scope({ tenant: 'one' }).User.create(ADA)
      await db.scope({ tenant: 'one' }).User.create({ email: 'bob@example.org' })
      await db.close()
      const from = [...options('store'), '--tenant', 'one']
      expect((await call('export', 'User', ...from, '--out', path(name), ...format)).stderr).toMatch(/exported 2 items/)
      if (name === 'users.jsonl') {
        expect(readFileSync(path(name), 'utf8')).toContain(
          '"born":"1815-12-10T00:00:00.000Z","createdAt":"2020-01-01T00:00:00.000Z"',
        )
      }
      const into = [...options('store'), '--tenant', 'two']
      const imported = await call('import', path(name), 'User', ...into, '--json')
      expect(JSON.parse(imported.stdout).data).toMatchObject({ written: 2 })
      expect(JSON.parse((await call('import', path(name), 'User', ...into, '--json')).stdout).data).toMatchObject({
        unchanged: 2,
      })
      const after = await open('store')
      const { updatedAt: _, ...copy } = { ...(await after.scope({ tenant: 'two' }).User.get({ userId: ID })) }
      const { updatedAt: __, ...original } = { ...ada }
      expect(copy).toEqual(original)
      expect(await after.scope({ tenant: 'two' }).User.findBy({ email: 'bob@example.org' })).toBeDefined()
      await after.close()
    },
  )

  it('CSV of a spreadsheet needs no types, and each wrong row is reported with its line', async () => {
    const { path, open, options } = await project()
    await (await open('store')).close()
    const rows = [
      'email,born,admin,balance,tags',
      'ada@example.org,1815-12-10,true,1.50,"[""x""]"',
      'nonsense,,,,',
      'bob@example.org,yesterday,,,',
      'ada@example.org,,,,',
      'eve@example.org,,,,',
    ]
    writeFileSync(path('users.csv'), rows.join('\r\n'))
    const dry = await call(
      'import',
      path('users.csv'),
      'User',
      ...options('store'),
      '--dry-run',
      '--reject-file',
      path('dry.csv'),
      '--json',
    )
    expect(JSON.parse(dry.stdout).error.details).toMatchObject({ written: 3, rejected: 2 })
    const { details } = await failure(
      'import',
      path('users.csv'),
      'User',
      ...options('store'),
      '--reject-file',
      path('bad.csv'),
    )
    const { rejections } = details as { rejections: { line: number; message: string }[] }
    expect(rejections.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^line 3 is refused: .*email/),
      expect.stringMatching(/^line 4 is refused: field "born" must be a time/),
      expect.stringMatching(/^line 5 is refused: Another User has the same email/),
    ])
    const db = await open('store')
    const ada = await db.User.findBy({ email: 'ada@example.org' })
    expect(ada).toMatchObject({ born: new Date('1815-12-10'), admin: true, tags: new Set(['x']) })
    expect(`${ada?.balance}`).toBe('1.5')
    await db.close()
  })

  it('another row with the key is a conflict, which --on-conflict decides', async () => {
    const { path, open, options } = await project()
    const db = await open('store')
    await db.User.create(ADA)
    await db.close()
    writeFileSync(path('u.jsonl'), JSON.stringify({ userId: ID, email: 'new@example.org' }))
    const args = ['import', path('u.jsonl'), 'User', ...options('store')]
    expect((await failure(...args)).message).toMatch(
      /line 1 conflicts with the User \{"userId":"01ARZ.*"\}; use --on-conflict/,
    )
    expect((await call(...args, '--on-conflict', 'skip', '--json')).stdout).toMatch(/"skipped":1/)
    expect((await call(...args, '--on-conflict', 'replace', '--json')).stdout).toMatch(/"written":1/)
    const after = await open('store')
    expect(await after.User.get({ userId: ID })).toMatchObject({ email: 'new@example.org', version: 2 })
    await after.close()
  })

  it('a model that is not iterable, an unknown model and an unknown field are errors', async () => {
    const { path, open, options } = await project()
    await (await open('store')).close()
    expect((await failure('export', 'Log', ...options('store'), '--out', path('x'))).message).toMatch(/iterable/)
    expect((await failure('export', 'Usr', ...options('store'), '--out', path('x'))).message).toMatch(
      /did you mean User/,
    )
    writeFileSync(path('l.jsonl'), '{"id":"1","text":"t"}\n{"id":"2","txt":"t"}\n')
    expect((await failure('import', path('l.jsonl'), 'Log', ...options('store'))).message).toMatch(
      /line 2 is refused: .*txt/,
    )
  })
})
