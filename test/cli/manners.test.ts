/** The manners that all commands share, seen from outside: on a terminal, without one, and when they are stopped. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { call } from './in-process.js'
import { canRunOnTerminal, runOnTerminal } from './on-terminal.js'
import { type Workplace, workplace } from './partita.js'
import { MODELS, project } from './project.js'

const KEY = ['--key', 'pk:S,sk:N', '--table', 'events']
const QUESTION = { when: 'Delete the table events', type: 'y' }
/** A sequence that sets a colour. */
const COLOUR = new RegExp(String.raw`${'\u001b'}\[[34]\d`)

async function withTable(): Promise<Workplace> {
  const cli = workplace()
  expect((await cli.run('table', 'create', ...KEY)).code).toBe(0)
  return cli
}

describe.skipIf(!canRunOnTerminal)('on a terminal', () => {
  it('table delete asks, and only a yes deletes', async () => {
    const cli = await withTable()
    for (const type of ['\r', '\u0003']) {
      const { code, shown } = await runOnTerminal(cli, { ...QUESTION, type }, 'table', 'delete', '--table', 'events')
      expect({ type, code }).toEqual({ type, code: 4 })
      expect(shown).toContain('the answer was no; nothing was done')
    }
    expect(await runOnTerminal(cli, QUESTION, 'table', 'delete', '--table', 'events')).toEqual({
      code: 0,
      shown: expect.stringContaining('deleted the table events'),
    })
    expect((await cli.run('table', 'describe', '--table', 'events')).code).toBe(1)
  })

  it('a question has colours, and none with NO_COLOR', async () => {
    const cli = await withTable()
    const answer = { ...QUESTION, type: 'n' }
    const { NO_COLOR: _, FORCE_COLOR: __, ...env } = { ...cli.env, TERM: 'xterm-256color' } as NodeJS.ProcessEnv
    const ask = async (more: NodeJS.ProcessEnv) => {
      const coloured = { ...cli, env: { ...env, ...more } }
      return (await runOnTerminal(coloured, answer, 'table', 'delete', '--table', 'events')).shown
    }
    expect(await ask({})).toMatch(COLOUR)
    expect(await ask({ NO_COLOR: '1' })).not.toMatch(COLOUR)
  })

  it('a question is asked with --json too, and stdout has the envelope alone', async () => {
    const cli = await withTable()
    const { code, shown } = await runOnTerminal(cli, QUESTION, 'table', 'delete', '--table', 'events', '--json')
    expect({ code, envelope: shown.trimEnd().split('\r\n').at(-1) }).toEqual({
      code: 0,
      envelope: '{"ok":true,"data":{"deleted":"events"}}',
    })
  })

  it('the help and the findings of doctor are plain text', async () => {
    const cli = await withTable()
    for (const args of [['--help'], ['doctor'], ['table', 'describe', '--table', 'events']]) {
      const { code, shown } = await runOnTerminal(cli, undefined, ...args)
      expect({ args, code }).toEqual({ args, code: 0 })
      expect(shown).not.toContain('\u001b')
    }
  })
})

describe('without a terminal', () => {
  it('no command asks: a destructive one needs a confirmation and exits with 4', async () => {
    const { pipe } = await withTable()
    const { code, stdout, stderr } = await pipe('y\n', 'table', 'delete', '--table', 'events')
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/^using .*, table events\nerror: this needs a confirmation.*--yes\n$/)
  })
})

describe('a command that is stopped', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a command that waits for a server, with exit code %i', async (signal, expected) => {
    const silent = createServer(() => undefined)
    onTestFinished(() => void silent.close())
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { start } = workplace()
    const { child, ended } = start('table', 'describe', '--store', `dynamodb://localhost:${port}?region=local`)
    const [socket] = await once(silent, 'connection')
    onTestFinished(() => void socket.destroy())
    child.kill(signal)
    expect(await ended).toMatchObject({ code: expected, stdout: '' })
  })
})

