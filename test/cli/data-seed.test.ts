/** `partita seed`: initial rows from JSON Lines and from modules. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { connect } from '../../packages/partita/src/index.js'
import { Draft, Post, Reply, User } from './data-models.js'
import { call, folder } from './in-process.js'
import { workplace } from './partita.js'

const MODELS = fileURLToPath(new URL('data-models.ts', import.meta.url))

interface Seeding {
  /** Writes a file into the folder of the test. @returns its path. */
  write(name: string, text: string): string
  /** The arguments that name the models and the store, which has an empty table. */
  readonly options: readonly string[]
  seed(path: string, ...args: string[]): Promise<ReturnType<typeof JSON.parse>>
  count(...args: string[]): Promise<number>
}

async function seeding(): Promise<Seeding> {
  const pathOf = folder()
  const store = `embedded:${pathOf('store')}`
  await using _ = await connect({ models: { User, Post, Draft, Reply }, store })
  const options = ['--store', store, '--models', MODELS]
  const json = async (...args: string[]) => JSON.parse((await call(...args, ...options, '--json')).stdout)
  return {
    options,
    write: (name, text) => {
      writeFileSync(pathOf(name), text)
      return pathOf(name)
    },
    seed: (path, ...args) => json('seed', path, ...args),
    count: async (...args) => (await json('count', 'User', ...args)).data.rows,
  }
}

const user = (id: string, more: object = {}) =>
  `${JSON.stringify({ model: 'User', row: { userId: id, name: id, email: `${id}@example.com`, ...more } })}\n`

describe('a seed of JSON Lines', () => {
  it('JSON Lines create rows with the kinds of their fields, and leave rows that exist unchanged', async () => {
    const { seed, write, options } = await seeding()
    const post = { postId: 'p', authorId: 'a', title: 'T', createdAt: '2026-01-31' }
    const lines = user('a', { balance: '0.1', tags: ['x'] }) + JSON.stringify({ model: 'Post', row: post })
    expect(await seed(write('seed.jsonl', lines))).toEqual({ ok: true, data: { created: 2, existing: 0 } })
    await call('update', 'User', 'userId=a', 'name=Changed', ...options)
    const again = await call('seed', write('seed.jsonl', user('a') + user('b')), ...options)
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('1 rows created, 1 existed') })
    const changed = JSON.parse((await call('get', 'User', 'userId=a', ...options)).stdout)
    expect(changed).toMatchObject({ name: 'Changed', balance: 0.1, tags: { $set: ['x'] } })
    const { stdout } = await call('get', 'Post', 'postId=p', ...options)
    expect(JSON.parse(stdout).createdAt).toBe('2026-01-31T00:00:00.000Z')
  })

  it('each row is put into the tenant that its line names', async () => {
    const { seed, write, count } = await seeding()
    const path = write('seed.json', `[${user('a').replace('{', '{"tenant":"acme",')}, ${user('b')}]`)
    expect((await seed(path)).data).toEqual({ created: 2, existing: 0 })
    expect([await count('--tenant', 'acme'), await count()]).toEqual([1, 1])
    expect((await seed(path, '--tenant', 'other')).data).toEqual({ created: 1, existing: 1 })
  })

  it.each([
    ['{"model":"Usr","row":{}}', 'line 2 names the unknown model "Usr"; did you mean User?'],
    ['{"model":"User"}', 'line 2 has no "row"'],
    ['{"row":{}}', 'line 2 has no "model"'],
    ['{"model":"User","row":[]}', 'line 2 is refused: is no row'],
    ['{"model":"User","rows":{}}', 'line 2 has the unknown member "rows"'],
    ['{"model":"User","tenant":1,"row":{}}', 'line 2 has a "tenant" that is no text'],
    ['{"model":"Post","row":{"createdAt":"soon"}}', 'line 2 is refused: createdAt: is "soon"'],
    ['{"model":"__proto__","row":{}}', 'line 2 names the unknown model "__proto__"'],
    ['[1]', 'line 2 is no object'],
    ['{', 'line 2 is refused: this is not JSON'],
  ])('a seed with the wrong line %s writes nothing', async (line, message) => {
    const { seed, write, count } = await seeding()
    const { error } = await seed(write('seed.jsonl', `${user('a')}${line}\n`))
    expect(error.code).toBe('BadInput')
    expect(error.message).toContain(`seed.jsonl, ${message}`)
    expect(await count()).toBe(0)
  })

  it('a row that the store refuses is reported with its line, and the seed can run again', async () => {
    const { seed, write } = await seeding()
    const { error } = await seed(write('seed.jsonl', user('a') + user('b', { email: 'a@example.com' }) + user('c')))
    expect(error.message).toContain('line 2 is refused: Another User has the same email')
    const path = write('seed.jsonl', user('a') + user('b') + user('c'))
    expect((await seed(path)).data).toEqual({ created: 2, existing: 1 })
  })

  it('a seed stops at Ctrl-C with the number of rows that it created, and continues there', async () => {
    const { seed, write, count, options } = await seeding()
    const lines = Array.from({ length: 20_000 }, (_, n) => user(`u${n}`))
    const path = write('seed.jsonl', lines.join(''))
    const { child, ended } = workplace().start('seed', path, '--json', ...options)
    do await new Promise(resolve => setTimeout(resolve, 100))
    while ((await count()) === 0)
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(130)
    const { created } = JSON.parse(stdout).error.details
    expect(await count()).toBe(created)
    write('seed.jsonl', lines.slice(0, created + 2).join(''))
    expect((await seed(path)).data).toEqual({ created: 2, existing: created })
  })
})

describe('a seed in a module', () => {
  it('the configuration names a module, whose function gets the database in the tenant of the command', async () => {
    const { folder, env, run } = workplace()
    await using db = await connect({ models: { User, Post, Draft, Reply }, store: String(env.PARTITA_STORE) })
    writeFileSync(join(folder, 'partita.config.json'), JSON.stringify({ models: MODELS, seed: './seed.ts' }))
    writeFileSync(
      join(folder, 'seed.ts'),
      `export async function seed(db: any): Promise<void> {
         await db.User.put({ userId: 'a', name: String(db.tenant), email: 'a@example.com' })
       }`,
    )
    expect(await run('seed', '--tenant', 'acme')).toMatchObject({ code: 0, stdout: '' })
    expect((await db.scope({ tenant: 'acme' }).User.get({ userId: 'a' }))?.name).toBe('acme')
  })

  it('a module that exports no function is refused with what to write', async () => {
    const { write, options } = await seeding()
    const path = write('seed.mjs', 'export const rows = []')
    expect(await call('seed', path, ...options)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('export async function seed(db)'),
    })
    expect((await call('seed', `${path}x.mjs`, ...options)).stderr).toContain('cannot be loaded')
  })
})

it('a seed needs a path or a configuration', async () => {
  const { code, stderr } = await call('seed', '--models', MODELS)
  expect([code, stderr]).toEqual([2, expect.stringContaining('there is no seed')])
})
