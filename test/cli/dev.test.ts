/** `partita dev`: what it says and does while the files of a project change. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, f, model } from 'partita'
import { describe, expect, it, onTestFinished } from 'vitest'
import { workplace } from './partita.js'

const MODULES = new URL('../../node_modules', import.meta.url).pathname

/** A project in which `partita dev` runs. `said` waits until a message contains the text, after the last one waited for. */
function developing(files: Readonly<Record<string, string>>) {
  const cli = workplace()
  const write = (name: string, text: string) => writeFileSync(join(cli.folder, name), text)
  symlinkSync(MODULES, join(cli.folder, 'node_modules'))
  for (const [name, text] of Object.entries(files)) write(name, text)
  return {
    ...cli,
    write,
    dev(...args: string[]) {
      const { child, ended } = cli.start('dev', ...args)
      onTestFinished(() => void child.kill('SIGKILL'))
      let shown = ''
      let wake = () => {}
      child.stderr?.on('data', text => {
        shown += text
        wake()
      })
      const said = async (text: string) => {
        while (!shown.includes(text)) {
          if (child.exitCode !== null) throw new Error(`dev ended; it said ${shown}`)
          await new Promise<void>(resolve => {
            wake = resolve
            child.once('exit', () => resolve())
          })
        }
        const end = shown.indexOf(text) + text.length
        const before = shown.slice(0, end)
        shown = shown.slice(end)
        return before
      }
      const stop = async () => {
        child.kill('SIGINT')
        return (await ended).code
      }
      return { said, stop }
    },
  }
}

const YAML = `models:
  User:
    modelPrefix: u
    fields:
      userId: { type: UlidField, autoAssign: true }
      name: { type: StringField, required: true }
    primaryKey: { partitionKey: userId }
`
const USER = `import { f, model } from 'partita'
export const User = model('User', {
  fields: { id: f.string(), name: f.string() },
  key: 'id',
  /* more */
})
`

describe('partita dev', () => {
  it('Models are generated, a mistake is shown and corrected, and leftover files are removed', async () => {
    const { folder, write, dev } = developing({ 'models.yaml': YAML })
    const { said, stop } = dev()
    await said('models/user.ts written')
    await said('User: ready')
    await said('waiting for a change')
    write('models.yaml', YAML.replace('StringField', 'StrinField'))
    expect(await said('waiting for a change')).toMatch(/models\.yaml:6:21: .*StringField[\s\S]*\^/)
    write('models.yaml', YAML.replaceAll('User', 'Person'))
    await said('models/user.ts removed')
    await said('Person: ready')
    expect(existsSync(join(folder, 'models/user.ts'))).toBe(false)
    expect(readFileSync(join(folder, 'models/person.ts'), 'utf8')).toContain('Person')
    expect(await stop()).toBe(0)
  })

  it('Models with fields of the project are checked in the store too', async () => {
    const { folder, write, dev } = developing({
      'models.yaml': YAML.replace('StringField', 'SlugField'),
      'partita.config.json': '{"codegen":{"fields":"./fields"}}',
    })
    mkdirSync(join(folder, 'fields'))
    write('fields/slug-field.ts', `import { f } from 'partita'\nexport const SlugField = () => f.string().max(80)\n`)
    const { said, stop } = dev()
    expect(await said('waiting for a change')).toContain('User: ready')
    expect(await stop()).toBe(0)
  })

  it('Rows that a new index lacks are a warning, and a module that cannot be loaded is an error', async () => {
    const { env, write, dev } = developing({ 'models.ts': USER })
    const User = model('User', { fields: { id: f.string(), name: f.string() }, key: 'id' })
    await using db = await connect({ models: { User }, store: env.PARTITA_STORE as string })
    await db.User.create({ id: 'a', name: 'Ada' })
    const { said, stop } = dev('--models', 'models.ts')
    expect(await said('waiting for a change')).not.toContain('warning')
    write('models.ts', USER.replace('/* more */', "indexes: { byName: { on: 'gsi1', pk: '{name}' } },"))
    expect(await said('waiting for a change')).toMatch(/warning: .*byName/)
    write('models.ts', USER.replace("key: 'id'", "key: 'nothing'"))
    expect(await said('waiting for a change')).toMatch(/error: .*nothing/)
    write('models.ts', 'export const User = 1')
    expect(await said('waiting for a change')).toContain('exports no models')
    write('models.ts', USER)
    await said('User: ready')
    expect(await stop()).toBe(0)
  })

  it('The seed fills an empty table, and changes nothing after that', async () => {
    const { folder, run, dev, write } = developing({
      'models.ts': USER,
      'seed.jsonl': '{"model":"User","row":{"id":"a","name":"Ada"}}\n',
      'partita.config.json': JSON.stringify({ models: 'models.ts', seed: 'seed.jsonl' }),
    })
    const first = dev()
    await first.said('waiting for a change')
    expect(await first.stop()).toBe(0)
    expect((await run('get', 'User', 'id=a')).stdout).toContain('Ada')
    write('seed.jsonl', '{"model":"User","row":{"id":"b","name":"Bob"}}\n')
    const second = dev()
    await second.said('waiting for a change')
    expect(await second.stop()).toBe(0)
    expect((await run('get', 'User', 'id=b')).code).toBe(1)
    expect(existsSync(join(folder, 'models'))).toBe(false)
  })

  it('Missing models and a wrong configuration can be corrected while it runs', async () => {
    const { write, dev } = developing({})
    const { said, stop } = dev()
    await said('there are no models')
    write('partita.config.json', '{"model": "models.yaml"}')
    await said('model is not a setting')
    write('partita.config.json', '{"models": "people.yaml"}')
    await said('people.yaml')
    write('people.yaml', YAML)
    await said('User: ready')
    expect(await stop()).toBe(0)
  })

  it('An AWS account is not opened', async () => {
    const { dev } = developing({ 'models.ts': USER })
    const { said, stop } = dev('--models', 'models.ts', '--store', 'dynamodb://eu-west-1')
    await said('was not opened')
    expect(await stop()).toBe(0)
  })
})