describe('a command that is stopped while it writes', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it, and its store can be written again', async signal => {
    const { folder, run, start } = workplace()
    writeFileSync(join(folder, 'models.yaml'), 'models: { User: { fields: { id: string, n: integer }, key: id } }\n')
    writeFileSync(
      join(folder, 'seed.mjs'),
      "export async function seed(db) { for (let n = 0; ; n++) { await db.User.put({ id: 'u', n }); if (n === 20) console.log('writing') } }\n",
    )
    const models = ['--models', 'models.yaml', '--table', 'app']
    expect(await run('table', 'create', ...models)).toMatchObject({ code: 0 })
    const { child, ended } = start('seed', './seed.mjs', ...models)
    onTestFinished(() => void child.kill('SIGKILL'))
    const isWriting = new Promise<void>(resolve => {
      child.stderr?.on('data', text => String(text).includes('writing') && resolve())
    })
    await Promise.race([isWriting, ended])
    child.kill(signal)
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({
      code: { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal],
      stderr: expect.stringMatching(/writing\n$/),
    })
    expect(await run('put', 'User', 'id=v', 'n=1', ...models)).toMatchObject({ code: 0 })
  })
})

it('an error that a module of the user does not catch ends a command that writes, and is reported in one line', async () => {
  const { folder, run, runBuilt } = workplace()
  writeFileSync(join(folder, 'models.yaml'), 'models: { User: { fields: { id: string, n: integer }, key: id } }\n')
  writeFileSync(
    join(folder, 'seed.mjs'),
    `export async function seed(db) {
      for (let n = 0; ; n++) {
        await db.User.put({ id: 'u', n })
        if (n === 20) setTimeout(() => { throw new Error('stray') })
      }
    }`,
  )
  const models = ['--models', 'models.yaml', '--table', 'app']
  expect(await run('table', 'create', ...models)).toMatchObject({ code: 0 })
  for (let round = 0; round < 2; round++) {
    const { code, stderr } = await runBuilt('seed', './seed.mjs', ...models)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^using .*\nerror: stray \(.*\)\n$/) })
  }
})

describe('the configuration file of a project', () => {
  it('what it prints goes to stderr, and a timer that it leaves running does not keep the command from ending', async () => {
    const { folder, runBuilt } = workplace()
    const code = "console.log('hello'); setInterval(() => undefined, 1000); export default { table: 'events' }"
    writeFileSync(join(folder, 'partita.config.mjs'), code)
    const { stdout, stderr } = await runBuilt('table', 'create', '--key', 'pk:S', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { table: 'events' } })
    expect(stderr).toMatch(/^hello\n/)
  })

  it('all commands use its store and its models, from a folder below it too', async () => {
    for (const name of ['STORE', 'TABLE', 'CONFIG', 'MODELS']) vi.stubEnv(`PARTITA_${name}`, '')
    onTestFinished(() => void vi.unstubAllEnvs())
    const config = "export default { store: 'embedded:./data', table: 'app', models: './src/models.ts' }"
    const at = project({ 'partita.config.ts': config, 'src/models.ts': MODELS, 'src/deep/.keep': '' })
    process.chdir(at('src/deep'))
    const using = (table: string) => `using embedded:../../data, table ${table}\n`
    expect((await call('table', 'create')).stderr).toMatch(using('app'))
    expect((await call('items', 'put', '{"category":"c","key":"k"}')).stderr).toMatch(using('partita-items'))
    expect((await call('reindex', 'User')).stderr).toBe(`${using('app')}User: 0 rows, 0 written\n`)
    expect((await call('verify')).stderr).toContain('app: 1 item;')
    expect((await call('backup', at('copy'))).stderr).toMatch(/^backed up \.\.\/\.\.\/data to \S+copy/)
    expect(await call('reindex', 'Usr')).toMatchObject({
      code: 2,
      stderr: `${using('app')}error: ../models.ts has no model Usr; did you mean User?\n`,
    })
  })
})
