/** What the command says to typical mistakes: names that are nearly right, settings that name nothing, wrong folders. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { call, failure, folder } from './in-process.js'
import { workplace } from './partita.js'
import { MODELS, project } from './project.js'

const CONFIG = JSON.stringify({ store: 'embedded:./data', table: 'app', models: './models.ts' })

function environment(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('a command that does not exist', () => {
  it('help names it and the nearest one, and prints no other help', async () => {
    for (const args of [
      ['help', 'improt'],
      ['help', 'improt', '--json'],
    ]) {
      const { code, stdout, stderr } = await call(...args)
      expect(code).toBe(2)
      expect(stdout + stderr).toContain('there is no command improt; did you mean import?')
      expect(stdout + stderr).not.toContain('Usage:')
    }
    expect((await call('help', 'frob')).stderr).toBe('error: there is no command frob; partita --help lists them\n')
    expect((await call('help', 'import')).code).toBe(0)
  })
})

describe('arguments in another form', () => {
  it('an option before the command is answered with its position', async () => {
    expect((await call('--store', 'memory:', 'list', 'User')).stderr).toBe(
      "error: unknown option '--store'; options follow the command; see --help\n",
    )
    expect((await call('list', '--stoer', 'memory:')).stderr).not.toContain('options follow')
  })

  it('a key without names and a row as JSON are answered with the form to write', async () => {
    project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    environment({ PARTITA_MODELS: '', PARTITA_STORE: '', PARTITA_TABLE: '' })
    await call('table', 'create')
    expect((await failure('get', 'User', 'ada')).message).toBe('name a row of User by its key: userId=...')
    const { message } = await failure('put', 'User', '{"userId":"ada"}')
    expect(message).toBe('a row as JSON goes into --stdin or --file; as arguments, write its fields as name=value')
  })
})

describe('models that do not exist', () => {
  it('the message tells the setting that names them', async () => {
    project({ 'partita.config.json': CONFIG })
    environment({ PARTITA_MODELS: '', PARTITA_CONFIG: '' })
    expect((await failure('check')).message).toMatch(
      /^there are no models at models\.ts, which .*partita\.config\.json names$/,
    )
    environment({ PARTITA_MODELS: 'nope.js' })
    expect((await failure('check')).message).toBe('there are no models at nope.js, which PARTITA_MODELS names')
  })
})

describe('a condition on a field that does not exist', () => {
  it('the message names the field and the nearest one', async () => {
    project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    environment({ PARTITA_MODELS: '', PARTITA_STORE: '', PARTITA_TABLE: '' })
    await call('table', 'create')
    const list = async (...where: string[]) =>
      (await failure('query', 'Post.byTitle', 'title=a', ...where.flatMap(it => ['--where', it]))).message
    expect(await list('tilte=5')).toMatch(/^where\.tilte: "tilte" is not a field of Post; .*did you mean title\?$/)
    expect(await list('userId=u', 'tilte=5')).toMatch(/^where\.tilte: "tilte" is not a field of Post/)
  })
})

describe('an import into a model', () => {
  it('a dry run refuses a line in the words of the import', async () => {
    const at = project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
    environment({ PARTITA_MODELS: '', PARTITA_STORE: '', PARTITA_TABLE: '' })
    await call('table', 'create')
    writeFileSync(at('u.jsonl'), '{"userId":"a","email":5}\n')
    const [dry, real] = [
      await failure('import', 'u.jsonl', 'User', '--dry-run'),
      await failure('import', 'u.jsonl', 'User'),
    ]
    const reason = /line 1 is refused: (.*?);/
    expect(reason.exec(dry.message)?.[1]).toBe('email: is 5, not text')
    expect(reason.exec(real.message)?.[1]).toBe('email: is 5, not text')
  })
})

describe('a folder that is no store', () => {
  it('restore and verify refuse it with the advice to name another', async () => {
    const at = folder()
    writeFileSync(at('notes.txt'), '')
    for (const args of [
      ['restore', at('.'), at('new')],
      ['verify', '--path', at('.')],
    ]) {
      expect((await failure(...args)).message).toMatch(
        /does not hold a store \(it contains notes\.txt\); name the folder of a store$/,
      )
    }
    expect(existsSync(at('new'))).toBe(false)
  })
})

describe('a store that cannot be opened', () => {
  it('doctor lists it among its findings', async () => {
    project({})
    const { code, stdout } = await call('doctor', '--store', 'mongodb://localhost/x?tls=perhaps')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ok +node: /m)
    expect(stdout).toMatch(/^problem +store: mongodb:\/\/localhost\/x.* cannot be opened: .*\n +remedy: /m)
  })
})

describe('table diff', () => {
  it('the command says on stderr that there are no differences', async () => {
    const { run } = workplace()
    const on = ['--table', 'app', '--key', 'pk:S']
    await run('table', 'create', ...on)
    const { code, stdout, stderr } = await run('table', 'diff', ...on)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/\ntable app has no differences\n$/)
  })
})

describe('a second partita init', () => {
  it('the command warns of models that the older configuration does not name', async () => {
    const at = folder()
    await call('init', at('.'), '--template', 'typescript')
    const { stderr } = await call('init', at('.'), '--template', 'yaml')
    expect(stderr).toContain(
      'warning: partita.config.json names the models models.ts, so commands do not use models.yaml; to use it, set "models" to "models.yaml" there\n',
    )
    const again = await call('init', at('.'), '--template', 'typescript', '--json')
    expect(JSON.parse(again.stdout).data.warning).toBeUndefined()
  })

  it('the command warns of none if another configuration without models finds models.yaml by itself', async () => {
    const at = folder()
    writeFileSync(join(at('.'), 'partita.config.mjs'), 'export default {}')
    expect((await call('init', at('.'), '--template', 'yaml')).stderr).not.toContain('warning')
    expect((await call('init', at('.'), '--template', 'typescript')).stderr).toContain(
      'partita.config.mjs names the models',
    )
  })
})
