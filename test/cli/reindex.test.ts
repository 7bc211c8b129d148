import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { connect, f, model } from '../../packages/partita/src/index.js'
import { call, folder } from './in-process.js'
import { type Workplace, workplace } from './partita.js'

const MODELS = `
import { f, model } from 'partita'
type Fields = { id: string }
export const User = model('User', {
  fields: { id: f.string(), email: f.string() },
  key: 'id',
  unique: { email: ['email'] },
  indexes: { byEmail: { on: 'gsi1', pk: 'EMAIL#{email}' } },
})
export default { User }
export const unused: Fields | undefined = undefined
`
const OLDER = { User: model('User', { fields: { id: f.string(), email: f.string() }, key: 'id' }) }

/** A folder with the models of a program, and rows that an older version of the program wrote. */
async function olderRows(emails: readonly string[]): Promise<Workplace> {
  const project = workplace()
  mkdirSync(join(project.folder, 'node_modules'))
  const library = fileURLToPath(new URL('../../packages/partita', import.meta.url))
  symlinkSync(library, join(project.folder, 'node_modules', 'partita'))
  writeFileSync(join(project.folder, 'models.ts'), MODELS)
  await using db = await connect({ models: OLDER, store: String(project.env.PARTITA_STORE) })
  for (const [i, email] of emails.entries()) await db.User.create({ id: `u${i}`, email })
  return project
}

it('reindex completes the rows of models that a TypeScript module exports', async () => {
  const { json, run, using } = await olderRows(['a', 'b', 'c'])
  const { ok, data } = await json('reindex', 'User', '--models', './models.ts')
  expect(ok).toBe(true)
  expect(data.User).toMatchObject({ counts: { rows: 3, written: 3, duplicates: 0 }, incomplete: [], duplicates: [] })
  expect(await run('reindex', 'User', '--models', 'models.ts')).toEqual({
    code: 0,
    stdout: '',
    stderr: `${using.replace('-items', '')}User: 3 rows, 0 written\n`,
  })
})

it('reindex lists rows that share a unique value, and fails', async () => {
  const { run, json } = await olderRows(['a', 'b', 'a'])
  const { code, stderr } = await run('reindex', 'User', '--models', 'models.ts')
  expect(code).toBe(1)
  expect(stderr).toContain('User: the same email: {"id":"u')
  expect(stderr).toContain('error: still incomplete: unique email of User (rows share values)')
  const { error } = await json('reindex', 'User', '--models', 'models.ts')
  expect(error.code).toBe('Incomplete')
  expect(error.details.User.duplicates).toEqual([
    {
      constraint: 'email',
      holder: { id: expect.stringMatching(/^u[02]$/) },
      other: { id: expect.stringMatching(/^u[02]$/) },
    },
  ])
})

it('reindex refuses a store or table that does not exist, and creates neither', async () => {
  const { run, folder } = await olderRows(['a'])
  const reindex = (...args: string[]) => run('reindex', 'User', '--models', 'models.ts', ...args)
  const noStore = await reindex('--store', 'embedded:./mistyped')
  expect(noStore).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: there is no store at \.\/mistyped; .*partita table create/),
  })
  expect(existsSync(join(folder, 'mistyped'))).toBe(false)
  const noTable = await reindex('--table', 'mistyped')
  expect(noTable).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no table mistyped in ') })
  expect(await reindex('--table', 'mistyped')).toEqual(noTable)
})

it('reindex reports what is wrong with the module or the name of a model', async () => {
  const { run, folder } = await olderRows([])
  writeFileSync(join(folder, 'empty.mjs'), 'export const nothing = 1')
  expect((await run('reindex', 'User', '--models', 'empty.mjs')).stderr).toContain('empty.mjs exports no models')
  expect((await run('reindex', 'User', '--models', 'missing.ts')).stderr).toContain(
    'missing.ts cannot be loaded: there is no such file\n',
  )
  expect((await run('reindex', 'User', '--models', '.')).stderr).toContain('. cannot be loaded: it is a folder')
  expect(await run('reindex', 'Post', '--models', 'models.ts')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('models.ts has no model Post; it has User'),
  })
})

it('a query of an index that older rows lack says so, until reindex has run', async () => {
  const at = folder()
  const page = 'models:\n  Page:\n    fields: { id: string, title: string }\n    key: id\n'
  const options = ['--store', `embedded:${at('store')}`, '--models', at('models.yaml')]
  writeFileSync(at('models.yaml'), page)
  await call('table', 'create', ...options)
  await call('put', 'Page', 'id=a', 'title=x', ...options)
  writeFileSync(at('models.yaml'), `${page}    indexes: { byTitle: { on: gsi1, pk: "TITLE#{title}", sk: "{id}" } }\n`)
  const query = () => call('query', 'Page.byTitle', 'title=x', ...options)
  const before = await query()
  expect(before.stdout).toBe('')
  expect(before.stderr).toMatch(/warning: .*byTitle.*partita reindex Page/)
  expect((await call('get', 'Page', 'id=a', ...options)).stderr).not.toContain('warning')
  expect(await call('reindex', 'Page', ...options)).toMatchObject({ code: 0 })
  const after = await query()
  expect(JSON.parse(after.stdout)).toEqual({ id: 'a', title: 'x' })
  expect(after.stderr).not.toContain('warning')
})
